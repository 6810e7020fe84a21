/* SPDX-License-Identifier: ISC */
/*
 * tls_load.c -- the other end of the TLS figures, TLS 1.3 with one cipher.
 *
 *	tls_load echo PORT CONNECTIONS SIZE SECONDS
 *		A message on each connection, then all answers, again and again.
 *		Prints messages=N seconds=S.
 *	tls_load shake PORT COUNT full|resumed
 *		One connection after the other: handshake, one byte there and back,
 *		goodbye.  Prints handshakes=N resumed=N.
 *	tls_load hold PORT COUNT
 *		That many at once, each after its handshake and an echo; says "held", and
 *		lets go when its standard input ends.
 *	tls_load crowd PORT COUNT
 *		Connect all, send each its first flight at once, and finish them as the
 *		answers come.  Prints handshakes=N seconds=S.
 */
#include <sys/socket.h>
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static SSL_CTX *ctx;
static SSL_SESSION *session; /* the newest */
static struct sockaddr_in target = { .sin_family = AF_INET };

static _Noreturn void
die(const char *what)
{
	perror(what);
	exit(1);
}

static double
now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static int
on_session(SSL *ssl, SSL_SESSION *s)
{
	(void)ssl;
	SSL_SESSION_free(session);
	session = s;
	return 1;
}

static SSL *
open_one(SSL_SESSION *resume)
{
	int one = 1, fd = socket(AF_INET, SOCK_STREAM, 0);
	SSL *ssl = SSL_new(ctx);

	if (fd == -1 || ssl == NULL || connect(fd, (struct sockaddr *)&target, sizeof(target)) != 0)
		die("connect");
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	SSL_set_fd(ssl, fd);
	SSL_set_connect_state(ssl);
	if (resume != NULL)
		SSL_set_session(ssl, resume);
	return ssl;
}

static void
write_message(SSL *ssl, const char *message, int size)
{
	if (SSL_write(ssl, message, size) != size)
		die("write");
}

static void
read_message(SSL *ssl, char *back, int size)
{
	int n, got = 0;

	while (got < size) {
		if ((n = SSL_read(ssl, back + got, size - got)) <= 0)
			die("read");
		got += n;
	}
}

static void
close_one(SSL *ssl)
{
	int fd = SSL_get_fd(ssl);

	SSL_shutdown(ssl);
	SSL_set_shutdown(ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
	SSL_free(ssl);
	close(fd);
}

static void
echo(int connections, int size, double seconds)
{
	SSL **all = calloc((size_t)connections, sizeof(SSL *));
	char *message = calloc(1, (size_t)size), *back = malloc((size_t)size);
	unsigned long messages = 0;
	double began, end;
	int i;

	for (i = 0; i < connections; i++) {
		all[i] = open_one(NULL);
		write_message(all[i], message, 1);
		read_message(all[i], back, 1);
	}
	began = now();
	do {
		for (i = 0; i < connections; i++)
			write_message(all[i], message, size);
		for (i = 0; i < connections; i++)
			read_message(all[i], back, size);
		messages += (unsigned long)connections;
		end = now();
	} while (end - began < seconds);
	printf("messages=%lu seconds=%.6f rate=%.1f\n", messages, end - began,
	    (double)messages / (end - began));
}

static void
shake(int count, int resume)
{
	char byte = 'x';
	int i, resumed = 0;

	for (i = 0; i < count; i++) {
		SSL *ssl = open_one(resume ? session : NULL);

		write_message(ssl, &byte, 1);
		read_message(ssl, &byte, 1);
		resumed += SSL_session_reused(ssl);
		close_one(ssl);
	}
	printf("handshakes=%d resumed=%d\n", count, resumed);
}

static void
hold(int count)
{
	char byte = 'x';
	int i;

	for (i = 0; i < count; i++) {
		SSL *ssl = open_one(NULL);

		write_message(ssl, &byte, 1);
		read_message(ssl, &byte, 1);
	}
	puts("held");
	fflush(stdout);
	while (read(0, &byte, 1) > 0)
		continue;
}

static void
crowd(int count)
{
	SSL **all = calloc((size_t)count, sizeof(SSL *));
	double began = now();
	char byte = 'x';
	int i;

	for (i = 0; i < count; i++) {
		all[i] = open_one(NULL);
		fcntl(SSL_get_fd(all[i]), F_SETFL, O_NONBLOCK);
		SSL_do_handshake(all[i]);
		fcntl(SSL_get_fd(all[i]), F_SETFL, 0);
	}
	for (i = 0; i < count; i++) {
		write_message(all[i], &byte, 1);
		read_message(all[i], &byte, 1);
	}
	printf("handshakes=%d seconds=%.6f\n", count, now() - began);
}

int
main(int argc, char **argv)
{
	const char *mode = argc > 1 ? argv[1] : "";

	if (argc < 4)
		return 64;
	target.sin_port = htons((unsigned short)atoi(argv[2]));
	target.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	ctx = SSL_CTX_new(TLS_client_method());
	SSL_CTX_set_min_proto_version(ctx, TLS1_3_VERSION);
	SSL_CTX_set_ciphersuites(ctx, "TLS_AES_256_GCM_SHA384");
	SSL_CTX_set1_groups_list(ctx, "X25519");
	SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_session_cache_mode(
	    ctx, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL_STORE);
	SSL_CTX_sess_set_new_cb(ctx, on_session);
	if (strcmp(mode, "echo") == 0 && argc == 6)
		echo(atoi(argv[3]), atoi(argv[4]), atof(argv[5]));
	else if (strcmp(mode, "shake") == 0 && argc == 5)
		shake(atoi(argv[3]), strcmp(argv[4], "resumed") == 0);
	else if (strcmp(mode, "hold") == 0)
		hold(atoi(argv[3]));
	else if (strcmp(mode, "crowd") == 0)
		crowd(atoi(argv[3]));
	else
		return 64;
	return 0;
}

/* SPDX-License-Identifier: ISC */
/*
 * bare_tls.c -- the yardstick for TLS: OpenSSL as its manual shows it, and epoll.
 *
 * Level-triggered, sockets given to OpenSSL, one buffer, no timeouts, no limits, no
 * back-pressure.  Usage: bare_tls CERTIFICATE KEY.  Prints its port and runs until it
 * is killed.
 */
#include <sys/epoll.h>
#include <sys/socket.h>
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define EVENTS 64

static char buffer[65536];

static _Noreturn void
die(const char *what)
{
	perror(what);
	exit(1);
}

static int
listen_somewhere(void)
{
	struct sockaddr_in addr = { .sin_family = AF_INET };
	socklen_t len = sizeof(addr);
	int one = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

	addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (bind(fd, (struct sockaddr *)&addr, len) != 0 || listen(fd, 4096) != 0)
		die("listen");
	getsockname(fd, (struct sockaddr *)&addr, &len);
	printf("%u\n", ntohs(addr.sin_port));
	fflush(stdout);
	return fd;
}

static SSL_CTX *
context(const char *certificate, const char *key)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());

	if (SSL_CTX_use_certificate_chain_file(ctx, certificate) != 1 ||
	    SSL_CTX_use_PrivateKey_file(ctx, key, SSL_FILETYPE_PEM) != 1)
		die("certificate");
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_num_tickets(ctx, 1);
	SSL_CTX_set_mode(ctx, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	return ctx;
}

static void
accept_one(int epfd, int listener, SSL_CTX *ctx)
{
	int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
	struct epoll_event e = { .events = EPOLLIN };
	SSL *ssl;

	if (fd == -1)
		return;
	ssl = SSL_new(ctx);
	SSL_set_fd(ssl, fd);
	SSL_set_accept_state(ssl);
	e.data.ptr = ssl;
	if (epoll_ctl(epfd, EPOLL_CTL_ADD, fd, &e) != 0)
		die("epoll_ctl");
}

static int
write_all(SSL *ssl, int len)
{
	struct pollfd room = { .fd = SSL_get_fd(ssl), .events = POLLOUT };
	int n, off = 0;

	while (off < len) {
		ERR_clear_error();
		if ((n = SSL_write(ssl, buffer + off, len - off)) > 0)
			off += n;
		else if (SSL_get_error(ssl, n) != SSL_ERROR_WANT_WRITE || poll(&room, 1, -1) != 1)
			return -1;
	}
	return 0;
}

static void
serve(SSL *ssl)
{
	int n;

	for (;;) {
		ERR_clear_error();
		if ((n = SSL_read(ssl, buffer, sizeof(buffer))) > 0) {
			if (write_all(ssl, n) == 0)
				continue;
		} else if (SSL_get_error(ssl, n) == SSL_ERROR_WANT_READ) {
			return;
		} else if (SSL_get_error(ssl, n) == SSL_ERROR_ZERO_RETURN) {
			SSL_shutdown(ssl);
		}
		close(SSL_get_fd(ssl));
		SSL_free(ssl);
		return;
	}
}

int
main(int argc, char **argv)
{
	struct epoll_event events[EVENTS], e = { .events = EPOLLIN };
	int epfd = epoll_create1(0), listener, i, n;
	SSL_CTX *ctx;

	if (argc != 3)
		return 64;
	signal(SIGPIPE, SIG_IGN);
	ctx = context(argv[1], argv[2]);
	listener = listen_somewhere();
	if (epoll_ctl(epfd, EPOLL_CTL_ADD, listener, &e) != 0)
		die("epoll_ctl");
	for (;;) {
		n = epoll_wait(epfd, events, EVENTS, -1);
		for (i = 0; i < n; i++)
			if (events[i].data.ptr == NULL)
				accept_one(epfd, listener, ctx);
			else
				serve(events[i].data.ptr);
	}
}

/* SPDX-License-Identifier: ISC */
/*
 * crowd.c -- many connections to an echo on the loopback, for what they leave.
 *
 *	crowd hold N PORT	N at once, each served; says "held" when they are,
 *				and closes them at the end of its standard input
 *	crowd pass N PORT	N, one after the other: 64 bytes, the echo, the end
 *	crowd break N PORT	the same, but every fourth ends in a reset, half of
 *				them before its echo has been read
 *	crowd churn N PORT TLS	the same, but one in four each is refused (it comes from
 *				127.0.0.2), ends in a reset, and says nonsense to the
 *				port TLS
 */
#include <sys/resource.h>
#include <sys/socket.h>
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define GROUP 500

static struct sockaddr_in server = { .sin_family = AF_INET };

static _Noreturn void
die(const char *what)
{
	perror(what);
	exit(1);
}

static int
connect_to(const struct sockaddr_in *to, const struct sockaddr_in *from)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;

	if (fd == -1)
		die("socket");
	if (from != NULL) {
		setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof(one));
		if (bind(fd, (const struct sockaddr *)from, sizeof(*from)) != 0)
			die("bind");
	}
	if (connect(fd, (const struct sockaddr *)to, sizeof(*to)) != 0)
		die("connect");
	return fd;
}

static int
connect_out(void)
{
	return connect_to(&server, NULL);
}

static void
say(int fd, size_t len)
{
	static const char bytes[64];

	if (send(fd, bytes, len, MSG_NOSIGNAL) != (ssize_t)len)
		die("send");
}

static void
hear(int fd, size_t len)
{
	char bytes[64];

	if (recv(fd, bytes, len, MSG_WAITALL) != (ssize_t)len)
		die("recv");
}

/* In groups, for on select and poll each wake-up of the server looks at all. */
static void
hold(size_t n)
{
	int *fds = calloc(n, sizeof(*fds));
	size_t i, group, end;
	char c;

	if (fds == NULL)
		die("memory");
	for (group = 0; group < n; group = end) {
		end = group + GROUP < n ? group + GROUP : n;
		for (i = group; i < end; i++)
			fds[i] = connect_out();
		for (i = group; i < end; i++)
			say(fds[i], 1);
		for (i = group; i < end; i++)
			hear(fds[i], 1);
	}
	puts("held");
	fflush(stdout);
	while (read(STDIN_FILENO, &c, 1) > 0)
		continue;
	for (i = 0; i < n; i++)
		close(fds[i]);
	free(fds);
}

static void
reset(int fd)
{
	struct linger none = { .l_onoff = 1, .l_linger = 0 };

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &none, sizeof(none));
	close(fd);
}

/* Until the server has closed too, so that its calls are all done. */
static void
end(int fd)
{
	char c;

	shutdown(fd, SHUT_WR);
	if (recv(fd, &c, 1, 0) != 0)
		die("the end");
	close(fd);
}

static void
pass(size_t n, bool with_resets)
{
	size_t i;
	int fd;

	for (i = 0; i < n; i++) {
		fd = connect_out();
		say(fd, 64);
		if (!with_resets || i % 8 != 0)
			hear(fd, 64);
		if (with_resets && i % 4 == 0)
			reset(fd);
		else
			end(fd);
	}
}

/* Until the server has ended it, in whatever way. */
static void
wait_for_end(int fd)
{
	char bytes[512];
	ssize_t n;

	while ((n = recv(fd, bytes, sizeof(bytes), 0)) > 0)
		continue;
	if (n != 0 && errno != ECONNRESET)
		die("the end");
	close(fd);
}

static void
be_refused(void)
{
	struct sockaddr_in from = { .sin_family = AF_INET };

	from.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1);
	wait_for_end(connect_to(&server, &from));
}

/* In turn: bytes, a record of them, the beginning of a hello, and nothing at all. */
static void
talk_nonsense(const struct sockaddr_in *to, size_t turn)
{
	static const unsigned char heads[][11] = { { 0 }, { 22, 3, 1, 0, 189 },
		{ 22, 3, 1, 0, 189, 1, 0, 0, 185, 3, 3 } };
	static const size_t sizes[] = { 0, 5, 11, 0 };
	static uint32_t random = 1;
	unsigned char bytes[200];
	size_t i, kind = turn % 4;
	int fd = connect_to(to, NULL);

	for (i = 0; i < sizeof(bytes); i++) {
		random = random * 1664525 + 1013904223;
		bytes[i] = (unsigned char)(random >> 24);
	}
	if (kind < 3) {
		memcpy(bytes, heads[kind], sizes[kind]);
		if (send(fd, bytes, sizeof(bytes), MSG_NOSIGNAL) == -1)
			die("send");
	}
	shutdown(fd, SHUT_WR);
	wait_for_end(fd);
}

static void
churn(size_t n, const struct sockaddr_in *tls)
{
	size_t i;
	int fd;

	for (i = 0; i < n; i++) {
		if (i % 4 == 0) {
			be_refused();
			continue;
		}
		if (i % 4 == 1) {
			talk_nonsense(tls, i / 4);
			continue;
		}
		fd = connect_out();
		say(fd, 64);
		if (i % 8 != 2)
			hear(fd, 64);
		if (i % 4 == 2)
			reset(fd);
		else
			end(fd);
	}
}

int
main(int argc, char **argv)
{
	struct sockaddr_in tls;
	struct rlimit files;
	size_t n;

	if (argc != (argc > 1 && strcmp(argv[1], "churn") == 0 ? 5 : 4)) {
		fputs("usage: crowd hold|pass|break N PORT, or churn N PORT TLS\n", stderr);
		return 2;
	}
	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
	n = strtoul(argv[2], NULL, 10);
	server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	server.sin_port = htons((uint16_t)strtoul(argv[3], NULL, 10));
	tls = server;
	if (argc == 5)
		tls.sin_port = htons((uint16_t)strtoul(argv[4], NULL, 10));
	if (strcmp(argv[1], "hold") == 0)
		hold(n);
	else if (argc == 5)
		churn(n, &tls);
	else
		pass(n, strcmp(argv[1], "break") == 0);
	return 0;
}

/* SPDX-License-Identifier: ISC */
/*
 * crowd.c -- many connections to an echo on the loopback, for what they leave.
 *
 *	crowd hold N PORT	N at once, each served; says "held" when they are,
 *				and closes them at the end of its standard input
 *	crowd pass N PORT	N, one after the other: 64 bytes, the echo, the end
 *	crowd break N PORT	the same, but every fourth ends in a reset, half of
 *				them before its echo has been read
 */
#include <sys/resource.h>
#include <sys/socket.h>
#include <arpa/inet.h>
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
connect_out(void)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (fd == -1 || connect(fd, (struct sockaddr *)&server, sizeof(server)) != 0)
		die("connect");
	return fd;
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

int
main(int argc, char **argv)
{
	struct rlimit files;
	size_t n;

	if (argc != 4) {
		fputs("usage: crowd hold|pass|break N PORT\n", stderr);
		return 2;
	}
	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
	n = strtoul(argv[2], NULL, 10);
	server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	server.sin_port = htons((uint16_t)strtoul(argv[3], NULL, 10));
	if (strcmp(argv[1], "hold") == 0)
		hold(n);
	else
		pass(n, strcmp(argv[1], "break") == 0);
	return 0;
}

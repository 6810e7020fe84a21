/* SPDX-License-Identifier: ISC */
/*
 * broken.c -- an echo server that is wrong in one way, to see who notices.
 *
 * Usage: broken FAULT [AT]
 * Prints its port, serves until it is killed, and commits the fault once on each
 * connection when AT bytes of it have been echoed (1000 unless told otherwise).
 */
#include <sys/socket.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define MAX_CONNS 64
#define BUFFER 65536

enum fault {
	NONE,      /* none: to see that the tests can be good, too */
	CORRUPT,   /* one bit is another */
	MISSING,   /* a byte is left out */
	DUPLICATE, /* some bytes come twice */
	STALE,     /* old bytes instead of the new ones */
	EXTRA,     /* one byte more than was sent */
	SWAP,      /* the echo of two connections is exchanged */
	DELAY,     /* everything comes 300 ms late */
	EARLY,     /* the end comes with bytes owed */
	HALF,      /* so, but the connection stays open the other way */
	CLOSE,     /* the end comes with none owed */
	RESET,     /* a reset */
	LATE,      /* bytes after the peer's end */
	MUTE,      /* nothing comes at all, from AT on */
	DIE,       /* the server is gone */
	FAULTS
};

static const char *const names[FAULTS] = { "none", "corrupt", "missing", "duplicate", "stale",
	"extra", "swap", "delay", "early", "half", "close", "reset", "late", "mute", "die" };

struct conn {
	int fd;
	size_t echoed;
	bool done; /* the fault has been committed */
	unsigned char first[64];
};

static struct conn conns[MAX_CONNS];
static enum fault fault;
static size_t at = 1000;

static _Noreturn void
die(const char *what)
{
	perror(what);
	exit(1);
}

static int
listen_anywhere(void)
{
	struct sockaddr_in sin = { .sin_family = AF_INET };
	socklen_t len = sizeof(sin);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd == -1 || bind(fd, (struct sockaddr *)&sin, len) != 0 || listen(fd, 128) != 0 ||
	    getsockname(fd, (struct sockaddr *)&sin, &len) != 0)
		die("listen");
	printf("%d\n", ntohs(sin.sin_port));
	fflush(stdout);
	return fd;
}

static void
drop(struct conn *c, bool reset)
{
	struct linger now = { .l_onoff = 1 };

	if (reset)
		setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	close(c->fd);
	c->fd = -1;
}

static void
put(struct conn *c, const unsigned char *bytes, size_t n)
{
	ssize_t sent;

	while (n > 0 && c->fd != -1) {
		if ((sent = send(c->fd, bytes, n, MSG_NOSIGNAL)) < 0) {
			drop(c, false);
			return;
		}
		bytes += sent;
		n -= (size_t)sent;
	}
}

static struct conn *
other(const struct conn *c)
{
	int i;

	for (i = 0; i < MAX_CONNS; i++)
		if (conns[i].fd != -1 && &conns[i] != c)
			return &conns[i];
	return NULL;
}

/* The fault, in place of the echo of these n bytes. */
static void
commit(struct conn *c, unsigned char *bytes, size_t n)
{
	struct conn *peer;

	c->done = true;
	switch (fault) {
	case CORRUPT:
		bytes[n / 2] ^= 1;
		put(c, bytes, n);
		break;
	case MISSING: put(c, bytes, n - 1); break;
	case DUPLICATE:
		put(c, bytes, n / 2);
		put(c, bytes, n / 2);
		put(c, bytes + n / 2, n - n / 2);
		break;
	case STALE:
		memcpy(bytes, c->first, n < sizeof(c->first) ? n : sizeof(c->first));
		put(c, bytes, n);
		break;
	case EXTRA:
		put(c, bytes, n);
		put(c, bytes, 1);
		break;
	case SWAP:
		if ((peer = other(c)) != NULL)
			put(peer, bytes, n);
		break;
	case EARLY: drop(c, false); break;
	case HALF: shutdown(c->fd, SHUT_WR); break;
	case CLOSE:
		put(c, bytes, n);
		drop(c, false);
		break;
	case RESET: drop(c, true); break;
	case DIE: exit(0);
	default: put(c, bytes, n); break;
	}
}

static void
echo(struct conn *c, unsigned char *bytes, size_t n)
{
	static const struct timespec late = { .tv_nsec = 300000000 };

	if (c->echoed < sizeof(c->first))
		memcpy(c->first + c->echoed, bytes,
		    n < sizeof(c->first) - c->echoed ? n : sizeof(c->first) - c->echoed);
	if (fault == DELAY)
		nanosleep(&late, NULL);
	if (fault == MUTE && c->echoed >= at)
		return;
	c->echoed += n;
	if (!c->done && c->echoed >= at && fault != NONE && fault != LATE && fault != MUTE)
		commit(c, bytes, n);
	else
		put(c, bytes, n);
}

static void
serve(struct conn *c)
{
	static unsigned char buffer[BUFFER];
	ssize_t n = recv(c->fd, buffer, sizeof(buffer), 0);

	if (n > 0) {
		echo(c, buffer, (size_t)n);
	} else {
		if (n == 0 && fault == LATE)
			put(c, (const unsigned char *)"late", 4);
		if (c->fd != -1)
			drop(c, false);
	}
}

static void
take(int listener)
{
	int i, one = 1, fd = accept(listener, NULL, NULL);

	for (i = 0; i < MAX_CONNS && fd != -1; i++)
		if (conns[i].fd == -1) {
			setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
			conns[i] = (struct conn){ .fd = fd };
			return;
		}
	if (fd != -1)
		close(fd);
}

int
main(int argc, char **argv)
{
	struct pollfd fds[MAX_CONNS + 1];
	int i, listener;

	for (i = 0; argc > 1 && i < FAULTS; i++)
		if (strcmp(argv[1], names[i]) == 0)
			break;
	if (argc < 2 || i == FAULTS) {
		fprintf(stderr, "usage: broken FAULT [AT]\n");
		return 64;
	}
	fault = (enum fault)i;
	if (argc > 2)
		at = strtoul(argv[2], NULL, 10);
	for (i = 0; i < MAX_CONNS; i++)
		conns[i].fd = -1;
	listener = listen_anywhere();
	for (;;) {
		fds[MAX_CONNS] = (struct pollfd){ .fd = listener, .events = POLLIN };
		for (i = 0; i < MAX_CONNS; i++)
			fds[i] = (struct pollfd){ .fd = conns[i].fd, .events = POLLIN };
		if (poll(fds, MAX_CONNS + 1, -1) == -1 && errno != EINTR)
			die("poll");
		for (i = 0; i < MAX_CONNS; i++)
			if (fds[i].revents != 0 && conns[i].fd == fds[i].fd)
				serve(&conns[i]);
		if (fds[MAX_CONNS].revents != 0)
			take(listener);
	}
}

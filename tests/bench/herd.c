/* SPDX-License-Identifier: ISC */
/*
 * herd.c -- how many processes that wait at one listening socket wake up for a
 * connection, with EPOLLEXCLUSIVE and without, when their epoll set is waited on
 * directly, and when it is a guest in another one's poll(2), as ours is.
 *
 * ARCHITECTURE.md says what follows from it.
 */
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <arpa/inet.h>
#include <err.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { WAITERS = 4, CONNECTIONS = 400, PAUSE_US = 2000 };

struct count {
	_Alignas(64) unsigned woken, accepted;
};

static _Noreturn void
be_waiter(int listener, bool nested, bool exclusive, struct count *count)
{
	struct epoll_event e = { .events = EPOLLIN | (exclusive ? EPOLLEXCLUSIVE : 0) };
	int fd, set = epoll_create1(0);
	struct pollfd guest = { .fd = set, .events = POLLIN };

	if (set == -1 || epoll_ctl(set, EPOLL_CTL_ADD, listener, &e) != 0)
		err(1, "epoll");
	for (;;) {
		if (nested)
			poll(&guest, 1, -1);
		if (epoll_wait(set, &e, 1, nested ? 0 : -1) < 0)
			err(1, "epoll_wait");
		count->woken++;
		if ((fd = accept4(listener, NULL, NULL, 0)) == -1)
			continue;
		count->accepted++;
		close(fd);
	}
}

static void
connect_often(const struct sockaddr_in *addr)
{
	const struct timespec pause = { .tv_nsec = PAUSE_US * 1000 };
	int i, fd;

	for (i = 0; i < CONNECTIONS; i++) {
		if ((fd = socket(AF_INET, SOCK_STREAM, 0)) == -1 ||
		    connect(fd, (const struct sockaddr *)addr, sizeof(*addr)) != 0)
			err(1, "connect");
		close(fd);
		nanosleep(&pause, NULL);
	}
}

static void
measure(bool nested, bool exclusive)
{
	struct sockaddr_in addr = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(addr);
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	struct count *counts = mmap(NULL, WAITERS * sizeof(*counts), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t waiters[WAITERS];
	unsigned woken = 0, accepted = 0;
	int i;

	if (listener == -1 || counts == MAP_FAILED ||
	    bind(listener, (struct sockaddr *)&addr, sizeof(addr)) != 0 ||
	    listen(listener, 128) != 0 ||
	    getsockname(listener, (struct sockaddr *)&addr, &len) != 0)
		err(1, "listen");
	for (i = 0; i < WAITERS; i++)
		if ((waiters[i] = fork()) == 0)
			be_waiter(listener, nested, exclusive, &counts[i]);
	connect_often(&addr);
	for (i = 0; i < WAITERS; i++) {
		kill(waiters[i], SIGKILL);
		waitpid(waiters[i], NULL, 0);
		woken += counts[i].woken;
		accepted += counts[i].accepted;
	}
	printf("%-22s %-8s  %5.2f woken for each of %u connections, %d waiting\n",
	    exclusive ? "with EPOLLEXCLUSIVE," : "without,", nested ? "guest" : "direct",
	    (double)woken / accepted, accepted, WAITERS);
	munmap(counts, WAITERS * sizeof(*counts));
	close(listener);
}

int
main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	measure(false, false);
	measure(false, true);
	measure(true, false);
	measure(true, true);
	return 0;
}

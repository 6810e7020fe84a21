/* SPDX-License-Identifier: ISC */
/*
 * bare.c -- the yardstick: an echo with nothing between it and the kernel.
 *
 * Level-triggered epoll, one buffer, one recv() and one send() an event.  It has
 * no timeouts, no limits and no back-pressure: a peer that does not take its echo
 * stops all others.  What a real server costs more than this is what its
 * promises cost.  It prints its port, and runs until it is killed.
 */
#include <sys/epoll.h>
#include <sys/socket.h>
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
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
	fclose(stdout); /* nobody has to wait for more */
	return fd;
}

static void
add(int epfd, int fd)
{
	struct epoll_event e = { .events = EPOLLIN, .data.fd = fd };

	if (epoll_ctl(epfd, EPOLL_CTL_ADD, fd, &e) != 0)
		die("epoll_ctl");
}

/* 0, or -1 when the connection is over. */
static int
send_all(int fd, size_t len)
{
	struct pollfd room = { .fd = fd, .events = POLLOUT };
	size_t off = 0;
	ssize_t n;

	while (off < len) {
		if ((n = send(fd, buffer + off, len - off, MSG_NOSIGNAL)) > 0)
			off += (size_t)n;
		else if (poll(&room, 1, -1) != 1 || (room.revents & (POLLERR | POLLHUP)) != 0)
			return -1;
	}
	return 0;
}

int
main(void)
{
	struct epoll_event events[EVENTS];
	int epfd = epoll_create1(0), listener = listen_somewhere(), i, n, fd;
	ssize_t len;

	add(epfd, listener);
	for (;;) {
		n = epoll_wait(epfd, events, EVENTS, -1);
		for (i = 0; i < n; i++) {
			fd = events[i].data.fd;
			if (fd == listener) {
				if ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) != -1)
					add(epfd, fd);
				continue;
			}
			len = recv(fd, buffer, sizeof(buffer), 0);
			if (len <= 0 || send_all(fd, (size_t)len) != 0)
				close(fd);
		}
	}
}

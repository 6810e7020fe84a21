/* SPDX-License-Identifier: ISC */
/*
 * pair.c -- see pair.h.
 */
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "pair.h"
#include "unit.h"

#define PATIENCE 5000 /* milliseconds for what takes microseconds */

static void
set(int fd, int level, int option)
{
	int on = 1;

	assert_int_equal(setsockopt(fd, level, option, &on, sizeof(on)), 0);
}

void
pair_tcp(struct pair *p)
{
	struct sockaddr_in in = { .sin_family = AF_INET };
	socklen_t len = sizeof(in);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(fd, (struct sockaddr *)&in, sizeof(in)), 0);
	assert_int_equal(listen(fd, 1), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&in, &len), 0);
	p->peers = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(connect(p->peers, (struct sockaddr *)&in, sizeof(in)), 0);
	p->ours = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	assert_true(p->ours >= 0);
	close(fd);
	set(p->ours, SOL_SOCKET, SO_OOBINLINE);
	set(p->peers, IPPROTO_TCP, TCP_NODELAY);
}

void
pair_unix(struct pair *p)
{
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
	assert_int_equal(fcntl(fds[0], F_SETFL, O_NONBLOCK), 0);
	p->ours = fds[0];
	p->peers = fds[1];
}

void
pair_await(int fd, size_t bytes)
{
	struct pollfd p = { .fd = fd, .events = POLLIN | POLLRDHUP };
	int n = 0, tries;

	assert_int_equal(poll(&p, 1, PATIENCE), 1);
	for (tries = 0; tries < PATIENCE; tries++) {
		assert_int_equal(ioctl(fd, FIONREAD, &n), 0);
		if ((size_t)n >= bytes)
			return;
		poll(NULL, 0, 1);
	}
	fail_msg("%d bytes came, not %zu", n, bytes);
}

void
pair_put(const struct pair *p, const char *text)
{
	size_t len = strlen(text);
	int before = 0;

	assert_int_equal(ioctl(p->ours, FIONREAD, &before), 0);
	assert_int_equal(send(p->peers, text, len, MSG_NOSIGNAL), len);
	pair_await(p->ours, (size_t)before + len);
}

void
pair_close(struct pair *p)
{
	if (p->ours >= 0)
		close(p->ours);
	if (p->peers >= 0)
		close(p->peers);
	p->ours = p->peers = -1;
}

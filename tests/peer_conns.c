/* SPDX-License-Identifier: ISC */
/*
 * peer_conns.c -- see peer_conns.h.
 */
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <netdb.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "peer_conns.h"

#define AT_ONCE 65536
#define PATIENCE_MS 60000 /* nothing at all has moved */

struct peers peers;

double
peers_clock(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e3 + (double)ts.tv_nsec / 1e6;
}

static unsigned char
byte_at(const struct peer *p, uint64_t place)
{
	uint64_t x = (place + 1) * UINT64_C(0x9e3779b97f4a7c15) + p->seed;

	return (unsigned char)(x >> 56 ^ x >> 24);
}

static _Noreturn void
die(const struct peer *p, const char *what, int error)
{
	errx(1,
	    "connection %td: %s%s%s; %" PRIu64 " of %" PRIu64 " bytes sent, %" PRIu64 " came back",
	    p - peers.all, what, error != 0 ? ": " : "", error != 0 ? strerror(error) : "", p->sent,
	    p->target, p->received);
}

static void
set(int fd, int option, int value)
{
	if (setsockopt(fd, SOL_SOCKET, option, &value, sizeof(value)) != 0)
		err(1, "setsockopt %d to %d", option, value);
}

/* The port is chosen when the target is known, or they would run out. */
static void
bind_to(int fd, const char *source)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST }, *ai;
	int rc, one = 1;

	if ((rc = getaddrinfo(source, NULL, &hints, &ai)) != 0)
		errx(2, "%s: %s", source, gai_strerror(rc));
	if (setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof(one)) != 0 ||
	    bind(fd, ai->ai_addr, ai->ai_addrlen) != 0)
		err(1, "%s", source);
	freeaddrinfo(ai);
}

static void
connect_one(struct peer *p, const struct sockaddr *addr, socklen_t len)
{
	if ((p->fd = socket(addr->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0)) == -1)
		err(1, "socket");
	if (peers.receive_buffer > 0)
		set(p->fd, SO_RCVBUF, peers.receive_buffer);
	if (peers.send_buffer > 0)
		set(p->fd, geteuid() == 0 ? SO_SNDBUFFORCE : SO_SNDBUF, peers.send_buffer);
	if (peers.source != NULL)
		bind_to(p->fd, peers.source);
	if (connect(p->fd, addr, len) != 0)
		die(p, "connect", errno);
	if (fcntl(p->fd, F_SETFL, O_NONBLOCK) == -1)
		err(1, "fcntl");
	p->seed = (uint32_t)(p - peers.all) * 2654435761U;
}

static void
connect_all(const struct sockaddr *addr, socklen_t len)
{
	uint32_t i;

	if ((peers.all = calloc(peers.n, sizeof(*peers.all))) == NULL)
		err(1, NULL);
	for (i = 0; i < peers.n; i++)
		connect_one(&peers.all[i], addr, len);
}

static void
connect_unix(const char *path)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	size_t len = strlen(path);

	if (len >= sizeof(un.sun_path))
		errx(2, "%s is too long", path);
	memcpy(un.sun_path, path, len);
	if (path[0] == '@')
		un.sun_path[0] = '\0';
	connect_all(
	    (struct sockaddr *)&un, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len));
}

void
peers_connect(const char *address)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST }, *ai;
	char *host, *port;
	size_t len;
	int rc;

	if (strncmp(address, "unix:", 5) == 0) {
		connect_unix(address + 5);
		return;
	}
	if ((host = strdup(address)) == NULL)
		err(1, NULL);
	if ((port = strrchr(host, ':')) == NULL)
		errx(2, "%s: want HOST:PORT", address);
	*port++ = '\0';
	len = strlen(host);
	if (host[0] == '[' && host[len - 1] == ']')
		host[len - 1] = '\0';
	if ((rc = getaddrinfo(host[0] == '[' ? host + 1 : host, port, &hints, &ai)) != 0)
		errx(2, "%s: %s", address, gai_strerror(rc));
	connect_all(ai->ai_addr, ai->ai_addrlen);
	freeaddrinfo(ai);
	free(host);
}

/* ---- one connection ---- */

/* The next place that is to be sent as urgent data, or somewhere beyond all. */
static uint64_t
next_urgent(const struct peer *p)
{
	uint64_t next = UINT64_MAX;
	size_t i;

	for (i = 0; i < peers.nurgent; i++)
		if (peers.urgent[i] >= p->sent && peers.urgent[i] < next)
			next = peers.urgent[i];
	return next;
}

static bool
wants_to_send(const struct peer *p)
{
	if (p->sent == p->target || p->finished)
		return false;
	return !peers.urgent_alone || p->received == p->sent || next_urgent(p) != p->sent;
}

static void
send_some(struct peer *p)
{
	unsigned char buf[AT_ONCE];
	uint64_t urgent = next_urgent(p), len = p->target - p->sent;
	size_t i;
	ssize_t n;

	if (len > sizeof(buf))
		len = sizeof(buf);
	if (urgent == p->sent)
		len = 1;
	else if (len > urgent - p->sent)
		len = urgent - p->sent;
	for (i = 0; i < len; i++)
		buf[i] = byte_at(p, p->sent + i);
	n = send(p->fd, buf, len, MSG_NOSIGNAL | (urgent == p->sent ? MSG_OOB : 0));
	if (n == -1 && peers.may_be_cut && (errno == ECONNRESET || errno == EPIPE))
		p->cut = true;
	else if (n == -1 && errno != EAGAIN)
		die(p, "send", errno);
	if (n <= 0)
		return;
	p->sent += (uint64_t)n;
	peers.last_move = peers_clock();
}

static void
on_end(struct peer *p)
{
	if (peers.may_refuse && p->received == 0) {
		p->cut = true;
		return;
	}
	p->ended = true;
	if (!p->finished && !peers.may_end)
		die(p, "ended, and we have not", 0);
	if (p->received != p->target)
		die(p, "ended, and something is missing", 0);
}

static void
next_round(struct peer *p)
{
	double now = peers_clock();

	if (now - p->asked > peers.slowest)
		peers.slowest = now - p->asked;
	if (p->rounds == 0)
		return;
	if (!peers.until_told)
		p->rounds--;
	p->asked = now;
	p->target += peers.size;
}

static void
read_some(struct peer *p)
{
	unsigned char buf[AT_ONCE];
	size_t i, len = peers.piece < sizeof(buf) ? peers.piece : sizeof(buf);
	ssize_t n = recv(p->fd, buf, len, 0);

	if (n == 0)
		on_end(p);
	if (n == -1 && errno == ECONNRESET && peers.may_be_cut)
		p->cut = true;
	else if (n == -1 && errno != EAGAIN)
		die(p, "recv", errno);
	if (n <= 0)
		return;
	if (p->received + (uint64_t)n > p->sent)
		die(p, "more comes back than was sent", 0);
	for (i = 0; i < (size_t)n; i++)
		if (buf[i] != byte_at(p, p->received + i))
			die(p, "another byte than was sent comes back", 0);
	p->received += (uint64_t)n;
	peers.last_move = peers_clock();
	if (p->received == p->target)
		next_round(p);
	if (peers.pause_us > 0)
		usleep(peers.pause_us);
}

void
peer_reset(struct peer *p)
{
	struct linger at_once = { .l_onoff = 1, .l_linger = 0 };

	setsockopt(p->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
	close(p->fd);
	p->fd = -1;
	p->ended = true;
}

static void
end_if_sent(struct peer *p)
{
	if (p->sent != p->target || p->finished || p->ended)
		return;
	if (peers.rude) {
		peer_reset(p);
	} else if (peers.finishing) {
		if (shutdown(p->fd, SHUT_WR) != 0)
			die(p, "shutdown", errno);
		p->finished = true;
	}
}

static void
on_events(struct peer *p, short events)
{
	if (p->deaf && (events & (POLLERR | POLLHUP)) != 0) {
		if (!peers.may_be_cut)
			die(p, "was cut", 0);
		p->cut = true;
		return;
	}
	if ((events & POLLOUT) != 0)
		send_some(p);
	if ((events & (POLLIN | POLLERR | POLLHUP)) != 0 && !p->cut)
		read_some(p);
}

/* ---- all connections ---- */

bool
peer_has_echo(const struct peer *p)
{
	return p->received == p->target && p->rounds == 0 && !peers.until_told;
}

bool
peer_has_ended(const struct peer *p)
{
	return p->ended;
}

bool
peer_is_cut(const struct peer *p)
{
	return p->cut;
}

bool
peer_has_answer(const struct peer *p)
{
	return p->cut || peer_has_echo(p);
}

uint32_t
peers_drop_cut(void)
{
	uint32_t i, kept = 0, all = peers.n;

	for (i = 0; i < all; i++)
		if (peers.all[i].cut)
			close(peers.all[i].fd);
		else
			peers.all[kept++] = peers.all[i];
	peers.n = kept;
	return all - kept;
}

bool
peer_is_never_done(const struct peer *p)
{
	(void)p;
	return false;
}

/* Bytes that the kernel has of us and could not deliver. */
static uint64_t
count_queued(void)
{
	uint64_t sum = 0;
	uint32_t i;
	int n;

	for (i = 0; i < peers.n; i++)
		if (ioctl(peers.all[i].fd, SIOCOUTQ, &n) == 0)
			sum += (uint64_t)n;
	return sum;
}

/* Stdin has had its say: what has been sent is all. */
static void
on_told(void)
{
	uint32_t i;

	peers.until_told = false;
	for (i = 0; i < peers.n; i++) {
		peers.all[i].rounds = 0;
		peers.all[i].target = peers.all[i].sent;
	}
}

/* Returns the first that is not done, or NULL. */
static struct peer *
prepare(struct pollfd *polls, bool (*done)(const struct peer *))
{
	struct peer *first = NULL;
	uint32_t i;

	for (i = 0; i < peers.n; i++) {
		struct peer *p = &peers.all[i];

		end_if_sent(p);
		polls[i] = (struct pollfd){ .fd = -1 };
		if (done(p))
			continue;
		polls[i].fd = p->fd;
		polls[i].events = (short)((p->deaf ? 0 : POLLIN) |
		    (wants_to_send(p) ? POLLOUT : 0));
		if (first == NULL)
			first = p;
	}
	polls[i] = (struct pollfd){ .fd = peers.until_told ? STDIN_FILENO : -1, .events = POLLIN };
	return first;
}

void
peers_move(bool (*done)(const struct peer *), int quiet_ms)
{
	struct pollfd *polls = calloc(peers.n + 1, sizeof(*polls));
	uint64_t before = 0, queued;
	struct peer *waits;
	uint32_t i;
	int n;

	if (polls == NULL)
		err(1, NULL);
	while ((waits = prepare(polls, done)) != NULL) {
		n = poll(polls, peers.n + 1, quiet_ms > 0 ? quiet_ms : PATIENCE_MS);
		if (n == -1)
			err(1, "poll");
		if (n == 0 && quiet_ms == 0)
			die(waits, "nothing moves", 0);
		if (n == 0) {
			queued = count_queued();
			if (queued == before)
				break;
			before = queued;
		}
		for (i = 0; i < peers.n; i++)
			if (polls[i].revents != 0)
				on_events(&peers.all[i], polls[i].revents);
		if (polls[peers.n].revents != 0)
			on_told();
	}
	free(polls);
}

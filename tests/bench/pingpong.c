/* SPDX-License-Identifier: ISC */
/*
 * pingpong.c -- a closed loop of messages against an echo on the loopback.
 *
 *	pingpong [-c CONNECTIONS] [-s BYTES] [-d DEPTH] [-m MESSAGES | -t SECONDS] PORT
 *	pingpong -l [-S] [-s BYTES] [-m MESSAGES | -t SECONDS] PORT
 *
 * Each connection keeps DEPTH messages under way, and sends the next when one has
 * come back.  It ends when each connection has had MESSAGES echoes, or after
 * SECONDS, and prints the number of echoes and their rate.  With -l there is one
 * connection, and it prints the median and the 99th percentile of the round
 * trips too, in microseconds; it sleeps until the echo comes, or with -S spins, so
 * that its own waking up is not in the figures.  It counts bytes, unseen.
 */
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define EVENTS 256
#define MAX_TRIPS 1000000

struct peer {
	int fd;
	size_t owed;    /* bytes to be sent */
	size_t got;     /* of a message that is coming back */
	uint64_t begun; /* messages, those owed included */
};

static size_t size = 64, depth = 1, connections = 1;
static uint64_t messages = UINT64_MAX;
static double seconds = 1e9;
static bool latency, spin;

static char bytes[65536];
static uint64_t echoes;
static uint32_t *trips; /* nanoseconds */
static size_t ntrips;

static _Noreturn void
die(const char *what)
{
	fprintf(stderr, "pingpong: %s: %s\n", what, strerror(errno));
	exit(1);
}

static uint64_t
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static int
connect_to(unsigned port)
{
	struct sockaddr_in addr = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	int one = 1, fd = socket(AF_INET, SOCK_STREAM, 0);

	addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd == -1 || connect(fd, (struct sockaddr *)&addr, sizeof(addr)) != 0)
		die("connect");
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	return fd;
}

static void
begin(struct peer *p, uint64_t n)
{
	if (n > messages - p->begun)
		n = messages - p->begun;
	p->begun += n;
	p->owed += n * size;
}

static void
send_owed(struct peer *p)
{
	size_t len;
	ssize_t n;

	while (p->owed > 0) {
		len = p->owed < sizeof(bytes) ? p->owed : sizeof(bytes);
		if ((n = send(p->fd, bytes, len, MSG_NOSIGNAL | MSG_DONTWAIT)) < 0) {
			if (errno == EAGAIN)
				return;
			die("send");
		}
		p->owed -= (size_t)n;
	}
}

/* The events are edges: take all there is. */
static void
take_echoes(struct peer *p)
{
	ssize_t n;

	do {
		if ((n = recv(p->fd, bytes, sizeof(bytes), MSG_DONTWAIT)) == 0)
			errno = ECONNRESET;
		if (n <= 0 && errno != EAGAIN)
			die("recv");
		if (n <= 0)
			break;
		p->got += (size_t)n;
	} while ((size_t)n == sizeof(bytes));
	echoes += p->got / size;
	begin(p, p->got / size);
	p->got %= size;
}

static void
many(struct peer *peers, uint64_t end)
{
	struct epoll_event events[EVENTS];
	int epfd = epoll_create1(0), n;
	size_t i;

	for (i = 0; i < connections; i++) {
		struct epoll_event e = { .events = EPOLLIN | EPOLLOUT | EPOLLET,
			.data.ptr = &peers[i] };

		begin(&peers[i], depth);
		send_owed(&peers[i]);
		if (epoll_ctl(epfd, EPOLL_CTL_ADD, peers[i].fd, &e) != 0)
			die("epoll_ctl");
	}
	while (now() < end && echoes / connections < messages) {
		n = epoll_wait(epfd, events, EVENTS, 1000);
		for (i = 0; n > 0 && i < (size_t)n; i++) {
			take_echoes(events[i].data.ptr);
			send_owed(events[i].data.ptr);
		}
	}
	close(epfd);
}

static void
await_echo(int fd)
{
	int flags = spin ? MSG_DONTWAIT : 0;
	size_t got = 0;
	ssize_t n;

	while (got < size) {
		if ((n = recv(fd, bytes, size - got, flags)) > 0)
			got += (size_t)n;
		else if (n == 0 || errno != EAGAIN)
			die("recv");
	}
}

/* Nothing but send() and recv(), so that little of the round trip is ours. */
static void
one(struct peer *p, uint64_t end)
{
	uint64_t before, after = now();

	for (; after < end && echoes < messages; echoes++) {
		before = now();
		if (send(p->fd, bytes, size, MSG_NOSIGNAL) != (ssize_t)size)
			die("send");
		await_echo(p->fd);
		after = now();
		if (ntrips < MAX_TRIPS)
			trips[ntrips++] = (uint32_t)(after - before);
	}
}

static int
by_value(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static void
print_results(double elapsed)
{
	printf("echoes=%llu seconds=%.4f rate=%.0f", (unsigned long long)echoes, elapsed,
	    (double)echoes / elapsed);
	if (ntrips > 0) {
		qsort(trips, ntrips, sizeof(*trips), by_value);
		printf(
		    " p50=%.2f p99=%.2f", trips[ntrips / 2] / 1e3, trips[ntrips * 99 / 100] / 1e3);
	}
	printf("\n");
}

static _Noreturn void
usage(void)
{
	fputs("usage: pingpong [-c CONNECTIONS] [-s BYTES] [-d DEPTH] [-l [-S]]"
	      " [-m MESSAGES | -t SECONDS] PORT\n",
	    stderr);
	exit(2);
}

static unsigned
read_options(int argc, char **argv)
{
	int c;

	while ((c = getopt(argc, argv, "c:s:d:m:t:lS")) != -1) {
		switch (c) {
		case 'c': connections = strtoul(optarg, NULL, 10); break;
		case 's': size = strtoul(optarg, NULL, 10); break;
		case 'd': depth = strtoul(optarg, NULL, 10); break;
		case 'm': messages = strtoull(optarg, NULL, 10); break;
		case 't': seconds = strtod(optarg, NULL); break;
		case 'l': latency = true; break;
		case 'S': spin = true; break;
		default: usage();
		}
	}
	if (optind != argc - 1 || connections == 0 || size == 0 || size > sizeof(bytes) ||
	    (latency && connections > 1))
		usage();
	return (unsigned)strtoul(argv[optind], NULL, 10);
}

int
main(int argc, char **argv)
{
	unsigned port = read_options(argc, argv);
	struct rlimit files;
	struct peer *peers = calloc(connections, sizeof(*peers));
	uint64_t start, end;
	size_t i;

	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
	trips = malloc(MAX_TRIPS * sizeof(*trips));
	if (peers == NULL || trips == NULL)
		die("memory");
	for (i = 0; i < connections; i++)
		peers[i].fd = connect_to(port);
	start = now();
	end = start + (uint64_t)(seconds * 1e9);
	if (latency)
		one(&peers[0], end);
	else
		many(peers, end);
	print_results((double)(now() - start) / 1e9);
	return 0;
}

/* SPDX-License-Identifier: ISC */
/*
 * fuzz_schedule.c -- one to eight echoes, and any order in which things happen.
 *
 * The bytes are a list of what happens to sockets, loop and clock (enum what): so
 * the fuzzer looks for the order that loses a byte or a wake-up.  What must hold:
 *
 *  - what is sent is the beginning of what was received, to the byte (kernel.c);
 *  - nothing is read while anything is left to send, and of that at most CONN_SHARE
 *    is held, a connection; when all have gone, nothing is;
 *  - after its end, or an error, a socket is not touched but closed, once;
 *  - the loop does not sleep while there is work, nor spin while there is none;
 *  - who behaves gets all of his echo; and in the end nobody is left.
 *
 * Faults: F30 F32 F53 F54 F55
 */
#include <sys/syscall.h>
#include <errno.h>
#include <malloc.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "backend.h"
#include "conn.h"
#include "fuzz.h"
#include "kernel.h"

#define IDLE 8.0
#define STALL 4.0
#define LONG 20.0 /* more than any timeout with its slack */
#define MANY_TURNS 4096
#define ENOUGH (1 << 18) /* bytes that come in for one connection */

enum what {
	COME,
	COME_MUCH,
	URGENT,
	FIN,
	RESET,
	TAKE,
	TAKE_ALL,
	ROOM,
	TURN,
	DEAF_TURN,
	PLAY,
	PASS,
	NEXT_RECV,
	NEXT_SEND,
	NO_MEMORY,
	OPEN,
	END,
	WHATS
};

void *__real_malloc(size_t), *__real_calloc(size_t, size_t);
void __real_free(void *);
void *__wrap_malloc(size_t), *__wrap_calloc(size_t, size_t);
void __wrap_free(void *);

static struct reactor reactor;
static struct conn_set conns;
static struct stats stats;
static unsigned left_us; /* connections that have said so */
static size_t held;      /* bytes, of what src/ allocates by malloc() */
static bool no_memory;   /* for the next one */
static bool excused;     /* a timeout, a stop, or lack of memory may have ended any of them */
static double now;

/* The loop's clock is ours; whoever asks for the date gets the real one. */
int
clock_gettime(clockid_t id, struct timespec *t)
{
	if (id != CLOCK_MONOTONIC)
		return (int)syscall(SYS_clock_gettime, id, t);
	t->tv_sec = (time_t)now;
	t->tv_nsec = (long)((now - (double)t->tv_sec) * 1e9);
	return 0;
}

static bool
is_refused(void)
{
	bool refused = no_memory;

	no_memory = false;
	if (refused) {
		excused = true;
		errno = ENOMEM;
	}
	return refused;
}

void *
__wrap_malloc(size_t size)
{
	void *p = is_refused() ? NULL : __real_malloc(size);

	held += p != NULL ? malloc_usable_size(p) : 0;
	return p;
}

void *
__wrap_calloc(size_t n, size_t size)
{
	void *p = is_refused() ? NULL : __real_calloc(n, size);

	held += p != NULL ? malloc_usable_size(p) : 0;
	return p;
}

void
__wrap_free(void *p)
{
	held -= p != NULL ? malloc_usable_size(p) : 0;
	__real_free(p);
}

static void
on_close(struct conn_set *set)
{
	must(set == &conns);
	left_us++;
}

static void
turn(bool events)
{
	if (events)
		(void)kernel_events();
	ev_run(reactor.loop, EVRUN_NOWAIT);
	must(stats.active <= KERNEL_SOCKS);
	/* The scratch buffer, and for each a connection and what it keeps. */
	must(held <= (stats.active + 1) * (CONN_SHARE + 1024));
}

/* Until the loop would sleep.  Then there must be nothing to do. */
static void
play(void)
{
	unsigned turns = 0;

	while (kernel_events() || reactor.nrunnable > 0) {
		turn(false);
		must(++turns < MANY_TURNS);
	}
	kernel_is_quiet();
}

static void
pass(double seconds)
{
	now += seconds;
	excused = true;
	turn(false);
	turn(false);
}

static void
open_sock(struct sock *s)
{
	bool refused = no_memory;

	if (s->open)
		return;
	s->open = true;
	if (conn_new(&conns, sock_fd(s), NULL, NULL) < 0) {
		must(refused && s->closed);
		s->faulted = true;
	} else {
		must(!refused);
	}
}

static void
all_end(void)
{
	excused = true;
	conn_set_end(&conns);
}

/* One step of the schedule. */
static void
happen(enum what what, struct sock *s, unsigned n)
{
	static const int errors[] = { ECONNRESET, EPIPE, ETIMEDOUT, EHOSTUNREACH, ENETUNREACH,
		ENOBUFS, ENOMEM, EIO };

	if (!sock_is_alive(s) && what <= ROOM)
		return;
	switch (what) {
	case COME: sock_come(s, s->come < ENOUGH ? n : 0); break;
	case COME_MUCH: sock_come(s, s->come < ENOUGH ? n * 1021 : 0); break;
	case URGENT: sock_urgent(s); break;
	case FIN: sock_peer_fin(s); break;
	case RESET: sock_reset(s); break;
	case TAKE: sock_take(s, n); break;
	case TAKE_ALL: sock_take(s, UINT64_MAX); break;
	case ROOM:
		s->room = (n + 1) * 257;
		sock_take(s, 0); /* there may be some now */
		break;
	case TURN: turn(true); break;
	case DEAF_TURN: turn(false); break;
	case PLAY: play(); break;
	case PASS: pass(n / 16.0); break;
	case NEXT_RECV:
	case NEXT_SEND:
		*(what == NEXT_RECV ? &s->next_recv : &s->next_send) = n % (NEXT_FAILS + 1);
		s->next_error = errors[n / 8 % (sizeof(errors) / sizeof(errors[0]))];
		break;
	case NO_MEMORY: no_memory = true; break;
	case OPEN: open_sock(s); break;
	case END: all_end(); break;
	default: break;
	}
}

/* Whoever has not been wronged has all of his echo, and then the end. */
static void
finish_politely(size_t n)
{
	size_t i;
	int rounds;

	for (i = 0; i < n; i++)
		if (sock_is_alive(&kernel_socks[i]))
			sock_peer_fin(&kernel_socks[i]);
	for (rounds = 0; stats.active > 0; rounds++) {
		must(rounds < 2 * ENOUGH / 257 * (int)n);
		for (i = 0; i < n; i++)
			if (sock_is_alive(&kernel_socks[i]))
				sock_take(&kernel_socks[i], UINT64_MAX);
		play();
	}
	for (i = 0; i < n; i++) {
		const struct sock *s = &kernel_socks[i];

		must(!s->open || s->closed);
		must(!s->open || s->faulted || excused || s->sent == s->come);
	}
}

/* Nobody does anything any more: time alone ends them all. */
static void
finish_by_time(void)
{
	int i;

	play();
	for (i = 0; i < 4; i++) {
		now += LONG;
		turn(false); /* the loop learns what time it is, and timers go off */
		play();
	}
	must(stats.active == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t i, n;

	if (size < 3)
		return 0;
	n = data[0] % KERNEL_SOCKS + 1;
	kernel_reset();
	kernel_edge = (data[1] & 1) != 0;
	stats = (struct stats){ 0 };
	left_us = 0;
	held = 0;
	no_memory = excused = false;
	now = 1000;
	must(reactor_open_with(&reactor, &kernel_backend, (data[1] & 2) != 0 ? 0.001 : 0) == 0);
	must(conn_set_open(&conns, &reactor, &stats, (data[1] & 4) != 0 ? 0 : IDLE,
		 (data[1] & 8) != 0 ? 0 : STALL, on_close) == 0);
	for (i = 0; i < n; i++)
		if ((data[1] & 16) != 0)
			open_sock(&kernel_socks[i]);
	for (i = 2; i + 1 < size; i += 2)
		happen(data[i] / KERNEL_SOCKS % WHATS, &kernel_socks[data[i] % KERNEL_SOCKS % n],
		    data[i + 1]);
	no_memory = false;
	if ((data[1] & 32) != 0)
		finish_politely(n);
	else if ((data[1] & (4 | 8)) == 0)
		finish_by_time();
	conn_set_close(&conns);
	must(stats.active == 0 && held == 0);
	for (i = 0; i < n; i++)
		must(kernel_socks[i].open == kernel_socks[i].closed);
	reactor_close(&reactor);
	return 0;
}

/* SPDX-License-Identifier: ISC */
/*
 * test_conn.c -- the echo, against peers that keep to a script.
 *
 * Whatever way bytes come in and go out, what is sent is what was received, each
 * byte once and in order, and at most CONN_SHARE of it is kept.  The rest is how
 * a connection ends.  Time stands still here until it is moved.
 *
 * Faults: F20 F26 F32 F35 F49 F62
 */
#include <errno.h>
#include <string.h>

#include "backend.h"
#include "clock.h"
#include "conn.h"
#include "macros.h"
#include "memory.h"
#include "script.h"
#include "unit.h"

#define IDLE 8.0
#define STALL 4.0
#define SLACK 0.5  /* of both; and more than that of lingering */
#define LINGER 5.5 /* with its slack */

static struct reactor reactor;
static struct conn_set conns;
static struct stats stats;
static unsigned closed;
static struct peer *const alice = &script_peers[0], *const bob = &script_peers[1];
static char large[4 * CONN_SHARE];

static void
on_close(struct conn_set *set)
{
	assert_ptr_equal(set, &conns);
	closed++;
}

static int
setup(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(large); i++)
		large[i] = (char)(i * 7 + i / 251);
	script_reset();
	script_edge = false;
	stats = (struct stats){ 0 };
	closed = 0;
	assert_int_equal(reactor_open_with(&reactor, &script_backend, 0), 0);
	assert_int_equal(conn_set_open(&conns, &reactor, &stats, IDLE, STALL, on_close), 0);
	memory_watch();
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	conn_set_close(&conns);
	assert_int_equal(stats.active, 0);
	assert_int_equal(memory_held(), 0);
	reactor_close(&reactor);
	return 0;
}

/* Time passes, and the timers that are due go off; no peer does anything. */
static void
pass(double seconds)
{
	clock_advance(seconds);
	script_turn(&reactor, false);
	script_turn(&reactor, false);
}

static void
begin(struct peer *p)
{
	assert_int_equal(conn_new(&conns, script_fd(p), NULL, NULL), 0);
}

/* What came back, and all of it, is the first n of bytes. */
static void
assert_got(const struct peer *p, const char *bytes, size_t n)
{
	assert_int_equal(p->ngot, n);
	assert_memory_equal(p->got, bytes, n);
}

/* Nothing is read while anything is left, and nothing is held then. */
static void
no_debts(struct peer *p)
{
	if (p->fin)
		return;
	assert_int_equal(p->ngot, p->ngiven);
	assert_int_equal(memory_held(), 0);
}

/*
 * Steps that take MESSAGE apart: bit i of cuts cuts behind byte i, bit j of walls
 * puts an EAGAIN before the j-th piece.  False if it has no such piece.
 */
#define MESSAGE "abcd"
enum { LENGTH = 4, CUTS = 1 << (LENGTH - 1), WALLS = 1 << LENGTH };

static bool
take_apart(struct step *steps, unsigned cuts, unsigned walls)
{
	unsigned i, first = 0, pieces = 0;

	for (i = 0; i < LENGTH; i++) {
		if (i < LENGTH - 1 && (cuts & 1u << i) == 0)
			continue;
		if ((walls & 1u << pieces++) != 0)
			*steps++ = (struct step)FAIL(EAGAIN);
		*steps++ = (struct step){
			.what = GO, .bytes = &MESSAGE[first], .n = i + 1 - first
		};
		first = i + 1;
	}
	*steps = (struct step){ .what = OVER };
	return walls >> pieces == 0;
}

/* Let the list end, with the step given, once it has played n bytes. */
static void
end_at(struct step *steps, size_t n, struct step last)
{
	size_t i = 0;

	while (n > 0) {
		if (steps[i].what == GO) {
			if (steps[i].n > n)
				steps[i].n = n;
			n -= steps[i].n;
		}
		i++;
	}
	if (steps[i].what == FAILS)
		i++;
	steps[i++] = last;
	steps[i].what = OVER;
}

/* Every way to read the message, times every way to write it; fn plays them. */
static void
in_every_way(void (*fn)(const struct step *recv, const struct step *send))
{
	struct step recv[SCRIPT_STEPS], send[SCRIPT_STEPS];
	unsigned i, j, n = 0;

	for (i = 0; i < CUTS * WALLS; i++) {
		if (!take_apart(recv, i % CUTS, i / CUTS))
			continue;
		for (j = 0; j < CUTS * WALLS; j++) {
			if (!take_apart(send, j % CUTS, j / CUTS))
				continue;
			script_edge = false;
			fn(recv, send);
			script_edge = true;
			fn(recv, send);
			n++;
		}
	}
	assert_int_equal(n, 54 * 54); /* the sum of 2^pieces, squared */
}

static void
load(const struct step *recv, const struct step *send)
{
	script_reset();
	memcpy(alice->recv, recv, sizeof(alice->recv));
	memcpy(alice->send, send, sizeof(alice->send));
	alice->on_recv = no_debts;
	stats = (struct stats){ 0 };
}

static void
play(void)
{
	begin(alice);
	script_play(&reactor);
	assert_true(alice->closed);
	assert_int_equal(memory_held(), 0);
	assert_int_equal(stats.bytes_in, alice->ngiven);
	assert_int_equal(stats.bytes_out, alice->ngot);
	assert_int_equal(stats.active, 0);
}

static void
until_eof(const struct step *recv, const struct step *send)
{
	load(recv, send);
	end_at(alice->recv, LENGTH, (struct step)RECV_EOF);
	play();
	assert_got(alice, MESSAGE, LENGTH);
	assert_int_equal(stats.bytes_in, LENGTH);
	assert_int_equal(stats.reset + stats.failed, 0);
	assert_int_equal(alice->recv[alice->at_recv].what, OVER);
	assert_int_equal(alice->send[alice->at_send].what, OVER);
}

static void
test_every_split(void **state)
{
	(void)state;
	in_every_way(until_eof);
}

static void
until_reset(const struct step *recv, const struct step *send)
{
	size_t n;

	for (n = 0; n <= LENGTH; n++) {
		load(recv, send);
		end_at(alice->recv, n, (struct step)FAIL(ECONNRESET));
		play();
		assert_got(alice, MESSAGE, n);
		assert_int_equal(stats.reset, 1);
		assert_int_equal(stats.failed, 0);
	}
}

static void
test_reset_when_reading(void **state)
{
	(void)state;
	in_every_way(until_reset);
}

static void
until_broken(const struct step *recv, const struct step *send)
{
	size_t n;

	for (n = 0; n < LENGTH; n++) {
		load(recv, send);
		end_at(alice->send, n, (struct step)FAIL(EPIPE));
		play();
		assert_got(alice, MESSAGE, n);
		assert_int_equal(stats.reset, 1);
	}
}

static void
test_reset_when_writing(void **state)
{
	(void)state;
	in_every_way(until_broken);
}

static void
test_other_errors(void **state)
{
	(void)state;
	alice->recv[0] = (struct step)FAIL(ETIMEDOUT);
	bob->recv[0] = (struct step)RECV("abc");
	bob->send[0] = (struct step)FAIL(EHOSTUNREACH);
	begin(alice);
	begin(bob);
	script_play(&reactor);
	assert_true(alice->closed && bob->closed);
	assert_int_equal(stats.failed, 2);
	assert_int_equal(stats.reset, 0);
	assert_int_equal(closed, 2);
}

/* A signal may interrupt any call; it is made again at once. */
static void
test_interrupted(void **state)
{
	(void)state;
	alice->recv[0] = (struct step)FAIL(EINTR);
	alice->recv[1] = (struct step)RECV("abc");
	alice->send[0] = (struct step)FAIL(EINTR);
	begin(alice);
	script_play(&reactor);
	assert_got(alice, "abc", 3);
	assert_int_equal(stats.failed, 0);
}

/* After a hang-up, or urgent data, a short read is not the last. */
static void
test_quiet_steps(void **state)
{
	(void)state;
	script_edge = true;
	alice->recv[0] = (struct step)HANGUP;
	alice->recv[1] = (struct step)RECV("abc");
	alice->recv[2] = (struct step)RECV_EOF_QUIET;
	bob->recv[0] = (struct step)URGENT;
	bob->recv[1] = (struct step)RECV("de");
	bob->recv[2] = (struct step)RECV_QUIET("f");
	begin(alice);
	begin(bob);
	script_play(&reactor);
	assert_got(alice, "abc", 3);
	assert_true(alice->closed);
	assert_got(bob, "def", 3);
}

static void
test_bound(void **state)
{
	static const struct step steps[] = { SEND(1), FULL };

	(void)state;
	alice->recv[0] = (struct step){ .what = GO, .bytes = large, .n = sizeof(large) };
	memcpy(alice->send, steps, sizeof(steps));
	alice->on_recv = no_debts;
	begin(alice);
	script_play(&reactor);
	assert_int_equal(alice->nrecv, 1);
	assert_int_equal(alice->ngiven, CONN_SHARE);
	assert_int_equal(memory_held(), CONN_SHARE - 1);

	alice->send[1].what = OVER; /* it reads again */
	script_play(&reactor);
	assert_got(alice, large, sizeof(large));
	assert_int_equal(memory_held(), 0);
	assert_int_equal(memory_peak(), CONN_SHARE - 1);
}

/* One that takes nothing at all has all kept that was read, and no more. */
static void
test_bound_of_one_that_takes_nothing(void **state)
{
	(void)state;
	alice->recv[0] = (struct step){ .what = GO, .bytes = large, .n = sizeof(large) };
	alice->send[0] = (struct step)FULL;
	begin(alice);
	script_play(&reactor);
	assert_int_equal(memory_held(), CONN_SHARE);
	assert_int_equal(stats.bytes_out, 0);
}

static void
one_turn_of_share(size_t piece)
{
	size_t i;

	script_reset();
	for (i = 0; i * piece < sizeof(large) && i < SCRIPT_STEPS - 1; i++)
		alice->recv[i] = bob->recv[i] = (struct step){
			.what = GO, .bytes = large + i * piece, .n = piece
		};
	begin(alice);
	begin(bob);
	script_turn(&reactor, true);
	assert_int_equal(alice->ngot, CONN_SHARE);
	assert_int_equal(bob->ngot, CONN_SHARE);
	assert_int_equal(alice->nrecv, CONN_SHARE / piece);
	assert_int_equal(reactor.nrunnable, 2);

	script_turn(&reactor, false); /* goes on without an event */
	assert_int_equal(alice->ngot, 2 * CONN_SHARE);
	assert_int_equal(bob->ngot, 2 * CONN_SHARE);
	script_play(&reactor);
	assert_got(alice, large, i * piece);
	assert_got(bob, large, i * piece);
	conn_set_close(&conns);
	assert_int_equal(conn_set_open(&conns, &reactor, &stats, IDLE, STALL, on_close), 0);
	memory_watch();
}

static void
test_share(void **state)
{
	(void)state;
	one_turn_of_share(CONN_SHARE);
	script_edge = true;
	one_turn_of_share(CONN_SHARE);
}

/* Pieces come short, but for one who reads on until EAGAIN there are many. */
static void
test_share_of_small_pieces(void **state)
{
	size_t i;

	(void)state;
	script_edge = true;
	alice->recv[0] = (struct step)URGENT;
	for (i = 0; i < 10; i++)
		alice->recv[i + 1] = (struct step){
			.what = GO, .bytes = large + i * 10000, .n = 10000, .quiet = i > 0
		};
	begin(alice);
	script_turn(&reactor, true);
	assert_int_equal(alice->nrecv, 7); /* the first that reach 65536 */
	assert_int_equal(alice->ngot, 70000);
	script_play(&reactor);
	assert_got(alice, large, 100000);
}

static void
test_no_memory_to_keep(void **state)
{
	(void)state;
	alice->recv[0] = (struct step)RECV("abc");
	alice->send[0] = (struct step)SEND(1);
	bob->recv[0] = (struct step)RECV("def");
	begin(alice);
	begin(bob);
	memory_fail_malloc();
	alice->send[1] = (struct step)FAIL(EAGAIN);
	script_play(&reactor);
	assert_true(alice->closed);
	assert_got(alice, "a", 1);
	assert_false(bob->closed);
	assert_got(bob, "def", 3);
	assert_int_equal(stats.failed, 1);
	assert_int_equal(stats.active, 1);
	assert_int_equal(closed, 1);
}

static void
test_refused(void **state)
{
	(void)state;
	memory_fail_calloc();
	assert_int_equal(conn_new(&conns, script_fd(alice), NULL, NULL), -ENOMEM);
	assert_true(alice->closed);
	assert_int_equal(stats.refused[REFUSED_MEMORY], 1);

	script_add_error = ENOSPC;
	assert_int_equal(conn_new(&conns, script_fd(bob), NULL, NULL), -ENOSPC);
	assert_true(bob->closed);
	assert_int_equal(stats.refused[REFUSED_BACKEND], 1);
	assert_int_equal(stats.active, 0);
	assert_int_equal(stats.peak, 0);
	assert_int_equal(closed, 0);
}

static void
test_no_scratch(void **state)
{
	struct conn_set other;

	(void)state;
	memory_fail_malloc();
	assert_int_equal(conn_set_open(&other, &reactor, &stats, IDLE, STALL, on_close), -ENOMEM);
	conn_set_close(&other); /* does no harm */
}

/* Ending, with nothing left: FIN, then all is discarded until the peer's. */
static void
test_end(void **state)
{
	(void)state;
	alice->recv[0] = (struct step)RECV("abc");
	begin(alice);
	script_play(&reactor);
	assert_got(alice, "abc", 3);
	alice->recv[1] = (struct step)RECV("def");
	alice->recv[2] = (struct step)FAIL(EAGAIN);
	alice->recv[3] = (struct step)RECV("g");
	conn_set_end(&conns);
	assert_false(alice->fin);
	script_turn(&reactor, false);
	assert_true(alice->fin);
	script_play(&reactor);
	assert_got(alice, "abc", 3);
	assert_int_equal(alice->ngiven, 7);
	assert_false(alice->closed);

	alice->recv[4] = (struct step)RECV_EOF;
	script_play(&reactor);
	assert_true(alice->closed);
	assert_int_equal(stats.bytes_in, 7);
	assert_int_equal(stats.bytes_out, 3);
	assert_int_equal(stats.reset + stats.failed + stats.idle, 0);
}

/* Ending, with some left: that is sent first, and nothing more is read. */
static void
test_end_with_some_left(void **state)
{
	(void)state;
	alice->recv[0] = (struct step)RECV("abc");
	alice->recv[1] = (struct step)RECV("def");
	alice->recv[2] = (struct step)RECV_EOF;
	alice->send[0] = (struct step)SEND(1);
	alice->send[1] = (struct step)FULL;
	begin(alice);
	script_play(&reactor);
	conn_set_end(&conns);
	script_play(&reactor);
	assert_false(alice->fin);
	assert_got(alice, "a", 1);
	conn_set_end(&conns); /* again changes nothing */

	alice->send[1] = (struct step)SEND(2);
	script_play(&reactor);
	assert_got(alice, "abc", 3);
	assert_true(alice->fin);
	assert_true(alice->closed);
	assert_int_equal(stats.bytes_in, 6); /* the rest was discarded */
	assert_int_equal(memory_held(), 0);
}

static void
test_end_when_it_cannot(void **state)
{
	(void)state;
	alice->shutdown_error = ENOTCONN;
	begin(alice);
	conn_set_end(&conns);
	script_play(&reactor);
	assert_true(alice->closed);
	assert_int_equal(stats.failed, 1);
}

/* By edge, what the backend has told of before our FIN it does not tell of again. */
static void
test_end_with_input_on_its_way(void **state)
{
	(void)state;
	script_edge = true;
	alice->recv[0] = (struct step)RECV("abc");
	alice->recv[1] = (struct step)RECV_EOF;
	begin(alice);
	conn_set_end(&conns);
	script_turn(&reactor, true); /* this is when it is told */
	assert_true(alice->fin);
	script_play(&reactor);
	assert_int_equal(alice->ngiven, 3);
	assert_true(alice->closed);
}

/* One that talks on and on after our FIN neither stays nor takes the turn. */
static void
test_lingering_ends(void **state)
{
	(void)state;
	alice->recv[0] = (struct step){ .what = GO, .bytes = large, .n = sizeof(large) };
	begin(alice);
	conn_set_end(&conns);
	script_turn(&reactor, false);
	assert_true(alice->fin);
	script_turn(&reactor, true);
	assert_int_equal(alice->nrecv, 1); /* one piece in a turn */
	assert_int_equal(reactor.nrunnable, 1);
	pass(LINGER - 0.01);
	assert_false(alice->closed);
	pass(0.02);
	assert_true(alice->closed);
	assert_int_equal(alice->ngot, 0);
	assert_int_equal(closed, 1);
}

static void
test_idle(void **state)
{
	(void)state;
	begin(alice);
	begin(bob);
	pass(IDLE / 2);
	bob->recv[0] = (struct step)RECV("abc");
	script_play(&reactor);
	pass(IDLE / 2 + SLACK - 0.01);
	assert_false(alice->fin);
	pass(0.02);
	assert_true(alice->fin);
	assert_false(alice->closed);
	assert_false(bob->fin);
	assert_int_equal(stats.idle, 1);
	pass(LINGER - 0.03);
	assert_false(alice->closed);
	pass(0.04);
	assert_true(alice->closed);
	assert_int_equal(stats.idle, 2); /* bob's time has come too */
	assert_true(bob->fin);
	assert_false(bob->closed);
}

/* Its peer has spoken, or ended, and only we have not listened yet. */
static void
test_not_idle(void **state)
{
	(void)state;
	begin(alice);
	begin(bob);
	alice->recv[0] = (struct step)RECV("abc");
	bob->recv[0] = (struct step)RECV_EOF;
	pass(IDLE / 2);
	io_mark(bob->io, IO_READ); /* bob is in the queue already */
	clock_advance(IDLE);
	ev_now_update(reactor.loop);
	ev_invoke(reactor.loop, &conns.idle.timer, EV_TIMER);
	assert_int_equal(stats.idle, 0);
	script_play(&reactor);
	assert_false(alice->fin || bob->fin);
	assert_true(bob->closed);
	assert_got(alice, "abc", 3);
	pass(IDLE + SLACK + 0.01);
	assert_int_equal(stats.idle, 1);
}

static void
test_stall(void **state)
{
	(void)state;
	alice->recv[0] = (struct step)RECV("abcdef");
	alice->send[0] = (struct step)SEND(1);
	alice->send[1] = (struct step)FULL;
	begin(alice);
	script_play(&reactor);
	pass(STALL + SLACK - 0.01);
	assert_false(alice->closed);

	alice->send[1] = (struct step)SEND(2); /* that counts as activity */
	alice->send[2] = (struct step)FULL;
	script_play(&reactor);
	pass(STALL + SLACK - 0.01);
	assert_false(alice->closed);
	pass(0.02);
	assert_true(alice->closed);
	assert_got(alice, "abc", 3);
	assert_int_equal(stats.stalled, 1);
	assert_int_equal(stats.reset + stats.failed + stats.idle, 0);
	assert_int_equal(memory_held(), 0);
}

/* Who takes the echo in time is idle from then on, not stalled. */
static void
test_stall_over(void **state)
{
	(void)state;
	alice->recv[0] = (struct step)RECV("abc");
	alice->send[0] = (struct step)FULL;
	begin(alice);
	script_play(&reactor);
	pass(STALL);
	alice->send[0].what = OVER;
	script_play(&reactor);
	pass(IDLE + SLACK - 0.01);
	assert_false(alice->fin);
	pass(0.02);
	assert_true(alice->fin);
	assert_int_equal(stats.stalled, 0);
	assert_int_equal(stats.idle, 1);
}

static void
test_stall_while_ending(void **state)
{
	(void)state;
	alice->recv[0] = (struct step)RECV("abc");
	alice->send[0] = (struct step)FULL;
	begin(alice);
	script_play(&reactor);
	conn_set_end(&conns);
	script_play(&reactor);
	pass(STALL + SLACK + 0.01);
	assert_true(alice->closed);
	assert_false(alice->fin);
	assert_int_equal(stats.stalled, 1);
}

/* Other timeouts: for those who are there, too, from now on; to linger takes as long as ever. */
static void
test_other_timeouts(void **state)
{
	struct peer *const carol = &script_peers[2];

	(void)state;
	begin(alice);
	bob->recv[0] = (struct step)RECV("abcdef");
	bob->send[0] = (struct step)SEND(1);
	bob->send[1] = (struct step)FULL;
	begin(bob);
	begin(carol);
	script_play(&reactor);
	pass(2.0);
	conn_set_timeouts(&conns, IDLE / 2, STALL / 2);
	pass(STALL / 2 + SLACK / 2 - 0.01);
	assert_false(bob->closed);
	pass(0.02);
	assert_true(bob->closed);
	assert_int_equal(stats.stalled, 1);
	pass((IDLE - STALL) / 2 + SLACK / 2 - 0.02);
	assert_false(alice->fin);
	pass(0.02);
	assert_true(alice->fin);
	assert_true(carol->fin);
	assert_int_equal(stats.idle, 2);
	conn_set_timeouts(&conns, 0, 0);
	pass(LINGER - 0.03);
	assert_false(alice->closed);
	pass(0.06);
	assert_true(alice->closed);
	assert_true(carol->closed);
	begin(&script_peers[3]);
	pass(1000 * IDLE); /* never */
	assert_false(script_peers[3].fin);
}

static void
test_close_all(void **state)
{
	struct peer *carol = &script_peers[2];

	(void)state;
	alice->recv[0] = (struct step)RECV("abc");
	alice->send[0] = (struct step)FULL;
	begin(alice);
	begin(bob);
	script_play(&reactor);
	conn_set_end(&conns);
	script_play(&reactor);
	begin(carol);
	assert_true(bob->fin); /* so there is one of each kind */
	assert_int_equal(stats.active, 3);
	assert_int_equal(stats.peak, 3);
	conn_set_close(&conns);
	assert_true(alice->closed && bob->closed && carol->closed);
	assert_int_equal(closed, 3);
	assert_int_equal(stats.peak, 3);
	assert_int_equal(memory_held(), 0);
}

#define LIFE 16.0

/* From birth on, whatever it does meanwhile; politely, and only once. */
static void
test_lifetime(void **state)
{
	unsigned i;

	(void)state;
	conn_set_limits(&conns, LIFE, 0);
	begin(alice);
	pass(LIFE / 2);
	begin(bob);
	for (i = 0; i < 4; i++) {
		alice->recv[i] = bob->recv[i] = (struct step)RECV("abc");
		script_play(&reactor);
		pass(LIFE / 8);
	}
	pass(SLACK - 0.01);
	assert_false(alice->fin);
	pass(0.02);
	assert_true(alice->fin);
	assert_false(alice->closed || bob->fin);
	assert_int_equal(stats.aged, 1);
	assert_got(alice, "abcabcabcabc", 12);
	alice->recv[4] = (struct step)RECV("def"); /* too late */
	alice->recv[5] = (struct step)RECV_EOF;
	script_play(&reactor);
	assert_true(alice->closed);
	assert_int_equal(alice->ngot, 12);
	pass(LIFE);
	assert_true(bob->fin);
	assert_int_equal(stats.aged + stats.idle, 2);
}

/* What it has read comes back first; and that is for the stall-timeout. */
static void
test_lifetime_of_one_that_stalls(void **state)
{
	(void)state;
	conn_set_limits(&conns, 2, 0);
	alice->recv[0] = bob->recv[0] = (struct step)RECV("abc");
	alice->send[0] = bob->send[0] = (struct step)FULL;
	begin(alice);
	begin(bob);
	script_play(&reactor);
	pass(2 + SLACK + 0.01);
	assert_int_equal(stats.aged, 2);
	alice->send[0].what = OVER;
	script_play(&reactor);
	assert_got(alice, "abc", 3);
	assert_true(alice->fin);
	assert_false(bob->fin || bob->closed);
	pass(STALL);
	assert_true(bob->closed);
	assert_int_equal(stats.stalled, 1);
	pass(LINGER);
	assert_true(alice->closed);
	assert_int_equal(stats.aged, 2);
}

/* A reload: the limit is another, the age is not. */
static void
test_lifetime_changes(void **state)
{
	(void)state;
	begin(alice);
	pass(IDLE / 2);
	begin(bob);
	conn_set_limits(&conns, IDLE / 4, 0);
	pass(0.01);
	assert_true(alice->fin);
	assert_false(bob->fin);
	conn_set_limits(&conns, 0, 0);
	pass(IDLE / 2);
	assert_false(bob->fin);
	assert_int_equal(stats.aged, 1);
}

#define RATE 1000
#define PAUSE 0.25
#define PAUSE_SLACK (PAUSE / 8)

/* A second's worth at once, then as much as time brings: nothing is lost. */
static void
test_byte_rate(void **state)
{
	(void)state;
	conn_set_limits(&conns, 0, RATE);
	alice->recv[0] = (struct step){ .what = GO, .bytes = large, .n = 10 * RATE };
	bob->recv[0] = (struct step)RECV("abc");
	begin(alice);
	begin(bob);
	script_play(&reactor);
	assert_int_equal(alice->ngot, RATE);
	assert_int_equal(alice->io->want, 0); /* nothing wakes it */
	assert_got(bob, "abc", 3);            /* it is not concerned */
	assert_int_equal(bob->io->want, IO_READ);
	assert_int_equal(stats.pauses, 1);
	pass(PAUSE + PAUSE_SLACK - 0.01);
	script_play(&reactor);
	assert_int_equal(alice->ngot, RATE);
	pass(0.02);
	script_play(&reactor);
	assert_in_range(alice->ngot, RATE * (1 + PAUSE), RATE * (1 + PAUSE + PAUSE_SLACK) + 20);
	assert_int_equal(stats.pauses, 2);
	while (alice->ngot < 10 * RATE) {
		pass(PAUSE + PAUSE_SLACK);
		script_play(&reactor);
	}
	assert_got(alice, large, 10 * RATE);
	assert_in_range(reactor_now(&reactor), 9, 10);
	pass(1);
	script_play(&reactor);
	assert_int_equal(alice->io->want, IO_READ);
	assert_int_equal(stats.idle, 1); /* bob, for 9 seconds */
}

/* More than a share at once, and more than a share in a turn. */
static void
test_byte_rate_above_a_share(void **state)
{
	(void)state;
	conn_set_limits(&conns, 0, 3 * CONN_SHARE);
	alice->recv[0] = (struct step){ .what = GO, .bytes = large, .n = sizeof(large) };
	begin(alice);
	script_turn(&reactor, true);
	assert_int_equal(alice->ngot, CONN_SHARE);
	script_play(&reactor);
	assert_int_equal(alice->ngot, 3 * CONN_SHARE);
	pass(1);
	script_play(&reactor);
	assert_got(alice, large, sizeof(large));
}

/* One that is paused ends as others do: by drain, lifetime, or no limit any more. */
static void
test_byte_rate_and_the_end(void **state)
{
	struct peer *carol = &script_peers[2];
	unsigned i;

	(void)state;
	conn_set_limits(&conns, 3, RATE);
	for (i = 0; i < 3; i++) {
		script_peers[i].recv[0] = (struct step){
			.what = GO, .bytes = large, .n = 10 * RATE
		};
		script_peers[i].recv[1] = (struct step)RECV_EOF;
	}
	begin(alice);
	script_play(&reactor);
	for (i = 0; i < 13; i++)
		pass(PAUSE + PAUSE_SLACK);
	assert_true(alice->fin);
	assert_int_equal(stats.aged, 1);
	assert_memory_equal(alice->got, large, alice->ngot);
	script_play(&reactor);
	assert_true(alice->closed);

	begin(bob);
	begin(carol);
	script_play(&reactor);
	assert_int_equal(bob->ngot, RATE);
	conn_set_limits(&conns, 0, 0);
	pass(PAUSE + PAUSE_SLACK);
	script_play(&reactor);
	assert_got(bob, large, 10 * RATE);
	assert_true(bob->closed && carol->closed);

	script_reset();
	carol->recv[0] = (struct step){ .what = GO, .bytes = large, .n = 10 * RATE };
	conn_set_limits(&conns, 0, RATE);
	begin(carol);
	script_play(&reactor);
	assert_int_equal(carol->io->want, 0);
	conn_set_end(&conns);
	script_play(&reactor);
	assert_got(carol, large, RATE);
	assert_true(carol->fin);
}

static void
test_byte_rate_of_a_byte(void **state)
{
	unsigned i;

	(void)state;
	conn_set_limits(&conns, 0, 1);
	alice->recv[0] = (struct step)RECV("abc");
	begin(alice);
	script_play(&reactor);
	assert_got(alice, "a", 1);
	for (i = 0; i < 8; i++) {
		pass(PAUSE + PAUSE_SLACK);
		script_play(&reactor);
	}
	assert_got(alice, "abc", 3);
}

static void
test_sources(void **state)
{
	struct net_addr addr = { .in = { .sin_family = AF_INET } };
	struct source *s;

	(void)state;
	assert_int_equal(sources_enter(&conns.sources, &addr, 1, &s), 0);
	assert_int_equal(conn_new(&conns, script_fd(alice), NULL, s), 0);
	assert_int_equal(sources_enter(&conns.sources, &addr, 1, &s), -EDQUOT);
	alice->recv[0] = (struct step)RECV_EOF;
	script_play(&reactor);
	assert_int_equal(conns.sources.n, 0);

	assert_int_equal(sources_enter(&conns.sources, &addr, 1, &s), 0);
	script_add_error = ENOSPC;
	assert_int_equal(conn_new(&conns, script_fd(bob), NULL, s), -ENOSPC);
	assert_int_equal(conns.sources.n, 0);
}

#define UNIT(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(test_every_split),
		UNIT(test_reset_when_reading),
		UNIT(test_reset_when_writing),
		UNIT(test_other_errors),
		UNIT(test_interrupted),
		UNIT(test_quiet_steps),
		UNIT(test_bound),
		UNIT(test_bound_of_one_that_takes_nothing),
		UNIT(test_share),
		UNIT(test_share_of_small_pieces),
		UNIT(test_no_memory_to_keep),
		UNIT(test_refused),
		UNIT(test_no_scratch),
		UNIT(test_end),
		UNIT(test_end_with_some_left),
		UNIT(test_end_when_it_cannot),
		UNIT(test_end_with_input_on_its_way),
		UNIT(test_lingering_ends),
		UNIT(test_idle),
		UNIT(test_not_idle),
		UNIT(test_stall),
		UNIT(test_stall_over),
		UNIT(test_stall_while_ending),
		UNIT(test_other_timeouts),
		UNIT(test_close_all),
		UNIT(test_lifetime),
		UNIT(test_lifetime_of_one_that_stalls),
		UNIT(test_lifetime_changes),
		UNIT(test_byte_rate),
		UNIT(test_byte_rate_above_a_share),
		UNIT(test_byte_rate_and_the_end),
		UNIT(test_byte_rate_of_a_byte),
		UNIT(test_sources),
	};

	return cmocka_run_group_tests_name("conn", tests, NULL, NULL);
}

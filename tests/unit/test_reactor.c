/* SPDX-License-Identifier: ISC */
/*
 * test_reactor.c -- the contract of the reactor, under each of its backends.
 *
 * Real sockets, and one body of tests: who owns an io must not be able to tell
 * whether readiness came by level or by edge.
 *
 * Faults: F29 F30 F31 F53 F55
 */
#include <sys/socket.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backend.h"
#include "backends.h"
#include "macros.h"
#include "pair.h"
#include "proc.h"

ssize_t __real_recv(int, void *, size_t, int), __wrap_recv(int, void *, size_t, int);
ssize_t __real_send(int, const void *, size_t, int), __wrap_send(int, const void *, size_t, int);

static struct reactor reactor;
static unsigned nrecv, nsend; /* system calls of the reactor */

ssize_t
__wrap_recv(int fd, void *buf, size_t len, int flags)
{
	nrecv++;
	return __real_recv(fd, buf, len, flags);
}

ssize_t
__wrap_send(int fd, const void *buf, size_t len, int flags)
{
	nsend++;
	return __real_send(fd, buf, len, flags);
}

/* An io, and what its owner has seen. */
struct owner {
	struct io io;
	struct pair pair;
	void (*act)(struct owner *); /* NULL: read all there is */
	struct owner *other;
	unsigned calls;
	char got[64];
	size_t ngot;
	ssize_t last; /* what io_recv() said last */
};

static struct owner alice, bob;

static void
read_all(struct owner *o)
{
	while (o->ngot < sizeof(o->got)) {
		o->last = io_recv(&o->io, o->got + o->ngot, sizeof(o->got) - o->ngot);
		if (o->last <= 0)
			break;
		o->ngot += (size_t)o->last;
	}
	if (o->last != -EAGAIN)
		io_want(&o->io, 0);
}

static void
on_io(struct io *io)
{
	struct owner *o = container_of(io, struct owner, io);

	o->calls++;
	if (o->act != NULL)
		o->act(o);
	else
		read_all(o);
}

static void
take_over(struct owner *o)
{
	assert_int_equal(io_open(&o->io, &reactor, o->pair.ours, on_io), 0);
}

static void
leave(struct owner *o)
{
	io_close(&o->io);
	o->pair.ours = -1;
}

static int
setup(void **state)
{
	assert_int_equal(reactor_open(&reactor, *state, 0), 0);
	alice = (struct owner){ .other = &bob };
	bob = (struct owner){ .other = &alice };
	pair_tcp(&alice.pair);
	pair_unix(&bob.pair);
	take_over(&alice);
	take_over(&bob);
	nrecv = 0;
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	if (alice.io.fd >= 0)
		leave(&alice);
	if (bob.io.fd >= 0)
		leave(&bob);
	pair_close(&alice.pair);
	pair_close(&bob.pair);
	reactor_close(&reactor);
	return 0;
}

static void
do_nothing(struct owner *o)
{
	(void)o;
}

static void
test_called_after_data(void **state)
{
	(void)state;
	io_want(&alice.io, IO_READ);
	io_want(&bob.io, IO_READ);
	backends_settle(&reactor);
	assert_int_equal(alice.calls + bob.calls, 0);
	pair_put(&alice.pair, "abc");
	UNTIL(&reactor, alice.calls > 0);
	assert_memory_equal(alice.got, "abc", 3);
	assert_int_equal(alice.last, -EAGAIN);
	pair_put(&bob.pair, "de");
	UNTIL(&reactor, bob.calls > 0);
	assert_int_equal(bob.ngot, 2);
	pair_put(&alice.pair, "f");
	UNTIL(&reactor, alice.ngot == 4);
	backends_settle(&reactor);
	assert_int_equal(alice.calls, 2);
	assert_int_equal(bob.calls, 1);
}

/* A short count is the end of what there is; nobody asks the system to say so. */
static void
test_one_call_for_one_message(void **state)
{
	(void)state;
	io_want(&alice.io, IO_READ);
	pair_put(&alice.pair, "abc");
	UNTIL(&reactor, alice.ngot == 3);
	assert_int_equal(alice.last, -EAGAIN);
	backends_settle(&reactor);
	assert_int_equal(nrecv, 1);
}

/* Not so when as much came as there was room for; then there may be more. */
static void
test_two_calls_for_an_exact_fit(void **state)
{
	char bytes[3];

	(void)state;
	pair_put(&alice.pair, "abc");
	io_want(&alice.io, IO_READ);
	alice.act = do_nothing;
	UNTIL(&reactor, alice.calls > 0);
	assert_int_equal(io_recv(&alice.io, bytes, 3), 3);
	assert_int_equal(io_recv(&alice.io, bytes, 3), -EAGAIN);
	assert_int_equal(nrecv, 2);
	assert_int_equal(io_recv(&alice.io, bytes, 3), -EAGAIN);
	assert_int_equal(nrecv, 2);
}

static void
test_not_called_unless_wanted(void **state)
{
	(void)state;
	pair_put(&alice.pair, "abc");
	io_want(&bob.io, IO_READ);
	backends_settle(&reactor);
	io_want(&bob.io, 0);
	pair_put(&bob.pair, "def");
	backends_settle(&reactor);
	assert_int_equal(alice.calls + bob.calls, 0);

	/* It is remembered, by whatever means. */
	io_want(&alice.io, IO_READ);
	io_want(&bob.io, IO_READ);
	UNTIL(&reactor, alice.ngot == 3 && bob.ngot == 3);
}

static void
read_one(struct owner *o)
{
	o->last = io_recv(&o->io, o->got + o->ngot, 1);
	if (o->last > 0)
		o->ngot++;
	if (o->last != -EAGAIN)
		io_want(&o->io, 0);
}

/* Nothing new comes, and still there is something to be had. */
static void
test_wanted_again(void **state)
{
	size_t n;

	(void)state;
	alice.act = bob.act = read_one;
	pair_put(&alice.pair, "abc");
	pair_put(&bob.pair, "abc");
	for (n = 1; n <= 3; n++) {
		io_want(&alice.io, IO_READ);
		io_want(&bob.io, IO_READ);
		UNTIL(&reactor, alice.ngot == n && bob.ngot == n);
		backends_settle(&reactor);
		assert_int_equal(alice.calls, n);
		assert_int_equal(bob.calls, n);
	}
	io_want(&alice.io, IO_READ);
	backends_settle(&reactor);
	assert_int_equal(alice.ngot, 3);
}

static void
close_other(struct owner *o)
{
	if (o->other->io.fd >= 0)
		leave(o->other);
	read_all(o);
}

/* Both have data; the victim may have had its turn before it is closed, or not. */
static unsigned
calls_of_victim(struct owner *closer, struct owner *victim)
{
	closer->act = close_other;
	io_want(&alice.io, IO_READ);
	io_want(&bob.io, IO_READ);
	pair_put(&alice.pair, "abc");
	pair_put(&bob.pair, "def");
	UNTIL(&reactor, closer->calls > 0);
	backends_settle(&reactor);
	assert_int_equal(closer->ngot, 3);
	assert_int_equal(victim->io.fd, -1);
	assert_true(victim->calls <= 1);
	return victim->calls;
}

/* In both orders: once it has been called, and once it is closed before. */
static void
test_close_of_a_neighbour(void **state)
{
	unsigned calls = calls_of_victim(&alice, &bob);

	assert_int_equal(teardown(state), 0);
	assert_int_equal(setup(state), 0);
	calls += calls_of_victim(&bob, &alice);
	assert_int_equal(calls, 1);
}

static void
close_self(struct owner *o)
{
	leave(o);
}

static void
test_not_called_after_close(void **state)
{
	(void)state;
	alice.act = close_self;
	io_want(&alice.io, IO_READ);
	pair_put(&alice.pair, "abc");
	UNTIL(&reactor, alice.calls == 1);
	(void)!send(alice.pair.peers, "def", 3, MSG_NOSIGNAL);
	io_want(&bob.io, IO_READ);
	pair_put(&bob.pair, "abc");
	UNTIL(&reactor, bob.ngot == 3);
	backends_settle(&reactor);
	assert_int_equal(alice.calls, 1);
	assert_int_equal(reactor.nrunnable, 0);
}

/* A new socket gets the number of the old one, and nothing else of it. */
static void
replace(struct owner *o)
{
	struct pair next;
	int fd = o->io.fd;

	pair_unix(&next);
	io_close(&o->io);
	close(o->pair.peers);
	assert_int_equal(dup3(next.ours, fd, O_CLOEXEC), fd);
	close(next.ours);
	next.ours = fd;
	*o = (struct owner){ .pair = next, .other = o->other };
	take_over(o);
	io_want(&o->io, IO_READ);
}

static void
replace_other(struct owner *o)
{
	if (o->calls + o->other->calls == 1)
		replace(o->other); /* has an event on the way */
	read_all(o);
}

static void
test_descriptor_used_again(void **state)
{
	struct owner *first, *second;

	(void)state;
	alice.act = bob.act = replace_other;
	io_want(&alice.io, IO_READ);
	io_want(&bob.io, IO_READ);
	pair_put(&alice.pair, "abc");
	pair_put(&bob.pair, "def");
	UNTIL(&reactor, alice.calls + bob.calls > 0);
	backends_settle(&reactor);
	assert_int_equal(alice.calls + bob.calls, 1);
	first = alice.calls == 1 ? &alice : &bob;
	second = first->other;
	assert_int_equal(first->ngot, 3);
	assert_int_equal(second->ngot, 0);
	pair_put(&second->pair, "gh");
	UNTIL(&reactor, second->ngot == 2);
	assert_int_equal(second->calls, 1);
}

static void
replace_self(struct owner *o)
{
	replace(o);
}

static void
test_own_descriptor_used_again(void **state)
{
	(void)state;
	alice.act = replace_self;
	io_want(&alice.io, IO_READ);
	pair_put(&alice.pair, "abc");
	UNTIL(&reactor, alice.act == NULL);
	backends_settle(&reactor);
	assert_int_equal(alice.calls, 0); /* of the new one */
	pair_put(&alice.pair, "de");
	UNTIL(&reactor, alice.ngot == 2);
}

static void
yield(struct owner *o)
{
	io_yield(&o->io);
}

static void
on_timer(struct ev_loop *loop, ev_timer *w, int revents)
{
	(void)loop, (void)revents;
	w->data = w;
}

/* One that always goes on is called once in a turn, and in between are others. */
static void
test_yield_is_fair(void **state)
{
	unsigned turns = ev_iteration(reactor.loop);
	ev_timer timer;

	(void)state;
	alice.act = yield;
	io_want(&alice.io, IO_READ);
	io_want(&bob.io, IO_READ);
	pair_put(&alice.pair, "abc");
	UNTIL(&reactor, alice.calls > 10);
	pair_put(&bob.pair, "def");
	UNTIL(&reactor, bob.ngot == 3);
	ev_timer_init(&timer, on_timer, 0.01, 0);
	timer.data = NULL;
	ev_timer_start(reactor.loop, &timer);
	UNTIL(&reactor, timer.data != NULL);
	assert_true(alice.calls <= ev_iteration(reactor.loop) - turns);
	assert_int_equal(reactor.nrunnable, 1);
}

static void
test_yields_take_turns(void **state)
{
	(void)state;
	alice.act = bob.act = yield;
	io_want(&alice.io, IO_READ);
	io_want(&bob.io, IO_READ);
	pair_put(&alice.pair, "abc");
	pair_put(&bob.pair, "def");
	UNTIL(&reactor, bob.calls > 0);
	UNTIL(&reactor, alice.calls > 20);
	assert_in_range(bob.calls, alice.calls - 2, alice.calls + 2);
}

/* The peer says something and is gone before anybody has looked. */
static void
test_last_words(void **state)
{
	int how;

	for (how = 0; how < 2; how++) {
		io_want(&alice.io, IO_READ);
		io_want(&bob.io, IO_READ);
		pair_put(&alice.pair, "abc");
		pair_put(&bob.pair, "def");
		if (how == 0) {
			shutdown(alice.pair.peers, SHUT_WR);
			shutdown(bob.pair.peers, SHUT_WR);
		} else {
			close(alice.pair.peers);
			close(bob.pair.peers);
			alice.pair.peers = bob.pair.peers = -1;
		}
		UNTIL(&reactor, alice.calls > 0 && alice.last == 0);
		UNTIL(&reactor, bob.calls > 0 && bob.last == 0);
		assert_int_equal(alice.ngot, 3);
		assert_int_equal(bob.ngot, 3);
		teardown(state);
		setup(state);
	}
}

/* The end comes after the last words have been read. */
static void
test_end_later(void **state)
{
	(void)state;
	io_want(&alice.io, IO_READ);
	io_want(&bob.io, IO_READ);
	pair_put(&alice.pair, "abc");
	pair_put(&bob.pair, "def");
	UNTIL(&reactor, alice.ngot == 3 && bob.ngot == 3);
	assert_int_equal(alice.last, -EAGAIN);
	shutdown(alice.pair.peers, SHUT_WR);
	shutdown(bob.pair.peers, SHUT_WR);
	UNTIL(&reactor, alice.last == 0 && bob.last == 0);
}

static void
test_reset(void **state)
{
	struct linger linger = { .l_onoff = 1 };

	(void)state;
	io_want(&alice.io, IO_READ);
	backends_settle(&reactor);
	setsockopt(alice.pair.peers, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
	close(alice.pair.peers);
	alice.pair.peers = -1;
	UNTIL(&reactor, alice.calls > 0);
	assert_int_equal(alice.last, -ECONNRESET);
	assert_int_equal(io_send(&alice.io, "x", 1), -EPIPE);
}

static void
say(int fd, char c)
{
	/* A capital letter is urgent. */
	assert_int_equal(send(fd, &c, 1, c < 'a' ? MSG_OOB : 0), 1);
}

/* A recv() ends where urgent data begins; nothing may be left behind it. */
static void
test_urgent_data(void **state)
{
	static const char *const said[] = { "abXcd", "Xab", "abX", "XYa", "aXbYcZd", "XYZ" };
	const char *c;
	size_t i;
	bool late;

	for (i = 0; i < countof(said) * 2; i++) {
		late = i % 2 != 0; /* one by one, or all before anybody looks */
		io_want(&alice.io, IO_READ);
		backends_settle(&reactor);
		for (c = said[i / 2]; *c != '\0'; c++) {
			say(alice.pair.peers, *c);
			if (late)
				UNTIL(&reactor, alice.ngot > (size_t)(c - said[i / 2]));
		}
		if (!late)
			pair_await(alice.pair.ours, 1);
		UNTIL(&reactor, alice.ngot == strlen(said[i / 2]));
		assert_memory_equal(alice.got, said[i / 2], alice.ngot);
		shutdown(alice.pair.peers, SHUT_WR);
		UNTIL(&reactor, alice.last == 0);
		teardown(state);
		setup(state);
	}
}

/* Once all of that is over a message costs one call again. */
static void
test_after_urgent_data(void **state)
{
	(void)state;
	io_want(&alice.io, IO_READ);
	backends_settle(&reactor);
	say(alice.pair.peers, 'X');
	UNTIL(&reactor, alice.ngot == 1);
	say(alice.pair.peers, 'a');
	UNTIL(&reactor, alice.ngot == 2);
	backends_settle(&reactor);
	nrecv = 0;
	say(alice.pair.peers, 'b');
	UNTIL(&reactor, alice.ngot == 3);
	backends_settle(&reactor);
	assert_int_equal(nrecv, 1);
}

static char block[1 << 16];
static size_t nsent;

static void
send_all(struct owner *o)
{
	while ((o->last = io_send(&o->io, block, sizeof(block))) > 0)
		nsent += (size_t)o->last;
	assert_int_equal(o->last, -EAGAIN);
}

static size_t
drain(int fd)
{
	size_t all = 0;
	ssize_t n;

	while ((n = __real_recv(fd, block, sizeof(block), MSG_DONTWAIT)) > 0)
		all += (size_t)n;
	return all;
}

static void
test_full_and_free_again(void **state)
{
	struct owner *const both[] = { &alice, &bob };
	size_t i, received, before;

	(void)state;
	for (i = 0; i < countof(both); i++) {
		struct owner *o = both[i];

		o->act = send_all;
		nsent = received = 0;
		send_all(o); /* a new socket can be written at once */
		assert_true(nsent > 0);
		io_want(&o->io, IO_WRITE);
		/* TCP moves on what was sent, and may take more for a while. */
		do {
			before = nsent;
			backends_settle(&reactor);
		} while (nsent > before);
		before = nsent;
		while (nsent == before) {
			struct pollfd p = { .fd = o->pair.peers, .events = POLLIN };

			assert_int_equal(poll(&p, 1, 5000), 1);
			received += drain(o->pair.peers);
			backends_settle(&reactor);
		}
		io_want(&o->io, 0);
		while (received < nsent)
			received += drain(o->pair.peers);
		assert_int_equal(received, nsent);
	}
}

/* A short count is the end of the room there is. */
static void
test_short_count_when_sending(void **state)
{
	ssize_t n, last = 0;
	unsigned taken = 0;

	(void)state;
	nsend = 0;
	while ((n = io_send(&alice.io, block, sizeof(block))) > 0) {
		last = n;
		taken++;
	}
	assert_int_equal(n, -EAGAIN);
	assert_int_equal(nsend, last < (ssize_t)sizeof(block) ? taken : taken + 1);
	assert_int_equal(io_send(&alice.io, block, 1), -EAGAIN);
	assert_int_equal(nsend, last < (ssize_t)sizeof(block) ? taken : taken + 1);
}

/* From one direction to the other and back, with no pause between. */
static void
test_turn_round(void **state)
{
	(void)state;
	send_all(&bob);
	io_want(&bob.io, IO_READ);
	backends_settle(&reactor);
	bob.act = do_nothing;
	io_want(&bob.io, IO_WRITE);
	backends_settle(&reactor);
	assert_int_equal(bob.calls, 0);
	(void)drain(bob.pair.peers);
	UNTIL(&reactor, bob.calls > 0);
	bob.act = NULL;
	io_want(&bob.io, IO_READ);
	pair_put(&bob.pair, "abc");
	UNTIL(&reactor, bob.ngot == 3);
}

static void
test_both_directions(void **state)
{
	(void)state;
	send_all(&alice);
	io_want(&alice.io, IO_READ | IO_WRITE);
	pair_put(&alice.pair, "abc");
	UNTIL(&reactor, alice.ngot == 3);
	io_want(&alice.io, IO_READ);
	(void)drain(alice.pair.peers);
	pair_put(&alice.pair, "de");
	UNTIL(&reactor, alice.ngot == 5);
}

static void
test_failure_reaches_the_owner(void **state)
{
	(void)state;
	io_want(&alice.io, IO_READ);
	backends_settle(&reactor);
	io_fail(&alice.io, -ENOSPC);
	UNTIL(&reactor, alice.calls > 0);
	assert_int_equal(alice.last, -ENOSPC);
	assert_int_equal(io_send(&alice.io, "x", 1), -ENOSPC);
	assert_int_equal(nrecv, 0);
}

static void
test_has_input(void **state)
{
	(void)state;
	assert_false(io_has_input(&alice.io));
	pair_put(&alice.pair, "abc");
	assert_true(io_has_input(&alice.io));
	io_want(&alice.io, IO_READ);
	UNTIL(&reactor, alice.ngot == 3); /* it was only looked at */
	assert_false(io_has_input(&alice.io));
	shutdown(alice.pair.peers, SHUT_WR);
	UNTIL(&reactor, alice.last == 0);
	assert_false(io_has_input(&alice.io));
}

static void
stop(struct owner *o)
{
	reactor_stop(&reactor);
	read_all(o);
}

static void
test_run_and_stop(void **state)
{
	(void)state;
	alice.act = stop;
	io_want(&alice.io, IO_READ);
	pair_put(&alice.pair, "abc");
	reactor_run(&reactor);
	assert_int_equal(alice.calls, 1);
}

enum { MANY = 2000 };

static struct owner *crowd;
static unsigned served;

static void
count(struct owner *o)
{
	read_all(o);
	served++;
}

/* More than an fd_set has room for, all of them ready at once. */
static void
test_two_thousand(void **state)
{
	size_t i;
	int fds[2];

	(void)state;
	if (proc_raise_files(MANY + 64, true) < MANY + 64)
		SKIP("needs 2,064 descriptors (ulimit -n)");
	crowd = calloc(MANY, sizeof(*crowd));
	served = 0;
	for (i = 0; i < MANY; i += 2) {
		assert_int_equal(
		    socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds), 0);
		crowd[i].pair.ours = fds[0];
		crowd[i + 1].pair.ours = fds[1];
	}
	for (i = 0; i < MANY; i++) {
		crowd[i].act = count;
		take_over(&crowd[i]);
		io_want(&crowd[i].io, IO_READ);
	}
	backends_settle(&reactor);
	assert_int_equal(served, 0);
	for (i = 0; i < MANY; i++)
		assert_int_equal(io_send(&crowd[i].io, "x", 1), 1);
	UNTIL(&reactor, served == MANY);
	backends_settle(&reactor);
	assert_int_equal(served, MANY);
	for (i = 0; i < MANY; i++) {
		assert_int_equal(crowd[i].ngot, 1);
		io_close(&crowd[i].io);
	}
	free(crowd);
}

int
main(void)
{
	static const struct body bodies[] = {
		BODY(test_called_after_data),
		BODY(test_one_call_for_one_message),
		BODY(test_two_calls_for_an_exact_fit),
		BODY(test_not_called_unless_wanted),
		BODY(test_wanted_again),
		BODY(test_close_of_a_neighbour),
		BODY(test_not_called_after_close),
		BODY(test_descriptor_used_again),
		BODY(test_own_descriptor_used_again),
		BODY(test_yield_is_fair),
		BODY(test_yields_take_turns),
		BODY(test_last_words),
		BODY(test_end_later),
		BODY(test_reset),
		BODY(test_urgent_data),
		BODY(test_after_urgent_data),
		BODY(test_full_and_free_again),
		BODY(test_short_count_when_sending),
		BODY(test_turn_round),
		BODY(test_both_directions),
		BODY(test_failure_reaches_the_owner),
		BODY(test_has_input),
		BODY(test_run_and_stop),
		BODY(test_two_thousand),
	};

	return backends_run("reactor", bodies, countof(bodies), setup, teardown);
}

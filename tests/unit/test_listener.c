/* SPDX-License-Identifier: ISC */
/*
 * test_listener.c -- who is let in, when, and what the errors of accept(2) do.
 *
 * A real socket with real peers in its queue; accept4() is counted on its way,
 * and made to fail.  Time stands still until it is moved.
 *
 * Faults: F01 F05 F06 F08
 */
#include <sys/socket.h>
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "listener.h"
#include "macros.h"
#include "unit.h"

int __real_accept4(int, struct sockaddr *, socklen_t *, int);
int __wrap_accept4(int, struct sockaddr *, socklen_t *, int);

enum { CROWD = 64 };

static struct reactor reactor;
static struct listener_set set;
static struct net_addr addrs[2];
static int fds[2];
static int peers[CROWD], accepted[CROWD];
static unsigned npeers, naccepted, ncalls, room, nrests, nbroken;
static int rest_error, broken_error;
static int errors[8]; /* that the next calls fail with */
static unsigned nerrors;
static char peer_text[NET_TEXT]; /* of the last whose address was wanted */

int
__wrap_accept4(int fd, struct sockaddr *sa, socklen_t *len, int flags)
{
	ncalls++;
	assert_int_equal(sa != NULL, set.all[fd != fds[0]].wants_peer);
	assert_int_equal(flags, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (nerrors > 0) {
		errno = errors[0];
		memmove(errors, errors + 1, sizeof(errors) - sizeof(errors[0]));
		nerrors--;
		return -1;
	}
	return __real_accept4(fd, sa, len, flags);
}

static bool
has_room(struct listener_set *s)
{
	assert_ptr_equal(s, &set);
	return naccepted < room;
}

static void
on_accept(struct listener_set *s, struct listener *l, int fd, const struct net_addr *peer)
{
	assert_int_equal(peer != NULL, l->wants_peer);
	if (peer != NULL)
		net_print(peer_text, peer);
	assert_ptr_equal(s, &set);
	assert_int_equal(*(const int *)l->data, l->io.fd);
	accepted[naccepted++] = fd;
}

static void
on_rest(struct listener_set *s, struct listener *l, int error)
{
	assert_ptr_equal(l->set, s);
	nrests++;
	rest_error = error;
}

static void
on_broken(struct listener_set *s, struct listener *l, int error)
{
	assert_ptr_equal(l->set, s);
	assert_true(l->broken);
	nbroken++;
	broken_error = error;
}

static int
setup(void **state)
{
	static const struct net_options options = { .backlog = CROWD, .bounded = true };
	const char *why;
	size_t i;

	(void)state;
	assert_int_equal(reactor_open(&reactor, "epoll", 0), 0);
	set = (struct listener_set){
		.has_room = has_room,
		.on_accept = on_accept,
		.on_rest = on_rest,
		.on_broken = on_broken,
	};
	assert_int_equal(listener_set_open(&set, &reactor, countof(fds)), 0);
	for (i = 0; i < countof(fds); i++) {
		assert_int_equal(net_parse("127.0.0.1:0", &addrs[i], 1, &why), 1);
		fds[i] = net_listen(&addrs[i], &options);
		assert_true(fds[i] >= 0);
		listener_add(&set, fds[i], AF_INET, &options, &fds[i], false);
	}
	peer_text[0] = '\0';
	npeers = naccepted = ncalls = nrests = nbroken = nerrors = 0;
	room = CROWD;
	ev_run(reactor.loop, EVRUN_NOWAIT); /* it has been idle before */
	ev_run(reactor.loop, EVRUN_NOWAIT);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	while (npeers > 0)
		close(peers[--npeers]);
	while (naccepted > 0)
		close(accepted[--naccepted]);
	listener_set_close(&set);
	close(fds[0]);
	close(fds[1]);
	reactor_close(&reactor);
	return 0;
}

/* That many more wait in the queue of a listener. */
static void
arrive(size_t listener, unsigned n)
{
	struct pollfd p = { .fd = fds[listener], .events = POLLIN };

	while (n-- > 0) {
		int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

		assert_int_equal(connect(fd, &addrs[listener].sa, addrs[listener].len), 0);
		peers[npeers++] = fd;
	}
	assert_int_equal(poll(&p, 1, 5000), 1);
}

static void
fail_next(int error)
{
	errors[nerrors++] = error;
}

static void
turn(void)
{
	ev_run(reactor.loop, EVRUN_NOWAIT);
}

static void
pass(double seconds)
{
	clock_advance(seconds);
	turn(); /* timers come after sockets: the second one has both */
	turn();
}

static void
test_one_at_a_time(void **state)
{
	unsigned i;

	(void)state;
	turn();
	assert_int_equal(ncalls, 0);
	for (i = 1; i <= 3; i++) {
		arrive(0, 1);
		turn();
		assert_int_equal(naccepted, i);
		assert_int_equal(ncalls, i); /* and no one that fails */
		turn();
		assert_int_equal(ncalls, i);
	}
}

/* 1, 2, 4, 8, 16 and no more; and from 1 again for those who come later. */
static void
test_portions(void **state)
{
	static const unsigned totals[] = { 1, 3, 7, 15, 31, 47, 50 };
	size_t i;

	(void)state;
	arrive(0, 50);
	for (i = 0; i < countof(totals); i++) {
		turn();
		assert_int_equal(naccepted, totals[i]);
	}
	assert_int_equal(ncalls, 51); /* the last was told EAGAIN */
	turn();
	arrive(0, 4);
	turn();
	assert_int_equal(naccepted, 51);
	turn();
	assert_int_equal(naccepted, 53);
}

/* A portion that came to its end is followed by one of one. */
static void
test_portion_after_the_last(void **state)
{
	(void)state;
	arrive(0, 2);
	turn();
	turn(); /* one, and EAGAIN */
	assert_int_equal(naccepted, 2);
	assert_int_equal(ncalls, 3);
	arrive(0, 3);
	turn();
	assert_in_range(naccepted, 3, 4);
	assert_int_equal(set.all[0].portion, naccepted - 2);
	turn();
	turn();
	assert_int_equal(naccepted, 5);
}

/* Who has come, where that is wanted, and only there. */
static void
test_peer(void **state)
{
	struct net_addr addr = { .len = sizeof(addr.in) };
	char text[NET_TEXT];

	(void)state;
	set.all[1].wants_peer = true;
	arrive(0, 1);
	turn();
	assert_int_equal(naccepted, 1);
	assert_string_equal(peer_text, "");
	arrive(1, 1);
	turn();
	assert_int_equal(naccepted, 2);
	assert_int_equal(getsockname(peers[1], &addr.sa, &addr.len), 0);
	net_print(text, &addr);
	assert_string_equal(peer_text, text);
}

static void
test_two_listeners(void **state)
{
	(void)state;
	arrive(0, 8);
	arrive(1, 2);
	turn();
	assert_int_equal(naccepted, 2);
	assert_int_equal(set.all[0].portion, 1);
	turn();
	turn();
	turn();
	assert_int_equal(naccepted, 10);
}

/* Trouble of the one who was to be accepted: on with the next. */
static void
test_errors_of_the_connection(void **state)
{
	static const int all[] = { ECONNABORTED, EINTR, EPROTO, ENOPROTOOPT, ENETDOWN, ENETUNREACH,
		EHOSTDOWN, EHOSTUNREACH, ENONET, EOPNOTSUPP, ETIMEDOUT };
	size_t i;

	(void)state;
	for (i = 0; i < countof(all); i++) {
		arrive(0, 2);
		turn(); /* now the portion is two */
		fail_next(all[i]);
		turn();
		assert_int_equal(naccepted, 2 * i + 2);
		turn();
	}
	assert_int_equal(nrests + nbroken, 0);
	assert_int_equal(set.all[0].rest_seconds * 10, 1);
}

/* Out of something: no call for a while, and then again. */
static void
test_errors_of_want(void **state)
{
	static const int all[] = { EMFILE, ENFILE, ENOBUFS, ENOMEM, EPERM, EACCES };
	size_t i;

	for (i = 0; i < countof(all); i++) {
		arrive(0, 1);
		fail_next(all[i]);
		turn();
		assert_int_equal(nrests, 1);
		assert_int_equal(rest_error, -all[i]);
		assert_int_equal(set.resting, 1);
		turn();
		assert_int_equal(ncalls, 1);
		pass(0.09);
		assert_int_equal(ncalls, 1);
		pass(0.02);
		assert_int_equal(naccepted, 1);
		assert_int_equal(set.resting, 0);
		teardown(state);
		setup(state);
	}
}

static void
test_rest_doubles(void **state)
{
	static const double rests[] = { 0.1, 0.2, 0.4, 0.8, 1, 1 };
	size_t i;

	(void)state;
	arrive(0, 2);
	for (i = 0; i < countof(rests); i++) {
		fail_next(EMFILE);
		turn();
		turn();
		assert_int_equal(nrests, i + 1);
		pass(rests[i] - 0.01);
		assert_int_equal(ncalls, i + 1);
		clock_advance(0.02);
		turn(); /* the timer: watched again, and seen in the turn after */
	}
	turn();
	assert_int_equal(naccepted, 1);
	assert_true(set.all[0].rest_seconds == 0.1); /* from the start again */
}

/* A descriptor has become free: no need to sleep on. */
static void
test_retry_ends_a_rest(void **state)
{
	(void)state;
	arrive(0, 1);
	arrive(1, 1);
	fail_next(EMFILE);
	fail_next(EMFILE);
	turn();
	assert_int_equal(set.resting, 2);
	listener_set_retry(&set);
	assert_int_equal(set.resting, 0);
	turn();
	assert_int_equal(naccepted, 2);
	pass(2);
	assert_int_equal(set.resting, 0);
}

static void
test_broken(void **state)
{
	(void)state;
	arrive(0, 1);
	arrive(1, 1);
	fail_next(EBADF);
	turn();
	assert_int_equal(nbroken, 1);
	assert_int_equal(broken_error, -EBADF);
	turn();
	turn();
	assert_int_equal(naccepted, 1); /* the other one goes on */
	assert_int_equal(ncalls, 2);

	room = 1; /* neither room nor rest brings it back */
	arrive(set.all[0].broken ? 1 : 0, 1);
	turn();
	assert_true(set.full);
	room = CROWD;
	listener_set_retry(&set);
	turn();
	turn();
	assert_int_equal(naccepted, 2);
	assert_int_equal(ncalls, 4); /* a portion of two, and EAGAIN */
	ncalls = 0;
	listener_set_finish(&set, NULL);
	assert_int_equal(ncalls, 1); /* of the one that works */
}

static void
test_broken_for_libev(void **state)
{
	(void)state;
	ev_feed_event(reactor.loop, &set.all[0].io, EV_ERROR | EV_READ);
	turn();
	assert_int_equal(nbroken, 1);
	assert_int_equal(broken_error, -EIO);
	assert_false(ev_is_active(&set.all[0].io));
	assert_int_equal(ncalls, 0);
}

/* Without room nobody is accepted, by any listener, and nobody looks. */
static void
test_full(void **state)
{
	(void)state;
	room = 2;
	arrive(0, 3);
	arrive(1, 1);
	turn();
	turn();
	turn();
	assert_int_equal(naccepted, 2);
	assert_true(set.full);
	assert_false(ev_is_active(&set.all[0].io) || ev_is_active(&set.all[1].io));
	ncalls = 0;
	listener_set_retry(&set); /* there still is none */
	assert_true(set.full);
	assert_false(ev_is_active(&set.all[0].io));
	turn();
	assert_int_equal(ncalls, 0);
	assert_true(set.full);

	close(accepted[--naccepted]);
	listener_set_retry(&set);
	assert_false(set.full);
	turn();
	turn();
	assert_int_equal(naccepted, 2);
	assert_true(set.full);
	room = CROWD;
	listener_set_retry(&set);
	turn();
	turn();
	turn();
	assert_int_equal(naccepted, 3);
}

/* One that rests stays so when the set is full, and the other way round. */
static void
test_full_while_resting(void **state)
{
	(void)state;
	room = 0;
	arrive(0, 1);
	fail_next(EMFILE);
	room = 1;
	turn();
	assert_int_equal(set.resting, 1);
	room = 0;
	arrive(1, 1);
	turn();
	assert_true(set.full);
	clock_advance(0.2);
	turn();
	assert_int_equal(set.resting, 0);
	assert_false(ev_is_active(&set.all[0].io));
	assert_int_equal(naccepted, 0);
	room = 2;
	listener_set_retry(&set);
	turn();
	turn();
	assert_int_equal(naccepted, 2);
}

/* At the end all who are in the queue are let in first. */
static void
test_finish(void **state)
{
	(void)state;
	arrive(0, 20);
	arrive(1, 5);
	listener_set_finish(&set, NULL);
	assert_int_equal(naccepted, 25);
	assert_int_equal(ncalls, 27);
	arrive(0, 1);
	turn();
	listener_set_retry(&set);
	turn();
	assert_int_equal(ncalls, 27);
}

/* Where no more can be let in, it does not wait for better days. */
static void
test_finish_with_errors(void **state)
{
	(void)state;
	arrive(0, 3);
	arrive(1, 1);
	fail_next(ECONNABORTED);
	fail_next(EMFILE);
	listener_set_finish(&set, NULL);
	assert_int_equal(naccepted, 1);
	assert_int_equal(set.resting, 0);
	assert_int_equal(nrests, 1);
	ncalls = 0;
	pass(2);
	assert_int_equal(ncalls, 0);
	assert_int_equal(ev_pending_count(reactor.loop), 0);
}

static void
test_finish_without_room(void **state)
{
	(void)state;
	room = 2;
	arrive(0, 3);
	listener_set_finish(&set, NULL);
	assert_int_equal(naccepted, 2);
}

#define UNIT(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(test_one_at_a_time),
		UNIT(test_portions),
		UNIT(test_portion_after_the_last),
		UNIT(test_peer),
		UNIT(test_two_listeners),
		UNIT(test_errors_of_the_connection),
		UNIT(test_errors_of_want),
		UNIT(test_rest_doubles),
		UNIT(test_retry_ends_a_rest),
		UNIT(test_broken),
		UNIT(test_broken_for_libev),
		UNIT(test_full),
		UNIT(test_full_while_resting),
		UNIT(test_finish),
		UNIT(test_finish_with_errors),
		UNIT(test_finish_without_room),
	};

	return cmocka_run_group_tests_name("listener", tests, NULL, NULL);
}

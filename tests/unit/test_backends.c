/* SPDX-License-Identifier: ISC */
/*
 * test_backends.c -- which backend, what it can, and what happens when it cannot.
 *
 * The waits of libev pass through the test (waits.h).  What ends a process is
 * done in one of its own.
 *
 * Faults: F12 F59 F60
 */
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backend.h"
#include "backends.h"
#include "deadline.h"
#include "macros.h"
#include "pair.h"
#include "waits.h"

#define GAVE_UP 42

void *__real_realloc(void *, size_t), *__wrap_realloc(void *, size_t);

static bool no_memory;

void *
__wrap_realloc(void *old, size_t size)
{
	return no_memory ? NULL : __real_realloc(old, size);
}

static struct reactor reactor;
static unsigned calls;

static void
on_io(struct io *io)
{
	char bytes[64];

	calls++;
	while (io_recv(io, bytes, sizeof(bytes)) > 0)
		continue;
}

static int
is_one(const char *name)
{
	size_t i;

	for (i = 0; reactor_backends[i] != NULL; i++)
		if (strcmp(reactor_backends[i], name) == 0)
			return 1;
	return 0;
}

static void
test_names(void **state)
{
	const char *name = *state;

	assert_int_equal(is_one(reactor_auto()), 1);
	assert_string_equal(reactor_auto(), "epoll");
	assert_int_equal(reactor_check(name, 0), 0);
	assert_int_equal(reactor_check("auto", 0), 0);
	assert_int_equal(reactor_check("", 0), -ENOENT);
	assert_int_equal(reactor_check("epol", 0), -ENOENT);
	assert_int_equal(reactor_open(&reactor, "kqueue", 0), -ENOENT);
	reactor_close(&reactor); /* of one that is not open */
	assert_int_equal(reactor_open(&reactor, name, 0), 0);
	assert_string_equal(reactor.backend->name, name);
	reactor_close(&reactor);
	reactor_close(&reactor);
	assert_int_equal(reactor_open(&reactor, "auto", 0), 0);
	assert_string_equal(reactor.backend->name, "epoll");
	reactor_close(&reactor);
}

/* libev would take another backend if the environment said so. */
static void
test_environment(void **state)
{
	const char *name = *state;
	unsigned host = strcmp(name, "select") == 0 ? EVBACKEND_SELECT :
	    strcmp(name, "epoll") == 0              ? EVBACKEND_EPOLL :
						      EVBACKEND_POLL;

	setenv("LIBEV_FLAGS", host == EVBACKEND_SELECT ? "2" : "1", 1);
	assert_int_equal(reactor_open(&reactor, name, 0), 0);
	unsetenv("LIBEV_FLAGS");
	assert_int_equal(ev_backend(reactor.loop), host);
	reactor_close(&reactor);
}

/*
 * A descriptor that high is opened and watched to find out; where none can be,
 * select is refused.  The others have no such limit of their own.
 */
static void
test_check(void **state)
{
	const char *name = *state;
	struct rlimit saved, low;

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &saved), 0);
	if (saved.rlim_max < 2000)
		SKIP("needs a hard limit of 2,000 descriptors (ulimit -Hn)");
	low = saved;
	low.rlim_cur = 2000;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &low), 0);
	assert_int_equal(reactor_check(name, 1023), 0);
	assert_int_equal(reactor_check(name, 1999), 0);
	assert_int_equal(reactor_check(name, 2000), strcmp(name, "select") == 0 ? -EMFILE : 0);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &saved), 0);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* the probe has been waited for */
}

static void
test_no_descriptor(void **state)
{
	struct rlimit saved, none;
	int rc;

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &saved), 0);
	none = saved;
	none.rlim_cur = 3;
	setrlimit(RLIMIT_NOFILE, &none);
	rc = reactor_open(&reactor, *state, 0);
	setrlimit(RLIMIT_NOFILE, &saved);
	if (strcmp(*state, "epoll-et") == 0)
		assert_int_equal(rc, -EMFILE);
	else if (strcmp(*state, "epoll") == 0)
		assert_int_equal(rc, -ENOTSUP); /* all that libev says */
	else
		assert_int_equal(rc, 0);
	if (rc == 0)
		reactor_close(&reactor);
	else
		assert_null(reactor.loop);
}

static void
on_late(struct ev_loop *loop, ev_timer *w, int revents)
{
	(void)loop, (void)revents;
	*(bool *)w->data = calls == 0;
}

/* It does not sleep first, if nothing else wakes it. */
static void
test_cannot_watch_at_once(void **state)
{
	bool late = false;
	struct pair pair;
	ev_timer timer;
	struct io io;
	int i;

	if (strcmp(*state, "epoll") != 0)
		return; /* the others know when they are told to watch, or have none */
	assert_int_equal(reactor_open(&reactor, *state, 0), 0);
	pair_unix(&pair);
	backends_settle(&reactor);
	ev_timer_init(&timer, on_late, 1, 0);
	timer.data = &late;
	ev_timer_start(reactor.loop, &timer);
	waits_add_error = ENOSPC;
	assert_int_equal(io_open(&io, &reactor, pair.ours, on_io), 0);
	calls = 0;
	io_want(&io, IO_READ);
	for (i = 0; i < 3 && calls == 0; i++)
		ev_run(reactor.loop, EVRUN_ONCE);
	assert_int_equal(calls, 1);
	assert_false(late);
	waits_add_error = 0;
	ev_timer_stop(reactor.loop, &timer);
	io_close(&io);
	pair.ours = -1;
	pair_close(&pair);
	reactor_close(&reactor);
}

/* libev stops to watch what it cannot, and says EV_ERROR: the owner is told. */
static void
test_cannot_watch(void **state)
{
	const char *name = *state;
	struct pair pair;
	int rc, saved;
	struct io io;
	char byte;

	if (strcmp(name, "poll") == 0)
		return; /* has nothing that could fail */
	assert_int_equal(reactor_open(&reactor, name, 0), 0);
	pair_unix(&pair);
	saved = dup(pair.ours);
	backends_settle(&reactor);
	calls = 0;
	waits_add_error = ENOSPC; /* as by /proc/sys/fs/epoll/max_user_watches */
	rc = io_open(&io, &reactor, pair.ours, on_io);
	if (strcmp(name, "epoll-et") == 0) {
		assert_int_equal(rc, -ENOSPC);
	} else {
		assert_int_equal(rc, 0);
		if (strcmp(name, "select") == 0)
			close(pair.ours); /* behind its back */
		io_want(&io, IO_READ);
		UNTIL(&reactor, calls > 0);
		assert_int_equal(io_recv(&io, &byte, 1), -EIO);
		assert_int_equal(io_send(&io, "x", 1), -EIO);
		assert_int_equal(dup3(saved, pair.ours, O_CLOEXEC), pair.ours);
		io_close(&io);
		pair.ours = -1;
	}
	waits_add_error = 0;
	close(saved);
	pair_close(&pair);
	reactor_close(&reactor);
}

static void
on_tick(struct ev_loop *loop, ev_timer *w, int revents)
{
	(void)loop, (void)revents;
	w->data = w;
}

/* What the loop did in the time of a tick after some work. */
struct effort {
	unsigned turns, sleeps;
};

static struct effort
effort_after_work(const char *backend, double busy_poll, io_fn *fn, unsigned want)
{
	struct effort effort;
	struct pair pair;
	ev_timer tick;
	struct io io;

	assert_int_equal(reactor_open(&reactor, backend, busy_poll), 0);
	pair_unix(&pair);
	assert_int_equal(io_open(&io, &reactor, pair.ours, fn), 0);
	io_want(&io, IO_READ);
	pair_put(&pair, "abc");
	calls = 0;
	backends_settle(&reactor); /* does not sleep */
	assert_true(calls > 0);
	io_want(&io, want);
	pair_put(&pair, "def");
	backends_settle(&reactor);
	ev_timer_init(&tick, on_tick, 0.01, 0);
	tick.data = NULL;
	ev_now_update(reactor.loop);
	ev_timer_start(reactor.loop, &tick);
	effort = (struct effort){ ev_iteration(reactor.loop), waits_asleep };
	while (tick.data == NULL)
		ev_run(reactor.loop, EVRUN_ONCE);
	effort.turns = ev_iteration(reactor.loop) - effort.turns;
	effort.sleeps = waits_asleep - effort.sleeps;
	io_close(&io);
	pair.ours = -1;
	pair_close(&pair);
	reactor_close(&reactor);
	return effort;
}

static void
test_busy_poll(void **state)
{
	assert_true(effort_after_work(*state, 0, on_io, IO_READ).sleeps > 0);
	assert_int_equal(effort_after_work(*state, 1000, on_io, IO_READ).sleeps, 0);
	/* It is over by then. */
	assert_true(effort_after_work(*state, 1e-6, on_io, IO_READ).sleeps > 0);
}

static void
yield(struct io *io)
{
	calls++;
	io_yield(io);
}

static void
test_no_sleep_over_a_yield(void **state)
{
	assert_int_equal(effort_after_work(*state, 0, yield, IO_READ).sleeps, 0);
}

/* There is something to read, and nobody wants it: so it costs nothing. */
static void
test_unwanted_is_for_free(void **state)
{
	assert_true(effort_after_work(*state, 0, on_io, 0).turns < 10);
}

static void
give_up(const char *what)
{
	_exit(what != NULL ? GAVE_UP : 1);
}

/* What became of fn in a process of its own: its exit status, or -1. */
static int
alone(void (*fn)(const char *backend), const char *backend)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		reactor_on_fatal(give_up);
		fn(backend);
		_exit(0);
	}
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void
all_is_well(const char *backend)
{
	if (reactor_open(&reactor, backend, 0) != 0)
		_exit(1);
	backends_turn(&reactor);
	reactor_close(&reactor);
}

static void
lose_memory(const char *backend)
{
	no_memory = true;
	(void)reactor_open(&reactor, backend, 0);
}

static void
lose_the_wait(const char *backend)
{
	if (reactor_open(&reactor, backend, 0) != 0)
		_exit(1);
	backends_settle(&reactor);
	waits_error = EINVAL;
	backends_turn(&reactor);
}

static void
test_fatal(void **state)
{
	assert_int_equal(alone(all_is_well, *state), 0);
	assert_int_equal(alone(lose_memory, *state), GAVE_UP);
	assert_int_equal(alone(lose_the_wait, *state), GAVE_UP);
}

static unsigned ndue;

static void
on_due(struct due *item)
{
	(void)item;
	ndue++;
}

static void
test_deadline(void **state)
{
	struct deadline deadline;
	struct due item;
	double start;

	assert_int_equal(reactor_open(&reactor, *state, 0), 0);
	deadline_open(&deadline, &reactor, 0.02, on_due);
	ndue = 0;
	start = backends_seconds();
	ev_now_update(reactor.loop);
	deadline_add(&deadline, &item);
	UNTIL(&reactor, ndue == 1);
	assert_true(backends_seconds() - start >= 0.02);
	deadline_close(&deadline);
	reactor_close(&reactor);
}

int
main(void)
{
	static const struct body bodies[] = {
		BODY(test_names),
		BODY(test_environment),
		BODY(test_check),
		BODY(test_no_descriptor),
		BODY(test_cannot_watch),
		BODY(test_cannot_watch_at_once),
		BODY(test_busy_poll),
		BODY(test_no_sleep_over_a_yield),
		BODY(test_unwanted_is_for_free),
		BODY(test_fatal),
		BODY(test_deadline),
	};

	return backends_run("backends", bodies, countof(bodies), NULL, NULL);
}

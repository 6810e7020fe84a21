/* SPDX-License-Identifier: ISC */
/*
 * reactor.h -- one thread, one libev loop, many sockets.
 *
 * An io is a non-blocking socket and two sets of directions:
 *
 *	want	what its owner would do next: the owner says so, io_want()
 *	ready	what is not known to block: the backend adds to it, io_recv()
 *		and io_send() take away when they meet the wall
 *
 *	want  ready	what happens
 *	 no	any	nothing; events are only remembered
 *	yes	 no	the backend waits for the socket
 *	yes	yes	io->fn is called, once in each turn of the loop
 *
 * fn goes on until it is told -EAGAIN, or has had its share and says io_yield().
 * That is the whole contract; whether readiness came by level or by edge is the
 * backend's affair, and code above this floor cannot tell.
 *
 * Backends only mark.  All work is done in one place, the turn, before the loop
 * sleeps.  So fn may close its io, or any other, and no event that is still
 * under way can reach what has gone.
 */
#ifndef REACTOR_H
#define REACTOR_H

#include <sys/queue.h>
#include <sys/types.h>
#include <stdbool.h>
#include <ev.h>

enum { IO_READ = EV_READ, IO_WRITE = EV_WRITE };

struct backend;
struct io;
typedef void io_fn(struct io *);
TAILQ_HEAD(io_queue, io);

struct reactor {
	struct ev_loop *loop;
	const struct backend *backend;
	void *priv;               /* the backend's own state */
	struct io_queue runnable; /* those to be called in the next turn */
	unsigned nrunnable;
	double busy_poll;  /* seconds to spin before sleeping */
	double busy_until; /* by reactor_now() */
	ev_prepare turn;
	ev_idle awake;  /* while active the loop does not sleep */
	ev_timer clock; /* never fires; tells the time */
	ev_async nudge; /* keeps the loop from sleeping over what is pending */
};

struct io {
	int fd;
	unsigned char want, ready;
	bool queued;
	bool hangup; /* the peer has hung up: FIN, RST */
	bool urgent; /* there is urgent data on the way */
	short error; /* -errno of a backend that gave it up */
	struct reactor *reactor;
	io_fn *fn;
	TAILQ_ENTRY(io) link; /* in reactor->runnable */
	ev_io ev;             /* for backends that are libev's */
};

/* The names of all backends, as users write them; NULL ends the list. */
extern const char *const reactor_backends[];

/* The backend that "auto" stands for on this system. */
const char *reactor_auto(void);

/*
 * Whether the backend of that name, or "auto", works here with descriptors up to max_fd.
 * Returns 0, -ENOENT for a name that is none, -ENOTSUP when the system lacks it
 * and -EMFILE when it cannot watch a descriptor that high.
 */
int reactor_check(const char *name, unsigned max_fd);

/*
 * libev gives up on errors that leave it no way to go on (the wait itself fails,
 * no memory).  By default it would abort; call this first of all, and it calls
 * fn instead, which must not return.  what says what failed, errno why.
 */
void reactor_on_fatal(void (*fn)(const char *what));

/* busy_poll: seconds to spin after work before sleeping.  0 or -errno. */
int reactor_open(struct reactor *, const char *name, double busy_poll);

/* Have room for descriptors up to max_fd from the start. */
void reactor_reserve(struct reactor *, unsigned max_fd);
void reactor_close(struct reactor *); /* its ios are closed by their owners */
void reactor_run(struct reactor *);   /* until reactor_stop() */
void reactor_stop(struct reactor *);

#define REACTOR_FOR_EVER 1e9 /* seconds, about thirty years */

/*
 * Seconds on a clock that never jumps, as of the last time the loop woke up.
 * It is libev's own clock, read through the timer that never fires, and so
 * costs no system call; ev_now() would follow whoever sets the date.
 */
static inline double
reactor_now(struct reactor *r)
{
	return REACTOR_FOR_EVER - ev_timer_remaining(r->loop, &r->clock);
}

/* A number that is another one in each turn of the loop. */
static inline unsigned
reactor_turn(struct reactor *r)
{
	return ev_iteration(r->loop);
}

/*
 * io_open() takes over a connected, non-blocking socket, io_close() closes it.
 * When io_open() fails, with -errno, the socket is still the caller's.
 */
int io_open(struct io *, struct reactor *, int fd, io_fn *);
/* Its connect() is still under way: nothing is ready until the backend says so. */
void io_connecting(struct io *);
void io_close(struct io *);
void io_want(struct io *, unsigned dirs);
void io_yield(struct io *);                         /* call me again next turn */
ssize_t io_recv(struct io *, void *, size_t);       /* > 0, 0 = end, -errno */
ssize_t io_send(struct io *, const void *, size_t); /* > 0, -errno */

/*
 * Whether something has come in that its owner has not seen yet.  For the rare
 * case that a decision must not wait for the backend to say so: a system call.
 */
bool io_has_input(struct io *);

#endif

/* SPDX-License-Identifier: ISC */
/*
 * listener.c -- see listener.h.
 */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "listener.h"

#define MAX_PORTION 16 /* connections at once: a millisecond at most */
#define MIN_REST 0.1   /* seconds */
#define MAX_REST 1.0

enum verdict { AGAIN, NEXT, REST, BROKEN };

/* What an error of accept(2) says about the listener. */
static enum verdict
judge(int error)
{
	switch (error) {
	case EAGAIN: return AGAIN;
	/* Trouble of the connection that was to be accepted, not ours. */
	case ECONNABORTED:
	case EINTR:
	case EPROTO:
	case ENOPROTOOPT:
	case ENETDOWN:
	case ENETUNREACH:
	case EHOSTDOWN:
	case EHOSTUNREACH:
	case ENONET:
	case EOPNOTSUPP:
	case ETIMEDOUT: return NEXT;
	case EMFILE:
	case ENFILE:
	case ENOBUFS:
	case ENOMEM:
	case EPERM:
	case EACCES: return REST;
	default: return BROKEN;
	}
}

static bool
is_resting(struct listener *l)
{
	return ev_is_active(&l->rest);
}

static void
watch(struct listener *l)
{
	if (!l->broken && !l->set->full && !is_resting(l))
		ev_io_start(l->set->reactor->loop, &l->io);
}

static void
give_up(struct listener *l, int error)
{
	ev_io_stop(l->set->reactor->loop, &l->io);
	l->broken = true;
	l->set->on_broken(l->set, l, -error);
}

static void
rest(struct listener *l, int error)
{
	struct listener_set *set = l->set;

	ev_io_stop(set->reactor->loop, &l->io);
	ev_timer_set(&l->rest, l->rest_seconds, 0);
	ev_timer_start(set->reactor->loop, &l->rest);
	set->resting++;
	l->rest_seconds = l->rest_seconds * 2 < MAX_REST ? l->rest_seconds * 2 : MAX_REST;
	set->on_rest(set, l, -error);
}

static void
wake(struct listener *l)
{
	struct listener_set *set = l->set;

	ev_timer_stop(set->reactor->loop, &l->rest);
	set->resting--;
	watch(l);
}

static void
on_rested(struct ev_loop *loop, ev_timer *w, int revents)
{
	(void)loop, (void)revents;
	wake(w->data);
}

static void
set_full(struct listener_set *set)
{
	size_t i;

	set->full = true;
	for (i = 0; i < set->n; i++)
		ev_io_stop(set->reactor->loop, &set->all[i].io);
}

/* The kernel has the address at hand; still, to copy it costs something. */
static int
accept_from(struct listener *l, struct net_addr *peer)
{
	int fd, flags = SOCK_NONBLOCK | SOCK_CLOEXEC;

	if (peer == NULL) {
		fd = accept4(l->io.fd, NULL, NULL, flags);
		return fd != -1 ? fd : -errno;
	}
	*peer = (struct net_addr){ .len = sizeof(peer->in6) };
	if ((fd = accept4(l->io.fd, &peer->sa, &peer->len, flags)) == -1)
		return -errno;
	net_unmap(peer);
	return fd;
}

/* Accept one.  Returns what to do about the listener then. */
static enum verdict
accept_one(struct listener *l)
{
	struct listener_set *set = l->set;
	struct net_addr peer;
	enum verdict verdict;
	int fd, error;

	if ((fd = accept_from(l, l->wants_peer ? &peer : NULL)) >= 0) {
		l->rest_seconds = MIN_REST;
		/* Without its buffer bounded a connection is served all the same. */
		(void)net_accepted(fd, l->family, &l->options);
		set->on_accept(set, l, fd, l->wants_peer ? &peer : NULL);
		return NEXT;
	}
	error = -fd;
	if ((verdict = judge(error)) == REST)
		rest(l, error);
	else if (verdict == BROKEN)
		give_up(l, error);
	return verdict;
}

/*
 * The portion starts at one and doubles while the listener is found readable in
 * loop after loop, which is to say while more are waiting.  So a connection that
 * comes alone costs no second accept4() that fails, and a crowd is let in by
 * sixteens.
 */
static void
on_readable(struct ev_loop *loop, ev_io *w, int revents)
{
	struct listener *l = w->data;
	struct listener_set *set = l->set;
	unsigned n, iteration = ev_iteration(loop);

	if ((revents & EV_ERROR) != 0) { /* libev cannot watch it */
		give_up(l, EIO);
		return;
	}
	if (iteration != l->iteration + 1)
		l->portion = 1;
	else if (l->portion < MAX_PORTION)
		l->portion *= 2;
	l->iteration = iteration;
	for (n = 0; n < l->portion; n++) {
		if (!set->has_room(set)) {
			set_full(set);
			return;
		}
		if (accept_one(l) != NEXT) {
			l->portion = 1;
			return;
		}
	}
}

int
listener_set_open(struct listener_set *set, struct reactor *r, size_t n)
{
	set->reactor = r;
	set->n = 0;
	set->all = calloc(n > 0 ? n : 1, sizeof(*set->all));
	return set->all != NULL ? 0 : -ENOMEM;
}

void
listener_add(struct listener_set *set, int fd, sa_family_t family, const struct net_options *o,
    const void *data, bool wants_peer)
{
	struct listener *l = &set->all[set->n++];

	l->set = set;
	l->family = family;
	l->options = *o;
	l->data = data;
	l->wants_peer = wants_peer;
	l->portion = 1;
	l->rest_seconds = MIN_REST;
	ev_io_init(&l->io, on_readable, fd, EV_READ);
	ev_timer_init(&l->rest, on_rested, 0, 0);
	l->io.data = l->rest.data = l;
	ev_io_start(set->reactor->loop, &l->io);
}

void
listener_set_retry(struct listener_set *set)
{
	size_t i;

	if (!set->full && set->resting == 0)
		return;
	for (i = 0; i < set->n; i++)
		if (is_resting(&set->all[i]))
			wake(&set->all[i]);
	if (!set->full || !set->has_room(set))
		return;
	set->full = false;
	for (i = 0; i < set->n; i++)
		watch(&set->all[i]);
}

static void
stop(struct listener *l)
{
	ev_io_stop(l->set->reactor->loop, &l->io);
	if (!is_resting(l))
		return;
	ev_timer_stop(l->set->reactor->loop, &l->rest);
	l->set->resting--;
}

static void
finish(struct listener *l)
{
	struct listener_set *set = l->set;
	int n;

	stop(l);
	for (n = 0; n <= l->options.backlog && !l->broken && set->has_room(set); n++)
		if (accept_one(l) != NEXT)
			break;
	stop(l); /* it may have gone to rest */
	l->broken = true;
}

size_t
listener_set_finish(struct listener_set *set, bool (*keep)(struct listener *))
{
	size_t i, kept = 0;

	for (i = 0; i < set->n; i++)
		if (keep != NULL && !set->all[i].broken && keep(&set->all[i]))
			kept++;
		else
			finish(&set->all[i]);
	return kept;
}

void
listener_set_close(struct listener_set *set)
{
	size_t i;

	for (i = 0; i < set->n; i++)
		stop(&set->all[i]);
	free(set->all);
	set->all = NULL;
	set->n = 0;
}

/* SPDX-License-Identifier: ISC */
/*
 * worker.c -- see worker.h.
 *
 * How it ends: TERM drains, which means that nothing new is accepted and those
 * connected are served until they leave.  A little before the drain-timeout is
 * over those still there are told goodbye, and when it is over they are closed.
 * QUIT drains without a limit.  INT, or a TERM while a limit is set, is at once.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sysexits.h>

#include "log.h"
#include "macros.h"
#include "worker.h"

#define GOODBYE_SECONDS 1.0 /* at most; of a short drain it is a quarter */

static void
stop_now(struct worker *w)
{
	reactor_stop(&w->reactor);
}

static void
stop_if_empty(struct worker *w)
{
	if (w->draining && w->stats->active == 0)
		stop_now(w);
}

static void
on_goodbye(struct ev_loop *loop, ev_timer *t, int revents)
{
	struct worker *w = t->data;

	(void)loop, (void)revents;
	log_info("drain: saying goodbye to those still connected: %u", (unsigned)w->stats->active);
	w->stats->drained += w->stats->active;
	conn_set_end(&w->conns);
}

static void
on_deadline(struct ev_loop *loop, ev_timer *t, int revents)
{
	struct worker *w = t->data;

	(void)loop, (void)revents;
	log_warn("drain: drain-timeout is over; cutting off those still connected: %u",
	    (unsigned)w->stats->active);
	stop_now(w);
}

static void
limit_drain(struct worker *w)
{
	double limit = w->conf->drain_timeout;
	double goodbye = limit / 4 < GOODBYE_SECONDS ? limit / 4 : GOODBYE_SECONDS;

	ev_timer_set(&w->goodbye, limit - goodbye, 0);
	ev_timer_start(w->reactor.loop, &w->goodbye);
	ev_timer_set(&w->deadline, limit, 0);
	ev_timer_start(w->reactor.loop, &w->deadline);
}

static void
drain(struct worker *w)
{
	if (w->draining)
		return;
	w->draining = true;
	listener_set_finish(&w->listeners);
	sockets_close(w->sockets);
	if (w->stats->active > 0)
		log_info(
		    "drain: waiting for those connected to leave: %u", (unsigned)w->stats->active);
	stop_if_empty(w);
}

static void
on_signal(struct ev_loop *loop, ev_signal *s, int revents)
{
	struct worker *w = s->data;
	int rc;

	(void)loop, (void)revents;
	switch (s->signum) {
	case SIGTERM:
		if (ev_is_active(&w->deadline)) {
			stop_now(w);
			break;
		}
		drain(w);
		limit_drain(w);
		break;
	case SIGQUIT: drain(w); break;
	case SIGINT: stop_now(w); break;
	case SIGUSR1:
		if ((rc = log_reopen()) < 0)
			log_error("log: cannot open %s again: %s; going on with the old one",
			    w->conf->log, strerror(-rc));
		else
			log_info("log: opened again");
		break;
	default:
		log_warn("%s is not available in this version; nothing was changed",
		    s->signum == SIGHUP ? "reload (HUP)" : "replacing the binary (USR2)");
	}
}

static bool
has_room(struct listener_set *set)
{
	struct worker *w = container_of(set, struct worker, listeners);

	return w->stats->active < w->conf->room;
}

static void
on_accept(struct listener_set *set, int fd)
{
	struct worker *w = container_of(set, struct worker, listeners);
	int rc;

	w->stats->accepted++;
	if ((rc = conn_new(&w->conns, fd)) < 0)
		log_warn_limited(&w->refuse_limit, "refused a connection: %s", strerror(-rc));
}

static void
on_rest(struct listener_set *set, struct listener *l, int error)
{
	struct worker *w = container_of(set, struct worker, listeners);

	(void)l;
	w->stats->rests++;
	log_warn_limited(&w->rest_limit, "cannot accept: %s; connections served meanwhile: %u",
	    strerror(-error), (unsigned)w->stats->active);
}

static void
on_broken(struct listener_set *set, struct listener *l, int error)
{
	struct worker *w = container_of(set, struct worker, listeners);
	size_t i, alive = 0;

	log_error("a listening socket is gone: %s", strerror(-error));
	(void)l;
	for (i = 0; i < set->n; i++)
		alive += !set->all[i].broken;
	if (alive == 0 && !w->draining) {
		log_error("none is left to listen on");
		w->exit_code = EX_OSERR;
		stop_now(w);
	}
}

static void
on_close(struct conn_set *set)
{
	struct worker *w = container_of(set, struct worker, conns);

	listener_set_retry(&w->listeners);
	stop_if_empty(w);
}

static void
watch_signals(struct worker *w)
{
	static const int signals[] = { SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGUSR1, SIGUSR2 };
	size_t i;

	_Static_assert(countof(signals) == countof(w->signals), "a watcher for each signal");
	for (i = 0; i < countof(signals); i++) {
		ev_signal_init(&w->signals[i], on_signal, signals[i]);
		w->signals[i].data = w;
		ev_signal_start(w->reactor.loop, &w->signals[i]);
	}
}

int
worker_open(struct worker *w, const struct conf *conf, struct sockets *sockets, struct stats *stats)
{
	size_t i;
	int rc;

	*w = (struct worker){ .conf = conf, .sockets = sockets, .stats = stats };
	if ((rc = reactor_open(&w->reactor, conf->backend, conf->busy_poll / 1e6)) < 0) {
		log_error("backend %s: %s", conf->backend, strerror(-rc));
		return EX_OSERR;
	}
	reactor_reserve(&w->reactor, conf->max_fd);
	if (conn_set_open(&w->conns, &w->reactor, stats, conf->idle_timeout, conf->stall_timeout,
		on_close) < 0 ||
	    listener_set_open(&w->listeners, &w->reactor, sockets->n) < 0) {
		log_error("no memory to begin with");
		worker_close(w);
		return EX_OSERR;
	}
	ev_timer_init(&w->goodbye, on_goodbye, 0, 0);
	ev_timer_init(&w->deadline, on_deadline, 0, 0);
	w->goodbye.data = w->deadline.data = w;
	watch_signals(w);
	w->listeners.has_room = has_room;
	w->listeners.on_accept = on_accept;
	w->listeners.on_rest = on_rest;
	w->listeners.on_broken = on_broken;
	for (i = 0; i < sockets->n; i++)
		listener_add(&w->listeners, sockets->all[i].fd, sockets->all[i].addr.sa.sa_family,
		    &sockets->all[i].options);
	return 0;
}

int
worker_run(struct worker *w)
{
	reactor_run(&w->reactor);
	return w->exit_code;
}

void
worker_close(struct worker *w)
{
	listener_set_close(&w->listeners);
	conn_set_close(&w->conns);
	reactor_close(&w->reactor);
}

/* SPDX-License-Identifier: ISC */
/*
 * worker.c -- see worker.h.
 *
 * How it ends: TERM drains, which means that nothing new is accepted and those
 * connected are served until they leave.  A little before the drain-timeout is
 * over those still there are told goodbye, and when it is over they are closed.
 * QUIT drains without a limit.  INT, or a TERM while a limit is set, is at once.
 *
 * A listening socket that is not to be any more may still have peers in the middle
 * of their handshake, so it is listened to a little longer, until first packets that
 * were lost have come again: that is retirement.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "log.h"
#include "macros.h"
#include "proc.h"
#include "stream_tls.h"
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
	if (w->draining && w->stats->active == 0 && !ev_is_active(&w->retirement))
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
start_retirement(struct worker *w)
{
	ev_timer_set(&w->retirement, WORKER_RETIRE_SECONDS, 0);
	ev_timer_start(w->reactor.loop, &w->retirement);
}

static void
free_listeners(struct listener_set *set)
{
	if (set != NULL)
		listener_set_close(set);
	free(set);
}

/* Of single addresses, by a reload, or of all, by a drain. */
static void
end_retirement(struct worker *w)
{
	ev_timer_stop(w->reactor.loop, &w->retirement);
	if (w->retired != NULL)
		listener_set_finish(w->retired, NULL);
	free_listeners(w->retired);
	w->retired = NULL;
	sockets_close(&w->gone);
	if (w->draining) {
		listener_set_finish(w->listeners, NULL);
		sockets_close(w->sockets);
	}
}

static void
on_retired(struct ev_loop *loop, ev_timer *t, int revents)
{
	struct worker *w = t->data;

	(void)loop, (void)revents;
	end_retirement(w);
	stop_if_empty(w);
	if (w->on_settled != NULL && !w->draining)
		w->on_settled(w);
}

static bool
is_retired(struct listener *l)
{
	return net_is_retired(l->io.fd);
}

static void
drain(struct worker *w)
{
	if (w->draining)
		return;
	w->draining = true;
	if (listener_set_finish(w->listeners, is_retired) > 0)
		start_retirement(w);
	else
		end_retirement(w);
	if (w->stats->active > 0)
		log_info(
		    "drain: waiting for those connected to leave: %u", (unsigned)w->stats->active);
	if (w->on_drain != NULL)
		w->on_drain(w);
	stop_if_empty(w);
}

void
worker_drain(struct worker *w, bool limited)
{
	drain(w);
	if (limited && !ev_is_active(&w->deadline))
		limit_drain(w);
}

static void
on_signal(struct ev_loop *loop, ev_signal *s, int revents)
{
	struct worker *w = s->data;

	(void)loop, (void)revents;
	switch (s->signum) {
	case SIGTERM:
		if (ev_is_active(&w->deadline))
			stop_now(w);
		else
			worker_drain(w, true);
		break;
	case SIGQUIT: worker_drain(w, false); break;
	case SIGINT: stop_now(w); break;
	default: w->on_signal(w, s->signum);
	}
}

static bool
has_room(struct listener_set *set)
{
	struct worker *w = set->owner;

	return w->stats->active < w->conf->room;
}

static void
on_accept(struct listener_set *set, struct listener *l, int fd, const struct net_addr *peer)
{
	struct worker *w = set->owner;
	const struct conf_listen *section = l->data;
	struct source *source;
	int rc;

	w->stats->accepted++;
	if (!admission_grants(
		&w->admission, w->conf, section, peer, reactor_now(&w->reactor), &source))
		close(fd);
	else if ((rc = conn_new(&w->conns, fd, section->tls_server, source)) < 0)
		log_warn_limited(&w->limits->refuse, "refused a connection: %s", strerror(-rc));
}

static void
on_rest(struct listener_set *set, struct listener *l, int error)
{
	struct worker *w = set->owner;

	(void)l;
	w->stats->rests++;
	log_warn_limited(&w->limits->rest, "cannot accept: %s; connections served meanwhile: %u",
	    strerror(-error), (unsigned)w->stats->active);
}

static void
on_broken(struct listener_set *set, struct listener *l, int error)
{
	struct worker *w = set->owner;
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

	listener_set_retry(w->listeners);
	if (w->retired != NULL)
		listener_set_retry(w->retired);
	stop_if_empty(w);
}

/* Anybody can make a handshake fail: that is worth a line now and then. */
static void
on_handshake(struct conn_set *set, const struct stream *s, int result)
{
	struct worker *w = container_of(set, struct worker, conns);
	char text[STREAM_TLS_TEXT];
	const char *words = "took too long";

	if (result == 0 && conf_log_level(w->conf) == LEVEL_DEBUG) {
		stream_tls_describe(text, s);
		log_debug("TLS: %s", text);
	} else if (result < 0) {
		if (result != -ETIMEDOUT)
			stream_tls_failure(s, &words);
		log_info_limited(&w->limits->handshake, "TLS: a handshake failed: %s", words);
	}
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

/* NULL: no memory. */
static struct listener_set *
new_listeners(struct worker *w, size_t n)
{
	struct listener_set *set = calloc(1, sizeof(*set));

	if (set == NULL || listener_set_open(set, &w->reactor, n) < 0) {
		free(set);
		return NULL;
	}
	set->owner = w;
	set->has_room = has_room;
	set->on_accept = on_accept;
	set->on_rest = on_rest;
	set->on_broken = on_broken;
	return set;
}

static void
listen_on(struct listener_set *set, const struct conf *conf, const struct sockets *sockets)
{
	size_t i;
	unsigned k;

	for (i = 0; i < sockets->n; i++) {
		const struct listening *s = &sockets->all[i];

		for (k = 0; k < s->nfds; k++)
			if (s->fds[k] >= 0)
				listener_add(set, s->fds[k], s->addr.sa.sa_family, &s->options,
				    s->section,
				    admission_wants_peer(conf, s->section, s->addr.sa.sa_family));
	}
}

static bool
has_broken(const struct listener_set *set)
{
	size_t i;

	for (i = 0; i < set->n; i++)
		if (set->all[i].broken)
			return true;
	return false;
}

static void
init_timers(struct worker *w)
{
	ev_timer_init(&w->goodbye, on_goodbye, 0, 0);
	ev_timer_init(&w->deadline, on_deadline, 0, 0);
	ev_timer_init(&w->retirement, on_retired, 0, 0);
	w->goodbye.data = w->deadline.data = w->retirement.data = w;
}

int
worker_open(struct worker *w, const struct conf *conf, struct sockets *sockets, struct stats *stats,
    struct worker_limits *limits, void (*on_signal_)(struct worker *, int signum), void *owner)
{
	int rc;

	*w = (struct worker){ .conf = conf,
		.sockets = sockets,
		.stats = stats,
		.limits = limits,
		.on_signal = on_signal_,
		.owner = owner };
	if ((rc = reactor_open(&w->reactor, conf->backend, conf->busy_poll / 1e6)) < 0) {
		log_error("backend %s: %s", conf->backend, strerror(-rc));
		return EX_OSERR;
	}
	reactor_reserve(&w->reactor, conf->max_fd);
	init_timers(w);
	if (conn_set_open(&w->conns, &w->reactor, stats, conf->idle_timeout, conf->stall_timeout,
		on_close) < 0 ||
	    (w->listeners = new_listeners(w, sockets->n)) == NULL) {
		log_error("no memory to begin with");
		worker_close(w);
		return EX_OSERR;
	}
	w->conns.on_handshake = on_handshake;
	admission_open(&w->admission, stats, &w->conns.sources, &limits->admission);
	conn_set_limits(&w->conns, conf->max_lifetime, conf->byte_rate);
	listen_on(w->listeners, conf, sockets);
	/* Whether all can be watched turns out when the loop goes round. */
	ev_run(w->reactor.loop, EVRUN_NOWAIT);
	if (w->exit_code != 0 || has_broken(w->listeners)) {
		worker_close(w);
		return EX_OSERR;
	}
	watch_signals(w);
	return 0;
}

int
worker_prepare(struct worker *w, size_t nfresh, size_t nretired)
{
	w->fresh = new_listeners(w, nfresh);
	w->retired = new_listeners(w, nretired);
	if (w->fresh != NULL && w->retired != NULL)
		return 0;
	free_listeners(w->fresh);
	free_listeners(w->retired);
	w->fresh = w->retired = NULL;
	return -ENOMEM;
}

void
worker_adopt(
    struct worker *w, const struct conf *conf, struct sockets *sockets, struct sockets *gone)
{
	free_listeners(w->listeners);
	w->listeners = w->fresh;
	w->fresh = NULL;
	listen_on(w->listeners, conf, sockets);
	listen_on(w->retired, conf, gone);
	w->gone = *gone;
	if (sockets_any_open(gone))
		start_retirement(w);
	else
		end_retirement(w);
	w->conf = conf;
	w->sockets = sockets;
	w->reactor.busy_poll = conf->busy_poll / 1e6;
	reactor_reserve(&w->reactor, conf->max_fd);
	conn_set_timeouts(&w->conns, conf->idle_timeout, conf->stall_timeout);
	conn_set_limits(&w->conns, conf->max_lifetime, conf->byte_rate);
	if (conf->max_per_source > 0)
		conn_set_count_sources(&w->conns);
}

int
worker_run(struct worker *w)
{
	reactor_run(&w->reactor);
	proc_hold_signals(); /* it ends already */
	return w->exit_code;
}

void
worker_close(struct worker *w)
{
	conn_set_close(&w->conns); /* which tells listeners that there is room */
	free_listeners(w->listeners);
	free_listeners(w->retired);
	sockets_close(&w->gone);
	reactor_close(&w->reactor);
}

/* SPDX-License-Identifier: ISC */
/*
 * child.c -- see child.h.
 *
 * The channel is the leash: when the supervisor has gone, however it went, the
 * worker reads the end of it, and drains.  Nothing else tells a worker that it
 * has a parent.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "channel.h"
#include "child.h"
#include "cpus.h"
#include "log.h"
#include "proc.h"
#include "sandbox.h"
#include "title.h"

#define BEAT_SECONDS 1.0

struct bond {
	const struct child *child;
	struct worker worker;
	ev_io channel;
	ev_timer beat;
	bool said_draining;
};

static void
show(const struct bond *b)
{
	const struct child *c = b->child;

	if (b->worker.draining)
		title_set("worker %u (generation %u) draining %u", c->index, c->generation,
		    (unsigned)c->stats->active);
	else
		title_set("worker %u (generation %u)", c->index, c->generation);
}

/* The sooner the supervisor knows, the sooner somebody else accepts. */
static void
tell_draining(struct bond *b)
{
	show(b);
	if (!b->said_draining)
		b->said_draining = channel_send(b->child->channel, CHANNEL_DRAINING, -1) == 0;
}

static void
on_drain(struct worker *w)
{
	tell_draining(w->owner);
}

static void
on_beat(struct ev_loop *loop, ev_timer *t, int revents)
{
	struct bond *b = t->data;

	(void)loop, (void)revents;
	b->child->stats->beats++;
	if (b->worker.draining)
		tell_draining(b);
}

static void
on_channel(struct ev_loop *loop, ev_io *io, int revents)
{
	struct bond *b = io->data;
	int fd, message = channel_receive(io->fd, &fd);

	(void)revents;
	switch (message) {
	case -EAGAIN:
	case -EINTR: break;
	case CHANNEL_LOG: log_move(fd); break;
	default:
		log_warn("the supervisor is gone; draining");
		ev_io_stop(loop, io);
		worker_drain(&b->worker, true);
	}
}

/* What a worker cannot do by itself. */
static void
on_signal(struct worker *w, int signum)
{
	(void)w;
	log_info("%s is for the supervisor; nothing was done", strsignal(signum));
}

static int
give_up_root(const struct conf *conf)
{
	int rc = conf->user[0] != '\0' ? proc_become_named(conf->user) : 0;

	if (rc == 0)
		return 0;
	log_error("cannot become user %s: %s", conf->user, strerror(-rc));
	return EX_NOPERM;
}

static void
pin(const struct child *c)
{
	cpu_set_t set;
	int rc;

	if (cpus_parse(c->conf->cpu_affinity, &set) < 0 || CPU_COUNT(&set) == 0)
		return;
	if ((rc = cpus_pin(&set, c->index)) < 0)
		log_warn("cpu-affinity: %s; going on without", strerror(-rc));
}

/* From here on it is what peers send that decides what we do. */
static int
enter_sandbox(const struct child *c)
{
	bool on = conf_is_on(c->conf->sandbox);
	const char *lack = sandbox_lacks();
	int rc;

	if (!on && strcmp(c->conf->sandbox, "auto") != 0)
		return 0;
	if (lack != NULL) {
		log_debug("sandbox: none; it %s", lack);
		return 0;
	}
	if ((rc = sandbox_enter(log_is_syslog(), c->forbidden)) >= 0) {
		log_debug("sandbox: entered, with Landlock %d", rc);
		return 0;
	}
	if (!on) {
		log_warn("sandbox: %s; going on without", strerror(-rc));
		return 0;
	}
	log_error("sandbox: %s", strerror(-rc));
	return EX_OSERR;
}

static void
bind_to_parent(struct bond *b)
{
	struct ev_loop *loop = b->worker.reactor.loop;

	ev_io_init(&b->channel, on_channel, b->child->channel, EV_READ);
	ev_timer_init(&b->beat, on_beat, BEAT_SECONDS, BEAT_SECONDS);
	b->channel.data = b->beat.data = b;
	ev_io_start(loop, &b->channel);
	ev_timer_start(loop, &b->beat);
}

int
child_run(const struct child *c)
{
	struct bond b = { .child = c };
	int rc;

	show(&b);
	pin(c);
	if ((rc = give_up_root(c->conf)) != 0 ||
	    (rc = worker_open(
		 &b.worker, c->conf, c->sockets, c->stats, c->limits, on_signal, &b)) != 0)
		return rc;
	b.worker.on_drain = on_drain;
	bind_to_parent(&b);
	if ((rc = enter_sandbox(c)) != 0)
		goto out;
	if ((rc = channel_send(c->channel, CHANNEL_READY, -1)) < 0) {
		log_error("cannot tell the supervisor: %s", strerror(-rc));
		rc = EX_OSERR;
	} else {
		proc_let_signals_in();
		rc = worker_run(&b.worker);
	}
out:
	ev_io_stop(b.worker.reactor.loop, &b.channel);
	ev_timer_stop(b.worker.reactor.loop, &b.beat);
	worker_close(&b.worker);
	return rc;
}

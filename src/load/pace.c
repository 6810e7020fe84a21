/* SPDX-License-Identifier: ISC */
/*
 * pace.c -- see pace.h.
 */
#include <sys/timerfd.h>
#include <errno.h>
#include <math.h>
#include <unistd.h>

#include "client.h"
#include "pace.h"

#define SPIN 30000   /* ns before the time at which sleeping is no longer exact */
#define LATE 1000000 /* ns, after which a message has missed its time */
#define PORTION 256  /* messages in a turn: those that come back want a look, too */

static double
exponential(struct random *r)
{
	return -log(1 - random_unit(r));
}

static void
advance(struct pace *p)
{
	p->index++;
	switch (p->arrival) {
	case ARRIVAL_POISSON: p->next += exponential(&p->random) * p->gap; break;
	case ARRIVAL_BURST:
		p->next = (double)p->begin + (double)(p->index - p->index % p->burst) * p->gap;
		break;
	default: p->next = (double)p->begin + (double)p->index * p->gap;
	}
}

bool
pace_is_done(const struct pace *p)
{
	return p->begin == 0 || p->next >= (double)p->end;
}

static void
set_alarm(struct pace *p, double at)
{
	uint64_t when = (uint64_t)at;
	struct itimerspec t = { .it_value = { .tv_sec = (time_t)(when / 1000000000u),
				    .tv_nsec = (long)(when % 1000000000u) } };

	/* Setting it also takes back what it has already told. */
	timerfd_settime(p->timerfd, TFD_TIMER_ABSTIME, &t, NULL);
}

static void
on_prepare(struct ev_loop *loop, ev_prepare *w, int revents)
{
	struct pace *p = w->data;
	uint64_t now = client_clock();
	unsigned n;

	(void)revents;
	if (p->spin_at != 0 && (p->work == NULL || *p->work == p->worked))
		p->spun += now - p->spin_at;
	p->spin_at = 0;
	for (n = 0; n < PORTION && !pace_is_done(p) && p->next <= (double)now; n++) {
		uint64_t intended = (uint64_t)p->next;

		if (now - intended > LATE)
			p->missed++;
		advance(p);
		p->fn(p, intended);
	}
	if (pace_is_done(p)) {
		ev_idle_stop(loop, &p->awake);
		return;
	}
	now = client_clock();
	if (p->next - (double)now < SPIN) {
		ev_idle_start(loop, &p->awake);
		p->spin_at = n == 0 ? now : 0;
		p->worked = p->work != NULL ? *p->work : 0;
	} else {
		ev_idle_stop(loop, &p->awake);
		set_alarm(p, p->next - SPIN);
	}
}

static void
on_alarm(struct ev_loop *loop, ev_io *w, int revents)
{
	struct pace *p = w->data;
	uint64_t times;

	(void)loop, (void)revents;
	(void)!read(p->timerfd, &times, sizeof(times));
}

static void
on_awake(struct ev_loop *loop, ev_idle *w, int revents)
{
	(void)loop, (void)w, (void)revents;
}

int
pace_open(struct pace *p, struct reactor *r, double rate, enum run_arrival arrival, unsigned burst,
    uint64_t seed, const uint64_t *work, pace_fn *fn)
{
	*p = (struct pace){ .reactor = r, .fn = fn, .arrival = arrival, .burst = burst };
	p->work = work;
	p->gap = 1e9 / rate;
	random_seed(&p->random, seed);
	if ((p->timerfd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC)) == -1)
		return -errno;
	ev_io_init(&p->alarm, on_alarm, p->timerfd, EV_READ);
	ev_prepare_init(&p->prepare, on_prepare);
	ev_set_priority(&p->prepare, EV_MINPRI); /* after the reactor's turn */
	ev_idle_init(&p->awake, on_awake);
	p->alarm.data = p->prepare.data = p;
	return 0;
}

void
pace_start(struct pace *p, uint64_t begin, uint64_t end)
{
	p->begin = begin;
	p->end = end;
	p->index = 0;
	p->next = (double)begin;
	if (p->arrival == ARRIVAL_POISSON)
		p->next += exponential(&p->random) * p->gap;
	ev_io_start(p->reactor->loop, &p->alarm);
	ev_prepare_start(p->reactor->loop, &p->prepare);
}

void
pace_close(struct pace *p)
{
	if (p->reactor == NULL)
		return;
	ev_io_stop(p->reactor->loop, &p->alarm);
	ev_prepare_stop(p->reactor->loop, &p->prepare);
	ev_idle_stop(p->reactor->loop, &p->awake);
	close(p->timerfd);
	p->reactor = NULL;
}

void
pace_forgo(struct pace *p)
{
	while (!pace_is_done(p)) {
		uint64_t intended = (uint64_t)p->next;

		advance(p);
		p->fn(p, intended);
	}
}

/* SPDX-License-Identifier: ISC */
/*
 * pulse.c -- see pulse.h.
 */
#include <string.h>

#include "notify.h"
#include "pulse.h"

#define SECONDS 5.0 /* between two looks, if the watchdog does not say otherwise */

/* A stop may take as long as we go on asking for time, thrice as long as it takes to ask again. */
static void
extend(const struct pulse *p)
{
	notify_extend(3 * p->timer.repeat);
}

/* True if there is news. */
static bool
look(struct pulse *p)
{
	char line[PULSE_TEXT];

	p->say(p, line);
	if (strcmp(line, p->said) == 0)
		return false;
	memcpy(p->said, line, sizeof(line));
	return true;
}

static void
on_timer(struct ev_loop *loop, ev_timer *t, int revents)
{
	struct pulse *p = t->data;

	(void)loop, (void)revents;
	if (p->watched && (p->lives == NULL || p->lives(p)))
		notify_alive();
	if (p->stopping)
		extend(p);
	if (look(p))
		notify_status(p->said);
}

void
pulse_start(struct pulse *p, struct ev_loop *loop,
    void (*say)(struct pulse *, char line[PULSE_TEXT]), bool (*lives)(struct pulse *), void *owner)
{
	double limit = notify_watchdog();

	*p = (struct pulse){ .say = say, .lives = lives, .owner = owner };
	ev_timer_init(&p->timer, on_timer, 0, 0);
	if (!notify_wanted())
		return;
	p->loop = loop;
	p->watched = limit > 0;
	p->timer.data = p;
	p->timer.repeat = p->watched ? limit / 2 : SECONDS;
	ev_timer_again(loop, &p->timer);
	look(p);
	notify_ready(p->said);
}

void
pulse_reloading(struct pulse *p)
{
	if (p->loop != NULL)
		notify_reloading();
}

void
pulse_reloaded(struct pulse *p)
{
	if (p->loop == NULL)
		return;
	look(p);
	notify_ready(p->said);
}

void
pulse_stopping(struct pulse *p)
{
	if (p->loop == NULL || p->stopping)
		return;
	p->stopping = true;
	notify_stopping();
	extend(p);
	if (look(p))
		notify_status(p->said);
}

void
pulse_stop(struct pulse *p)
{
	if (p->loop == NULL)
		return;
	ev_timer_stop(p->loop, &p->timer);
	p->loop = NULL;
}

/* SPDX-License-Identifier: ISC */
/*
 * pulse.h -- tells the service manager, again and again, that we live and how.
 */
#ifndef PULSE_H
#define PULSE_H

#include <ev.h>
#include <stdbool.h>

#define PULSE_TEXT 160

struct pulse {
	void (*say)(struct pulse *, char line[PULSE_TEXT]);
	bool (*lives)(struct pulse *);
	void *owner;
	struct ev_loop *loop; /* NULL: nobody listens */
	ev_timer timer;
	bool watched, stopping;
	char said[PULSE_TEXT];
};

/*
 * We are ready: say so, and go on saying how it is.  Nothing if nobody listens.
 * say: one line about how things stand.  lives: whether all that has to run does
 * run; NULL if that the timer runs says enough.
 */
void pulse_start(struct pulse *, struct ev_loop *,
    void (*say)(struct pulse *, char line[PULSE_TEXT]), bool (*lives)(struct pulse *), void *owner);

/*
 * Round a reload, whatever comes of it.  pulse_reloaded() must come, or the
 * service manager believes that we are still at it.
 */
void pulse_reloading(struct pulse *);
void pulse_reloaded(struct pulse *);

/* It may take a while until we have ended; to wait for us is worth it. */
void pulse_stopping(struct pulse *);
void pulse_stop(struct pulse *);

#endif

/* SPDX-License-Identifier: ISC */
/*
 * notify.h -- what the service manager is told about us, see sd_notify(3).
 *
 * Where it has not asked to be told (no NOTIFY_SOCKET in the environment), or
 * echod was built without libsystemd, all of this does nothing.
 */
#ifndef NOTIFY_H
#define NOTIFY_H

#include <stdbool.h>

bool notify_built_in(void); /* whether there is libsystemd */
bool notify_wanted(void);

/*
 * Seconds after which the service manager, having heard nothing from us, takes
 * us for dead.  0: it does not wait for us.
 */
double notify_watchdog(void);

/* Status is a line for people. */
void notify_ready(const char *status);
void notify_status(const char *status);
void notify_reloading(void); /* until the next notify_ready() */
void notify_stopping(void);
void notify_alive(void);

/* What it waits for, be it a start or a stop, takes that much longer from now. */
void notify_extend(double seconds);

/* In a child: the service manager is not its business. */
void notify_forget(void);

#endif

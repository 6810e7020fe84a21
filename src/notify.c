/* SPDX-License-Identifier: ISC */
/*
 * notify.c -- see notify.h.
 *
 * That a message did not arrive is nobody's concern here: the service manager
 * has time limits for what it does not hear.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#ifdef HAVE_LIBSYSTEMD
#include <systemd/sd-daemon.h>
#endif

#include "notify.h"

#ifdef HAVE_LIBSYSTEMD

bool
notify_built_in(void)
{
	return true;
}

double
notify_watchdog(void)
{
	uint64_t usec;

	return notify_wanted() && sd_watchdog_enabled(0, &usec) > 0 ? (double)usec / 1e6 : 0;
}

static void
say(const char *state)
{
	(void)sd_notify(0, state);
}

#else

bool
notify_built_in(void)
{
	return false;
}

double
notify_watchdog(void)
{
	return 0;
}

static void
say(const char *state)
{
	(void)state;
}

#endif

bool
notify_wanted(void)
{
	return notify_built_in() && getenv("NOTIFY_SOCKET") != NULL;
}

void
notify_ready(const char *status)
{
	char state[512];

	snprintf(state, sizeof(state), "READY=1\nSTATUS=%s", status);
	say(state);
}

void
notify_status(const char *status)
{
	char state[512];

	snprintf(state, sizeof(state), "STATUS=%s", status);
	say(state);
}

/* From version 253 on systemd wants to know when it was, to tell reloads apart. */
void
notify_reloading(void)
{
	char state[64];
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	snprintf(state, sizeof(state), "RELOADING=1\nMONOTONIC_USEC=%lld",
	    (long long)now.tv_sec * 1000000 + now.tv_nsec / 1000);
	say(state);
}

void
notify_stopping(void)
{
	say("STOPPING=1");
}

void
notify_alive(void)
{
	say("WATCHDOG=1");
}

void
notify_extend(double seconds)
{
	char state[64];

	snprintf(state, sizeof(state), "EXTEND_TIMEOUT_USEC=%.0f", seconds * 1e6);
	say(state);
}

void
notify_forget(void)
{
	unsetenv("NOTIFY_SOCKET");
	unsetenv("WATCHDOG_USEC");
	unsetenv("WATCHDOG_PID");
}

/* SPDX-License-Identifier: ISC */
/*
 * alike.c -- see alike.h.
 */
#include <stdio.h>
#include <string.h>

#include "alike.h"

static bool
same_name(const char *what, const char *a, const char *b, char why[ALIKE_WHY])
{
	if (strcmp(a, b) == 0)
		return true;
	snprintf(why, ALIKE_WHY, "%s %s and %s", what, a, b);
	return false;
}

static bool
same_number(const char *what, double a, double b, char why[ALIKE_WHY])
{
	if (a == b)
		return true;
	snprintf(why, ALIKE_WHY, "%s %.10g and %.10g", what, a, b);
	return false;
}

bool
alike(const struct run_config *a, const struct run_config *b, bool shares, char why[ALIKE_WHY])
{
	if (!same_name("mode", run_modes[a->mode], run_modes[b->mode], why) ||
	    !same_name(
		"loop", a->rate > 0 ? "open" : "closed", b->rate > 0 ? "open" : "closed", why) ||
	    !same_name("message size", a->size_text, b->size_text, why) ||
	    !same_name("verify", run_verifies[a->verify], run_verifies[b->verify], why) ||
	    !same_number("pipeline", a->pipeline, b->pipeline, why) ||
	    !same_number(
		"requests a connection", a->requests_per_conn, b->requests_per_conn, why) ||
	    !same_number("think seconds", a->think, b->think, why) ||
	    !same_number("most in flight", a->max_inflight, b->max_inflight, why))
		return false;
	if (a->rate > 0 &&
	    !same_name("arrival", run_arrivals[a->arrival], run_arrivals[b->arrival], why))
		return false;
	if (shares)
		return same_number("interval seconds", a->interval, b->interval, why);
	return same_number("connections", a->connections, b->connections, why) &&
	    same_number("rate", a->rate, b->rate, why);
}

/* SPDX-License-Identifier: ISC */
/*
 * cpus.c -- see cpus.h.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cpus.h"

static int
usable(cpu_set_t *set)
{
	CPU_ZERO(set);
	return sched_getaffinity(0, sizeof(*set), set) == 0 ? 0 : -errno;
}

unsigned
cpus_usable(void)
{
	cpu_set_t set;

	return usable(&set) == 0 ? (unsigned)CPU_COUNT(&set) : 1;
}

/* A number at *text, and go behind it. */
static int
take_number(const char **text, unsigned *n)
{
	const char *p = *text;

	for (*n = 0; *p >= '0' && *p <= '9' && *n < CPU_SETSIZE; p++)
		*n = *n * 10 + (unsigned)(*p - '0');
	if (p == *text || *n >= CPU_SETSIZE)
		return -EINVAL;
	*text = p;
	return 0;
}

static int
parse_list(const char *p, const cpu_set_t *all, cpu_set_t *set)
{
	unsigned from, to;

	for (;;) {
		if (take_number(&p, &from) < 0)
			return -EINVAL;
		to = from;
		if (*p == '-' && (p++, take_number(&p, &to) < 0 || to < from))
			return -EINVAL;
		for (; from <= to; from++) {
			if (!CPU_ISSET(from, all))
				return -ENODEV;
			CPU_SET(from, set);
		}
		if (*p == '\0')
			return 0;
		if (*p++ != ',')
			return -EINVAL;
	}
}

int
cpus_parse(const char *text, cpu_set_t *set)
{
	cpu_set_t all;
	int rc;

	CPU_ZERO(set);
	if (strcmp(text, "off") == 0)
		return 0;
	if ((rc = usable(&all)) < 0)
		return rc;
	if (strcmp(text, "auto") == 0) {
		*set = all;
		return 0;
	}
	return parse_list(text, &all, set);
}

int
cpus_pin(const cpu_set_t *set, unsigned index)
{
	unsigned cpu, left = index % (unsigned)CPU_COUNT(set);
	cpu_set_t one;

	for (cpu = 0; !CPU_ISSET(cpu, set) || left-- > 0; cpu++)
		continue;
	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	return sched_setaffinity(0, sizeof(one), &one) == 0 ? 0 : -errno;
}

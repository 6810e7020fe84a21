/* SPDX-License-Identifier: ISC */
/*
 * units.h -- numbers with units, from text and back.
 */
#ifndef UNITS_H
#define UNITS_H

#include <stddef.h>

#define UNITS_TEXT 32 /* bytes that hold any of them as text */

/*
 * "500ms", "10s", "1.5m", "1h", "7d" in seconds; "0" needs no unit.  At most
 * ten years.  Returns 0, or -EINVAL and leaves the value alone.
 */
int units_duration(const char *text, double *seconds);

/* A short text that units_duration() reads back as exactly the same. */
void units_print_duration(char text[UNITS_TEXT], double seconds);

/* A whole decimal number from min to max.  Returns 0, -EINVAL or -ERANGE. */
int units_count(const char *text, unsigned min, unsigned max, unsigned *count);

/*
 * "64", "64k", "1.5M", "2g" in bytes, by powers of 1024 and in either case.
 * Returns 0 or -EINVAL.
 */
int units_size(const char *text, double *bytes);

/* A short text that units_size() reads back as exactly the same. */
void units_print_size(char text[UNITS_TEXT], unsigned bytes);

/* "1000", "10k", "1.5M" a second, by powers of 1000.  0 or -EINVAL. */
int units_rate(const char *text, double *per_second);

#endif

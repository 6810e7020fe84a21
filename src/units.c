/* SPDX-License-Identifier: ISC */
/*
 * units.c -- see units.h.
 */
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "macros.h"
#include "units.h"

#define TEN_YEARS (10 * 365 * 86400.0)

/* The largest first: printing takes the first that divides. */
static const struct {
	const char *name;
	double seconds;
} times[] = { { "d", 86400 }, { "h", 3600 }, { "m", 60 }, { "s", 1 }, { "ms", 1e-3 } };

int
units_duration(const char *text, double *seconds)
{
	double value;
	char *unit;
	size_t i;

	if (!isdigit((unsigned char)text[0])) /* strtod takes "-1", " 1", "inf" too */
		return -EINVAL;
	if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X'))
		return -EINVAL;
	errno = 0;
	value = strtod(text, &unit);
	if (errno != 0)
		return -EINVAL;
	if (value == 0 && *unit == '\0') {
		*seconds = 0;
		return 0;
	}
	for (i = 0; i < countof(times); i++)
		if (strcmp(unit, times[i].name) == 0) {
			if (value * times[i].seconds > TEN_YEARS)
				return -EINVAL;
			*seconds = value * times[i].seconds;
			return 0;
		}
	return -EINVAL;
}

static bool
reads_as(const char *text, double seconds)
{
	double back;

	return units_duration(text, &back) == 0 && back == seconds;
}

void
units_print_duration(char text[UNITS_TEXT], double seconds)
{
	size_t i;
	int digits;

	snprintf(text, UNITS_TEXT, "0");
	for (i = 0; i < countof(times) && !reads_as(text, seconds); i++)
		snprintf(
		    text, UNITS_TEXT, "%.0f%s", round(seconds / times[i].seconds), times[i].name);
	/* Not a whole number of any.  With 17 digits every double reads back. */
	for (digits = 1; digits <= 17 && !reads_as(text, seconds); digits++) {
		snprintf(text, UNITS_TEXT, "%.*gms", digits, seconds * 1e3);
		if (!reads_as(text, seconds))
			snprintf(text, UNITS_TEXT, "%.*gs", digits, seconds);
	}
}

int
units_count(const char *text, unsigned min, unsigned max, unsigned *count)
{
	unsigned long value;
	char *end;

	if (!isdigit((unsigned char)text[0]))
		return -EINVAL;
	errno = 0;
	value = strtoul(text, &end, 10);
	if (*end != '\0')
		return -EINVAL;
	if (errno != 0 || value < min || value > max)
		return -ERANGE;
	*count = (unsigned)value;
	return 0;
}

/* A number that is not negative and may have one letter of "kMGT" behind it. */
static int
scaled(const char *text, double step, double *value)
{
	static const char letters[] = "kmgt";
	const char *letter;
	char *end;
	double n;

	if (!isdigit((unsigned char)text[0]) || (text[0] == '0' && tolower(text[1]) == 'x'))
		return -EINVAL;
	errno = 0;
	n = strtod(text, &end);
	if (errno != 0)
		return -EINVAL;
	if (*end != '\0') {
		if ((letter = strchr(letters, tolower((unsigned char)*end))) == NULL ||
		    end[1] != '\0')
			return -EINVAL;
		n *= pow(step, (double)(letter - letters + 1));
		if (!isfinite(n))
			return -EINVAL;
	}
	*value = n;
	return 0;
}

int
units_size(const char *text, double *bytes)
{
	return scaled(text, 1024, bytes);
}

void
units_print_size(char text[UNITS_TEXT], unsigned bytes)
{
	static const char *const letters[] = { "", "k", "m", "g" };
	size_t i = 0;

	for (; bytes != 0 && bytes % 1024 == 0 && i < countof(letters) - 1; i++)
		bytes /= 1024;
	snprintf(text, UNITS_TEXT, "%u%s", bytes, letters[i]);
}

int
units_rate(const char *text, double *per_second)
{
	return scaled(text, 1000, per_second);
}

/* SPDX-License-Identifier: ISC */
/*
 * typo.c -- see typo.h.
 */
#include <limits.h>
#include <string.h>

#include "macros.h"
#include "typo.h"

unsigned
typo_distance(const char *a, const char *b)
{
	unsigned row[32], previous, above, i, j, n = (unsigned)strlen(b);

	if (n >= countof(row))
		return UINT_MAX;
	for (j = 0; j <= n; j++)
		row[j] = j;
	for (i = 1; a[i - 1] != '\0'; i++) {
		previous = row[0];
		row[0] = i;
		for (j = 1; j <= n; j++) {
			above = row[j];
			row[j] = previous + (a[i - 1] != b[j - 1]);
			if (row[j] > above + 1)
				row[j] = above + 1;
			if (row[j] > row[j - 1] + 1)
				row[j] = row[j - 1] + 1;
			previous = above;
		}
	}
	return row[n];
}

/* SPDX-License-Identifier: ISC */
/*
 * memory.h -- count what src/ allocates, and refuse it.
 *
 * Needs --wrap=malloc,--wrap=calloc,--wrap=free.
 */
#ifndef MEMORY_H
#define MEMORY_H

#include <stddef.h>

/* Forget what there is; from now on count what malloc() gives and free() gets. */
void memory_watch(void);
size_t memory_held(void); /* bytes */
size_t memory_peak(void); /* the most that was held at once */

void memory_fail_malloc(void); /* the next one */
void memory_fail_calloc(void);

#endif

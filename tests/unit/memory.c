/* SPDX-License-Identifier: ISC */
/*
 * memory.c -- see memory.h.
 */
#include <errno.h>
#include <stdbool.h>

#include "macros.h"
#include "memory.h"

void *__real_malloc(size_t), *__real_calloc(size_t, size_t);
void __real_free(void *);
void *__wrap_malloc(size_t), *__wrap_calloc(size_t, size_t);
void __wrap_free(void *);

static struct {
	void *at;
	size_t size;
} blocks[64];

static size_t held, peak;
static bool fail_malloc, fail_calloc;

void
memory_watch(void)
{
	size_t i;

	for (i = 0; i < countof(blocks); i++)
		blocks[i].at = NULL;
	held = peak = 0;
}

size_t
memory_held(void)
{
	return held;
}

size_t
memory_peak(void)
{
	return peak;
}

void
memory_fail_malloc(void)
{
	fail_malloc = true;
}

void
memory_fail_calloc(void)
{
	fail_calloc = true;
}

void *
__wrap_malloc(size_t size)
{
	void *p;
	size_t i;

	if (fail_malloc) {
		fail_malloc = false;
		errno = ENOMEM;
		return NULL;
	}
	p = __real_malloc(size);
	for (i = 0; i < countof(blocks); i++)
		if (blocks[i].at == NULL) {
			blocks[i].at = p;
			blocks[i].size = size;
			held += size;
			break;
		}
	if (held > peak)
		peak = held;
	return p;
}

void *
__wrap_calloc(size_t n, size_t size)
{
	if (fail_calloc) {
		fail_calloc = false;
		errno = ENOMEM;
		return NULL;
	}
	return __real_calloc(n, size);
}

void
__wrap_free(void *p)
{
	size_t i;

	for (i = 0; p != NULL && i < countof(blocks); i++)
		if (blocks[i].at == p) {
			blocks[i].at = NULL;
			held -= blocks[i].size;
			break;
		}
	__real_free(p);
}

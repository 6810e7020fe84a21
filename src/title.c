/* SPDX-License-Identifier: ISC */
/*
 * title.c -- see title.h.
 *
 * Linux shows the bytes from argv[0] on, and lets a process write over them; when
 * the last of argv's bytes is no longer 0 it goes on into the environment, which
 * lies behind (proc(5), "cmdline").
 */
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "title.h"

struct strings {
	char **each;
	char *all; /* one block, which stays when unsetenv(3) drops one of them */
};

static struct {
	char *at;
	size_t size;
	struct strings argv, env; /* the copies */
} title;

static bool
copy(struct strings *to, char **from)
{
	size_t i, n = 0, size = 1;
	char *p;

	for (; from[n] != NULL; n++)
		size += strlen(from[n]) + 1;
	to->each = calloc(n + 1, sizeof(*to->each));
	to->all = p = malloc(size);
	if (to->each == NULL || p == NULL)
		return false;
	for (i = 0; i < n; i++) {
		to->each[i] = p;
		p = stpcpy(p, from[i]) + 1;
	}
	return true;
}

/* Where the strings end that lie one behind the other from end on. */
static char *
skip(char *end, char **strings)
{
	for (; *strings != NULL && *strings == end; strings++)
		end += strlen(*strings) + 1;
	return end;
}

char **
title_open(int argc, char **argv)
{
	char *end;

	if (argc == 0 || !copy(&title.argv, argv) || !copy(&title.env, environ))
		return NULL;
	end = skip(argv[0], argv);
	end = skip(end, environ);
	environ = title.env.each;
	program_invocation_name = title.argv.each[0];
	title.at = argv[0];
	title.size = (size_t)(end - argv[0]);
	return title.argv.each;
}

void
title_set(const char *fmt, ...)
{
	size_t head = strlen("echod: ");
	va_list ap;

	if (title.size <= head)
		return;
	memset(title.at, 0, title.size);
	memcpy(title.at, "echod: ", head);
	va_start(ap, fmt);
	vsnprintf(title.at + head, title.size - head, fmt, ap);
	va_end(ap);
}

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
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "title.h"

static struct {
	char *at;
	size_t size;
	char **argv, **env; /* the copies */
} title;

static char **
copy(char **from)
{
	size_t i, n = 0;
	char **to;

	while (from[n] != NULL)
		n++;
	if ((to = calloc(n + 1, sizeof(*to))) == NULL)
		return NULL;
	for (i = 0; i < n; i++)
		if ((to[i] = strdup(from[i])) == NULL) {
			while (i > 0)
				free(to[--i]);
			free(to);
			return NULL;
		}
	return to;
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

	if (argc == 0 || (title.argv = copy(argv)) == NULL || (title.env = copy(environ)) == NULL)
		return NULL;
	end = skip(argv[0], argv);
	end = skip(end, environ);
	environ = title.env;
	program_invocation_name = title.argv[0];
	title.at = argv[0];
	title.size = (size_t)(end - argv[0]);
	return title.argv;
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

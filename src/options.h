/* SPDX-License-Identifier: ISC */
/*
 * options.h -- the command line of echod.
 */
#ifndef OPTIONS_H
#define OPTIONS_H

#include <stdbool.h>
#include <stdio.h>

#include "conf.h"

struct set {
	const char *option; /* as written on the command line */
	const char *name, *value;
	char *pair; /* of -o: both of them, on the heap; or NULL */
};

/* What the command line says.  Other texts are those of argv, which remains as it was. */
struct options {
	const char *config;
	const char *action; /* of -s */
	struct set *sets;
	size_t nsets;
	const char **listens;
	size_t nlistens;
	const struct activation *activation; /* what the service manager passed, or NULL */
	bool test, dump, detach, again;
	int ready_fd;
};

/*
 * Read the command line, and answer what only wants an answer (--help).  -1: go
 * on; else the code to exit with.  again: it has been in force before, in this
 * process, and what it said of its descriptors has been done.
 */
int options_read(struct options *, int argc, char **argv, bool again);
void options_free(struct options *);

/*
 * The settings: the file, and on top of it what the command line says, whose
 * mistakes count first.  Messages go to err.  0 or the code to exit with.
 */
int options_settings(const struct options *, struct conf *, FILE *err);

/* Say what is wrong with the command line.  Returns the code to exit with. */
int options_usage(const char *what, const char *why);

/* The same for a start without memory. */
int options_no_memory(void);

#endif

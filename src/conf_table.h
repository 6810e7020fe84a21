/* SPDX-License-Identifier: ISC */
/*
 * conf_table.h -- a row of the table of settings, for those who go by the table.
 */
#ifndef CONF_TABLE_H
#define CONF_TABLE_H

#include "conf.h"

enum type { COUNT, SIZE, DURATION, CHOICE, TEXT };

struct setting {
	const char *name;
	enum type type;
	size_t offset;       /* in struct conf or conf_listen */
	const char *preset;  /* NULL: as the global one */
	const char *allowed; /* in the words of a message */
	const char *rest;    /* CHOICE: what is left of these where check refuses a word */
	const char *help;
	unsigned min, max; /* COUNT, SIZE */
	const char *word;  /* COUNT: a word that stands for a number: */
	unsigned word_is;
	const char *const *choices;         /* CHOICE */
	const char *(*check)(const char *); /* what is wrong, or NULL */
};

/* The i-th setting of its kind, NULL after the last. */
const struct setting *conf_setting(bool in_section, size_t i);

#endif

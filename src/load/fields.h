/* SPDX-License-Identifier: ISC */
/*
 * fields.h -- the members of C structures as members of JSON objects.
 *
 * One table serves for saving and for loading, so that nothing is saved under one
 * name and looked for under another.  Units are in the key: times are integer
 * nanoseconds, whatever they are in memory.
 */
#ifndef FIELDS_H
#define FIELDS_H

#include <jansson.h>
#include <stddef.h>

#define FIELDS_WHY 240 /* bytes for what is wrong with a document */

enum field_kind {
	FIELD_COUNT,    /* uint64_t */
	FIELD_UNSIGNED, /* unsigned */
	FIELD_INT,      /* int */
	FIELD_BOOL,     /* bool */
	FIELD_REAL,     /* double */
	FIELD_SECONDS,  /* double seconds, as integer nanoseconds */
	FIELD_SHARE,    /* double, 1 for all, as percent */
	FIELD_NAME,     /* enum, as its name */
	FIELD_ARRAY,    /* char[], size bytes of them */
	FIELD_STRING    /* const char *, which then lives as long as the document */
};

struct field {
	const char *key;
	enum field_kind kind;
	size_t offset;
	const char *const *names; /* FIELD_NAME: ended by NULL */
	size_t size;              /* FIELD_ARRAY */
};

/* Text in JSON is UTF-8; other bytes become U+FFFD. */
json_t *fields_text(const char *);

/* A number in JSON is finite; others become 0. */
json_t *fields_real(double);

void fields_save(json_t *object, const struct field *, size_t n, const void *from);

/* 0, or -EINVAL and why: "requests.failed is not a whole number". */
int fields_load(const json_t *object, const char *name, const struct field *, size_t n, void *to,
    char why[FIELDS_WHY]);

/* The object of this key; NULL, and why says so, if there is none. */
const json_t *fields_object(const json_t *from, const char *key, char why[FIELDS_WHY]);
const json_t *fields_array(const json_t *from, const char *key, char why[FIELDS_WHY]);

#endif

/* SPDX-License-Identifier: ISC */
/*
 * run_fields.h -- under which names the numbers of a run stand in its JSON.
 *
 * Whatever stands in a section beside these is derived from them: it is written
 * for the reader, and not read back.
 */
#ifndef RUN_FIELDS_H
#define RUN_FIELDS_H

#include "fields.h"

#define RUN_MSGS_MAX 2000 /* values of fairness.msgs_sorted */

enum run_base { BASE_CONFIG, BASE_TOTAL, BASE_RUN, BASE_MACHINE, BASE_VERDICT, BASE_REPORT };

/* Members of one structure that go to one section of the document. */
struct run_section {
	const char *name;
	enum run_base base;
	const struct field *fields;
	size_t n;
};

extern const struct run_section run_sections[];
extern const size_t run_nsections;

/* Of "tls", which is null without it; in the sum of all parts. */
extern const struct field run_tls_fields[];
extern const size_t run_ntls_fields;

extern const struct field run_interval_fields[], run_assertion_fields[];
extern const size_t run_ninterval_fields, run_nassertion_fields;

/* Where in a report that structure is. */
struct report;
const void *run_base(const struct report *, enum run_base);

#endif

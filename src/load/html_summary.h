/* SPDX-License-Identifier: ISC */
/*
 * html_summary.h -- the words and tables of the HTML report, above its figures.
 */
#ifndef HTML_SUMMARY_H
#define HTML_SUMMARY_H

#include "report.h"

/* One run: the verdict, its numbers, its troubles, and how it was made. */
void html_summary(FILE *, const struct report *);
void html_details(FILE *, const struct report *);

/* Several: a table with a row for each. */
void html_table(FILE *, const struct report *const *, const char *const *names, unsigned n);

#endif

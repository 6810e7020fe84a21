/* SPDX-License-Identifier: ISC */
/*
 * report_html.h -- one page of several runs: see report_html() in report.h.
 */
#ifndef REPORT_HTML_H
#define REPORT_HTML_H

#include "report.h"

/* names: what each run is called.  0, -E2BIG for more than PLOTS_RUNS, or -errno. */
int report_html_of(const struct report *const *, const char *const *names, unsigned n, FILE *);

#endif

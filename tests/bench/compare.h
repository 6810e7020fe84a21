/* SPDX-License-Identifier: ISC */
/*
 * compare.h -- the two ways in which results are shown.
 */
#ifndef COMPARE_OF_BENCH_H
#define COMPARE_OF_BENCH_H

#include <stdio.h>

#include "results.h"

#define COMPARE_TEXT 64

/* For a terminal of 80 columns. */
void compare_table(FILE *, const struct results *);

/* One page that needs nothing else. */
void compare_html(FILE *, const struct results *);

/* The figure of one case: a dot and an interval for each subject. */
void compare_draw(FILE *, const struct results *, const struct bench_case *);

/* "98.8% interval": how sure the intervals of this case are. */
void compare_interval_words(
    char text[COMPARE_TEXT], const struct results *, const struct bench_case *);

/* "0.951 - 1.012"; "-" if there is none. */
void compare_print_interval(char text[COMPARE_TEXT], const struct spread *);
void compare_print_ratio(char text[COMPARE_TEXT], const struct spread *);
void compare_print_rate(char text[COMPARE_TEXT], const struct spread *);
void compare_print_time(char text[COMPARE_TEXT], const struct spread *); /* of ns */
void compare_print_share(char text[COMPARE_TEXT], double share);         /* "98%" */

#endif

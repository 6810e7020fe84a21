/* SPDX-License-Identifier: ISC */
/*
 * sizes.h -- how long messages are: always the same, or by a distribution.
 */
#ifndef SIZES_H
#define SIZES_H

#include <stddef.h>

#include "payload.h"

#define SIZES_MAX (64 * 1024 * 1024) /* bytes of a message */

enum sizes_kind { SIZES_FIXED, SIZES_RANGE, SIZES_EXP, SIZES_CHOICE };

struct sizes {
	enum sizes_kind kind;
	size_t low, high; /* RANGE; FIXED: both the same */
	double mean;      /* EXP */
	size_t *choices;  /* CHOICE */
	double *upto;     /* cumulated shares, the last is 1 */
	size_t n;
};

/*
 * "64", "1k", "1..1500", "exp:512", "choice:64@90,4k@9,1M@1" or "file:PATH", which
 * has one size a line, each as likely.  0 or -EINVAL, -ENOMEM, or -errno of the
 * file; then *why says so in words.
 */
int sizes_parse(struct sizes *, const char *text, const char **why);
void sizes_free(struct sizes *);

size_t sizes_next(const struct sizes *, struct random *);

#endif

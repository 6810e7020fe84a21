/* SPDX-License-Identifier: ISC */
/*
 * typo.h -- how far a typing error went.
 */
#ifndef TYPO_H
#define TYPO_H

/*
 * Edits (insert, delete, replace) that make b of a; UINT_MAX for a b that is too
 * long (32 bytes) to be looked at.
 */
unsigned typo_distance(const char *a, const char *b);

#endif

/* SPDX-License-Identifier: ISC */
/*
 * clock.h -- time stands still, until a test moves it.
 *
 * A program linked with clock.c has its own clock_gettime(), and libev, being a
 * shared library, uses it too.
 */
#ifndef CLOCK_H
#define CLOCK_H

void clock_advance(double seconds);

#endif

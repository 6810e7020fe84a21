/* SPDX-License-Identifier: ISC */
/*
 * waits.h -- how libev waits: select(), poll() and epoll are looked at.
 *
 * A program linked with waits.c has these functions itself, and libev, being a
 * shared library, comes by here on its way to the C library.
 */
#ifndef WAITS_H
#define WAITS_H

extern unsigned waits_asleep; /* calls that were ready to sleep */
extern int waits_error;       /* errno that the next calls fail with; 0 is none */
extern int waits_select_max;  /* select() fails beyond, as with a fixed fd_set; 0: never */
extern int waits_add_error;   /* the same for a new descriptor of epoll */

#endif

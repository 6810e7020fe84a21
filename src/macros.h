/* SPDX-License-Identifier: ISC */
/*
 * macros.h -- the macros that C lacks.
 */
#ifndef MACROS_H
#define MACROS_H

#include <stddef.h>

#define container_of(ptr, type, member) ((type *)((char *)(ptr)-offsetof(type, member)))
#define countof(array) (sizeof(array) / sizeof((array)[0]))
#define STRINGIFY(macro) STRINGIFY_(macro)
#define STRINGIFY_(text) #text
#define printflike(fmt, args) __attribute__((__format__(__printf__, fmt, args)))

/* Kept out of its callers, so that the path that is taken all the time stays short. */
#define rare __attribute__((cold, noinline))

/* Made once for each caller, by what that knows. */
#define inlined inline __attribute__((always_inline))

#endif

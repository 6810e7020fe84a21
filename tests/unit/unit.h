/* SPDX-License-Identifier: ISC */
/*
 * unit.h -- what every unit test includes: cmocka, with what it needs before it.
 */
#ifndef UNIT_H
#define UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

/* Leave the test; tap.sh makes the reason a part of its result. */
#define SKIP(why) \
	do { \
		print_message("# skip: %s\n", why); \
		skip(); \
	} while (0)

#endif

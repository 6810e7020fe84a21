/* SPDX-License-Identifier: ISC */
/*
 * fuzz.h -- what every fuzz target has.
 *
 * A target is one function that takes any bytes, and must() hold.  libFuzzer looks
 * for bytes with which it does not (make fuzz); replay.c calls it with those that
 * were found so far, as a part of make check.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define must(condition) \
	do { \
		if (!(condition)) { \
			fprintf(fuzz_err, "%s:%d: must be, and is not: %s\n", __FILE__, __LINE__, \
			    #condition); \
			fflush(fuzz_err); \
			abort(); \
		} \
	} while (0)

/* Where must() complains.  A target that plays with stderr changes it. */
#define fuzz_err stderr

#endif

/* SPDX-License-Identifier: ISC */
/*
 * payload.h -- bytes to send whose echo can be checked without keeping them.
 *
 * One table of random bytes, of a prime length, stands for an endless stream:
 * byte o of a stream that starts at s is table[(s + o) mod prime].  It is written
 * from the table and compared with the table, with no copy and no buffer for a
 * connection; and as no message size divides a prime, an echo that repeats,
 * skips, or comes from another connection differs from what is expected.
 */
#ifndef PAYLOAD_H
#define PAYLOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PAYLOAD_PRIME 1048573u /* the largest prime below 2^20 */
#define PAYLOAD_CHUNK 262144u  /* so much is contiguous from anywhere */

struct payload {
	unsigned char *table; /* PAYLOAD_PRIME + PAYLOAD_CHUNK bytes */
};

int payload_open(struct payload *, uint64_t seed); /* 0 or -ENOMEM */
void payload_close(struct payload *);

/* PAYLOAD_CHUNK bytes from a position on: a stream's start, and how far into it. */
static inline const unsigned char *
payload_at(const struct payload *p, uint64_t position)
{
	return p->table + position % PAYLOAD_PRIME;
}

/*
 * Starting points of streams, spread evenly by a stride of the golden ratio.  Not
 * reduced to the table: payload_at() does that.
 */
static inline uint64_t
payload_start(uint32_t stream)
{
	return stream * UINT64_C(648055);
}

/*
 * Where in the table these bytes stand: *where, and true; or false when they
 * stand nowhere, or there are too few of them (fewer than eight) to tell.
 */
bool payload_find(const struct payload *, const unsigned char *bytes, size_t len, uint32_t *where);

/* A good and quick generator of numbers; the state may be any but all zero. */
struct random {
	uint64_t state[4];
};

void random_seed(struct random *, uint64_t seed);
uint64_t random_next(struct random *);
double random_unit(struct random *); /* 0 <= x < 1 */

#endif

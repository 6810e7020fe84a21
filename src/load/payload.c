/* SPDX-License-Identifier: ISC */
/*
 * payload.c -- see payload.h.  The generator is xoshiro256**, seeded by
 * splitmix64, as its authors advise (Blackman and Vigna, 2018).
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "payload.h"

static uint64_t
rotate(uint64_t x, int k)
{
	return (x << k) | (x >> (64 - k));
}

void
random_seed(struct random *r, uint64_t seed)
{
	int i;

	for (i = 0; i < 4; i++) {
		uint64_t z = seed += UINT64_C(0x9e3779b97f4a7c15);

		z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
		z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
		r->state[i] = z ^ (z >> 31);
	}
}

uint64_t
random_next(struct random *r)
{
	uint64_t *s = r->state, result = rotate(s[1] * 5, 7) * 9, t = s[1] << 17;

	s[2] ^= s[0];
	s[3] ^= s[1];
	s[1] ^= s[2];
	s[0] ^= s[3];
	s[2] ^= t;
	s[3] = rotate(s[3], 45);
	return result;
}

double
random_unit(struct random *r)
{
	return (double)(random_next(r) >> 11) * 0x1p-53;
}

int
payload_open(struct payload *p, uint64_t seed)
{
	struct random r;
	size_t i;

	if ((p->table = malloc(PAYLOAD_PRIME + PAYLOAD_CHUNK)) == NULL)
		return -ENOMEM;
	random_seed(&r, seed);
	for (i = 0; i < PAYLOAD_PRIME; i++)
		p->table[i] = (unsigned char)(random_next(&r) >> 56);
	memcpy(p->table + PAYLOAD_PRIME, p->table, PAYLOAD_CHUNK);
	return 0;
}

void
payload_close(struct payload *p)
{
	free(p->table);
	p->table = NULL;
}

bool
payload_find(const struct payload *p, const unsigned char *bytes, size_t len, uint32_t *where)
{
	const unsigned char *found;

	if (len < 8)
		return false;
	found = memmem(p->table, PAYLOAD_PRIME + PAYLOAD_CHUNK, bytes, len < 16 ? len : 16);
	if (found == NULL)
		return false;
	*where = (uint32_t)((size_t)(found - p->table) % PAYLOAD_PRIME);
	return true;
}

/* SPDX-License-Identifier: ISC */
/*
 * test_payload.c -- the endless stream from one table, and the generator.
 */
#include <math.h>
#include <string.h>

#include "payload.h"
#include "unit.h"

static struct payload payload;

static int
setup(void **state)
{
	(void)state;
	return payload_open(&payload, 42);
}

static int
teardown(void **state)
{
	(void)state;
	payload_close(&payload);
	return 0;
}

static void
test_the_length_is_prime(void **state)
{
	unsigned d;

	(void)state;
	for (d = 2; d * d <= PAYLOAD_PRIME; d++)
		assert_int_not_equal(PAYLOAD_PRIME % d, 0);
}

static void
test_same_seed_same_bytes(void **state)
{
	struct payload same, other;

	(void)state;
	assert_int_equal(payload_open(&same, 42), 0);
	assert_int_equal(payload_open(&other, 43), 0);
	assert_memory_equal(same.table, payload.table, PAYLOAD_PRIME + PAYLOAD_CHUNK);
	assert_memory_not_equal(other.table, payload.table, 64);
	payload_close(&same);
	payload_close(&other);
}

/* A chunk from anywhere goes on as the stream does, also around the end. */
static void
test_stream_is_seamless(void **state)
{
	static const uint64_t offsets[] = { 0, 1, PAYLOAD_PRIME - 1, PAYLOAD_PRIME,
		PAYLOAD_PRIME + 1, 5 * (uint64_t)PAYLOAD_PRIME - 100, UINT64_C(1) << 40 };
	size_t i;
	uint32_t k;

	(void)state;
	for (i = 0; i < sizeof(offsets) / sizeof(offsets[0]); i++) {
		const unsigned char *chunk = payload_at(&payload, 1234567 + offsets[i]);

		for (k = 0; k < PAYLOAD_CHUNK; k += 97)
			assert_int_equal(chunk[k], *payload_at(&payload, 1234567 + offsets[i] + k));
	}
}

/* What is of no use: a stream that looks the same some bytes later. */
static void
test_shifted_streams_differ(void **state)
{
	static const unsigned shifts[] = { 1, 2, 63, 64, 1024, 1500, 65536, 262144 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(shifts) / sizeof(shifts[0]); i++)
		assert_memory_not_equal(
		    payload_at(&payload, 4711), payload_at(&payload, 4711 + shifts[i]), 16);
}

static uint32_t
distance(uint32_t a, uint32_t b)
{
	uint32_t d = a > b ? a - b : b - a;

	return d < PAYLOAD_PRIME - d ? d : PAYLOAD_PRIME - d;
}

static void
test_starts_are_apart(void **state)
{
	uint32_t a, b;

	(void)state;
	for (a = 0; a < 1000; a++) {
		assert_true(payload_start(a) < UINT64_MAX);
		for (b = 0; b < a; b++) /* even would be 1048 */
			assert_true(distance((uint32_t)(payload_start(a) % PAYLOAD_PRIME),
					(uint32_t)(payload_start(b) % PAYLOAD_PRIME)) > 300);
	}
}

static void
test_find(void **state)
{
	static const uint32_t places[] = { 0, 1, 500000, PAYLOAD_PRIME - 1, PAYLOAD_PRIME - 8 };
	unsigned char strange[16] = { 0 };
	uint32_t where;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		where = UINT32_MAX;
		assert_true(payload_find(&payload, payload.table + places[i], 16, &where));
		assert_int_equal(where, places[i]);
		assert_true(payload_find(&payload, payload.table + places[i], 5000, &where));
		assert_int_equal(where, places[i]);
	}
	assert_true(payload_find(&payload, payload.table + 77, 8, &where));
	assert_false(payload_find(&payload, payload.table + 77, 7, &where));
	assert_false(payload_find(&payload, strange, sizeof(strange), &where));
}

static void
test_random_is_even(void **state)
{
	unsigned counts[256] = { 0 }, i, n = 1 << 20;
	double sum = 0, chi = 0, expected = n / 256.0;
	struct random r;

	(void)state;
	random_seed(&r, 0);
	for (i = 0; i < n; i++) {
		double x = random_unit(&r);

		assert_true(x >= 0 && x < 1);
		sum += x;
		counts[(unsigned)(x * 256)]++;
	}
	assert_true(fabs(sum / n - 0.5) < 0.002);
	for (i = 0; i < 256; i++)
		chi += (counts[i] - expected) * (counts[i] - expected) / expected;
	assert_true(chi > 150 && chi < 380); /* 255 is expected, and its deviation 23 */
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_length_is_prime),
		cmocka_unit_test(test_same_seed_same_bytes),
		cmocka_unit_test(test_stream_is_seamless),
		cmocka_unit_test(test_shifted_streams_differ),
		cmocka_unit_test(test_starts_are_apart),
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_random_is_even),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}

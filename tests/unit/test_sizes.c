/* SPDX-License-Identifier: ISC */
/*
 * test_sizes.c -- how long messages are.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "sizes.h"
#include "unit.h"

#define N 200000

static struct random r;

static int
setup(void **state)
{
	(void)state;
	random_seed(&r, 3);
	return 0;
}

static void
parse(struct sizes *s, const char *text)
{
	const char *why = NULL;

	assert_int_equal(sizes_parse(s, text, &why), 0);
}

static void
test_fixed(void **state)
{
	static const struct {
		const char *text;
		size_t size;
	} cases[] = { { "64", 64 }, { "1", 1 }, { "1k", 1024 }, { "1.5K", 1536 },
		{ "64M", SIZES_MAX } };
	struct sizes s;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		parse(&s, cases[i].text);
		assert_int_equal(sizes_next(&s, &r), cases[i].size);
		assert_int_equal(sizes_next(&s, &r), cases[i].size);
		sizes_free(&s);
	}
}

static void
test_range(void **state)
{
	struct sizes s;
	size_t i, size, seen[10] = { 0 };

	(void)state;
	parse(&s, "1..10");
	for (i = 0; i < N; i++) {
		size = sizes_next(&s, &r);
		assert_in_range(size, 1, 10);
		seen[size - 1]++;
	}
	for (i = 0; i < 10; i++) /* each as likely, also both ends */
		assert_in_range(seen[i], N / 10 - N / 100, N / 10 + N / 100);
	sizes_free(&s);
}

static void
test_exponential(void **state)
{
	struct sizes s;
	double sum = 0;
	size_t i, above = 0;

	(void)state;
	parse(&s, "exp:512");
	for (i = 0; i < N; i++) {
		size_t size = sizes_next(&s, &r);

		assert_in_range(size, 1, SIZES_MAX);
		sum += (double)size;
		above += size > 512;
	}
	assert_true(fabs(sum / N - 512) < 10);
	assert_true(fabs((double)above / N - exp(-1)) < 0.01);
	sizes_free(&s);
}

static void
test_choice(void **state)
{
	struct sizes s;
	size_t i, small = 0, middle = 0, large = 0;

	(void)state;
	parse(&s, "choice:64@90,4k@9,1M@1");
	for (i = 0; i < N; i++) {
		size_t size = sizes_next(&s, &r);

		small += size == 64;
		middle += size == 4096;
		large += size == 1048576;
	}
	assert_int_equal(small + middle + large, N);
	assert_true(fabs((double)small / N - 0.90) < 0.01);
	assert_true(fabs((double)middle / N - 0.09) < 0.01);
	assert_true(fabs((double)large / N - 0.01) < 0.005);
	sizes_free(&s);
}

static void
test_file(void **state)
{
	char path[] = "sizes.XXXXXX", text[64];
	int fd = mkstemp(path);
	struct sizes s;
	const char *why;

	(void)state;
	assert_true(fd >= 0);
	snprintf(text, sizeof(text), "file:%s", path);
	assert_int_equal(sizes_parse(&s, text, &why), -EINVAL); /* it is empty */
	assert_int_equal(write(fd, "# sizes\n100\r\n\n2k\n", 17), 17);
	parse(&s, text);
	assert_int_equal(s.n, 2);
	assert_int_equal(s.choices[0], 100);
	assert_int_equal(s.choices[1], 2048);
	sizes_free(&s);
	assert_int_equal(write(fd, "many\n", 5), 5);
	assert_int_equal(sizes_parse(&s, text, &why), -EINVAL);
	close(fd);
	unlink(path);
	assert_int_equal(sizes_parse(&s, text, &why), -ENOENT);
	assert_non_null(why);
}

static void
test_wrong(void **state)
{
	static const char *const wrong[] = { "", "0", "-1", "x", "64x", "65M", "10..1", "1..",
		"..5", "1..5..9", "exp:", "exp:0", "choice:", "choice:64@", "choice:64@0",
		"choice:64@-1", "choice:64@nan", "choice:64@inf", "choice:x@1", "0x40", "1e9" };
	struct sizes s;
	const char *why;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		why = NULL;
		if (sizes_parse(&s, wrong[i], &why) != -EINVAL)
			fail_msg("\"%s\" was taken", wrong[i]);
		assert_non_null(why);
		assert_null(s.choices);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fixed),
		cmocka_unit_test(test_range),
		cmocka_unit_test(test_exponential),
		cmocka_unit_test(test_choice),
		cmocka_unit_test(test_file),
		cmocka_unit_test(test_wrong),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}

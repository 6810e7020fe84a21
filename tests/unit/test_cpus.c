/* SPDX-License-Identifier: ISC */
/*
 * test_cpus.c -- lists of processors, on a machine that is said to have some.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cpus.h"
#include "macros.h"
#include "unit.h"

int __wrap_sched_getaffinity(pid_t, size_t, cpu_set_t *);
int __wrap_sched_setaffinity(pid_t, size_t, const cpu_set_t *);

static const char *usable;
static cpu_set_t pinned;
static int pin_error;

/* usable: a digit for each, as "0235". */
int
__wrap_sched_getaffinity(pid_t pid, size_t size, cpu_set_t *set)
{
	const char *p;

	assert_int_equal(pid, 0);
	assert_int_equal(size, sizeof(*set));
	if (usable == NULL) {
		errno = EINVAL;
		return -1;
	}
	CPU_ZERO(set);
	for (p = usable; *p != '\0'; p++)
		CPU_SET((unsigned)(*p - '0'), set);
	return 0;
}

int
__wrap_sched_setaffinity(pid_t pid, size_t size, const cpu_set_t *set)
{
	assert_int_equal(pid, 0);
	assert_int_equal(size, sizeof(*set));
	pinned = *set;
	errno = pin_error;
	return pin_error == 0 ? 0 : -1;
}

static void
test_usable(void **state)
{
	(void)state;
	usable = "0235";
	assert_int_equal(cpus_usable(), 4);
	usable = "7";
	assert_int_equal(cpus_usable(), 1);
	usable = NULL; /* cannot be told */
	assert_int_equal(cpus_usable(), 1);
}

static void
test_parse(void **state)
{
	static const struct {
		const char *text, *set;
		int rc;
	} cases[] = {
		{ "off", "", 0 },
		{ "auto", "0235", 0 },
		{ "0", "0", 0 },
		{ "5,0", "05", 0 },
		{ "2-3", "23", 0 },
		{ "0,2-3,5", "0235", 0 },
		{ "3-3", "3", 0 },
		{ "0,0", "0", 0 },
		{ "1", NULL, -ENODEV },
		{ "0-3", NULL, -ENODEV },
		{ "1023", NULL, -ENODEV },
		{ "1024", NULL, -EINVAL },
		{ "4294967296", NULL, -EINVAL },
		{ "18446744073709551616", NULL, -EINVAL },
		{ "", NULL, -EINVAL },
		{ "3-2", NULL, -EINVAL },
		{ "0,", NULL, -EINVAL },
		{ ",0", NULL, -EINVAL },
		{ "0-", NULL, -EINVAL },
		{ "-0", NULL, -EINVAL },
		{ "0--2", NULL, -EINVAL },
		{ "0 2", NULL, -EINVAL },
		{ " 0", NULL, -EINVAL },
		{ "0x2", NULL, -EINVAL },
		{ "on", NULL, -EINVAL },
		{ "automatic", NULL, -EINVAL },
	};
	cpu_set_t set;
	size_t i;
	const char *p;

	(void)state;
	usable = "0235";
	for (i = 0; i < countof(cases); i++) {
		if (cpus_parse(cases[i].text, &set) != cases[i].rc)
			fail_msg("'%s': not %d", cases[i].text, cases[i].rc);
		if (cases[i].rc != 0)
			continue;
		if ((size_t)CPU_COUNT(&set) != strlen(cases[i].set))
			fail_msg("'%s': %d processors", cases[i].text, CPU_COUNT(&set));
		for (p = cases[i].set; *p != '\0'; p++)
			assert_true(CPU_ISSET((unsigned)(*p - '0'), &set));
	}
	usable = NULL;
	assert_int_equal(cpus_parse("off", &set), 0);
	assert_int_equal(cpus_parse("auto", &set), -EINVAL);
	assert_int_equal(CPU_COUNT(&set), 0);
}

static void
test_pin(void **state)
{
	static const unsigned expected[] = { 0, 2, 3, 5, 0, 2, 3, 5 };
	cpu_set_t set;
	unsigned i;

	(void)state;
	usable = "0235";
	pin_error = 0;
	assert_int_equal(cpus_parse("auto", &set), 0);
	for (i = 0; i < countof(expected); i++) {
		assert_int_equal(cpus_pin(&set, i), 0);
		assert_int_equal(CPU_COUNT(&pinned), 1);
		assert_true(CPU_ISSET(expected[i], &pinned));
	}
	pin_error = EPERM;
	assert_int_equal(cpus_pin(&set, 0), -EPERM);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_usable),
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_pin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

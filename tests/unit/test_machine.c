/* SPDX-License-Identifier: ISC */
/*
 * test_machine.c -- what is learnt of the machine: of this one, and of files that
 * tell of others.
 */
#include <sys/stat.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "machine.h"
#include "unit.h"

static char root[64];

static void
put(const char *path, const char *text)
{
	char name[256], *slash;
	FILE *f;

	snprintf(name, sizeof(name), "%s%s", root, path);
	for (slash = strchr(name + strlen(root) + 1, '/'); slash != NULL;
	     slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(name, 0700);
		*slash = '/';
	}
	f = fopen(name, "w");
	assert_non_null(f);
	fputs(text, f);
	assert_int_equal(fclose(f), 0);
}

static int
setup(void **state)
{
	(void)state;
	strcpy(root, "machine.XXXXXX");
	return mkdtemp(root) == NULL;
}

static int
drop(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

static int
teardown(void **state)
{
	(void)state;
	return nftw(root, drop, 8, FTW_DEPTH | FTW_PHYS);
}

static void
test_this_machine(void **state)
{
	struct machine m = { .loopback = true };

	(void)state;
	machine_begin(&m);
	assert_string_not_equal(m.kernel, "");
	assert_true(m.cpus >= 1 && m.cpus <= (unsigned)sysconf(_SC_NPROCESSORS_CONF));
	assert_in_range(m.clock_cost, 1, 100000);
	assert_true(m.loopback);
	machine_end(&m);
	assert_true(m.steal >= 0 && m.steal <= 1);
}

static void
test_nothing_is_known(void **state)
{
	struct machine m = { 0 };

	(void)state;
	machine_begin_under(&m, root);
	assert_string_equal(m.clocksource, "");
	assert_string_equal(m.governor, "");
	machine_end(&m);
	assert_true(m.steal == 0);
	assert_int_equal(m.throttled, 0);
}

static void
test_words(void **state)
{
	struct machine m = { 0 };
	char path[96];
	int cpu;

	(void)state;
	put("/sys/devices/system/clocksource/clocksource0/current_clocksource", "hpet\n");
	for (cpu = 0; cpu < 64; cpu++) { /* whichever we are allowed to use */
		snprintf(path, sizeof(path),
		    "/sys/devices/system/cpu/cpu%d/cpufreq/scaling_governor", cpu);
		put(path, "powersave\n");
	}
	machine_begin_under(&m, root);
	assert_string_equal(m.clocksource, "hpet");
	assert_string_equal(m.governor, "powersave");
}

static void
test_steal(void **state)
{
	struct machine m = { 0 };

	(void)state;
	put("/proc/stat", "cpu  100 0 100 800 0 0 0 50 7 7\ncpu0 1 2 3 4 5 6 7 8 9 10\n");
	machine_begin_under(&m, root);
	put("/proc/stat", "cpu  110 0 110 870 0 0 0 60 9 9\n");
	machine_end(&m);
	assert_true(m.steal > 0.0999 && m.steal < 0.1001); /* 10 of 100 */
	put("/proc/stat", "cpu  1 2 3\n");
	machine_end(&m);
	assert_true(m.steal == 0);
}

static void
throttle(const char *path, const char *begin, const char *end, uint64_t periods)
{
	struct machine m = { 0 };

	put(path, begin);
	machine_begin_under(&m, root);
	put(path, end);
	machine_end(&m);
	assert_int_equal(m.throttled, periods);
}

static void
test_throttled(void **state)
{
	(void)state;
	put("/proc/self/cgroup", "0::/a/b\n");
	throttle("/sys/fs/cgroup/a/b/cpu.stat", "usage_usec 9\nnr_periods 50\nnr_throttled 5\n",
	    "usage_usec 9\nnr_periods 90\nnr_throttled 12\nthrottled_usec 77\n", 7);
}

static void
test_throttled_in_version_1(void **state)
{
	(void)state;
	put("/proc/self/cgroup", "3:cpuset:/x\n2:cpuacct,cpu:/job\n1:memory:/job\n0::/\n");
	throttle("/sys/fs/cgroup/cpuacct,cpu/job/cpu.stat", "nr_periods 1\nnr_throttled 0\n",
	    "nr_periods 4\nnr_throttled 3\n", 3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_this_machine),
		cmocka_unit_test_setup_teardown(test_nothing_is_known, setup, teardown),
		cmocka_unit_test_setup_teardown(test_words, setup, teardown),
		cmocka_unit_test_setup_teardown(test_steal, setup, teardown),
		cmocka_unit_test_setup_teardown(test_throttled, setup, teardown),
		cmocka_unit_test_setup_teardown(test_throttled_in_version_1, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

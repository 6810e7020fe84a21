/* SPDX-License-Identifier: ISC */
/*
 * test_stats.c -- the counters and their one line of text.
 */
#include <sys/wait.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "macros.h"
#include "stats.h"
#include "unit.h"

static void
test_active_and_peak(void **state)
{
	struct stats s = { 0 };

	(void)state;
	stats_opened(&s);
	stats_opened(&s);
	stats_closed(&s);
	stats_opened(&s);
	assert_int_equal(s.active, 2);
	assert_int_equal(s.peak, 2);
	stats_opened(&s);
	stats_closed(&s);
	stats_closed(&s);
	stats_closed(&s);
	assert_int_equal(s.active, 0);
	assert_int_equal(s.peak, 3);
}

/* Every number in its place: each is another. */
static void
test_print(void **state)
{
	const struct stats s = {
		.accepted = 1,
		.active = 99,
		.peak = 2,
		.refused = { [REFUSED_MEMORY] = 3,
		    [REFUSED_BACKEND] = 4,
		    [REFUSED_SOURCE] = 14,
		    [REFUSED_RATE] = 15,
		    [REFUSED_DENIED] = 16 },
		.bytes_in = 5,
		.bytes_out = 6,
		.idle = 8,
		.stalled = 9,
		.reset = 10,
		.failed = 11,
		.drained = 12,
		.rests = 13,
		.aged = 17,
		.pauses = 18,
	};
	char text[STATS_TEXT];

	(void)state;
	stats_print(text, &s, 1.23456);
	assert_string_equal(text,
	    "connections 1 (peak 2), bytes in 5, bytes out 6, refused 52 (memory 3, backend 4, "
	    "source 14, rate 15, denied 16), reset 10, failed 11, idle 8, stalled 9, aged 17, "
	    "drained 12, rests 13, pauses 18, seconds 1.235");
}

/* The largest numbers there are have room too. */
static void
test_print_the_largest(void **state)
{
	char text[STATS_TEXT];
	struct stats s;

	(void)state;
	memset(&s, 0xff, sizeof(s));
	stats_print(text, &s, 1e9);
	assert_non_null(strstr(text, "connections 18446744073709551615 "));
	assert_string_equal(text + strlen(text) - 22, "seconds 1000000000.000");
}

/* Each number is added to its like: all are others. */
static void
test_add(void **state)
{
	uint64_t a[sizeof(struct stats) / sizeof(uint64_t)], b[countof(a)];
	struct stats to, from;
	size_t i;

	(void)state;
	for (i = 0; i < countof(a); i++) {
		a[i] = i + 1;
		b[i] = 1000 * (i + 1);
	}
	memcpy(&to, a, sizeof(to));
	memcpy(&from, b, sizeof(from));
	stats_add(&to, &from);
	memcpy(a, &to, sizeof(to));
	for (i = 0; i < countof(a); i++)
		assert_int_equal(a[i], 1001 * (i + 1));
	assert_memory_equal(&from, b, sizeof(from));
}

/* What a process has counted is there when it was killed. */
static void
test_table(void **state)
{
	struct stats_table table, again;
	pid_t pid;
	int status;
	size_t i;

	(void)state;
	assert_int_equal(stats_table_open(&table, 5), 0);
	assert_int_equal(table.n, 5);
	assert_true((fcntl(table.fd, F_GETFD) & FD_CLOEXEC) != 0);
	assert_int_equal(sizeof(table.slots[0]) % STATS_CACHE_LINE, 0);
	for (i = 0; i < table.n; i++) {
		assert_int_equal((uintptr_t)&table.slots[i] % STATS_CACHE_LINE, 0);
		assert_false(table.slots[i].taken);
		assert_int_equal(table.slots[i].stats.accepted, 0);
		assert_int_equal(table.slots[i].stats.beats, 0);
	}
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		stats_opened(&table.slots[4].stats);
		raise(SIGKILL);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(table.slots[4].stats.active, 1);
	assert_int_equal(table.slots[3].stats.active, 0);

	/* The same memory, as it is handed on. */
	assert_int_equal(stats_table_attach(&again, dup(table.fd)), 0);
	assert_int_equal(again.n, 5);
	assert_int_equal(again.slots[4].stats.peak, 1);
	again.slots[0].stats.rests = 7;
	assert_int_equal(table.slots[0].stats.rests, 7);
	stats_table_close(&again);
	stats_table_close(&again); /* once more does nothing */
	assert_int_equal(table.slots[0].stats.rests, 7);
	stats_table_close(&table);
	assert_int_equal(stats_table_attach(&again, -1), -EBADF);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_active_and_peak),
		cmocka_unit_test(test_print),
		cmocka_unit_test(test_print_the_largest),
		cmocka_unit_test(test_add),
		cmocka_unit_test(test_table),
	};

	return cmocka_run_group_tests_name("stats", tests, NULL, NULL);
}

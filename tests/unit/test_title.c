/* SPDX-License-Identifier: ISC */
/*
 * test_title.c -- what ps(1) shows, in the one process there is for it: this one.
 */
#include <sys/auxv.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "title.h"
#include "unit.h"

static char **given, **copy;
static int count;

/* The first string of what the kernel shows of us. */
static void
shown(char *text, size_t size)
{
	int fd = open("/proc/self/cmdline", O_RDONLY);
	ssize_t n;

	assert_true(fd >= 0);
	n = read(fd, text, size - 1);
	assert_true(n >= 0);
	text[n] = '\0';
	close(fd);
}

static void
test_nothing_is_lost(void **state)
{
	int i;

	(void)state;
	assert_non_null(copy);
	for (i = 0; i < count; i++) {
		assert_ptr_not_equal(copy[i], given[i]);
		assert_true(strlen(copy[i]) > 0);
	}
	assert_null(copy[count]);
	assert_string_equal(copy[1], "an argument");
	assert_string_equal(getenv("TITLE_TEST"), "is here");
	assert_non_null(getenv("PATH"));
	assert_ptr_equal(program_invocation_name, copy[0]);
}

static void
test_set(void **state)
{
	char text[4096];

	(void)state;
	title_set("worker %d (generation %d)", 3, 2);
	shown(text, sizeof(text));
	assert_string_equal(text, "echod: worker 3 (generation 2)");
	title_set("short");
	shown(text, sizeof(text));
	assert_string_equal(text, "echod: short");
	/* The environment is as it was. */
	assert_string_equal(getenv("TITLE_TEST"), "is here");
	assert_string_equal(copy[1], "an argument");
}

/* As much as there is room for, which ends before what lies behind. */
static void
test_too_long(void **state)
{
	static char text[1 << 17], title[1 << 17];
	size_t room = 0, page = (size_t)sysconf(_SC_PAGESIZE);
	int i;

	(void)state;
	for (i = 0; i < count; i++)
		room += strlen(copy[i]) + 1;
	for (i = 0; environ[i] != NULL; i++)
		room += strlen(environ[i]) + 1;
	memset(title, 'x', sizeof(title) - 1);
	title_set("%s", title);
	shown(text, sizeof(text));
	assert_memory_equal(text, "echod: xxx", 10);
	/* Of one that is longer than argv Linux shows a page. */
	assert_true(strlen(text) >= (room < page ? room : page) - 1);
	/* What lies behind, which is how the program was called. */
	assert_string_equal((const char *)getauxval(AT_EXECFN), "/proc/self/exe");
	assert_string_equal(getenv("TITLE_TEST"), "is here");
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing_is_lost),
		cmocka_unit_test(test_set),
		cmocka_unit_test(test_too_long),
	};
	char *again[] = { argv[0], "an argument", NULL };

	/* With arguments and an environment that we know. */
	if (argc != 2) {
		title_set("%s", "before the memory is claimed nothing happens");
		if (setenv("TITLE_TEST", "is here", 1) == 0)
			execv("/proc/self/exe", again);
		return 99;
	}
	count = argc;
	given = argv;
	copy = title_open(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

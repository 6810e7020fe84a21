/* SPDX-License-Identifier: ISC */
/*
 * test_log.c -- one line for one message, whoever reads it or does not.
 *
 * Faults: F104
 */
#include <sys/stat.h>
#include <errno.h>
#include <fcntl.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "log.h"
#include "unit.h"

static char dir[64], path[96], where[128];
static char text[1 << 17];
static int saved = -1, reader = -1;

/* What goes to stderr can be read from reader, without blocking. */
static int
setup(void **state)
{
	int fds[2];

	(void)state;
	strcpy(dir, "test_log.XXXXXX");
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/log", dir);
	snprintf(where, sizeof(where), "file:%s", path);
	assert_int_equal(pipe2(fds, O_CLOEXEC | O_NONBLOCK), 0);
	saved = dup(STDERR_FILENO);
	dup2(fds[1], STDERR_FILENO);
	close(fds[1]);
	reader = fds[0];
	log_set_level(LEVEL_INFO);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	log_close();
	dup2(saved, STDERR_FILENO);
	close(saved);
	close(reader);
	unlink(path);
	assert_int_equal(rmdir(dir), 0);
	return 0;
}

/* All that has been written since the last time. */
static const char *
said(void)
{
	size_t n = 0;
	ssize_t got;

	while ((got = read(reader, text + n, sizeof(text) - 1 - n)) > 0)
		n += (size_t)got;
	text[n] = '\0';
	return text;
}

static const char *
content(const char *file)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	assert_true(fd >= 0);
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	text[n] = '\0';
	return text;
}

/* The message in the only line, after its head. */
static const char *
message(void)
{
	char *end, *m;

	said();
	assert_non_null(end = strchr(text, '\n'));
	assert_string_equal(end, "\n");
	*end = '\0';
	assert_non_null(m = strstr(text, "]"));
	return m;
}

static void
test_head(void **state)
{
	regex_t form;
	char pid[32];

	(void)state;
	log_warn("%s and %d", "text", 42);
	assert_int_equal(regcomp(&form,
			     "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{3}Z "
			     "echod\\[[0-9]+\\] warn: text and 42\n$",
			     REG_EXTENDED | REG_NOSUB),
	    0);
	assert_int_equal(regexec(&form, said(), 0, NULL, 0), 0);
	regfree(&form);
	snprintf(pid, sizeof(pid), "[%ld]", (long)getpid());
	assert_non_null(strstr(text, pid));
}

static void
say_all(void)
{
	log_error("m0");
	log_warn("m1");
	log_info("m2");
	log_debug("m3");
}

static void
test_levels(void **state)
{
	char word[16];
	int level, i;

	(void)state;
	for (level = LEVEL_ERROR; level <= LEVEL_DEBUG; level++) {
		log_set_level((enum log_level)level);
		say_all();
		said();
		for (i = LEVEL_ERROR; i <= LEVEL_DEBUG; i++) {
			snprintf(word, sizeof(word), "%s: m%d\n", log_levels[i], i);
			assert_int_equal(strstr(text, word) != NULL, i <= level);
		}
	}
	assert_null(log_levels[LEVEL_DEBUG + 1]);
}

static void
test_escapes(void **state)
{
	(void)state;
	log_info("a\nb\tc\x1b[0m\x7f\x01 \xc3\xa4 100%%");
	assert_string_equal(message(), "] info: a\\x0ab\\x09c\\x1b[0m\\x7f\\x01 \xc3\xa4 100%");
}

/* However long, however full of what must be escaped: one line, and not too long. */
static void
test_long_lines(void **state)
{
	static char lots[10000];

	(void)state;
	memset(lots, 'x', sizeof(lots) - 1);
	log_info("%s", lots);
	message();
	assert_in_range(strlen(text), 1000, 4095);
	memset(lots, '\n', sizeof(lots) - 1);
	log_info("%s", lots);
	message();
	assert_in_range(strlen(text), 1000, 4095);
	assert_string_equal(text + strlen(text) - 4, "\\x0a"); /* a whole one */
}

static void
test_errno_stays(void **state)
{
	int full;

	(void)state;
	errno = EXDEV;
	log_info("something");
	assert_int_equal(errno, EXDEV);
	full = open("/dev/full", O_WRONLY | O_CLOEXEC);
	dup2(full, STDERR_FILENO);
	close(full);
	errno = EXDEV;
	log_info("nobody has room for it");
	assert_int_equal(errno, EXDEV);
	full = open("/dev/null", O_WRONLY | O_CLOEXEC);
	dup2(full, STDERR_FILENO);
	close(full);
	log_info("that a line was lost is said here, and so not to the next test");
}

/* A reader who sleeps stops nobody; what is lost is counted. */
static void
test_lost_lines(void **state)
{
	unsigned n, lines = 0;
	const char *p;

	(void)state;
	for (n = 0; n < 3000; n++)
		log_info("line %u", n);
	said();
	for (p = text; (p = strchr(p, '\n')) != NULL; p++)
		lines++;
	assert_true(lines > 0 && lines < n);
	log_info("after");
	said();
	assert_int_equal(
	    sscanf(strstr(text, "warn: log: "), "warn: log: %u lines were lost", &n), 1);
	assert_int_equal(n, 3000 - lines);
	assert_non_null(strstr(text, "info: after\n"));
	log_info("later");
	assert_string_equal(message(), "] info: later"); /* said once */
}

static void
test_limit(void **state)
{
	struct log_limit limit = { 0 }, other = { 0 };

	(void)state;
	log_warn_limited(&limit, "it is %d", 1);
	assert_string_equal(message(), "] warn: it is 1");
	log_warn_limited(&limit, "it is %d", 2);
	clock_advance(9);
	log_warn_limited(&limit, "it is %d", 3);
	assert_string_equal(said(), "");
	log_warn_limited(&other, "other");
	assert_string_equal(message(), "] warn: other");
	clock_advance(2);
	log_warn_limited(&limit, "it is %d", 4);
	assert_string_equal(
	    message(), "] warn: it is 4 (and 2 times more since the last such line)");
	clock_advance(11);
	log_warn_limited(&limit, "it is %d", 5);
	assert_string_equal(message(), "] warn: it is 5");
}

static void
test_file(void **state)
{
	int lowest = dup(reader); /* the next descriptor that is free */
	char old[128];
	struct stat st;

	(void)state;
	close(lowest);
	assert_int_equal(log_open(where), 0);
	log_info("first");
	assert_string_equal(said(), "");
	assert_non_null(strstr(content(path), "info: first\n"));
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0137, 0); /* not for everybody */

	snprintf(old, sizeof(old), "%s.1", path);
	assert_int_equal(rename(path, old), 0);
	log_info("second");
	assert_int_equal(log_reopen(), 0);
	log_info("third");
	assert_non_null(strstr(content(old), "info: second\n"));
	assert_null(strstr(content(old), "third"));
	assert_non_null(strstr(content(path), "info: third\n"));

	assert_int_equal(log_open(where), 0); /* adds to what is there */
	log_info("fourth");
	assert_non_null(strstr(content(path), "third"));
	assert_non_null(strstr(content(path), "fourth"));
	assert_int_equal(log_open("stderr"), 0);
	log_info("fifth");
	assert_string_equal(message(), "] info: fifth");
	assert_int_equal(log_reopen(), 0); /* nothing to open */
	assert_int_equal(dup(reader), lowest);
	close(lowest);
	assert_int_equal(unlink(old), 0);
}

static void
test_cannot_open(void **state)
{
	(void)state;
	assert_int_equal(log_open("file:/no/such/directory/log"), -ENOENT);
	log_info("still here");
	assert_string_equal(message(), "] info: still here");

	assert_int_equal(log_open(where), 0);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(symlink("/dev/null", path), 0); /* somebody else's work */
	assert_int_equal(log_reopen(), -ELOOP);
	assert_int_equal(log_open(where), -ELOOP);
	assert_int_equal(unlink(path), 0);
	log_info("to the old one");
	assert_int_equal(log_reopen(), 0);
	assert_string_equal(content(path), "");
}

#define UNIT(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(test_head),
		UNIT(test_levels),
		UNIT(test_escapes),
		UNIT(test_long_lines),
		UNIT(test_lost_lines),
		UNIT(test_limit),
		UNIT(test_file),
		UNIT(test_cannot_open),
		UNIT(test_errno_stays),
	};

	return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}

/* SPDX-License-Identifier: ISC */
/*
 * test_conf.c -- every setting, what it takes, and what is said when it does not.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "conf.h"
#include "macros.h"
#include "proc.h"
#include "unit.h"
#include "waits.h"

#define FILE_NAME "test_conf.conf"

static struct conf conf;
static char why[CONF_WHY];
static char *said; /* what conf_read() or conf_check() wrote */

static int
setup(void **state)
{
	(void)state;
	assert_int_equal(conf_init(&conf), 0);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	conf_free(&conf);
	free(said);
	said = NULL;
	unlink(FILE_NAME);
	return 0;
}

static unsigned
read_text(const char *text)
{
	FILE *f = fopen(FILE_NAME, "we"), *err;
	unsigned errors;
	size_t len;

	assert_int_equal(fwrite(text, 1, strlen(text), f), strlen(text));
	fclose(f);
	free(said);
	err = open_memstream(&said, &len);
	errors = conf_read(&conf, FILE_NAME, err);
	fclose(err);
	return errors;
}

static char *
print(const struct conf *c)
{
	char *text;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	conf_print(c, f);
	fclose(f);
	return text;
}

static void
assert_said(const char *what)
{
	if (strstr(said, what) == NULL)
		fail_msg("not said: %s\nbut: %s", what, said);
}

static void
test_defaults(void **state)
{
	(void)state;
	assert_string_equal(conf.backend, "auto");
	assert_int_equal(conf.max_connections, 0);
	assert_true(conf.idle_timeout == 300);
	assert_true(conf.stall_timeout == 60);
	assert_true(conf.drain_timeout == 30);
	assert_true(conf.max_lifetime == 0);
	assert_int_equal(conf.max_per_source, 0);
	assert_int_equal(conf.accept_rate, 0);
	assert_int_equal(conf.byte_rate, 0);
	assert_string_equal(conf.allow, "");
	assert_string_equal(conf.deny, "");
	assert_int_equal(conf.backlog, 4096);
	assert_string_equal(conf.kernel_buffers, "bounded");
	assert_int_equal(conf.busy_poll, 0);
	assert_string_equal(conf.user, "");
	assert_string_equal(conf.pid_file, "");
	assert_string_equal(conf.log, "stderr");
	assert_int_equal(conf_log_level(&conf), LEVEL_INFO);
	assert_int_equal(conf.nlistens, 0);
}

/* Values that each setting takes, and values that it does not. */
static const struct {
	const char *name, *good[4], *bad[6];
} rows[] = {
	{ "workers", { "0", "1", "512", "auto" }, { "513", "-1", "" } },
	{ "backend", { "auto", "poll", "select", "epoll-et" },
	    { "", "kqueue", "EPOLL", "epoll " } },
	{ "accept", { "reuseport", "shared" }, { "", "both" } },
	{ "max-connections", { "auto", "1", "10000000" },
	    { "", "0", "10000001", "-1", "1k", " 1" } },
	{ "max-per-source", { "0", "1", "10000000" }, { "", "-1", "10000001", "1k" } },
	{ "accept-rate", { "0", "1", "1000000" }, { "", "-1", "1000001", "1k", "5/s" } },
	{ "byte-rate", { "0", "1", "64k", "1g" }, { "", "-1", "1.1g", "0.3", "1kb", "1x" } },
	{ "allow", { "", "all", "10.0.0.0/8, ::1", "192.0.2.7" }, { "any", "10.0.0.0/33" } },
	{ "deny", { "", "all", "10.0.0.0/8 2001:db8::/32", "::" }, { "none", "10.0.0.1/8" } },
	{ "idle-timeout", { "0", "500ms", "1.5h", "7d" },
	    { "", "5", "-1s", "5 s", "ever", "4000d" } },
	{ "stall-timeout", { "0", "500ms" }, { "", "5" } },
	{ "max-lifetime", { "0", "24h" }, { "", "5" } },
	{ "drain-timeout", { "0", "500ms" }, { "", "5" } },
	{ "backlog", { "1", "65535" }, { "", "0", "65536", "x" } },
	{ "kernel-buffers", { "bounded", "auto" }, { "", "off" } },
	{ "busy-poll", { "0", "1000000" }, { "", "1000001", "1ms" } },
	{ "cpu-affinity", { "off", "auto", "0", "0-0,0" }, { "on", "", "1-0", "0,", "1023" } },
	{ "sandbox", { "auto", "off" }, { "", "maybe", "1" } },
	{ "user", { "", "root", "0:0" }, { "no such user", "root:no such group", ":" } },
	{ "pid-file", { "", "/run/echod.pid" }, { NULL } },
	{ "log", { "stderr", "syslog", "file:x" }, { "", "file:", "stdout", "x" } },
	{ "log-level", { "error", "warn", "info", "debug" }, { "", "Error", "notice" } },
};

static void
test_every_setting(void **state)
{
	char *before, *after;
	size_t i, j;

	(void)state;
	for (i = 0; i < countof(rows); i++) {
		assert_string_equal(conf_name(false, i), rows[i].name); /* all, and in order */
		for (j = 0; j < countof(rows[i].good) && rows[i].good[j] != NULL; j++)
			if (conf_set(&conf, NULL, rows[i].name, rows[i].good[j], 7, why) != 0)
				fail_msg("%s = %s: %s", rows[i].name, rows[i].good[j], why);
		assert_int_equal(conf.lines[i], 7);
		before = print(&conf);
		for (j = 0; j < countof(rows[i].bad) && rows[i].bad[j] != NULL; j++) {
			if (conf_set(&conf, NULL, rows[i].name, rows[i].bad[j], 8, why) != -EINVAL)
				fail_msg("%s = %s was taken", rows[i].name, rows[i].bad[j]);
			assert_non_null(strstr(why, "; allowed: "));
			assert_int_equal(
			    strncmp(why + 1, rows[i].bad[j], strlen(rows[i].bad[j])), 0);
		}
		after = print(&conf);
		assert_string_equal(before, after); /* what is wrong changes nothing */
		assert_int_equal(conf.lines[i], 7);
		free(before);
		free(after);
	}
	assert_null(conf_name(false, i));
	assert_int_equal(i, CONF_SETTINGS);
}

static void
test_values(void **state)
{
	(void)state;
	assert_int_equal(read_text("backend = poll\nmax-connections = 12\nidle-timeout = 1.5m\n"
				   "stall-timeout = 0\ndrain-timeout = '10ms'\nbacklog = 99\n"
				   "kernel-buffers = auto\nbusy-poll = 50\npid-file = \"/a b\"\n"
				   "log = \"file:/x\"\nlog-level = debug\n"),
	    0);
	assert_string_equal(said, "");
	assert_string_equal(conf.backend, "poll");
	assert_int_equal(conf.max_connections, 12);
	assert_true(conf.idle_timeout == 90);
	assert_true(conf.stall_timeout == 0);
	assert_true(conf.drain_timeout == 0.01);
	assert_int_equal(conf.backlog, 99);
	assert_string_equal(conf.kernel_buffers, "auto");
	assert_int_equal(conf.busy_poll, 50);
	assert_string_equal(conf.pid_file, "/a b");
	assert_string_equal(conf.log, "file:/x");
	assert_int_equal(conf_log_level(&conf), LEVEL_DEBUG);
	assert_string_equal(conf.path, FILE_NAME);
	assert_int_equal(conf.lines[1], 1); /* backend */
	assert_int_equal(conf.lines[0], 0); /* workers: not there */
}

static void
test_sections(void **state)
{
	struct net_addr *a;

	(void)state;
	assert_int_equal(read_text("backlog = 5\nlisten \"127.0.0.1:7\" { backlog = 9 }\n"
				   "listen \"*:8\" {\n\tkernel-buffers = auto\n\ttls = off\n}\n"
				   "listen \"unix:/x y\" { }\n"),
	    0);
	assert_int_equal(conf.nlistens, 3);
	assert_int_equal(conf.listens[0]->naddrs, 1);
	assert_int_equal(conf.listens[0]->backlog, 9);
	assert_int_equal(conf.listens[1]->naddrs, 2);
	assert_string_equal(conf.listens[1]->text, "*:8");
	a = conf.listens[1]->addrs;
	assert_int_equal(net_port(&a[0]), 8);
	assert_int_equal(net_port(&a[1]), 8);
	assert_string_equal(conf.listens[2]->text, "unix:/x y");
	assert_int_equal(conf_check(&conf, stderr), 0);
	assert_int_equal(conf.listens[1]->backlog, 5); /* the global one */
	assert_string_equal(conf.listens[0]->kernel_buffers, "bounded");
	assert_string_equal(conf.listens[1]->kernel_buffers, "auto");
	conf_drop_listens(&conf);
	assert_int_equal(conf.nlistens, 0);
}

/* Each list is the global one where a section has none; unix sockets have none. */
static void
test_lists(void **state)
{
	size_t i;

	(void)state;
	assert_int_equal(read_text("allow = 10.0.0.0/8\ndeny = all\n"
				   "listen \"127.0.0.1:7\" { }\n"
				   "listen \"127.0.0.1:8\" { deny = \"\" }\n"
				   "listen \"127.0.0.1:9\" { allow = \"\" deny = \"::1\" }\n"
				   "listen \"unix:/x\" { }\n"),
	    0);
	for (i = 0; i < 2; i++) { /* again does no harm */
		assert_int_equal(conf_check(&conf, stderr), 0);
		assert_string_equal(conf.listens[0]->allow, "10.0.0.0/8");
		assert_string_equal(conf.listens[0]->deny, "all");
		assert_int_equal(conf.listens[0]->access.n, 2);
		assert_string_equal(conf.listens[1]->deny, "");
		assert_int_equal(conf.listens[1]->access.n, 1);
		assert_string_equal(conf.listens[2]->allow, "");
		assert_string_equal(conf.listens[2]->deny, "::1");
		assert_int_equal(conf.listens[2]->access.n, 1);
		assert_string_equal(conf.listens[3]->allow, "");
		assert_int_equal(conf.listens[3]->access.n, 0);
	}
}

static void
test_lists_of_unix_sockets(void **state)
{
	size_t len;
	FILE *err;
	int rc;

	(void)state;
	assert_int_equal(read_text("listen \"unix:/x\" {\nallow = all\ndeny = all\n}\n"), 0);
	free(said);
	err = open_memstream(&said, &len);
	rc = conf_check(&conf, err);
	fclose(err);
	assert_int_equal(rc, EX_CONFIG);
	assert_said(FILE_NAME ":2: allow: who connects to a unix socket has no address; ");
	assert_said(FILE_NAME ":3: deny: who connects to a unix socket has no address; ");
}

static void
test_default_listeners(void **state)
{
	(void)state;
	assert_int_equal(conf_check(&conf, stderr), 0);
	assert_int_equal(conf.nlistens, net_has_ipv6() ? 2 : 1);
	assert_string_equal(conf.listens[0]->text, "127.0.0.1:7007");
	assert_true(conf.room > 0 && conf.room <= 10000);
}

/* What is printed is read as the same, however odd. */
static void
test_round_trip(void **state)
{
	static const char *const odd[] = { "", " ", "a b", "\"", "'", "\\", "$HOME", "${HOME}",
		"a#b", "a//b", "/*", "a\"b'c\\d$e", "a\nb", "=", "{", "\\'", "a\\nb", "\xc3\xa4" };
	char *first, *second;
	size_t i;

	(void)state;
	for (i = 0; i < countof(odd); i++) {
		assert_int_equal(conf_set(&conf, NULL, "pid-file", odd[i], 0, why), 0);
		assert_int_equal(conf_set(&conf, NULL, "idle-timeout", "0.05ms", 0, why), 0);
		assert_int_equal(conf_set(&conf, NULL, "log-level", "warn", 0, why), 0);
		assert_int_equal(conf_set(&conf, NULL, "byte-rate", "1536k", 0, why), 0);
		assert_int_equal(conf_set(&conf, NULL, "deny", "10.0.0.0/8, ::1", 0, why), 0);
		assert_int_equal(conf_add_listen(&conf, "127.0.0.1:0", why), 0);
		assert_int_equal(conf_add_listen(&conf, "unix:/a \"b' $c", why), 0);
		assert_int_equal(conf_set(&conf, conf.listens[0], "backlog", "12", 0, why), 0);
		assert_int_equal(conf_check(&conf, stderr), 0);
		first = print(&conf);
		conf_free(&conf);
		assert_int_equal(conf_init(&conf), 0);
		if (read_text(first) != 0)
			fail_msg("%s\n%s", first, said);
		assert_string_equal(conf.pid_file, odd[i]);
		second = print(&conf);
		assert_string_equal(first, second);
		free(first);
		free(second);
		conf_free(&conf);
		assert_int_equal(conf_init(&conf), 0);
	}
}

/* All mistakes in one go, each with its line. */
static void
test_many_errors(void **state)
{
	(void)state;
	assert_int_equal(read_text("backend = foo # one\n"
				   "\n"
				   "/* two\n   lines */ backlog = 0\n"
				   "idle-timeot = 5m\n"
				   "listen \"nonsense\" { }\n"
				   "listen \"127.0.0.1:7\" {\n"
				   "\tlog-level = info\n"
				   "\tbaklog = 5\n"
				   "}\n"
				   "tls = off\n"
				   "max-connections = 5\n"
				   "entirely-unknown = 5\n"
				   "listen \"worse\" { }\n"),
	    9);
	assert_said(FILE_NAME ":1: backend: \"foo\" is none of them; allowed: auto, select,");
	assert_said(
	    FILE_NAME ":4: backlog: \"0\" is out of range; allowed: a number from 1 to 65535");
	assert_said(FILE_NAME ":5: idle-timeot: unknown setting; did you mean idle-timeout?");
	assert_said(FILE_NAME ":6: listen: \"nonsense\" is not an address to listen on");
	assert_said(FILE_NAME ":8: log-level: is a global setting");
	assert_said(FILE_NAME ":9: baklog: unknown setting; did you mean backlog?");
	assert_said(FILE_NAME ":11: tls: belongs into a section");
	assert_said(FILE_NAME ":13: entirely-unknown: unknown setting; echod.conf(5)");
	assert_said(FILE_NAME ":14: listen: \"worse\" is not an address to listen on");
	assert_int_equal(conf.max_connections, 5); /* what is right counts */
}

static void
test_unknown(void **state)
{
	static const struct {
		const char *name, *meant;
	} all[] = { { "backlogs", "backlog?" }, { "Backend", "backend?" }, { "usr", "user?" },
		{ "bakclog", "backlog?" }, { "log_level", "log-level?" }, { "lisen", "listen?" } };
	size_t i;

	(void)state;
	for (i = 0; i < countof(all); i++) {
		assert_int_equal(conf_set(&conf, NULL, all[i].name, "x", 0, why), -EINVAL);
		assert_non_null(strstr(why, "did you mean "));
		assert_non_null(strstr(why, all[i].meant));
	}
	conf_unknown("xyzzy", false, why);
	assert_null(strstr(why, "did you mean"));
	conf_unknown("this-is-a-name-that-is-much-longer-than-any-setting", false, why);
	assert_null(strstr(why, "did you mean"));
	conf_unknown("key-file-of-ours", true, why);
	assert_null(strstr(why, "did you mean"));
}

static void
test_syntax(void **state)
{
	static const struct {
		const char *text, *said;
	} all[] = {
		{ "\nlisten \"127.0.0.1:7\" {\n",
		    ":2: the section that begins here is never closed" },
		{ "\n\npid-file = \"abc\n\n", ":3: this quote is never closed" },
		{ "\n/* abc\n", ":2: this comment is never closed" },
		{ "pid-file = 'a\nb'\nlisten \"x\" {\n", ":3: the section that begins here" },
		{ "backlog 5\n", ":1: " },
		{ "backlog = 5\n}\n", ":2: " },
		{ "listen { }\n", ":1: " },
	};
	size_t i;

	(void)state;
	for (i = 0; i < countof(all); i++) {
		teardown(state);
		setup(state);
		assert_true(read_text(all[i].text) > 0);
		assert_said(all[i].said);
	}
}

static void
test_no_file(void **state)
{
	size_t len;
	FILE *err = open_memstream(&said, &len);

	(void)state;
	assert_int_equal(conf_read(&conf, "/no/such/file", err), 1);
	fclose(err);
	assert_string_equal(said, "/no/such/file: cannot be read: No such file or directory\n");
}

static void
test_addresses_of_listeners(void **state)
{
	(void)state;
	assert_int_equal(conf_add_listen(&conf, "127.0.0.1:7", why), 0);
	assert_int_equal(conf_add_listen(&conf, "127.0.0.1:7", why), -EINVAL);
	assert_non_null(strstr(why, "twice"));
	assert_int_equal(conf_add_listen(&conf, "127.0.0.1", why), -EINVAL);
	assert_non_null(strstr(why, "is not an address to listen on"));
	assert_int_equal(conf.nlistens, 1);
}

/* More than can be is said with the place where it was asked for. */
static void
test_no_room(void **state)
{
	size_t len;
	FILE *err;
	int rc;

	(void)state;
	if (read_text("\nmax-connections = 10000000\n") != 0)
		fail_msg("%s", said);
	free(said);
	err = open_memstream(&said, &len);
	rc = conf_check(&conf, err);
	fclose(err);
	if (proc_raise_files(10000000, false) >= 10000000)
		SKIP("ten million descriptors are allowed here");
	assert_int_equal(rc, EX_CONFIG);
	assert_said(FILE_NAME ":2: max-connections: 10000000 connections need ");
}

/* Where select() ends at 1,024, more than that is refused, and said why. */
static void
test_select_ends(void **state)
{
	size_t len;
	FILE *err;
	int rc;

	(void)state;
	if (proc_raise_files(2100, true) < 2100)
		SKIP("2,100 descriptors are not allowed here");
	if (read_text("max-connections = 2000\nbackend = select\n") != 0)
		fail_msg("%s", said);
	assert_int_equal(conf_check(&conf, stderr), 0);
	free(said);
	waits_select_max = 1024;
	err = open_memstream(&said, &len);
	rc = conf_check(&conf, err);
	fclose(err);
	waits_select_max = 0;
	assert_int_equal(rc, EX_CONFIG);
	assert_said(FILE_NAME ":2: backend: select cannot watch 20");
	assert_said("ask for less (max-connections) or for another backend");
}

static void
test_help(void **state)
{
	size_t i, len;
	FILE *f = open_memstream(&said, &len);

	(void)state;
	conf_help(f);
	fclose(f);
	for (i = 0; i < countof(rows); i++)
		assert_said(rows[i].name);
}

#define UNIT(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(test_defaults),
		UNIT(test_every_setting),
		UNIT(test_values),
		UNIT(test_sections),
		UNIT(test_lists),
		UNIT(test_lists_of_unix_sockets),
		UNIT(test_default_listeners),
		UNIT(test_round_trip),
		UNIT(test_many_errors),
		UNIT(test_unknown),
		UNIT(test_syntax),
		UNIT(test_no_file),
		UNIT(test_addresses_of_listeners),
		UNIT(test_no_room),
		UNIT(test_select_ends),
		UNIT(test_help),
	};

	return cmocka_run_group_tests_name("conf", tests, NULL, NULL);
}

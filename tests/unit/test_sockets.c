/* SPDX-License-Identifier: ISC */
/*
 * test_sockets.c -- the listening sockets of one configuration, and what becomes of
 * them under the next: which are kept, where connections go meanwhile, and that what
 * comes to nothing has changed nothing.
 */
#include <sys/stat.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "macros.h"
#include "sockets.h"
#include "unit.h"

#define MANY 128 /* connections: that one of four gets none has a chance of 1e-15 */

static char dir[32], path[64], said[512];
static int clients[2 * MANY];
static size_t nclients;

static int
setup(void **state)
{
	(void)state;
	strcpy(dir, "test_sockets.XXXXXX");
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "unix:%s/socket", dir);
	return 0;
}

static void
hang_up(void)
{
	while (nclients > 0)
		close(clients[--nclients]);
}

static int
teardown(void **state)
{
	(void)state;
	hang_up();
	assert_int_not_equal(access(path + 5, F_OK), 0);
	return rmdir(dir);
}

/* Settings with these addresses, at most three. */
static struct conf *
settings(const char *accept, const char *a, const char *b, const char *c)
{
	const char *const all[] = { a, b, c };
	static struct conf confs[4];
	static size_t next;
	struct conf *conf = &confs[next++ % countof(confs)];
	char why[CONF_WHY];
	size_t i;

	assert_int_equal(conf_init(conf), 0);
	assert_int_equal(conf_set(conf, NULL, "accept", accept, 0, why), 0);
	assert_int_equal(conf_set(conf, NULL, "max-connections", "10", 0, why), 0);
	for (i = 0; i < countof(all); i++)
		if (all[i] != NULL)
			assert_int_equal(conf_add_listen(conf, all[i], why), 0);
	assert_int_equal(conf_check(conf, stderr), 0);
	return conf;
}

/* What it says, if it says anything, goes to said. */
static int
open_sockets(
    struct sockets *s, const struct conf *conf, unsigned columns, const struct sockets *old)
{
	FILE *err = fmemopen(said, sizeof(said), "w");
	int rc;

	assert_non_null(err);
	memset(said, 0, sizeof(said));
	rc = sockets_open(s, conf, columns, old, err);
	fclose(err);
	return rc;
}

static bool
is_open(int fd)
{
	return fcntl(fd, F_GETFD) != -1;
}

/* Whether it came to a connection; a SYN that is dropped is not answered in time. */
static bool
connect_to(const struct net_addr *addr)
{
	struct net_client options = { 0 };
	int fd = net_connect(addr, NULL, &options), error = 0;
	struct pollfd p = { .fd = fd, .events = POLLOUT };
	socklen_t len = sizeof(error);

	if (fd < 0)
		return false;
	if (poll(&p, 1, 300) != 1 || getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) != 0 ||
	    error != 0) {
		close(fd);
		return false;
	}
	assert_true(nclients < countof(clients));
	clients[nclients++] = fd;
	return true;
}

static void
connect_many(const struct net_addr *addr)
{
	int n;

	for (n = 0; n < MANY; n++)
		assert_true(connect_to(addr));
}

/* Accept all that wait at one, and say how many. */
static unsigned
drain(int listener)
{
	unsigned n;
	int fd;

	for (n = 0; (fd = accept(listener, NULL, NULL)) >= 0; n++)
		close(fd);
	assert_int_equal(errno, EAGAIN);
	return n;
}

static void
test_rows(void **state)
{
	struct conf *conf = settings("reuseport", "127.0.0.1:0", "127.0.0.2:0", path);
	struct sockets s;
	unsigned k, sum = 0;

	(void)state;
	assert_int_equal(open_sockets(&s, conf, 3, NULL), 0);
	assert_int_equal(s.n, 3);
	assert_int_equal(s.all[0].nfds, 3);
	assert_int_equal(s.all[1].nfds, 3);
	assert_int_equal(s.all[2].nfds, 1); /* a unix socket is shared */
	assert_int_not_equal(net_port(&s.all[0].addr), 0);
	connect_many(&s.all[0].addr);
	for (k = 0; k < 3; k++) {
		unsigned n = drain(s.all[0].fds[k]);

		assert_true(n > 0);
		sum += n;
	}
	assert_int_equal(sum, MANY);
	sockets_close(&s);
	conf_free(conf);

	conf = settings("shared", "127.0.0.1:0", NULL, NULL);
	assert_int_equal(open_sockets(&s, conf, 3, NULL), 0);
	assert_int_equal(s.all[0].nfds, 1);
	sockets_close(&s);
	conf_free(conf);

	conf = settings("reuseport", "127.0.0.1:0", NULL, NULL);
	assert_int_equal(open_sockets(&s, conf, 0, NULL), 0); /* no workers */
	assert_int_equal(s.all[0].nfds, 1);
	sockets_close(&s);
	conf_free(conf);
}

/* One that cannot be had: the others are let go. */
static void
test_all_or_nothing(void **state)
{
	struct conf *first = settings("reuseport", "127.0.0.1:0", NULL, NULL), *second;
	struct sockets s, none;
	char taken[NET_TEXT];

	(void)state;
	assert_int_equal(open_sockets(&s, first, 2, NULL), 0);
	net_print(taken, &s.all[0].addr);
	second = settings("reuseport", path, taken, NULL);
	assert_int_equal(open_sockets(&none, second, 2, NULL), EX_UNAVAILABLE);
	assert_non_null(strstr(said, taken));
	assert_non_null(strstr(said, "Address already in use"));
	assert_int_not_equal(access(path + 5, F_OK), 0);
	assert_int_equal(none.n, 0);
	connect_many(&s.all[0].addr);
	assert_int_equal(drain(s.all[0].fds[0]) + drain(s.all[0].fds[1]), MANY);
	sockets_close(&s);
	conf_free(first);
	conf_free(second);
}

/* The next ones come to nothing: as before, and nobody waits where nobody accepts. */
static void
test_abandoned(void **state)
{
	struct conf *first = settings("reuseport", "127.0.0.1:0", path, NULL), *second;
	struct sockets old, next;
	struct net_addr extra;

	(void)state;
	assert_int_equal(open_sockets(&old, first, 2, NULL), 0);
	second = settings("reuseport", "127.0.0.1:0", path, "127.0.0.2:0");
	assert_int_equal(open_sockets(&next, second, 4, &old), 0);
	assert_int_equal(next.all[0].kept, 2);
	assert_int_equal(next.all[0].nfds, 4);
	assert_int_equal(next.all[0].fds[0], old.all[0].fds[0]);
	assert_int_equal(next.all[0].fds[1], old.all[0].fds[1]);
	assert_int_equal(net_port(&next.all[0].addr), net_port(&old.all[0].addr));
	assert_int_equal(next.all[1].fds[0], old.all[1].fds[0]);
	assert_int_equal(next.all[2].kept, 0);

	connect_many(&old.all[0].addr);
	assert_int_equal(drain(next.all[0].fds[2]), 0);
	assert_int_equal(drain(next.all[0].fds[3]), 0);
	assert_int_equal(drain(old.all[0].fds[0]) + drain(old.all[0].fds[1]), MANY);
	hang_up();

	extra = next.all[2].addr;
	sockets_abandon(&next);
	assert_false(connect_to(&extra));
	assert_int_equal(access(path + 5, F_OK), 0);
	connect_many(&old.all[0].addr);
	assert_int_equal(drain(old.all[0].fds[0]) + drain(old.all[0].fds[1]), MANY);
	assert_true(connect_to(&old.all[1].addr));
	assert_int_equal(drain(old.all[1].fds[0]), 1);
	sockets_close(&old);
	conf_free(first);
	conf_free(second);
}

static void
test_more_workers(void **state)
{
	struct conf *first = settings("reuseport", "127.0.0.1:0", NULL, NULL);
	struct conf *second = settings("reuseport", "127.0.0.1:0", NULL, NULL);
	struct sockets old, next, gone;
	unsigned k, sum = 0;

	(void)state;
	assert_int_equal(open_sockets(&old, first, 2, NULL), 0);
	assert_int_equal(open_sockets(&next, second, 4, &old), 0);
	sockets_succeed(&next, &old, &gone);
	assert_int_equal(next.all[0].kept, 0);
	assert_int_equal(old.n, 0);
	assert_int_equal(gone.all[0].fds[0], -1);
	assert_int_equal(gone.all[0].fds[1], -1);
	assert_false(sockets_any_open(&gone));
	sockets_close(&gone);
	connect_many(&next.all[0].addr);
	for (k = 0; k < 4; k++) {
		unsigned n = drain(next.all[0].fds[k]);

		assert_true(n > 0);
		sum += n;
	}
	assert_int_equal(sum, MANY);
	sockets_close(&next);
	conf_free(first);
	conf_free(second);
}

/* Who waits at one that is not to be any more is still to be accepted; nobody else comes. */
static void
test_fewer_workers(void **state)
{
	struct conf *first = settings("reuseport", "127.0.0.1:0", NULL, NULL);
	struct conf *second = settings("reuseport", "127.0.0.1:0", NULL, NULL);
	struct sockets old, next, gone;
	unsigned waiting;

	(void)state;
	assert_int_equal(open_sockets(&old, first, 4, NULL), 0);
	connect_many(&old.all[0].addr);
	(void)drain(old.all[0].fds[0]);
	(void)drain(old.all[0].fds[1]);
	assert_int_equal(open_sockets(&next, second, 2, &old), 0);
	sockets_succeed(&next, &old, &gone);
	assert_true(sockets_any_open(&gone));
	assert_false(net_is_retired(next.all[0].fds[0]));
	assert_false(net_is_retired(next.all[0].fds[1]));
	assert_true(net_is_retired(gone.all[0].fds[2]));
	assert_true(net_is_retired(gone.all[0].fds[3]));
	waiting = drain(gone.all[0].fds[2]) + drain(gone.all[0].fds[3]);
	assert_true(waiting > 0);
	hang_up();
	connect_many(&next.all[0].addr);
	assert_int_equal(drain(gone.all[0].fds[2]) + drain(gone.all[0].fds[3]), 0);
	assert_int_equal(drain(next.all[0].fds[0]) + drain(next.all[0].fds[1]), MANY);
	hang_up();
	sockets_close(&gone);
	connect_many(&next.all[0].addr);
	assert_int_equal(drain(next.all[0].fds[0]) + drain(next.all[0].fds[1]), MANY);
	sockets_close(&next);
	conf_free(first);
	conf_free(second);
}

/* An address that the next settings lack. */
static void
test_removed(void **state)
{
	struct conf *first = settings("reuseport", "127.0.0.1:0", "127.0.0.2:0", path);
	struct conf *second = settings("reuseport", "127.0.0.1:0", NULL, NULL);
	struct sockets old, next, gone;
	struct net_addr removed;

	(void)state;
	assert_int_equal(open_sockets(&old, first, 1, NULL), 0);
	removed = old.all[1].addr;
	assert_true(connect_to(&removed));
	assert_int_equal(open_sockets(&next, second, 1, &old), 0);
	assert_int_equal(access(path + 5, F_OK), 0);
	sockets_succeed(&next, &old, &gone);
	assert_int_not_equal(access(path + 5, F_OK), 0);
	assert_int_equal(gone.n, 3);
	assert_int_equal(gone.all[0].fds[0], -1);
	assert_false(connect_to(&removed));
	assert_int_equal(drain(gone.all[1].fds[0]), 1);
	assert_true(connect_to(&next.all[0].addr));
	assert_int_equal(drain(next.all[0].fds[0]), 1);
	sockets_close(&gone);
	sockets_close(&next);
	conf_free(first);
	conf_free(second);
}

static void
test_borrowed(void **state)
{
	struct conf *conf = settings("reuseport", "127.0.0.1:0", path, NULL);
	struct sockets s, owner;
	int tcp[3], unix_fd, k;
	size_t i;

	(void)state;
	assert_int_equal(open_sockets(&s, conf, 3, NULL), 0);
	/* Whoever owns them: its copy, of which nothing is to go. */
	owner = s;
	owner.all = calloc(s.n, sizeof(*s.all));
	assert_non_null(owner.all);
	for (i = 0; i < s.n; i++) {
		owner.all[i] = s.all[i];
		owner.all[i].fds = calloc(3, sizeof(int));
		assert_non_null(owner.all[i].fds);
		for (k = 0; k < (int)s.all[i].nfds; k++)
			owner.all[i].fds[k] = dup(s.all[i].fds[k]);
	}
	for (k = 0; k < 3; k++)
		tcp[k] = s.all[0].fds[k];
	unix_fd = s.all[1].fds[0];
	sockets_borrow(&s, 4); /* the second column; all have the unix socket */
	assert_false(is_open(tcp[0]));
	assert_true(is_open(tcp[1]));
	assert_false(is_open(tcp[2]));
	assert_true(is_open(unix_fd));
	assert_int_equal(s.all[0].nfds, 1);
	assert_int_equal(s.all[0].fds[0], tcp[1]);
	sockets_close(&s);
	assert_false(is_open(tcp[1]));
	assert_false(is_open(unix_fd));
	assert_int_equal(access(path + 5, F_OK), 0);
	connect_many(&owner.all[0].addr);
	assert_int_equal(
	    drain(owner.all[0].fds[0]) + drain(owner.all[0].fds[1]) + drain(owner.all[0].fds[2]),
	    MANY);
	sockets_close(&owner);
	conf_free(conf);
}

/* In a worker of the next generation: only what the one before has alone goes. */
static void
test_drop_others(void **state)
{
	struct conf *first = settings("reuseport", "127.0.0.1:0", "127.0.0.2:0", NULL);
	struct conf *second = settings("reuseport", "127.0.0.1:0", NULL, NULL);
	struct sockets old, next;

	(void)state;
	assert_int_equal(open_sockets(&old, first, 2, NULL), 0);
	assert_int_equal(open_sockets(&next, second, 1, &old), 0);
	sockets_drop_others(&old, &next);
	assert_true(is_open(old.all[0].fds[0]));
	assert_false(is_open(old.all[0].fds[1]));
	assert_false(is_open(old.all[1].fds[0]));
	assert_false(is_open(old.all[1].fds[1]));
	assert_true(connect_to(&next.all[0].addr));
	assert_int_equal(drain(next.all[0].fds[0]), 1);
	sockets_abandon(&next);
	old.all[0].fds[1] = old.all[1].fds[0] = old.all[1].fds[1] = -1;
	sockets_close(&old);
	conf_free(first);
	conf_free(second);
}

static void
test_report(void **state)
{
	struct conf *conf = settings("reuseport", "127.0.0.1:0", path, NULL);
	struct sockets s;
	char got[256] = "", expected[256], addr[NET_TEXT];
	int fds[2];

	(void)state;
	assert_int_equal(open_sockets(&s, conf, 2, NULL), 0);
	net_print(addr, &s.all[0].addr);
	snprintf(expected, sizeof(expected), "%s\n%s\n", addr, path);
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(sockets_report(&s, fds[1]), 0);
	assert_true(read(fds[0], got, sizeof(got) - 1) > 0);
	assert_string_equal(got, expected);
	close(fds[0]);
	close(fds[1]);
	assert_int_equal(sockets_report(&s, fds[1]), -EBADF);
	sockets_close(&s);
	conf_free(conf);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_rows, setup, teardown),
		cmocka_unit_test_setup_teardown(test_all_or_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(test_abandoned, setup, teardown),
		cmocka_unit_test_setup_teardown(test_more_workers, setup, teardown),
		cmocka_unit_test_setup_teardown(test_fewer_workers, setup, teardown),
		cmocka_unit_test_setup_teardown(test_removed, setup, teardown),
		cmocka_unit_test_setup_teardown(test_borrowed, setup, teardown),
		cmocka_unit_test_setup_teardown(test_drop_others, setup, teardown),
		cmocka_unit_test_setup_teardown(test_report, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

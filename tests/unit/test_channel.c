/* SPDX-License-Identifier: ISC */
/*
 * test_channel.c -- the line between supervisor and worker, with both ends here.
 */
#include <sys/socket.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "channel.h"
#include "unit.h"

static int here, there;

static int
setup(void **state)
{
	(void)state;
	assert_int_equal(channel_open(&here, &there), 0);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	close(here);
	close(there);
	return 0;
}

static void
test_flags(void **state)
{
	(void)state;
	assert_true((fcntl(here, F_GETFD) & FD_CLOEXEC) != 0);
	assert_true((fcntl(there, F_GETFD) & FD_CLOEXEC) != 0);
	assert_true((fcntl(here, F_GETFL) & O_NONBLOCK) != 0);
	assert_true((fcntl(there, F_GETFL) & O_NONBLOCK) != 0);
}

/* Each stays a message of its own, both ways. */
static void
test_messages(void **state)
{
	int fd = 99;

	(void)state;
	assert_int_equal(channel_receive(here, &fd), -EAGAIN);
	assert_int_equal(fd, -1);
	assert_int_equal(channel_send(there, CHANNEL_READY, -1), 0);
	assert_int_equal(channel_send(there, CHANNEL_DRAINING, -1), 0);
	assert_int_equal(channel_receive(here, &fd), CHANNEL_READY);
	assert_int_equal(fd, -1);
	assert_int_equal(channel_receive(here, &fd), CHANNEL_DRAINING);
	assert_int_equal(channel_receive(here, &fd), -EAGAIN);
	assert_int_equal(channel_send(here, CHANNEL_LOG, -1), 0);
	assert_int_equal(channel_receive(there, &fd), CHANNEL_LOG);
}

static void
test_descriptor(void **state)
{
	int fds[2], fd = -1;
	char byte = 0;

	(void)state;
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(channel_send(here, CHANNEL_LOG, fds[1]), 0);
	assert_int_equal(write(fds[1], "a", 1), 1); /* it stays the sender's */
	close(fds[1]);
	assert_int_equal(channel_receive(there, &fd), CHANNEL_LOG);
	assert_true(fd >= 0);
	assert_true((fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0);
	assert_int_equal(write(fd, "b", 1), 1);
	close(fd);
	assert_int_equal(read(fds[0], &byte, 1), 1);
	assert_int_equal(byte, 'a');
	assert_int_equal(read(fds[0], &byte, 1), 1);
	assert_int_equal(byte, 'b');
	assert_int_equal(read(fds[0], &byte, 1), 0); /* nobody has it any more */
	close(fds[0]);
}

/* One that nobody reads is full some day, and nobody waits for it. */
static void
test_full(void **state)
{
	int rc, n, fd;

	(void)state;
	for (n = 0; (rc = channel_send(here, CHANNEL_LOG, -1)) == 0; n++)
		assert_true(n < 1000000);
	assert_int_equal(rc, -EAGAIN);
	for (; n > 0; n--)
		assert_int_equal(channel_receive(there, &fd), CHANNEL_LOG);
	assert_int_equal(channel_receive(there, &fd), -EAGAIN);
}

/* The leash: what was sent is read first. */
static void
test_end(void **state)
{
	int fd;

	(void)state;
	assert_int_equal(channel_send(there, CHANNEL_READY, -1), 0);
	close(there);
	assert_int_equal(channel_receive(here, &fd), CHANNEL_READY);
	assert_int_equal(channel_receive(here, &fd), 0);
	assert_int_equal(channel_receive(here, &fd), 0);
	assert_int_equal(channel_send(here, CHANNEL_LOG, -1), -EPIPE); /* and no SIGPIPE */
	there = -1;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_flags, setup, teardown),
		cmocka_unit_test_setup_teardown(test_messages, setup, teardown),
		cmocka_unit_test_setup_teardown(test_descriptor, setup, teardown),
		cmocka_unit_test_setup_teardown(test_full, setup, teardown),
		cmocka_unit_test_setup_teardown(test_end, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

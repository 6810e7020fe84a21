/* SPDX-License-Identifier: ISC */
/*
 * test_net.c -- addresses as text, and listening sockets with their options.
 */
#include <sys/stat.h>
#include <netinet/tcp.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "macros.h"
#include "net.h"
#include "unit.h"

int __real_getaddrinfo(const char *, const char *, const struct addrinfo *, struct addrinfo **);
int __wrap_getaddrinfo(const char *, const char *, const struct addrinfo *, struct addrinfo **);
void __real_freeaddrinfo(struct addrinfo *), __wrap_freeaddrinfo(struct addrinfo *);

static struct net_addr addrs[8];
static const char *why;
static char dir[64];
static const struct net_options bounded = { .backlog = 8, .bounded = true };
static const struct net_options unbounded = { .backlog = 8 };

/* "six" has an IPv6 address and something else, but no IPv4 one. */
static struct sockaddr_in6 six = { .sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT };
static struct addrinfo list[] = {
	{ .ai_family = AF_UNIX, .ai_next = &list[1] },
	{ .ai_family = AF_INET6, .ai_addr = (struct sockaddr *)&six, .ai_addrlen = sizeof(six) },
};

int
__wrap_getaddrinfo(
    const char *name, const char *service, const struct addrinfo *hints, struct addrinfo **found)
{
	if (strcmp(name, "six") != 0 && strcmp(name, "none") != 0)
		return __real_getaddrinfo(name, service, hints, found);
	*found = list;
	list[0].ai_next = strcmp(name, "six") == 0 ? &list[1] : NULL;
	return 0;
}

void
__wrap_freeaddrinfo(struct addrinfo *found)
{
	if (found != list)
		__real_freeaddrinfo(found);
}

static int
make_dir(void **state)
{
	(void)state;
	strcpy(dir, "test_net.XXXXXX");
	assert_non_null(mkdtemp(dir));
	return 0;
}

static int
remove_dir(void **state)
{
	(void)state;
	assert_int_equal(rmdir(dir), 0); /* nothing was left behind */
	return 0;
}

static void
test_round_trips(void **state)
{
	static const char *const same[] = { "127.0.0.1:7", "0.0.0.0:0", "255.255.255.255:65535",
		"[::1]:7007", "[::]:0", "[2001:db8::1]:65535", "unix:/tmp/echo", "unix:relative",
		"unix:/a:7", "unix:@name", "unix:@a:7" };
	char text[NET_TEXT];
	size_t i;

	(void)state;
	for (i = 0; i < countof(same); i++) {
		assert_int_equal(net_parse(same[i], addrs, countof(addrs), &why), 1);
		assert_false(addrs[0].optional);
		net_print(text, &addrs[0]);
		assert_string_equal(text, same[i]);
	}
	assert_int_equal(net_parse("[0:0:0::0:1]:07", addrs, countof(addrs), &why), 1);
	net_print(text, &addrs[0]);
	assert_string_equal(text, "[::1]:7");
}

static void
test_fields(void **state)
{
	(void)state;
	assert_int_equal(net_parse("1.2.3.4:258", addrs, 1, &why), 1);
	assert_int_equal(addrs[0].in.sin_addr.s_addr, htonl(0x01020304));
	assert_int_equal(addrs[0].in.sin_port, htons(258));
	assert_int_equal(addrs[0].len, sizeof(struct sockaddr_in));
	assert_int_equal(net_port(&addrs[0]), 258);
	net_set_port(&addrs[0], 7);
	assert_int_equal(net_port(&addrs[0]), 7);

	assert_int_equal(net_parse("[::1]:258", addrs, 1, &why), 1);
	assert_true(IN6_IS_ADDR_LOOPBACK(&addrs[0].in6.sin6_addr));
	assert_int_equal(addrs[0].len, sizeof(struct sockaddr_in6));
	assert_int_equal(net_port(&addrs[0]), 258);
	net_set_port(&addrs[0], 7);
	assert_int_equal(net_port(&addrs[0]), 7);

	/* A path has its zero at the end, a name has one in front. */
	assert_int_equal(net_parse("unix:/ab", addrs, 1, &why), 1);
	assert_int_equal(addrs[0].len, offsetof(struct sockaddr_un, sun_path) + 4);
	assert_memory_equal(addrs[0].un.sun_path, "/ab", 4);
	assert_int_equal(net_parse("unix:@ab", addrs, 1, &why), 1);
	assert_int_equal(addrs[0].len, offsetof(struct sockaddr_un, sun_path) + 3);
	assert_memory_equal(addrs[0].un.sun_path, "\0ab", 3);
	assert_int_equal(net_port(&addrs[0]), 0);
	net_set_port(&addrs[0], 7); /* has none */
	assert_memory_equal(addrs[0].un.sun_path, "\0ab", 3);
}

static void
test_star(void **state)
{
	char text[NET_TEXT];

	(void)state;
	assert_int_equal(net_parse("*:7", addrs, countof(addrs), &why), 2);
	net_print(text, &addrs[0]);
	assert_string_equal(text, "0.0.0.0:7");
	assert_false(addrs[0].optional);
	net_print(text, &addrs[1]);
	assert_string_equal(text, "[::]:7");
	assert_true(addrs[1].optional);
}

static void
test_name(void **state)
{
	bool have4 = false;
	int i, n;

	(void)state;
	n = net_parse("localhost:7", addrs, countof(addrs), &why);
	if (n == -EADDRNOTAVAIL)
		SKIP("localhost is not known here");
	assert_in_range(n, 1, countof(addrs));
	for (i = 0; i < n; i++) {
		have4 |= addrs[i].sa.sa_family == AF_INET;
		assert_int_equal(net_port(&addrs[i]), 7);
	}
	for (i = 0; i < n; i++)
		assert_int_equal(addrs[i].optional, have4 && addrs[i].sa.sa_family == AF_INET6);
	assert_int_equal(net_parse("localhost:7", addrs, 1, &why), 1);
}

/* IPv6 may be missing only where there is IPv4 in its place. */
static void
test_name_of_other_kinds(void **state)
{
	char text[NET_TEXT];

	(void)state;
	assert_int_equal(net_parse("six:7", addrs, countof(addrs), &why), 1);
	net_print(text, &addrs[0]);
	assert_string_equal(text, "[::1]:7");
	assert_false(addrs[0].optional);
	assert_int_equal(net_parse("none:7", addrs, countof(addrs), &why), -EADDRNOTAVAIL);
	assert_string_equal(why, "the name has no address");
}

static void
test_unknown_name(void **state)
{
	(void)state;
	why = NULL;
	/* No such name can be, RFC 6761, and a label of 64 letters is too long. */
	assert_int_equal(net_parse("a23456789b123456789c123456789d123456789e123456789f123456789g123"
				   "4.invalid:7",
			     addrs, countof(addrs), &why),
	    -EADDRNOTAVAIL);
	assert_non_null(why);
}

static void
test_bad_addresses(void **state)
{
	static const struct {
		const char *text, *why;
	} bad[] = {
		{ "", "want HOST:PORT" },
		{ "7007", "want HOST:PORT" },
		{ "localhost", "want HOST:PORT" },
		{ ":7007", "want HOST:PORT" },
		{ "127.0.0.1:", "the port is a number" },
		{ "127.0.0.1:x", "the port is a number" },
		{ "127.0.0.1:65536", "the port is a number" },
		{ "127.0.0.1:-1", "the port is a number" },
		{ "127.0.0.1: 7", "the port is a number" },
		{ "127.0.0.1:7x", "the port is a number" },
		{ "127.0.0.1:echo", "the port is a number" },
		{ "::1:7", "goes in brackets" },
		{ "fe80::1:7", "goes in brackets" },
		{ "[::1:7", "want HOST:PORT" },
		{ "[::1]7:7", "want HOST:PORT" },
		{ "[::1]", "the port is a number" },
		{ "[]:7", "not an IPv6 address" },
		{ "[:7", "want HOST:PORT" },
		{ "[127.0.0.1]:7", "not an IPv6 address" },
		{ "[::g]:7", "not an IPv6 address" },
		{ "unix:", "needs a path" },
		{ "unix:@", "needs a path" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < countof(bad); i++) {
		assert_int_equal(net_parse(bad[i].text, addrs, countof(addrs), &why), -EINVAL);
		if (strstr(why, bad[i].why) == NULL)
			fail_msg("%s: %s", bad[i].text, why);
	}
}

static void
test_lengths(void **state)
{
	char text[2048], printed[NET_TEXT];

	(void)state;
	memset(text, 'a', sizeof(text));
	memcpy(text, "unix:", 5);
	text[5 + 107] = '\0';
	assert_int_equal(net_parse(text, addrs, 1, &why), 1);
	net_print(printed, &addrs[0]);
	assert_string_equal(printed, text);
	text[5 + 107] = 'a';
	text[5 + 108] = '\0';
	assert_int_equal(net_parse(text, addrs, 1, &why), -EINVAL);
	assert_non_null(strstr(why, "107 bytes"));

	memset(text, 'a', sizeof(text));
	memcpy(text + sizeof(text) - 3, ":7", 3);
	assert_int_equal(net_parse(text, addrs, 1, &why), -EINVAL);
}

static int
option(int fd, int level, int name)
{
	int value = -1;
	socklen_t len = sizeof(value);

	assert_int_equal(getsockopt(fd, level, name, &value, &len), 0);
	return value;
}

/* A connection to a listening socket, as it is accepted. */
static int
accept_from(int fd, const struct net_addr *addr)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	int peer, accepted;

	peer = socket(addr->sa.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(connect(peer, &addr->sa, addr->len), 0);
	assert_int_equal(poll(&p, 1, 5000), 1);
	accepted = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	assert_true(accepted >= 0);
	close(peer);
	return accepted;
}

static int
listen_on(const char *text, struct net_addr *addr, const struct net_options *options)
{
	assert_int_equal(net_parse(text, addr, 1, &why), 1);
	return net_listen(addr, options);
}

/* Of the kernel's, for a bounded connection; and by how much one packet runs over. */
enum { PROMISED = 192 * 1024, ONE_PACKET = 64 * 1024 };

static void
check_tcp(const char *text)
{
	struct net_addr addr;
	int fd, accepted, plain_receive, plain_send, receive, send;

	fd = listen_on(text, &addr, &unbounded);
	assert_true(fd >= 0);
	assert_int_not_equal(net_port(&addr), 0); /* it has been told */
	assert_int_not_equal(fcntl(fd, F_GETFL) & O_NONBLOCK, 0);
	assert_int_not_equal(fcntl(fd, F_GETFD) & FD_CLOEXEC, 0);
	accepted = accept_from(fd, &addr);
	assert_int_equal(option(accepted, IPPROTO_TCP, TCP_NODELAY), 1);
	assert_int_equal(option(accepted, SOL_SOCKET, SO_OOBINLINE), 1);
	plain_receive = option(accepted, SOL_SOCKET, SO_RCVBUF);
	plain_send = option(accepted, SOL_SOCKET, SO_SNDBUF);
	close(accepted);
	close(fd);

	fd = listen_on(text, &addr, &bounded);
	accepted = accept_from(fd, &addr);
	assert_int_equal(net_accepted(accepted, addr.sa.sa_family, &bounded), 0);
	assert_int_equal(option(accepted, IPPROTO_TCP, TCP_NODELAY), 1);
	assert_int_equal(option(accepted, SOL_SOCKET, SO_OOBINLINE), 1);
	receive = option(accepted, SOL_SOCKET, SO_RCVBUF);
	send = option(accepted, SOL_SOCKET, SO_SNDBUF);
	assert_true(receive + send + ONE_PACKET <= PROMISED);
	assert_true(plain_receive != receive || plain_send != send);
	close(accepted);
	close(fd);
}

static void
test_listen(void **state)
{
	(void)state;
	check_tcp("127.0.0.1:0");
}

static void
test_listen_ipv6(void **state)
{
	(void)state;
	if (!net_has_ipv6())
		SKIP("there is no IPv6 here");
	check_tcp("[::1]:0");
}

/* IPv4 and IPv6 share a port, as "*" needs it. */
static void
test_both_families(void **state)
{
	struct net_addr star[2];
	int fd4, fd6 = -EADDRINUSE, tries;

	(void)state;
	if (!net_has_ipv6())
		SKIP("there is no IPv6 here");
	for (tries = 0; fd6 == -EADDRINUSE && tries < 16; tries++) {
		assert_int_equal(net_parse("*:0", star, 2, &why), 2);
		assert_true((fd4 = net_listen(&star[0], &bounded)) >= 0);
		net_set_port(&star[1], net_port(&star[0]));
		fd6 = net_listen(&star[1], &bounded); /* another may have it there */
		close(fd4);
	}
	assert_true(fd6 >= 0);
	close(fd6);
}

static void
test_cannot_listen(void **state)
{
	struct net_addr addr, other;
	struct pollfd p = { .events = POLLIN };
	int fd, peer;

	(void)state;
	fd = listen_on("127.0.0.1:0", &addr, &bounded);
	other = addr;
	p.fd = fd;
	assert_int_equal(net_listen(&other, &bounded), -EADDRINUSE);
	peer = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(connect(peer, &addr.sa, addr.len), 0);
	assert_int_equal(poll(&p, 1, 5000), 1);
	close(accept4(fd, NULL, NULL, SOCK_CLOEXEC)); /* who ends first is in TIME-WAIT */
	close(peer);
	close(fd);
	fd = net_listen(&other, &bounded);
	assert_true(fd >= 0);
	close(fd);
	/* TEST-NET-1, RFC 5737: nobody has that address. */
	assert_int_equal(listen_on("192.0.2.1:0", &addr, &bounded), -EADDRNOTAVAIL);
	assert_int_equal(listen_on("unix:/no/such/directory", &addr, &bounded), -ENOENT);
}

static void
path_in(char text[NET_TEXT], const char *name)
{
	snprintf(text, NET_TEXT, "unix:%s/%s", dir, name);
}

static void
test_unix_path(void **state)
{
	struct net_addr addr, other;
	char text[NET_TEXT];
	struct stat st, now;
	int fd, again, accepted, plain;

	(void)state;
	path_in(text, "s");
	fd = listen_on(text, &addr, &bounded);
	assert_true(fd >= 0);
	assert_int_equal(stat(text + 5, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0666);
	accepted = accept_from(fd, &addr);
	assert_int_equal(net_accepted(accepted, AF_UNIX, &unbounded), 0);
	plain = option(accepted, SOL_SOCKET, SO_SNDBUF);
	assert_int_equal(net_accepted(accepted, AF_UNIX, &bounded), 0);
	assert_int_not_equal(option(accepted, SOL_SOCKET, SO_SNDBUF), plain);
	assert_true(option(accepted, SOL_SOCKET, SO_SNDBUF) + ONE_PACKET <= PROMISED);
	close(accepted);

	/* While it has an owner nobody takes it; once that is gone it is stale. */
	assert_int_equal(listen_on(text, &other, &bounded), -EADDRINUSE);
	close(fd);
	assert_int_equal(access(text + 5, F_OK), 0);
	again = listen_on(text, &other, &bounded);
	assert_true(again >= 0);
	close(accept_from(again, &other));

	net_unlink(&addr, st.st_dev, st.st_ino + 1); /* is not that one */
	assert_int_equal(stat(text + 5, &now), 0);
	net_unlink(&addr, now.st_dev, now.st_ino);
	assert_int_equal(stat(text + 5, &now), -1);
	close(again);
}

/* What is no socket is nobody's to take over, stale or not. */
static void
test_unix_path_of_a_file(void **state)
{
	char text[NET_TEXT], link[NET_TEXT];
	struct net_addr addr;
	struct stat st;
	int fd;

	(void)state;
	path_in(text, "file");
	close(open(text + 5, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	assert_int_equal(listen_on(text, &addr, &bounded), -EADDRINUSE);
	assert_int_equal(stat(text + 5, &st), 0);
	net_unlink(&addr, st.st_dev, st.st_ino);
	assert_int_equal(unlink(text + 5), 0);

	/* Nor is a link to a socket that is stale. */
	fd = listen_on(text, &addr, &bounded);
	close(fd);
	path_in(link, "link");
	assert_int_equal(symlink("file", link + 5), 0);
	assert_int_equal(listen_on(link, &addr, &bounded), -EADDRINUSE);
	assert_int_equal(unlink(link + 5), 0);
	assert_int_equal(unlink(text + 5), 0);
}

static void
test_unix_name(void **state)
{
	struct net_addr addr, other;
	char text[NET_TEXT];
	int fd;

	(void)state;
	snprintf(text, sizeof(text), "unix:@%s.%ld", dir, (long)getpid());
	fd = listen_on(text, &addr, &bounded);
	assert_true(fd >= 0);
	close(accept_from(fd, &addr));
	assert_int_equal(listen_on(text, &other, &bounded), -EADDRINUSE);
	net_unlink(&addr, 0, 0); /* there is nothing */
	close(fd);
	fd = listen_on(text, &other, &bounded);
	assert_true(fd >= 0);
	close(fd);
}

/* Whether it comes to a connection; if a SYN is dropped, not in time. */
static int
connect_soon(const struct net_addr *addr)
{
	struct net_client options = { 0 };
	int fd = net_connect(addr, NULL, &options), error = 0;
	struct pollfd p = { .fd = fd, .events = POLLOUT };
	socklen_t len = sizeof(error);

	assert_true(fd >= 0);
	if (poll(&p, 1, 300) == 1 && getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) == 0 &&
	    error == 0)
		return fd;
	close(fd);
	return -1;
}

/* So many connections come in; how many of them at each listener. */
static void
count_at(const int *fds, unsigned *counts, unsigned n, const struct net_addr *addr)
{
	enum { MANY = 128 };
	int client[MANY], i, fd;
	unsigned k, sum = 0;

	for (i = 0; i < MANY; i++)
		assert_true((client[i] = connect_soon(addr)) >= 0);
	for (k = 0; k < n; k++) {
		for (counts[k] = 0; (fd = accept(fds[k], NULL, NULL)) >= 0; counts[k]++)
			close(fd);
		sum += counts[k];
	}
	assert_int_equal(sum, MANY);
	for (i = 0; i < MANY; i++)
		close(client[i]);
}

/* Sockets of one address: to which of them connections come. */
static void
test_join_and_choose(void **state)
{
	const struct net_options o = { .backlog = 200, .bounded = true };
	struct net_addr addr, same;
	unsigned counts[3];
	int fds[3];

	(void)state;
	fds[0] = listen_on("127.0.0.1:0", &addr, &o);
	same = addr;
	assert_int_equal(net_listen(&same, &o), -EADDRINUSE);
	fds[1] = net_join(fds[0], &addr, &o);
	fds[2] = net_join(fds[0], &addr, &o);
	assert_true(fds[1] >= 0 && fds[2] >= 0);
	assert_true((fcntl(fds[1], F_GETFD) & FD_CLOEXEC) != 0);
	assert_true((fcntl(fds[1], F_GETFL) & O_NONBLOCK) != 0);
	assert_int_equal(option(fds[1], IPPROTO_TCP, TCP_NODELAY), 1);
	assert_int_equal(option(fds[1], SOL_SOCKET, SO_OOBINLINE), 1);
	assert_int_equal(
	    option(fds[1], SOL_SOCKET, SO_RCVBUF), option(fds[0], SOL_SOCKET, SO_RCVBUF));
	/* Another instance is kept out as before. */
	assert_int_equal(net_listen(&same, &o), -EADDRINUSE);

	count_at(fds, counts, 3, &addr);
	assert_true(counts[0] > 0 && counts[1] > 0 && counts[2] > 0);
	assert_int_equal(net_choose(fds[0], 2), 0);
	count_at(fds, counts, 3, &addr);
	assert_true(counts[0] > 0 && counts[1] > 0 && counts[2] == 0);
	assert_int_equal(net_choose(fds[0], 1), 0);
	count_at(fds, counts, 3, &addr);
	assert_true(counts[0] > 0 && counts[1] == 0 && counts[2] == 0);
	assert_int_equal(net_choose(fds[0], 0), 0);
	assert_int_equal(net_choose(fds[0], 0), 0); /* once more */
	count_at(fds, counts, 3, &addr);
	assert_true(counts[0] > 0 && counts[1] > 0 && counts[2] > 0);
	close(fds[0]);
	close(fds[1]);
	close(fds[2]);
	assert_int_equal(net_join(fds[0], &addr, &o), -EBADF);
}

/*
 * Whoever has begun to connect by then is still let in, be it that the handshake is
 * over or that its last packet is still to come: TCP_DEFER_ACCEPT waits for data and
 * takes no notice of a bare ACK.
 */
static void
test_retire(void **state)
{
	struct net_addr addr;
	int fd, over, half, half_way, seconds = 10;
	struct pollfd p;

	(void)state;
	fd = listen_on("127.0.0.1:0", &addr, &bounded);
	assert_true(fd >= 0);
	assert_false(net_is_retired(fd));
	over = connect_soon(&addr);
	assert_true(over >= 0);
	assert_int_equal(
	    setsockopt(fd, IPPROTO_TCP, TCP_DEFER_ACCEPT, &seconds, sizeof(seconds)), 0);
	half = connect_soon(&addr);
	assert_true(half >= 0);

	assert_int_equal(net_retire(fd), 0);
	assert_true(net_is_retired(fd));
	assert_int_equal(connect_soon(&addr), -1);
	close(accept(fd, NULL, NULL));
	assert_int_equal(accept(fd, NULL, NULL), -1); /* nor has the half one come */
	assert_int_equal(errno, EAGAIN);

	assert_int_equal(send(half, "x", 1, 0), 1);
	p = (struct pollfd){ .fd = fd, .events = POLLIN };
	assert_int_equal(poll(&p, 1, 10000), 1);
	half_way = accept(fd, NULL, NULL);
	assert_true(half_way >= 0);
	close(half_way);
	close(half);
	close(over);
	close(fd);
	assert_false(net_is_retired(fd));
	assert_int_equal(net_retire(fd), -EBADF);
}

/* What is accepted from then on has the other buffers. */
static void
test_tune(void **state)
{
	struct net_addr addr;
	int fd, other, bounded_size, auto_size;

	(void)state;
	other = listen_on("127.0.0.1:0", &addr, &unbounded);
	auto_size = option(other, SOL_SOCKET, SO_RCVBUF);
	close(other);
	fd = listen_on("127.0.0.1:0", &addr, &bounded);
	bounded_size = option(fd, SOL_SOCKET, SO_RCVBUF);
	assert_int_not_equal(bounded_size, auto_size);
	assert_int_equal(net_tune(fd, AF_INET, &unbounded), 0);
	assert_int_equal(option(fd, SOL_SOCKET, SO_RCVBUF), auto_size);
	assert_int_equal(net_tune(fd, AF_INET, &bounded), 0);
	assert_int_equal(option(fd, SOL_SOCKET, SO_RCVBUF), bounded_size);
	close(fd);
	assert_int_equal(net_tune(fd, AF_INET, &bounded), -EBADF);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trips),
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_star),
		cmocka_unit_test(test_name),
		cmocka_unit_test(test_name_of_other_kinds),
		cmocka_unit_test(test_unknown_name),
		cmocka_unit_test(test_bad_addresses),
		cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_listen),
		cmocka_unit_test(test_listen_ipv6),
		cmocka_unit_test(test_both_families),
		cmocka_unit_test(test_cannot_listen),
		cmocka_unit_test(test_unix_path),
		cmocka_unit_test(test_unix_path_of_a_file),
		cmocka_unit_test(test_unix_name),
		cmocka_unit_test(test_join_and_choose),
		cmocka_unit_test(test_retire),
		cmocka_unit_test(test_tune),
	};

	return cmocka_run_group_tests_name("net", tests, make_dir, remove_dir);
}

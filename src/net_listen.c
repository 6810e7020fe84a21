/* SPDX-License-Identifier: ISC */
/*
 * net_listen.c -- listening sockets: how they are made, shared out, and ended.
 *
 * Several sockets may share an address, each with a queue of its own, and the
 * kernel spreads connections over them (SO_REUSEPORT, socket(7)).  But the first
 * is always bound without it: two instances that both said it could not see
 * each other.  It is said when the second joins, which Linux allows.
 */
#include <sys/stat.h>
#include <errno.h>
#include <linux/filter.h>
#include <netinet/tcp.h>
#include <unistd.h>

#include "macros.h"
#include "net.h"

/*
 * What the kernel may hold for one bounded connection.  It doubles both, to
 * account for its own overhead, and lets the send side run over by one packet,
 * which on loopback is 64 KiB: 2 * 36 KiB + 2 * 27 KiB + 64 KiB < 192 KiB.
 *
 * A peer sends at most half the window in one packet, and the window begins as
 * what is set here: at 32 KiB or less it would cut a message of 16 KiB in two.
 */
#define BOUNDED_RECEIVE (36 * 1024)
#define BOUNDED_SEND (27 * 1024)

/* Where Linux begins when it tunes them by itself (tcp(7)); it doubles these, too. */
#define AUTO_RECEIVE (64 * 1024)
#define AUTO_SEND (8 * 1024)

#ifndef SO_BUF_LOCK /* Linux 5.14 */
#define SO_BUF_LOCK 72
#endif

static int
set(int fd, int level, int option, int value)
{
	return setsockopt(fd, level, option, &value, sizeof(value)) == 0 ? 0 : -errno;
}

static int
set_bounds(int fd)
{
	int rc = set(fd, SOL_SOCKET, SO_RCVBUF, BOUNDED_RECEIVE);

	return rc == 0 ? set(fd, SOL_SOCKET, SO_SNDBUF, BOUNDED_SEND) : rc;
}

/* Accepted sockets inherit all of this, so that it costs them no call. */
static int
set_inherited(int fd)
{
	int rc = set(fd, SOL_SOCKET, SO_OOBINLINE, 1);

	return rc == 0 ? set(fd, IPPROTO_TCP, TCP_NODELAY, 1) : rc;
}

static int
set_tcp_options(int fd, sa_family_t family, const struct net_options *o)
{
	int rc;

	if ((rc = set(fd, SOL_SOCKET, SO_REUSEADDR, 1)) < 0 || (rc = set_inherited(fd)) < 0)
		return rc;
	if (family == AF_INET6 && (rc = set(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1)) < 0)
		return rc;
	return o->bounded ? set_bounds(fd) : 0;
}

static bool
is_path(const struct net_addr *addr)
{
	return addr->sa.sa_family == AF_UNIX && addr->un.sun_path[0] != '\0';
}

/* A socket in the file system that refuses connections has lost its owner. */
static bool
is_stale(const struct net_addr *addr)
{
	struct stat st;
	int fd, rc;

	if (lstat(addr->un.sun_path, &st) != 0 || !S_ISSOCK(st.st_mode))
		return false;
	if ((fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) == -1)
		return false;
	rc = connect(fd, &addr->sa, addr->len) == 0 ? 0 : errno;
	close(fd);
	return rc == ECONNREFUSED;
}

static int
bind_to(int fd, const struct net_addr *addr)
{
	int rc = bind(fd, &addr->sa, addr->len) == 0 ? 0 : -errno;

	if (rc == -EADDRINUSE && is_path(addr) && is_stale(addr)) {
		unlink(addr->un.sun_path);
		rc = bind(fd, &addr->sa, addr->len) == 0 ? 0 : -errno;
	}
	return rc;
}

int
net_listen(struct net_addr *addr, const struct net_options *o)
{
	sa_family_t family = addr->sa.sa_family;
	int fd, rc = 0;

	if ((fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) == -1)
		return -errno;
	if (family != AF_UNIX)
		rc = set_tcp_options(fd, family, o);
	if (rc == 0)
		rc = bind_to(fd, addr);
	if (rc == 0 && listen(fd, o->backlog) != 0)
		rc = -errno;
	if (rc == 0 && family != AF_UNIX && getsockname(fd, &addr->sa, &addr->len) != 0)
		rc = -errno;
	/* Anyone on this host may connect; the directory can say otherwise. */
	if (rc == 0 && is_path(addr) && chmod(addr->un.sun_path, 0666) != 0)
		rc = -errno;
	if (rc < 0) {
		close(fd);
		return rc;
	}
	return fd;
}

int
net_accepted(int fd, sa_family_t family, const struct net_options *o)
{
	return family == AF_UNIX && o->bounded ? set(fd, SOL_SOCKET, SO_SNDBUF, BOUNDED_SEND) : 0;
}

void
net_unlink(const struct net_addr *addr, dev_t dev, ino_t ino)
{
	struct stat st;

	if (is_path(addr) && lstat(addr->un.sun_path, &st) == 0 && S_ISSOCK(st.st_mode) &&
	    st.st_dev == dev && st.st_ino == ino)
		unlink(addr->un.sun_path);
}

int
net_join(int first, const struct net_addr *addr, const struct net_options *o)
{
	sa_family_t family = addr->sa.sa_family;
	int fd, rc;

	if ((rc = set(first, SOL_SOCKET, SO_REUSEPORT, 1)) < 0)
		return rc;
	if ((fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) == -1)
		return -errno;
	rc = set_tcp_options(fd, family, o);
	if (rc == 0)
		rc = set(fd, SOL_SOCKET, SO_REUSEPORT, 1);
	if (rc == 0 && bind(fd, &addr->sa, addr->len) != 0)
		rc = -errno;
	if (rc == 0 && listen(fd, o->backlog) != 0)
		rc = -errno;
	if (rc < 0) {
		close(fd);
		return rc;
	}
	return fd;
}

int
net_tune(int fd, sa_family_t family, const struct net_options *o)
{
	int rc = 0;

	if (family != AF_UNIX && !o->bounded &&
	    ((rc = set(fd, SOL_SOCKET, SO_RCVBUF, AUTO_RECEIVE)) < 0 ||
		(rc = set(fd, SOL_SOCKET, SO_SNDBUF, AUTO_SEND)) < 0 ||
		(rc = set(fd, SOL_SOCKET, SO_BUF_LOCK, 0)) < 0))
		return rc;
	if (family != AF_UNIX && o->bounded)
		rc = set_bounds(fd);
	return rc == 0 && listen(fd, o->backlog) != 0 ? -errno : rc;
}

int
net_adopt(int fd, sa_family_t family, const struct net_options *o)
{
	int rc = family == AF_UNIX ? 0 : set_inherited(fd);

	return rc == 0 ? net_tune(fd, family, o) : rc;
}

int
net_choose(int fd, unsigned n)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (unsigned)SKF_AD_OFF + SKF_AD_RANDOM),
		BPF_STMT(BPF_ALU | BPF_MOD | BPF_K, n),
		BPF_STMT(BPF_RET | BPF_A, 0),
	};
	struct sock_fprog program = { countof(code), code };

	if (n == 0) {
		int rc = set(fd, SOL_SOCKET, SO_DETACH_REUSEPORT_BPF, 0);

		return rc == -ENOENT ? 0 : rc;
	}
	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &program, sizeof(program)) ==
		0 ?
	    0 :
	    -errno;
}

/* What a filter of a TCP socket sees begins with the TCP header (RFC 9293, 3.1). */
int
net_retire(int fd)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 13), /* the flags */
		BPF_STMT(BPF_ALU | BPF_AND | BPF_K, TH_SYN | TH_ACK),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, TH_SYN, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 0),          /* drop */
		BPF_STMT(BPF_RET | BPF_K, 0xffffffff), /* let in */
	};
	struct sock_fprog program = { countof(code), code };

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)) == 0 ?
	    0 :
	    -errno;
}

bool
net_is_retired(int fd)
{
	socklen_t n = 0; /* in: room for that many instructions; out: how many there are */

	return getsockopt(fd, SOL_SOCKET, SO_GET_FILTER, NULL, &n) == 0 && n > 0;
}

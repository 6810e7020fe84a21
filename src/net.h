/* SPDX-License-Identifier: ISC */
/*
 * net.h -- addresses and listening sockets.
 */
#ifndef NET_H
#define NET_H

#include <sys/socket.h>
#include <sys/un.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>

#define NET_TEXT 128 /* bytes that hold any address as text */

struct net_addr {
	union {
		struct sockaddr sa;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
		struct sockaddr_un un;
	};
	socklen_t len;
	bool optional; /* may be missing where there is no IPv6 */
};

/* How a listening socket, and each it accepts, is to be. */
struct net_options {
	int backlog;  /* connections that wait to be accepted */
	bool bounded; /* small kernel buffers, see net_listen() */
};

/*
 * Read "127.0.0.1:7", "[::1]:7", "*:7", "name:7", "unix:/path" or
 * "unix:@abstract".  One text may stand for several addresses: "*" is IPv4 and
 * IPv6, a name all that getaddrinfo(3) knows.  Returns how many were written to
 * addrs, at most max, or -EINVAL for a text that cannot be an address and
 * -EADDRNOTAVAIL for a name that is not known; then *why says so in words.
 */
int net_parse(const char *text, struct net_addr *addrs, size_t max, const char **why);

/* The same syntax back. */
void net_print(char text[NET_TEXT], const struct net_addr *);

bool net_has_ipv6(void); /* whether [::1] can be used here */

unsigned net_port(const struct net_addr *); /* 0 for a unix socket */
void net_set_port(struct net_addr *, unsigned port);

/* An IPv4 address in IPv6's clothes (::ffff:192.0.2.7) becomes what it is. */
void net_unmap(struct net_addr *);

/*
 * A non-blocking, close-on-exec socket that listens on addr; when addr has
 * port 0 it is told the port that the kernel chose.  Accepted sockets inherit
 * TCP_NODELAY, SO_OOBINLINE (urgent data stays in its place in the stream) and,
 * when bounded, buffers that keep the kernel under 192 KiB for a connection
 * whose peer sends and never reads.  A unix socket's path that nobody listens
 * on is taken over.  Returns the descriptor or -errno, as of bind(2).
 */
int net_listen(struct net_addr *, const struct net_options *);

/*
 * What an accepted socket does not inherit from its listener: a unix socket
 * gets its bounded send buffer here.  0 or -errno.
 */
int net_accepted(int fd, sa_family_t, const struct net_options *);

/*
 * One more socket for the address that first, of net_listen(), has and listens
 * on: from then on the kernel spreads connections over all of them.  Not for
 * unix sockets.  Returns the descriptor or -errno.
 */
int net_join(int first, const struct net_addr *, const struct net_options *);

/* Give a listening socket other options; what it has accepted keeps its own. */
int net_tune(int fd, sa_family_t, const struct net_options *); /* 0 or -errno */

/* All options of ours for a socket that another process made to listen.  0 or -errno. */
int net_adopt(int fd, sa_family_t, const struct net_options *);

/*
 * Of the sockets that share the address of fd only the n that joined first get
 * new connections; 0: all do.  0 or -errno.
 */
int net_choose(int fd, unsigned n);

/*
 * A TCP listener that is about to be closed: whoever begins to connect now is not
 * heard (and tries again a second later, to be refused or served by another), so
 * that after some time of accepting what had begun before its queue is empty for
 * good, and closing it resets nobody.  0 or -errno.
 */
int net_retire(int fd);
bool net_is_retired(int fd);

/* How a connection is to be made. */
struct net_client {
	bool nagle;              /* without it TCP_NODELAY is set */
	unsigned sndbuf, rcvbuf; /* bytes; 0: the kernel's own tuning */
};

/*
 * Begin to connect, from source if there is one, whose port is then chosen only
 * when the target is known (IP_BIND_ADDRESS_NO_PORT, ip(7)), so that each pair of
 * addresses has all ports.  Returns a non-blocking, close-on-exec socket, on
 * which connect(2) is done or under way; or -errno.
 */
int net_connect(
    const struct net_addr *target, const struct net_addr *source, const struct net_client *);

/* What the kernel knows of a TCP connection.  Times in nanoseconds. */
struct net_tcp_info {
	unsigned retransmits;
	unsigned long long busy; /* time with something to send, and of it: */
	unsigned long long window_limited, buffer_limited;
	unsigned long long min_rtt;
};

int net_tcp_info(int fd, struct net_tcp_info *); /* 0 or -errno */

/* Remove the path of a unix socket, if it is still the one that was bound. */
void net_unlink(const struct net_addr *, dev_t, ino_t);

#endif

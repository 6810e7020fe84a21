/* SPDX-License-Identifier: ISC */
/*
 * net.c -- see net.h.
 */
#include <sys/stat.h>
#include <arpa/inet.h>
#include <linux/tcp.h> /* more of TCP_INFO than <netinet/tcp.h> has */
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "macros.h"
#include "net.h"
#include "units.h"

static int
parse_unix(const char *path, struct net_addr *addr, const char **why)
{
	size_t len = strlen(path);

	if (len == 0 || (path[0] == '@' && len == 1)) {
		*why = "a unix socket needs a path or @name";
		return -EINVAL;
	}
	if (len >= sizeof(addr->un.sun_path)) {
		*why = "the path of a unix socket has at most 107 bytes";
		return -EINVAL;
	}
	addr->un.sun_family = AF_UNIX;
	memcpy(addr->un.sun_path, path, len + 1);
	addr->len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len + 1);
	if (path[0] == '@') {
		addr->un.sun_path[0] = '\0'; /* abstract: a length, not a string */
		addr->len--;
	}
	return 1;
}

static void
set_in(struct net_addr *addr, struct in_addr in, unsigned port)
{
	addr->in.sin_family = AF_INET;
	addr->in.sin_addr = in;
	addr->len = sizeof(addr->in);
	net_set_port(addr, port);
}

static void
set_in6(struct net_addr *addr, const struct in6_addr *in6, unsigned port)
{
	addr->in6.sin6_family = AF_INET6;
	addr->in6.sin6_addr = *in6;
	addr->len = sizeof(addr->in6);
	net_set_port(addr, port);
}

/* A name: all its addresses; IPv6 ones are optional if there is an IPv4 one. */
static int
resolve(const char *name, unsigned port, struct net_addr *addrs, size_t max, const char **why)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *list, *ai;
	bool have4 = false;
	size_t i, n = 0;
	int rc;

	if ((rc = getaddrinfo(name, NULL, &hints, &list)) != 0) {
		*why = gai_strerror(rc);
		return -EADDRNOTAVAIL;
	}
	for (ai = list; ai != NULL && n < max; ai = ai->ai_next) {
		if (ai->ai_family != AF_INET && ai->ai_family != AF_INET6)
			continue;
		memset(&addrs[n], 0, sizeof(addrs[n]));
		memcpy(&addrs[n].sa, ai->ai_addr, ai->ai_addrlen);
		addrs[n].len = ai->ai_addrlen;
		net_set_port(&addrs[n++], port);
		have4 |= ai->ai_family == AF_INET;
	}
	freeaddrinfo(list);
	for (i = 0; i < n; i++)
		addrs[i].optional = have4 && addrs[i].sa.sa_family == AF_INET6;
	if (n == 0)
		*why = "the name has no address";
	return n > 0 ? (int)n : -EADDRNOTAVAIL;
}

int
net_parse(const char *text, struct net_addr *addrs, size_t max, const char **why)
{
	const char *colon = strrchr(text, ':');
	char host[NI_MAXHOST];
	struct in_addr in;
	struct in6_addr in6;
	unsigned port;
	size_t len;

	memset(addrs, 0, max * sizeof(*addrs));
	if (strncmp(text, "unix:", 5) == 0)
		return parse_unix(text + 5, addrs, why);
	*why = "want HOST:PORT, [IPV6]:PORT, *:PORT, unix:/PATH or unix:@NAME";
	if (colon == NULL || colon == text)
		return -EINVAL;
	len = (size_t)(colon - text);
	if (units_count(colon + 1, 0, 65535, &port) < 0) {
		*why = "the port is a number from 0 to 65535";
		return -EINVAL;
	}
	if (len >= sizeof(host))
		return -EINVAL;
	memcpy(host, text, len);
	host[len] = '\0';

	if (host[0] == '[') {
		if (host[len - 1] != ']')
			return -EINVAL;
		host[len - 1] = '\0';
		if (inet_pton(AF_INET6, host + 1, &in6) != 1) {
			*why = "what stands in [] is not an IPv6 address";
			return -EINVAL;
		}
		set_in6(&addrs[0], &in6, port);
		return 1;
	}
	if (strchr(host, ':') != NULL) {
		*why = "an IPv6 address goes in brackets, as in [::1]:7007";
		return -EINVAL;
	}
	if (strcmp(host, "*") == 0 && max >= 2) {
		set_in(&addrs[0], (struct in_addr){ htonl(INADDR_ANY) }, port);
		set_in6(&addrs[1], &in6addr_any, port);
		addrs[1].optional = true;
		return 2;
	}
	if (inet_pton(AF_INET, host, &in) == 1) {
		set_in(&addrs[0], in, port);
		return 1;
	}
	return resolve(host, port, addrs, max, why);
}

void
net_print(char text[NET_TEXT], const struct net_addr *addr)
{
	char host[INET6_ADDRSTRLEN] = "?";

	switch (addr->sa.sa_family) {
	case AF_INET:
		inet_ntop(AF_INET, &addr->in.sin_addr, host, sizeof(host));
		snprintf(text, NET_TEXT, "%s:%u", host, net_port(addr));
		break;
	case AF_INET6:
		inet_ntop(AF_INET6, &addr->in6.sin6_addr, host, sizeof(host));
		snprintf(text, NET_TEXT, "[%s]:%u", host, net_port(addr));
		break;
	default:
		if (addr->un.sun_path[0] == '\0')
			snprintf(text, NET_TEXT, "unix:@%s", addr->un.sun_path + 1);
		else
			snprintf(text, NET_TEXT, "unix:%s", addr->un.sun_path);
	}
}

bool
net_has_ipv6(void)
{
	struct net_addr any_port = { 0 };
	bool has;
	int fd;

	if ((fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0)) == -1)
		return false;
	set_in6(&any_port, &in6addr_loopback, 0);
	has = bind(fd, &any_port.sa, any_port.len) == 0;
	close(fd);
	return has;
}

unsigned
net_port(const struct net_addr *addr)
{
	switch (addr->sa.sa_family) {
	case AF_INET: return ntohs(addr->in.sin_port);
	case AF_INET6: return ntohs(addr->in6.sin6_port);
	default: return 0;
	}
}

void
net_set_port(struct net_addr *addr, unsigned port)
{
	if (addr->sa.sa_family == AF_INET)
		addr->in.sin_port = htons((uint16_t)port);
	else if (addr->sa.sa_family == AF_INET6)
		addr->in6.sin6_port = htons((uint16_t)port);
}

void
net_unmap(struct net_addr *addr)
{
	unsigned port = net_port(addr);
	struct in_addr in;

	if (addr->sa.sa_family != AF_INET6 || !IN6_IS_ADDR_V4MAPPED(&addr->in6.sin6_addr))
		return;
	memcpy(&in, addr->in6.sin6_addr.s6_addr + 12, sizeof(in));
	memset(&addr->in, 0, sizeof(addr->in));
	set_in(addr, in, port);
}

static int
set(int fd, int level, int option, int value)
{
	return setsockopt(fd, level, option, &value, sizeof(value)) == 0 ? 0 : -errno;
}

int
net_connect(
    const struct net_addr *target, const struct net_addr *source, const struct net_client *o)
{
	sa_family_t family = target->sa.sa_family;
	int fd, rc = 0;

	if ((fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) == -1)
		return -errno;
	if (family != AF_UNIX && !o->nagle)
		rc = set(fd, IPPROTO_TCP, TCP_NODELAY, 1);
	if (rc == 0 && o->sndbuf != 0)
		rc = set(fd, SOL_SOCKET, SO_SNDBUF, (int)o->sndbuf);
	if (rc == 0 && o->rcvbuf != 0)
		rc = set(fd, SOL_SOCKET, SO_RCVBUF, (int)o->rcvbuf);
	if (rc == 0 && source != NULL && family != AF_UNIX) {
		rc = set(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1);
		if (rc == 0 && bind(fd, &source->sa, source->len) != 0)
			rc = -errno;
	}
	if (rc == 0 && connect(fd, &target->sa, target->len) != 0 && errno != EINPROGRESS)
		rc = -errno;
	if (rc < 0) {
		close(fd);
		return rc;
	}
	return fd;
}

int
net_tcp_info(int fd, struct net_tcp_info *info)
{
	struct tcp_info t = { 0 };
	socklen_t len = sizeof(t);

	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &t, &len) != 0)
		return -errno;
	*info = (struct net_tcp_info){
		.retransmits = t.tcpi_total_retrans,
		.busy = t.tcpi_busy_time * 1000ull,
		.window_limited = t.tcpi_rwnd_limited * 1000ull,
		.buffer_limited = t.tcpi_sndbuf_limited * 1000ull,
		.min_rtt = t.tcpi_min_rtt * 1000ull,
	};
	return 0;
}

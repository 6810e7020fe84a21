/* SPDX-License-Identifier: ISC */
/*
 * load_sources.c -- see load_sources.h.
 */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "load_help.h"
#include "load_sources.h"
#include "units.h"

static int
add_source(struct load_options *o, const struct net_addr *addr)
{
	struct net_addr *more;

	if (o->nsources == LOAD_SOURCES)
		return load_help_wrong("-B", "more", "4096 addresses at most");
	if ((more = realloc(o->sources, (o->nsources + 1) * sizeof(*more))) == NULL)
		return EXIT_NOT_RUN;
	o->sources = more;
	o->sources[o->nsources++] = *addr;
	return -1;
}

/* "10.0.0.0/24": all hosts of it, without the network's and the broadcast address. */
static int
add_network(struct load_options *o, const char *text, struct in_addr in, unsigned bits)
{
	uint32_t size = 1u << (32 - bits), base = ntohl(in.s_addr) & ~(size - 1), i;
	struct net_addr addr = { .len = sizeof(addr.in) };
	uint32_t ends = size > 2 ? 1 : 0;
	int rc = -1;

	if (size > LOAD_SOURCES)
		return load_help_wrong("-B", text, "a network of 4096 addresses at most, /20");
	addr.in.sin_family = AF_INET;
	for (i = ends; i < size - ends && rc < 0; i++) {
		addr.in.sin_addr.s_addr = htonl(base + i);
		rc = add_source(o, &addr);
	}
	return rc;
}

static int
take_source(struct load_options *o, char *item)
{
	struct net_addr addr = { 0 };
	char *slash = strchr(item, '/');
	unsigned bits;

	if (slash != NULL)
		*slash++ = '\0';
	if (inet_pton(AF_INET, item, &addr.in.sin_addr) == 1) {
		if (slash != NULL) {
			if (units_count(slash, 1, 32, &bits) < 0)
				return load_help_wrong("-B", slash, "a network as 127.0.0.0/24");
			return add_network(o, item, addr.in.sin_addr, bits);
		}
		addr.in.sin_family = AF_INET;
		addr.len = sizeof(addr.in);
		return add_source(o, &addr);
	}
	if (slash == NULL && inet_pton(AF_INET6, item, &addr.in6.sin6_addr) == 1) {
		addr.in6.sin6_family = AF_INET6;
		addr.len = sizeof(addr.in6);
		return add_source(o, &addr);
	}
	return load_help_wrong("-B", item, "addresses of this host, as 127.0.0.2,127.0.0.3");
}

int
load_sources_add(struct load_options *o, char *list)
{
	char *item, *rest = NULL;
	int rc = -1;

	for (item = strtok_r(list, ",", &rest); item != NULL && rc < 0;
	     item = strtok_r(NULL, ",", &rest))
		rc = take_source(o, item);
	return rc;
}

/* SPDX-License-Identifier: ISC */
/*
 * access.c -- see access.h.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "access.h"
#include "units.h"

#define BETWEEN ", \t\r\n"
#define MAX_WORD (INET6_ADDRSTRLEN + 4) /* with "/128" */

struct access_net {
	unsigned char bytes[sizeof(struct in6_addr)];
	sa_family_t family; /* AF_UNSPEC: all there are */
	unsigned bits;      /* how many of bytes count */
	bool deny;
};

static const unsigned char *
bytes_of(const struct net_addr *addr)
{
	return addr->sa.sa_family == AF_INET ? (const unsigned char *)&addr->in.sin_addr :
					       addr->in6.sin6_addr.s6_addr;
}

/* Those of a byte that count when so many bits do, counted from its first. */
static unsigned
mask_of(unsigned bits)
{
	return bits >= 8 ? 0xff : (0xff00u >> bits) & 0xff;
}

static bool
has_more_bits(const struct access_net *net)
{
	unsigned i, end = net->bits;

	for (i = 0; i < sizeof(net->bytes); i++, end -= end < 8 ? end : 8)
		if ((net->bytes[i] & ~mask_of(end)) != 0)
			return true;
	return false;
}

/* As an address of the other family would have it, ::ffff:192.0.2.7. */
static void
unmap(struct access_net *net)
{
	struct in6_addr in6;

	memcpy(&in6, net->bytes, sizeof(in6));
	if (net->family != AF_INET6 || net->bits < 96 || !IN6_IS_ADDR_V4MAPPED(&in6))
		return;
	memset(net->bytes, 0, sizeof(net->bytes));
	memcpy(net->bytes, in6.s6_addr + 12, 4);
	net->family = AF_INET;
	net->bits -= 96;
}

static const char *
parse_net(struct access_net *net, const char *text, size_t len)
{
	char word[MAX_WORD + 1], *slash;
	unsigned all;

	*net = (struct access_net){ .family = AF_UNSPEC };
	if (len > MAX_WORD)
		return "has something that is no network in it";
	memcpy(word, text, len);
	word[len] = '\0';
	if (strcmp(word, "all") == 0)
		return NULL;
	if ((slash = strchr(word, '/')) != NULL)
		*slash = '\0';
	net->family = strchr(word, ':') != NULL ? AF_INET6 : AF_INET;
	if (inet_pton(net->family, word, net->bytes) != 1)
		return "has something that is no network in it";
	all = net->bits = net->family == AF_INET6 ? 128 : 32;
	if (slash != NULL && units_count(slash + 1, 0, all, &net->bits) < 0)
		return all == 32 ? "has a network whose length is not from 0 to 32" :
				   "has a network whose length is not from 0 to 128";
	if (has_more_bits(net))
		return "has a network with bits set behind its length";
	unmap(net);
	return NULL;
}

/* The next word of a list, or NULL at its end. */
static const char *
next_word(const char **rest, size_t *len)
{
	const char *word = *rest + strspn(*rest, BETWEEN);

	*len = strcspn(word, BETWEEN);
	*rest = word + *len;
	return *len > 0 ? word : NULL;
}

const char *
access_check(const char *list)
{
	const char *word, *wrong = NULL;
	struct access_net net;
	size_t len;

	while (wrong == NULL && (word = next_word(&list, &len)) != NULL)
		wrong = parse_net(&net, word, len);
	return wrong;
}

static int
add(struct access *a, const char *list, bool deny)
{
	struct access_net *grown;
	const char *word;
	size_t len;

	while ((word = next_word(&list, &len)) != NULL) {
		if ((grown = realloc(a->nets, (a->n + 1) * sizeof(*grown))) == NULL)
			return -ENOMEM;
		a->nets = grown;
		parse_net(&a->nets[a->n], word, len);
		a->nets[a->n++].deny = deny;
	}
	return 0;
}

int
access_open(struct access *a, const char *allow, const char *deny)
{
	int rc;

	*a = (struct access){ 0 };
	rc = add(a, allow, false);
	a->has_allow = a->n > 0;
	if (rc == 0)
		rc = add(a, deny, true);
	if (rc < 0)
		access_close(a);
	return rc;
}

void
access_close(struct access *a)
{
	free(a->nets);
	*a = (struct access){ 0 };
}

static bool
holds(const struct access_net *net, sa_family_t family, const unsigned char *bytes)
{
	unsigned whole = net->bits / 8, mask = mask_of(net->bits % 8);

	if (net->family == AF_UNSPEC)
		return true;
	return net->family == family && memcmp(net->bytes, bytes, whole) == 0 &&
	    (net->bits % 8 == 0 || ((net->bytes[whole] ^ bytes[whole]) & mask) == 0);
}

bool
access_admits(const struct access *a, const struct net_addr *addr)
{
	const unsigned char *bytes = bytes_of(addr);
	const struct access_net *best = NULL, *net;

	for (net = a->nets; net < a->nets + a->n; net++)
		if (holds(net, addr->sa.sa_family, bytes) &&
		    (best == NULL || net->bits > best->bits ||
			(net->bits == best->bits && net->deny)))
			best = net;
	return best != NULL ? !best->deny : !a->has_allow;
}

/* SPDX-License-Identifier: ISC */
/*
 * stand_ins.c -- see stand_ins.h.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "reactor.h"
#include "stand_ins.h"

int __real_reactor_check(const char *, unsigned);

/* "two" has two addresses, "one" has one, and nothing else is known. */
int
__wrap_getaddrinfo(
    const char *name, const char *service, const struct addrinfo *hints, struct addrinfo **list)
{
	static struct sockaddr_in in = { .sin_family = AF_INET };
	static struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };
	static struct addrinfo second = {
		.ai_family = AF_INET6, .ai_addr = (struct sockaddr *)&in6, .ai_addrlen = sizeof(in6)
	};
	static struct addrinfo first = {
		.ai_family = AF_INET, .ai_addr = (struct sockaddr *)&in, .ai_addrlen = sizeof(in)
	};

	(void)service, (void)hints;
	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	in6.sin6_addr = in6addr_loopback;
	first.ai_next = strcmp(name, "two") == 0 ? &second : NULL;
	*list = &first;
	return strcmp(name, "one") == 0 || strcmp(name, "two") == 0 ? 0 : EAI_NONAME;
}

void
__wrap_freeaddrinfo(struct addrinfo *list)
{
	(void)list;
}

int
__wrap_proc_find_user(const char *spec, struct proc_user *user)
{
	*user = (struct proc_user){ .name = "somebody", .uid = 1, .gid = 1 };
	return strncmp(spec, "somebody", 8) == 0 ? 0 : -ENOENT;
}

unsigned
__wrap_proc_raise_files(unsigned wanted, bool insist)
{
	(void)insist;
	return wanted;
}

int
__wrap_reactor_check(const char *name, unsigned max_fd)
{
	(void)max_fd;
	return __real_reactor_check(name, 0);
}

int
__wrap_conf_open_tls(struct conf *conf, FILE *err)
{
	(void)conf, (void)err;
	return 0;
}

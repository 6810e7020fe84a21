/* SPDX-License-Identifier: ISC */
/*
 * landlock.c -- see landlock.h.
 *
 * The C library has no functions for it, and its headers may be older than the
 * kernel, so all that is needed is here.  What a rule set handles is denied unless
 * there is a rule that allows it; ours has no rules.
 */
#include <sys/syscall.h>
#include <errno.h>
#include <stdint.h>
#include <unistd.h>

#include "landlock.h"

#ifndef SYS_landlock_create_ruleset /* the same on all architectures */
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_restrict_self 446
#endif
#define ASK_VERSION 1u

#define BITS(n) ((UINT64_C(1) << (n)) - 1)

/* As the kernel has it by now; one that is older wants zeros where it ends. */
struct rules {
	uint64_t files, tcp, scopes;
};

int
landlock_version(void)
{
	long version = syscall(SYS_landlock_create_ruleset, NULL, 0, ASK_VERSION);

	return version < 0 ? 0 : (int)version;
}

/* All that there was to be denied in a version. */
static struct rules
everything(int version)
{
	struct rules r = { .files = BITS(13) };

	if (version >= 2)
		r.files = BITS(14); /* renaming from one directory into another */
	if (version >= 3)
		r.files = BITS(15); /* truncate(2) */
	if (version >= 4)
		r.tcp = BITS(2); /* bind(2), connect(2) */
	if (version >= 5)
		r.files = BITS(16); /* ioctl(2) on devices */
	if (version >= 6)
		r.scopes = BITS(2); /* abstract unix sockets, signals */
	return r;
}

int
landlock_enter(void)
{
	int fd, rc, version = landlock_version();
	struct rules r;

	if (version == 0)
		return 0;
	r = everything(version);
	if ((fd = (int)syscall(SYS_landlock_create_ruleset, &r, sizeof(r), 0)) == -1)
		return -errno;
	rc = syscall(SYS_landlock_restrict_self, fd, 0) == 0 ? version : -errno;
	close(fd);
	return rc;
}

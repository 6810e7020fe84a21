/* SPDX-License-Identifier: ISC */
/*
 * sandbox_none.c -- in place of sandbox.c, in a build without libseccomp.
 */
#include <errno.h>
#include <stdio.h>

#include "sandbox.h"

const char *
sandbox_lacks(void)
{
	return "needs a build with libseccomp";
}

void
sandbox_version(char text[SANDBOX_TEXT])
{
	snprintf(text, SANDBOX_TEXT, "not built in");
}

int
sandbox_enter(bool syslog, int *forbidden)
{
	(void)syslog, (void)forbidden;
	return -ENOSYS;
}

void
sandbox_describe(char text[SANDBOX_TEXT], int forbidden)
{
	snprintf(text, SANDBOX_TEXT, "system call %d", forbidden - 1);
}

/* SPDX-License-Identifier: ISC */
/*
 * sandbox.h -- what a process that serves connections may ask of the kernel, and
 * that it dies when it asks for anything else.
 */
#ifndef SANDBOX_H
#define SANDBOX_H

#include <stdbool.h>
#include <stddef.h>

#define SANDBOX_TEXT 64

/*
 * Why there can be no sandbox in this build or these surroundings, as the end of a
 * sentence: "needs a build with libseccomp".  NULL: there can.
 */
const char *sandbox_lacks(void);

/* The version of libseccomp. */
void sandbox_version(char text[SANDBOX_TEXT]);

/*
 * Into it, for good.  syslog: lines go to syslog(3), which may have to connect
 * again.  Whoever makes a forbidden call is killed by SIGSYS; before that the
 * call's number plus one is left in *forbidden, which should be memory that somebody
 * else sees, too.  Returns the version of Landlock that is in force besides, 0 for
 * none, or -errno.
 */
int sandbox_enter(bool syslog, int *forbidden);

/* What was left in *forbidden, as "openat (system call 257)". */
void sandbox_describe(char text[SANDBOX_TEXT], int forbidden);

#endif

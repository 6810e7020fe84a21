/* SPDX-License-Identifier: ISC */
/*
 * landlock.h -- no file, no TCP address, nobody else's signals: a kernel's own wall
 * around a process, landlock(7), for where system calls alone do not tell.
 */
#ifndef LANDLOCK_H
#define LANDLOCK_H

/* The version of Landlock that this kernel has; 0: none, or it is switched off. */
int landlock_version(void);

/*
 * For good, and for all that is not open yet: no access to any file, and as far as
 * the kernel knows how to, no binding and connecting of TCP sockets, no abstract
 * unix sockets of others, and no signals to them.  Needs no-new-privs.  Returns the
 * version, 0 if there is none, or -errno.
 */
int landlock_enter(void);

#endif

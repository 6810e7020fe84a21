/* SPDX-License-Identifier: ISC */
/*
 * proc.h -- what a process needs from the system: descriptors, a user, a pid file.
 */
#ifndef PROC_H
#define PROC_H

#include <sys/types.h>
#include <stdbool.h>
#include <stddef.h>

/*
 * Whatever we were started by: descriptors 0 to 2 are open, so that no socket
 * becomes one of them and gets our messages; no signal is blocked or ignored
 * but SIGPIPE and SIGXFSZ, whose causes are errors like others; files that we
 * make are not for everybody.  hold_signals: those that are blocked remain so.
 */
void proc_clean(bool hold_signals);

/* Block all signals, or none. */
void proc_hold_signals(void);
void proc_let_signals_in(void);

/* The path of the program that runs, on the heap; NULL if the system does not say. */
char *proc_program(void);

/* Whatever else is open and nobody has asked for: close all but these n (at
 * most PROC_KEEP). */
#define PROC_KEEP 64
void proc_close_others(const int *keep, size_t n);

/* Close a descriptor that we were given; 0 to 2 become /dev/null instead. */
void proc_let_go(int fd);

/*
 * Raise the soft limit of descriptors to wanted, or as near as the hard limit
 * lets it; beyond the hard limit, if that is allowed, only when insist is set.
 * Returns the limit in force then.
 */
unsigned proc_raise_files(unsigned wanted, bool insist);

struct proc_user {
	char name[64];
	uid_t uid;
	gid_t gid;
};

/* Look up "NAME" or "NAME:GROUP", or numbers of either.  0 or -ENOENT. */
int proc_find_user(const char *spec, struct proc_user *);

/*
 * Become that user for good: groups, gid, uid, and see that there is no way
 * back.  To become who one is already always works.  0 or -errno.
 */
int proc_become(const struct proc_user *);
int proc_become_named(const char *spec); /* as proc_find_user() understands it */

/* As root, look like that user until proc_pretend_no_more().  0 or -errno. */
int proc_pretend(const struct proc_user *);
void proc_pretend_no_more(void);

/*
 * Detach from terminal and session; the working directory stays, so that relative
 * paths mean what they did.  Returns, in a new process, a descriptor
 * that proc_detached() takes; or -errno.  The process that called does not
 * return: it waits, and ends with 0 after proc_detached(), or with the status
 * of the new one if that ends before.
 */
int proc_detach(void);
void proc_detached(int fd);     /* and proc_leave_terminal() */
void proc_leave_terminal(void); /* stdin, stdout and stderr become /dev/null */

/*
 * A pid file belongs to whoever holds a lock on it, so that what a crash left
 * behind is neither in the way nor believed.  proc_pid_lock() returns the open
 * file; or -EBUSY, and the owner in *owner; or -errno.
 */
int proc_pid_lock(const char *path, pid_t *owner);
int proc_pid_write(int fd); /* 0 or -errno */
void proc_pid_remove(int fd, const char *path);
pid_t proc_pid_owner(const char *path); /* -ESRCH if nobody holds it, -errno */

#endif

/* SPDX-License-Identifier: ISC */
/*
 * control.h -- 'echod -s reload': who asks, and what he is told.
 *
 * A signal has no answer.  So there is a unix socket beside the pid file, and to
 * connect to it is to ask for a reload.  The answer is what went wrong, in lines,
 * and "exit N", the code for whoever asked to exit with.
 */
#ifndef CONTROL_H
#define CONTROL_H

#include <sys/types.h>
#include <ev.h>

#define CONTROL_ASKERS 16 /* at once; more are turned away */

struct control {
	struct ev_loop *loop;
	ev_io io;
	char path[108];
	dev_t dev;
	ino_t ino;
	int asking[CONTROL_ASKERS]; /* since the reload under way has begun */
	int served[CONTROL_ASKERS]; /* by it */
	unsigned nasking, nserved;
	void (*on_ask)(struct control *);
	void *owner;
};

/*
 * Be there for the pid file of that path, which is ours.  0 or -errno.  fd: one
 * that control_fd() gave to whom we replace, or -1.
 */
int control_open(struct control *, const char *pid_file, int fd);
int control_fd(const struct control *); /* -1 if it was never opened */
void control_close(struct control *);   /* whoever still waits reads an end without "exit" */
void control_forget(struct control *);  /* in a child: close, but leave the path */

/* Hear those who ask. */
void control_start(struct control *, struct ev_loop *, void (*on_ask)(struct control *), void *);

/* A reload begins, for all that have asked; it has ended. */
void control_begin(struct control *);
void control_end(struct control *, int exit_code, const char *text);

/*
 * Ask, and wait for the answer, whose lines go to stderr.  Returns the code to exit
 * with, or -errno.
 */
int control_ask(const char *pid_file);

#endif

/* SPDX-License-Identifier: ISC */
/*
 * upgrade.h -- replace the program of a supervisor in place (USR2).
 *
 * First a child tries the new program with the state it would get: it reads that,
 * the command line and the settings, and says that it could go on from there.  Only
 * then does the supervisor become the new program; its workers do not notice.  The
 * new program starts a generation of its own, as a reload does, and when that is
 * ready the old workers drain.
 */
#ifndef UPGRADE_H
#define UPGRADE_H

#include "crew.h"
#include "instance.h"
#include "state.h"

struct upgrade {
	int fd; /* the state that was tried, or -1 */
	pid_t trial;
};

/*
 * All that a supervisor has, in the words of a state; current is the generation
 * that serves.  0 or -ENOMEM.
 */
int upgrade_collect(struct state *, const struct instance *, const struct crew *,
    const struct generation *current, unsigned generations);

/* Begin the trial.  0 or -errno. */
int upgrade_try(struct upgrade *, const struct instance *, const struct state *);

/* In the trial: whether the settings keep to what cannot change.  0, or -EINVAL and logged. */
int upgrade_check(const struct instance *, const struct state *);

/* The trial ended like this (wait(2)): whether the new program is good, and else why not. */
bool upgrade_is_good(const struct upgrade *, int status, char *why, size_t size);
void upgrade_end_trial(struct upgrade *);

/*
 * Become the new program, which lets in the signals that are blocked by then: all of
 * them have to be.  Returns only if that is not possible: -errno.
 */
int upgrade_exec(const struct instance *, const struct state *);

/*
 * In the new program: what the state says of sockets, the pid file and so on, into
 * the instance; and then its processes, into a crew, of which current is what
 * serves.  0 or -errno.
 */
int upgrade_resume(struct instance *, const struct state *);
int upgrade_adopt(
    struct crew *, struct instance *, const struct state *, struct generation **current);

#endif

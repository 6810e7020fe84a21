/* SPDX-License-Identifier: ISC */
/*
 * state.h -- what a supervisor hands on to the program that replaces it (USR2).
 *
 * The process stays, its program changes (execve(2)): descriptors and children are
 * still there, and this says what they are.  It is a text in a memfd_create(2)
 * file, a line for each thing, "key value...".
 */
#ifndef STATE_H
#define STATE_H

#include <sys/types.h>
#include <stdbool.h>
#include <stddef.h>

/* The variable of the environment that has its descriptor. */
#define STATE_FD "ECHOD_STATE_FD"
/* Set, to anything, when the new program is only to say whether it could. */
#define STATE_TRIAL "ECHOD_STATE_TRIAL"

struct state_row {
	unsigned address; /* which of those that the section stands for */
	int *fds;
	unsigned nfds;
	unsigned long long dev, ino; /* of a unix socket's path */
	char *section;               /* its address as in the settings */
};

struct state_process {
	pid_t pid;
	unsigned index, generation;
	int channel;
	unsigned slot; /* in the table */
	bool told;     /* to end */
	bool ready;
};

struct state {
	double began;
	unsigned generations; /* there have been */
	unsigned current, nseats;
	int pid_fd, control_fd, table_fd, tickets_fd; /* -1: there is none */
	size_t slot_size;                             /* of the program that made the table */
	struct state_row *rows;
	size_t nrows;
	struct state_process *processes;
	size_t nprocesses;
};

/* A descriptor of a new file with all of it, close-on-exec; or -errno. */
int state_write(const struct state *);

/* 0; or -EINVAL for what is none, or none that this version understands; -errno. */
int state_read(struct state *, int fd);
void state_free(struct state *);

/* The new program has understood it; and whether it has said so. */
int state_accept(int fd); /* 0 or -errno */
bool state_is_accepted(int fd);

/* Call fn with each descriptor that it names. */
void state_each_fd(const struct state *, void (*fn)(int fd, void *arg), void *arg);

#endif

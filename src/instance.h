/* SPDX-License-Identifier: ISC */
/*
 * instance.h -- the running daemon as its two forms share it: one process alone
 * (single), or a supervisor with workers.
 *
 * What is decided here is how an instance says that it is ready, and what a reload
 * may change.
 */
#ifndef INSTANCE_H
#define INSTANCE_H

#include "control.h"
#include "options.h"
#include "pulse.h"
#include "sockets.h"
#include "state.h"
#include "tickets.h"

struct instance {
	const struct options *options;
	char *program; /* path of the binary that we began as */
	char **argv;
	int state_fd;
	struct state *state; /* of the program that we replace, or NULL */
	struct conf *conf;   /* in force; on the heap */
	struct sockets sockets;
	struct control control;
	struct pulse pulse;
	bool detached;
	int detached_fd;         /* of proc_detach(), or -1 */
	int ready_fd;            /* or -1 */
	int pid_fd;              /* or -1 */
	double began;            /* instance_clock() */
	struct tickets *tickets; /* keys of session tickets, once there is TLS; or NULL */
	ev_timer turn_tickets;
	double ends_told; /* instance_clock(), when it was last said when certificates end */

	/* Of a reload that is under way: what is to be in force. */
	struct conf *next;
	struct sockets next_sockets;
	bool log_changed;
};

/* Log that it serves, tell the ready fd, let go of the terminal.  0 or an exit code. */
int instance_ready(struct instance *);
double instance_clock(void);                  /* seconds, CLOCK_MONOTONIC */
double instance_age(const struct instance *); /* seconds */

/*
 * Have the settings seal session tickets with the keys of this instance, if there is
 * TLS in them; and give the keys their turns, from now on, by this loop, which also
 * says once a day which certificates are to be renewed.
 */
void instance_use_tickets(struct instance *, const struct conf *);
void instance_turn_tickets(struct instance *, struct ev_loop *);

/*
 * Open the log as the settings say, as the user they name: a supervisor remains
 * root.  0 or the code to exit with, and a message in err.
 */
int instance_open_log(const struct instance *, const struct conf *, FILE *err);
int instance_reopen_log(const struct instance *); /* 0 or -errno */

/*
 * The code to exit with when the file that a setting names cannot be opened:
 * permissions, or whoever named it.
 */
int instance_file_code(const struct conf *, const char *setting, int error);
void instance_log_lines(const char *text); /* as errors; NULL is none */

/*
 * A reload: read all, check all, open what is new.  Returns 0, and then next and
 * next_sockets are there, until instance_commit() or instance_abandon(); or else
 * the code to exit with, and all is as before, those who asked have been told, and
 * the reasons have been logged.
 */
int instance_prepare(struct instance *);

/*
 * next is in force.  gone are the sockets that no longer are (sockets_succeed());
 * old the settings that are no longer, to be freed when nothing uses them.
 */
void instance_commit(struct instance *, struct sockets *gone, struct conf **old);

/* All is said and done: tell those who have asked. */
void instance_answer(struct instance *);

/* Or it comes to nothing, for these reasons, a line each (or NULL). */
void instance_abandon(struct instance *, int exit_code, const char *why);

void instance_free_conf(struct conf *); /* NULL is fine */

#endif

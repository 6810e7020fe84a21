/* SPDX-License-Identifier: ISC */
/*
 * conf.h -- the settings of echod: what there is, what is allowed, what is set.
 *
 * Every setting is one row of a table in conf.c.  The file, -o on the command
 * line, -T and --help all go by that table, and a test holds it together with
 * the manual and the sample file.
 */
#ifndef CONF_H
#define CONF_H

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>

#include "access.h"
#include "activation.h"
#include "log.h"
#include "net.h"

struct tickets;
struct tls_server;

#define CONF_SETTINGS 22  /* global ones */
#define CONF_IN_LISTEN 14 /* those of a listen section */
#define CONF_WORKERS 512  /* processes, at most */
#define CONF_WORKERS_AUTO UINT_MAX
#define CONF_ADDRS 8 /* addresses that one listen section may stand for */
#define CONF_WHY 320 /* bytes that hold a message */

struct conf_listen {
	char *text; /* the address as written */
	struct net_addr addrs[CONF_ADDRS];
	size_t naddrs;
	bool passed; /* no address, but "fd:NAME": what the service manager opened */
	unsigned backlog;
	const char *kernel_buffers; /* "bounded" or "auto" */
	char *allow, *deny;         /* lists as of access.h; NULL until conf_check() */

	const char *tls; /* "on" or "off", as conf_is_on() reads it */
	char *certificate, *key;
	const char *tls_min; /* "1.2" or "1.3" */
	char *ciphers, *ciphersuites, *groups;
	const char *tickets; /* "on" or "off" */
	char *client_ca;
	const char *client_verify; /* "off", "optional" or "required" */

	unsigned lines[CONF_IN_LISTEN]; /* where in the file each is set; 0: nowhere */
	/* By conf_check(): */
	struct access access;
	struct tls_server *tls_server; /* NULL: in the clear */
};

struct conf {
	unsigned workers;   /* or CONF_WORKERS_AUTO */
	const char *accept; /* "reuseport" or "shared" */
	char *cpu_affinity;
	const char *sandbox; /* "auto", or as conf_is_on() reads it */
	const char *backend;
	unsigned max_connections;                          /* 0: auto */
	unsigned max_per_source, accept_rate, byte_rate;   /* 0: no limit */
	char *allow, *deny;                                /* lists as of access.h */
	double idle_timeout, stall_timeout, drain_timeout; /* seconds */
	double max_lifetime;                               /* seconds */
	unsigned backlog;
	const char *kernel_buffers;
	unsigned busy_poll; /* microseconds */
	char *user, *pid_file, *log;
	const char *log_level;

	struct conf_listen **listens;
	size_t nlistens;
	const struct activation *activation; /* borrowed: what the service manager passed */

	char *path;                    /* of the file that was read, or NULL */
	unsigned lines[CONF_SETTINGS]; /* where in it; 0: not from there */
	/* By conf_check(): connections that fit, the highest descriptor, processes. */
	unsigned room, max_fd, nworkers;
};

/* Whether the text of a switch says on. */
bool conf_is_on(const char *value);

/* Every setting at its default, no listener.  0 or -ENOMEM. */
int conf_init(struct conf *);
void conf_free(struct conf *);

/*
 * Set one of the global settings (section NULL) or one of a listen section.
 * line: where it stands in the file, 0 if elsewhere.  Returns 0, or -EINVAL and
 * a message that says what is wrong and what is allowed, or -ENOMEM.
 */
int conf_set(struct conf *, struct conf_listen *section, const char *name, const char *value,
    unsigned line, char why[CONF_WHY]);

/*
 * One more address to listen on.  0, -EINVAL, -EADDRNOTAVAIL for a name that is
 * not known, or -ENOMEM; then why says so in words.
 */
int conf_add_listen(struct conf *, const char *address, char why[CONF_WHY]);
void conf_drop_listens(struct conf *);

/* Give up all that a section holds; for one that is in no list. */
void conf_clear_listen(struct conf_listen *);

/* The name of the i-th setting of its kind, NULL after the last. */
const char *conf_name(bool in_section, size_t i);

/* What is wrong with a setting that does not exist, and what may be meant. */
void conf_unknown(const char *name, bool in_section, char why[CONF_WHY]);

/*
 * Read a file on top of what is set.  All that is wrong goes to err, a line
 * each, "file:line: key: what is wrong, what is allowed".  Returns the number.
 */
unsigned conf_read(struct conf *, const char *path, FILE *err);

/*
 * After all has been set: without listeners, listen on what was passed, or if
 * nothing was on the default addresses; give sections what they take from the
 * global settings, and see to it that this system has room for all of it.  0, or
 * the code to exit with, and a message to err.
 */
int conf_check(struct conf *, FILE *err);

/* Of conf_access.c, for conf_check(): who may connect to each section. */
int conf_open_access(struct conf *, FILE *err);

/* Of conf_tls.c, for conf_check(): load what the sections with tls = on name. */
int conf_open_tls(struct conf *, FILE *err);

bool conf_has_tls(const struct conf *);

/* Have all sections seal their session tickets with these keys. */
void conf_use_tickets(const struct conf *, struct tickets *);

/*
 * How long the certificates of a section will do, in words, and whether they are a
 * chain.  Returns whether somebody should see to it.
 */
bool conf_print_end(char text[CONF_WHY], const struct conf_listen *);
bool conf_is_to_be_renewed(const struct conf_listen *);

/* Whether a section has that setting, rather than what is preset. */
bool conf_says(const struct conf_listen *, const char *name);

/* A message about a setting of a section, with the place where it was set. */
void conf_complain_in_listen(
    const struct conf *, const struct conf_listen *, FILE *err, const char *name, const char *why);

/* Everything, as a file that conf_read() takes. */
void conf_print(const struct conf *, FILE *);

/* A message about a global setting, with the place where it was set.  -EINVAL. */
int conf_complain(const struct conf *, FILE *err, const char *name, const char *why);

/* Whether a global setting was set in the file, rather than elsewhere. */
bool conf_is_from_file(const struct conf *, const char *name);

/* The table for --help. */
void conf_help(FILE *);

enum log_level conf_log_level(const struct conf *);

#endif

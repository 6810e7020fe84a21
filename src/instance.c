/* SPDX-License-Identifier: ISC */
/*
 * instance.c -- see instance.h.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "instance.h"
#include "log.h"
#include "proc.h"
#include "reactor.h"

#define LOOK_SECONDS 60.0 /* from one look at the age of ticket keys to the next */
#define DAY 86400.0       /* seconds from one look at how long certificates will do to the next */

double
instance_clock(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

double
instance_age(const struct instance *in)
{
	return instance_clock() - in->began;
}

static void
say_what_serves(const struct instance *in)
{
	const struct conf *conf = in->conf;
	const char *backend = strcmp(conf->backend, "auto") == 0 ? reactor_auto() : conf->backend;

	if (conf->nworkers == 0)
		log_info("echod %s is ready: backend %s, at most %u connections", VERSION, backend,
		    conf->room);
	else
		log_info(
		    "echod %s is ready: workers %u (%s), backend %s, at most %u connections each",
		    VERSION, conf->nworkers, conf->accept, backend, conf->room);
}

/* How long the certificates will do: of all, or only what somebody has to renew. */
static void
say_when_they_end(struct instance *in, bool all)
{
	const struct conf *conf = in->conf;
	char text[CONF_WHY];
	size_t i;

	for (i = 0; i < conf->nlistens; i++) {
		const struct conf_listen *l = conf->listens[i];

		if (l->tls_server == NULL || !(all || conf_is_to_be_renewed(l)))
			continue;
		if (conf_print_end(text, l))
			log_warn("%s", text);
		else
			log_info("%s", text);
	}
	in->ends_told = instance_clock();
}

/* Without a ring of ours OpenSSL has keys for each context, which will do for a start. */
void
instance_use_tickets(struct instance *in, const struct conf *conf)
{
	if (!conf_has_tls(conf))
		return;
	if (in->tickets == NULL && (in->tickets = tickets_open()) == NULL)
		log_warn("session tickets: no keys that workers share: %s", strerror(errno));
	else
		conf_use_tickets(conf, in->tickets);
}

static void
on_turn_tickets(struct ev_loop *loop, ev_timer *t, int revents)
{
	struct instance *in = t->data;
	int rc;

	(void)revents;
	if (in->tickets != NULL && tickets_due(in->tickets) == 0 &&
	    (rc = tickets_rotate(in->tickets)) < 0)
		log_warn("session tickets keep their keys: %s", strerror(-rc));
	/* Who starts a daemon and leaves it alone for a year hears of it in time, too. */
	if (instance_clock() - in->ends_told >= DAY)
		say_when_they_end(in, false);
	ev_timer_again(loop, t);
}

/* It looks from time to time, for the ring may have another's age, or not exist yet. */
void
instance_turn_tickets(struct instance *in, struct ev_loop *loop)
{
	ev_timer_init(&in->turn_tickets, on_turn_tickets, LOOK_SECONDS, LOOK_SECONDS);
	in->turn_tickets.data = in;
	ev_timer_start(loop, &in->turn_tickets);
}

int
instance_ready(struct instance *in)
{
	char text[NET_TEXT];
	size_t i;
	int rc;

	for (i = 0; i < in->sockets.n; i++) {
		net_print(text, &in->sockets.all[i].addr);
		log_info("listening on %s", text);
	}
	say_when_they_end(in, true);
	say_what_serves(in);
	if (in->ready_fd >= 0) {
		if ((rc = sockets_report(&in->sockets, in->ready_fd)) < 0) {
			log_error("--ready-fd: %s", strerror(-rc));
			return EX_OSERR;
		}
		proc_let_go(in->ready_fd);
		in->ready_fd = -1;
	}
	if (in->detached_fd >= 0)
		proc_detached(in->detached_fd);
	in->detached_fd = -1;
	return 0;
}

int
instance_file_code(const struct conf *conf, const char *setting, int error)
{
	if (error == -EACCES || error == -EPERM)
		return EX_NOPERM;
	if (error == -ENOSPC || error == -EDQUOT || error == -EIO || error == -ENOMEM ||
	    error == -EMFILE || error == -ENFILE)
		return EX_OSERR;
	return conf_is_from_file(conf, setting) ? EX_CONFIG : EX_USAGE;
}

/* A supervisor is root as long as it lives, but its log is its workers'. */
static int
as_user(const struct conf *conf, int (*open)(const char *), const char *arg)
{
	struct proc_user user;
	int rc;

	if (conf->user[0] == '\0' || geteuid() != 0)
		return open(arg);
	if ((rc = proc_find_user(conf->user, &user)) < 0 || (rc = proc_pretend(&user)) < 0)
		return rc;
	rc = open(arg);
	proc_pretend_no_more();
	return rc;
}

/* Who has detached has no stderr, and unless told otherwise wants syslog instead. */
int
instance_open_log(const struct instance *in, const struct conf *conf, FILE *err)
{
	const char *log = in->detached && strcmp(conf->log, "stderr") == 0 ? "syslog" : conf->log;
	int rc = as_user(conf, log_open, log);

	if (rc == 0)
		return 0;
	fprintf(err, "log: cannot open %s: %s\n", log, strerror(-rc));
	return instance_file_code(conf, "log", rc);
}

static int
reopen(const char *unused)
{
	(void)unused;
	return log_reopen();
}

int
instance_reopen_log(const struct instance *in)
{
	return as_user(in->conf, reopen, NULL);
}

/* What cannot change in a process that goes on. */
static int
check_fixed(const struct conf *old, const struct conf *new, FILE *err)
{
	const char *fixed = NULL, *why = "restart to change it";

	if (strcmp(old->pid_file, new->pid_file) != 0)
		fixed = "pid-file";
	else if ((old->nworkers == 0) != (new->nworkers == 0))
		fixed = "workers", why = "restart to change between 0 and more";
	else if (new->nworkers == 0 && strcmp(old->backend, new->backend) != 0)
		fixed = "backend", why = "restart to change it, or have workers, which can";
	else if (new->nworkers == 0 && strcmp(old->user, new->user) != 0)
		fixed = "user", why = "restart to change it, or have workers, which can";
	if (fixed == NULL)
		return 0;
	conf_complain(new, err, fixed, why);
	return EX_CONFIG;
}

static int
change_log(struct instance *in, FILE *err)
{
	int rc = 0;

	if (strcmp(in->conf->log, in->next->log) != 0) {
		rc = instance_open_log(in, in->next, err);
		in->log_changed = rc == 0;
	}
	return rc;
}

static int
prepare(struct instance *in, FILE *err)
{
	int rc;

	if ((in->next = calloc(1, sizeof(*in->next))) == NULL)
		return EX_OSERR;
	if ((rc = options_settings(in->options, in->next, err)) != 0 ||
	    (rc = conf_check(in->next, err)) != 0 ||
	    (rc = check_fixed(in->conf, in->next, err)) != 0)
		return rc;
	instance_use_tickets(in, in->next);
	rc = sockets_open(&in->next_sockets, in->next, in->next->nworkers, &in->sockets, err);
	return rc == 0 ? change_log(in, err) : rc;
}

void
instance_log_lines(const char *text)
{
	int n;

	for (; text != NULL && *text != '\0'; text += n + (text[n] == '\n')) {
		n = (int)strcspn(text, "\n");
		if (n > 0)
			log_error("%.*s", n, text);
	}
}

int
instance_prepare(struct instance *in)
{
	char *text = NULL;
	size_t size;
	FILE *err = open_memstream(&text, &size);
	int rc = EX_OSERR;

	control_begin(&in->control);
	pulse_reloading(&in->pulse);
	if (err != NULL) {
		rc = prepare(in, err);
		fclose(err);
	}
	if (rc != 0)
		instance_abandon(in, rc, text);
	free(text);
	return rc;
}

void
instance_abandon(struct instance *in, int exit_code, const char *why)
{
	instance_log_lines(why);
	log_error("reload: refused; nothing has changed");
	control_end(&in->control, exit_code, why != NULL ? why : "");
	if (in->log_changed && instance_open_log(in, in->conf, stderr) != 0)
		log_warn("log: going on with that of the settings that were refused");
	in->log_changed = false;
	sockets_abandon(&in->next_sockets);
	instance_free_conf(in->next);
	in->next = NULL;
	pulse_reloaded(&in->pulse);
}

void
instance_commit(struct instance *in, struct sockets *gone, struct conf **old)
{
	sockets_succeed(&in->next_sockets, &in->sockets, gone);
	in->sockets = in->next_sockets;
	in->next_sockets = (struct sockets){ 0 };
	*old = in->conf;
	in->conf = in->next;
	in->next = NULL;
	in->log_changed = false;
	log_set_level(conf_log_level(in->conf));
	say_when_they_end(in, true);
}

void
instance_answer(struct instance *in)
{
	control_end(&in->control, 0, "");
}

void
instance_free_conf(struct conf *conf)
{
	if (conf != NULL)
		conf_free(conf);
	free(conf);
}

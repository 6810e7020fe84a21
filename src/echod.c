/* SPDX-License-Identifier: ISC */
/*
 * echod.c -- the order in which the daemon starts, and what -s does instead.
 */
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "instance.h"
#include "log.h"
#include "macros.h"
#include "options.h"
#include "proc.h"
#include "reactor.h"
#include "single.h"
#include "supervisor.h"
#include "title.h"
#include "units.h"
#include "upgrade.h"

static int
cannot_tell(const char *action, const char *pid_file, int error)
{
	fprintf(stderr, "echod: cannot %s the instance of %s: %s\n", action, pid_file,
	    strerror(-error));
	return error == -EPERM || error == -EACCES ? EX_NOPERM : EX_OSERR;
}

/* -s: to whom the pid file belongs. */
static int
send_signal(const struct conf *conf, const char *action)
{
	static const struct {
		const char *name;
		int signal;
	} actions[] = { { "stop", SIGTERM }, { "quit", SIGQUIT }, { "reopen", SIGUSR1 },
		{ "reload", SIGHUP } };
	const char *file = conf->pid_file;
	pid_t pid;
	size_t i;
	int rc;

	for (i = 0; i < countof(actions); i++)
		if (strcmp(actions[i].name, action) == 0)
			break;
	if (i == countof(actions))
		return options_usage("-s", "want stop, quit, reload or reopen");
	if (file[0] == '\0')
		return options_usage(
		    "-s", "needs to know the pid file (-p, or pid-file in the settings)");
	if ((pid = proc_pid_owner(file)) == -ESRCH) {
		fprintf(stderr, "echod: no instance runs with the pid file %s\n", file);
		return EX_UNAVAILABLE;
	}
	if (pid < 0)
		return cannot_tell(action, file, (int)pid);
	if (actions[i].signal == SIGHUP)
		rc = control_ask(file);
	else
		rc = kill(pid, actions[i].signal) == 0 ? 0 : -errno;
	return rc < 0 ? cannot_tell(action, file, rc) : rc;
}

static void
on_fatal(const char *what)
{
	log_error("giving up: %s: %s", what, strerror(errno));
	_exit(EX_OSERR);
}

static int
lock_pid_file(const struct conf *conf, int *fd)
{
	const char *path = conf->pid_file;
	pid_t owner;

	if (path[0] == '\0' || (*fd = proc_pid_lock(path, &owner)) >= 0)
		return 0;
	if (*fd == -EBUSY) {
		log_error("already running: process %ld holds the pid file %s", (long)owner, path);
		return EX_UNAVAILABLE;
	}
	log_error("pid-file: cannot open %s: %s", path, strerror(-*fd));
	return instance_file_code(conf, "pid-file", *fd);
}

/* A process alone gives up root once all is bound; a supervisor leaves that to its workers. */
static int
give_up_root(const struct conf *conf)
{
	int rc;

	if (conf->user[0] == '\0') {
		if (geteuid() == 0)
			log_warn(
			    "running as root; -u NAME makes it give that up once all is bound");
		return 0;
	}
	if (conf->nworkers > 0)
		return 0;
	if ((rc = proc_become_named(conf->user)) == 0)
		return 0;
	log_error("cannot become user %s: %s", conf->user, strerror(-rc));
	return EX_NOPERM;
}

static int
open_log(struct instance *in, FILE *err)
{
	return instance_open_log(in, in->conf, err);
}

static int
bind_all(struct instance *in, FILE *err)
{
	return sockets_open(&in->sockets, in->conf, in->conf->nworkers, NULL, err);
}

/* What step says of its failure goes to the log. */
static int
do_and_log(struct instance *in, int (*step)(struct instance *, FILE *))
{
	char *text = NULL;
	size_t size;
	FILE *err = open_memstream(&text, &size);
	int rc = EX_OSERR;

	if (err != NULL) {
		rc = step(in, err);
		fclose(err);
	}
	if (text != NULL)
		instance_log_lines(text);
	else if (rc != 0)
		log_error("cannot begin: %s", strerror(ENOMEM));
	free(text);
	return rc;
}

static int
serve(struct instance *in)
{
	const struct conf *conf = in->conf;
	int rc;

	if (in->pid_fd >= 0 && (rc = proc_pid_write(in->pid_fd)) < 0) {
		log_error("pid-file: cannot write %s: %s", conf->pid_file, strerror(-rc));
		return EX_OSERR;
	}
	if (in->pid_fd >= 0 && (rc = control_open(&in->control, conf->pid_file, -1)) < 0)
		log_warn("-s reload will not work: cannot listen on %s.reload: %s", conf->pid_file,
		    strerror(-rc));
	if ((rc = give_up_root(conf)) != 0 || (rc = do_and_log(in, open_log)) != 0)
		return rc;
	return conf->nworkers == 0 ? single_run(in) : supervisor_run(in);
}

static void
close_others(const struct instance *in)
{
	const struct activation *a = in->options->activation;
	int keep[ACTIVATION_MOST + 1];
	size_t i;

	for (i = 0; i < a->n; i++)
		keep[i] = a->all[i].fd;
	keep[i++] = in->ready_fd;
	proc_close_others(keep, i);
}

static void
end(struct instance *in)
{
	sockets_close(&in->sockets);
	control_close(&in->control);
	tickets_close(in->tickets);
	proc_pid_remove(in->pid_fd, in->conf->pid_file);
	log_close();
}

static int
start(struct instance *in)
{
	int rc;

	in->began = instance_clock();
	in->ready_fd = in->options->ready_fd;
	in->detached = in->options->detach;
	close_others(in);
	if (in->options->detach && (in->detached_fd = proc_detach()) < 0) {
		log_error("cannot detach: %s", strerror(-in->detached_fd));
		return EX_OSERR;
	}
	if ((rc = lock_pid_file(in->conf, &in->pid_fd)) != 0)
		return rc;
	instance_use_tickets(in, in->conf);
	if ((rc = do_and_log(in, bind_all)) == 0)
		rc = serve(in);
	end(in);
	return rc;
}

/* Another program of ours may have left us its state.  0 or the code to exit with. */
static int
read_state(struct instance *in)
{
	static struct state state;
	const char *fd = getenv(STATE_FD);
	unsigned n;
	int rc;

	if (fd == NULL)
		return 0;
	if ((rc = units_count(fd, 0, INT_MAX, &n)) < 0 || (rc = state_read(&state, (int)n)) < 0) {
		log_error("%s: not a state that echod %s can take over: %s", STATE_FD, VERSION,
		    strerror(-rc));
		return EX_OSERR;
	}
	in->state_fd = (int)n;
	in->state = &state;
	return 0;
}

/* This is the trial of an upgrade: whether all is well up to here, and will be. */
static int
accept_state(struct instance *in)
{
	int rc;

	in->detached = in->options->detach;
	if (upgrade_check(in, in->state) < 0)
		return EX_CONFIG;
	if ((rc = do_and_log(in, open_log)) != 0)
		return rc;
	return state_accept(in->state_fd) == 0 ? 0 : EX_OSERR;
}

/* Go on where another program of ours was. */
static int
resume(struct instance *in)
{
	int rc;

	unsetenv(STATE_FD);
	close(in->state_fd);
	in->detached = in->options->detach;
	(void)do_and_log(in, open_log); /* the trial could; to end now would help nobody */
	if ((rc = upgrade_resume(in, in->state)) < 0) {
		log_error("cannot take over: %s", strerror(-rc));
		rc = EX_OSERR;
	} else {
		rc = supervisor_run(in);
	}
	end(in);
	return rc;
}

/* What -t says. */
static void
say_good(const struct conf *conf)
{
	char text[CONF_WHY];
	size_t i;

	fprintf(stderr, "echod: the settings are good; room for %u connections\n", conf->room);
	for (i = 0; i < conf->nlistens; i++)
		if (conf->listens[i]->tls_server != NULL) {
			conf_print_end(text, conf->listens[i]);
			fprintf(stderr, "echod: %s\n", text);
		}
}

/* Settings that are good: print them, or say so, or start. */
static int
go(struct instance *in)
{
	if (in->options->dump) {
		conf_print(in->conf, stdout);
		return 0;
	}
	if (in->options->test) {
		say_good(in->conf);
		return 0;
	}
	log_set_level(conf_log_level(in->conf));
	if (in->state == NULL)
		return start(in);
	return getenv(STATE_TRIAL) != NULL ? accept_state(in) : resume(in);
}

int
main(int argc, char **argv)
{
	struct options o;
	struct instance in = {
		.options = &o,
		.ready_fd = -1,
		.detached_fd = -1,
		.pid_fd = -1,
		.control.io.fd = -1,
	};
	struct activation activation = { 0 };
	char **args, why[CONF_WHY];
	int rc;

	proc_clean(getenv(STATE_FD) != NULL && getenv(STATE_TRIAL) == NULL);
	in.program = proc_program();
	if ((args = title_open(argc, argv)) != NULL)
		argv = args;
	in.argv = argv;
	if ((rc = read_state(&in)) != 0)
		goto out;
	if ((rc = options_read(&o, argc, argv, in.state != NULL)) >= 0)
		goto out;
	if (activation_open(&activation, why, sizeof(why)) < 0) {
		log_error("cannot use what was passed to us: %s", why);
		rc = EX_UNAVAILABLE;
		goto out;
	}
	o.activation = &activation;
	reactor_on_fatal(on_fatal);
	if ((in.conf = calloc(1, sizeof(*in.conf))) == NULL) {
		rc = options_no_memory();
		goto out;
	}
	if ((rc = options_settings(&o, in.conf, stderr)) != 0)
		goto out;
	if (o.action != NULL)
		rc = send_signal(in.conf, o.action);
	else if ((rc = conf_check(in.conf, stderr)) == 0)
		rc = go(&in);
out:
	instance_free_conf(in.conf);
	options_free(&o);
	if (in.state != NULL)
		state_free(in.state);
	free(in.program);
	activation_close(&activation);
	if (fflush(stdout) != 0 || ferror(stdout)) {
		fprintf(stderr, "echod: cannot write to stdout: %s\n", strerror(errno));
		rc = EX_OSERR;
	}
	return rc;
}

/* SPDX-License-Identifier: ISC */
/*
 * echod.c -- the order in which the daemon starts, and what -s does instead.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "macros.h"
#include "options.h"
#include "proc.h"
#include "worker.h"

/* -s: to whom the pid file belongs. */
static int
send_signal(const struct conf *conf, const char *action)
{
	static const struct {
		const char *name;
		int signal;
	} actions[] = { { "stop", SIGTERM }, { "quit", SIGQUIT }, { "reopen", SIGUSR1 } };
	pid_t pid;
	size_t i;

	for (i = 0; i < countof(actions); i++)
		if (strcmp(actions[i].name, action) == 0)
			break;
	if (i == countof(actions))
		return options_usage("-s",
		    strcmp(action, "reload") == 0 ? "reload is not available in this version" :
						    "want stop, quit or reopen");
	if (conf->pid_file[0] == '\0')
		return options_usage(
		    "-s", "needs to know the pid file (-p, or pid-file in the settings)");
	if ((pid = proc_pid_owner(conf->pid_file)) == -ESRCH) {
		fprintf(stderr, "echod: no instance runs with the pid file %s\n", conf->pid_file);
		return EX_UNAVAILABLE;
	}
	if (pid < 0 || kill(pid, actions[i].signal) != 0) {
		int error = pid < 0 ? (int)-pid : errno;

		fprintf(stderr, "echod: cannot %s the instance of %s: %s\n", action, conf->pid_file,
		    strerror(error));
		return error == EPERM || error == EACCES ? EX_NOPERM : EX_OSERR;
	}
	return 0;
}

static void
on_fatal(const char *what)
{
	log_error("giving up: %s: %s", what, strerror(errno));
	_exit(EX_OSERR);
}

/* The code for a file that cannot be opened: permissions, or whoever named it. */
static int
file_exit_code(const struct conf *conf, const char *setting, int error)
{
	if (error == -EACCES || error == -EPERM)
		return EX_NOPERM;
	return conf_is_from_file(conf, setting) ? EX_CONFIG : EX_USAGE;
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
	return file_exit_code(conf, "pid-file", *fd);
}

/*
 * After binding: give up root, and only then touch the log file.  Who detaches
 * has no stderr, and unless told otherwise wants syslog instead.
 */
static int
settle(const struct conf *conf, bool detach)
{
	const char *log = detach && strcmp(conf->log, "stderr") == 0 ? "syslog" : conf->log;
	struct proc_user user;
	int rc;

	if (conf->user[0] != '\0') {
		if ((rc = proc_find_user(conf->user, &user)) < 0 || (rc = proc_become(&user)) < 0) {
			log_error("cannot become user %s: %s", conf->user, strerror(-rc));
			return EX_NOPERM;
		}
	} else if (geteuid() == 0) {
		log_warn("running as root; -u NAME makes it give that up once all is bound");
	}
	if ((rc = log_open(log)) < 0) {
		log_error("log: cannot open %s: %s", log, strerror(-rc));
		return file_exit_code(conf, "log", rc);
	}
	return 0;
}

static int
say_ready(const struct sockets *sockets, const struct conf *conf, int ready_fd)
{
	char text[NET_TEXT];
	size_t i;
	int rc;

	for (i = 0; i < sockets->n; i++) {
		net_print(text, &sockets->all[i].addr);
		log_info("listening on %s", text);
	}
	log_info("echod %s is ready: backend %s, at most %u connections", VERSION,
	    strcmp(conf->backend, "auto") == 0 ? reactor_auto() : conf->backend, conf->room);
	if (ready_fd < 0)
		return 0;
	if ((rc = sockets_report(sockets, ready_fd)) < 0) {
		log_error("--ready-fd: %s", strerror(-rc));
		return EX_OSERR;
	}
	proc_let_go(ready_fd);
	return 0;
}

static double
seconds_since(const struct timespec *start)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)(now.tv_sec - start->tv_sec) + (double)(now.tv_nsec - start->tv_nsec) / 1e9;
}

/* One process, from the open sockets to the last line of the log. */
static int
serve(const struct conf *conf, struct sockets *sockets, int detached_fd, int ready_fd)
{
	struct stats stats = { 0 };
	char summary[STATS_TEXT];
	struct timespec began;
	struct worker worker;
	int rc;

	clock_gettime(CLOCK_MONOTONIC, &began);
	if ((rc = worker_open(&worker, conf, sockets, &stats)) != 0)
		return rc;
	if ((rc = say_ready(sockets, conf, ready_fd)) == 0) {
		if (detached_fd >= 0)
			proc_detached(detached_fd);
		rc = worker_run(&worker);
	}
	worker_close(&worker);
	stats_print(summary, &stats, seconds_since(&began));
	log_info("stopped: %s", summary);
	return rc;
}

static int
start(struct conf *conf, const struct options *o)
{
	struct sockets sockets;
	int rc, detached_fd = -1, pid_fd = -1;

	if (o->detach && (detached_fd = proc_detach()) < 0) {
		log_error("cannot detach: %s", strerror(-detached_fd));
		return EX_OSERR;
	}
	if ((rc = lock_pid_file(conf, &pid_fd)) != 0)
		return rc;
	if ((rc = sockets_open(&sockets, conf)) != 0)
		goto unlock;
	if (pid_fd >= 0 && (rc = proc_pid_write(pid_fd)) < 0) {
		log_error("pid-file: cannot write %s: %s", conf->pid_file, strerror(-rc));
		rc = EX_OSERR;
	}
	if (rc == 0)
		rc = settle(conf, o->detach);
	if (rc == 0)
		rc = serve(conf, &sockets, detached_fd, o->ready_fd);
	sockets_close(&sockets);
unlock:
	proc_pid_remove(pid_fd, conf->pid_file);
	log_close();
	return rc;
}

int
main(int argc, char **argv)
{
	struct options o;
	struct conf conf = { 0 };
	int rc;

	proc_clean();
	if ((rc = options_read(&o, argc, argv)) >= 0)
		goto out;
	reactor_on_fatal(on_fatal);
	if ((rc = options_settings(&o, &conf, stderr)) != 0)
		goto out;
	if (o.action != NULL) {
		rc = send_signal(&conf, o.action);
		goto out;
	}
	if (conf_check(&conf, stderr) < 0) {
		rc = EX_CONFIG;
		goto out;
	}
	log_set_level(conf_log_level(&conf));
	if (o.dump)
		conf_print(&conf, stdout);
	else if (o.test)
		fprintf(
		    stderr, "echod: the settings are good; room for %u connections\n", conf.room);
	else
		rc = start(&conf, &o);
out:
	conf_free(&conf);
	options_free(&o);
	if (fflush(stdout) != 0 || ferror(stdout)) {
		fprintf(stderr, "echod: cannot write to stdout: %s\n", strerror(errno));
		rc = EX_OSERR;
	}
	return rc;
}

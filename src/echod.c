/* SPDX-License-Identifier: ISC */
/*
 * echod.c -- the command line of the daemon, and the order in which it starts.
 */
#include <errno.h>
#include <ev.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "macros.h"
#include "proc.h"
#include "units.h"
#include "worker.h"

#define DEFAULT_CONFIG SYSCONFDIR "/echod/echod.conf"

struct set {
	const char *option; /* as written on the command line */
	const char *name, *value;
};

/* What the command line says. */
struct options {
	const char *config;
	const char *action; /* of -s */
	struct set *sets;
	size_t nsets;
	const char **listens;
	size_t nlistens;
	bool test, dump, detach;
	int ready_fd;
};

enum { READY_FD = 256 };

static const struct option long_options[] = { { "config", required_argument, NULL, 'c' },
	{ "listen", required_argument, NULL, 'l' }, { "backend", required_argument, NULL, 'b' },
	{ "workers", required_argument, NULL, 'n' }, { "set", required_argument, NULL, 'o' },
	{ "test", no_argument, NULL, 't' }, { "dump", no_argument, NULL, 'T' },
	{ "daemon", no_argument, NULL, 'D' }, { "pid-file", required_argument, NULL, 'p' },
	{ "user", required_argument, NULL, 'u' }, { "ready-fd", required_argument, NULL, READY_FD },
	{ "signal", required_argument, NULL, 's' }, { "log-level", required_argument, NULL, 'L' },
	{ "version", no_argument, NULL, 'V' }, { "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 } };

static const char help_head[] =
    "echod: a TCP echo server (RFC 862): what you send comes back.\n"
    "\n"
    "Usage: echod [OPTION]...\n"
    "Without any option it listens on 127.0.0.1:7007 and [::1]:7007, stays in the\n"
    "foreground and logs to stderr.  Talk to it with 'nc localhost 7007'.\n"
    "\n"
    "  -c, --config FILE     read settings from FILE; without it, if it exists, from\n"
    "                        " DEFAULT_CONFIG "\n"
    "  -l, --listen ADDR     127.0.0.1:7007, [::1]:7007, *:7007, localhost:7007,\n"
    "                        unix:/path or unix:@name; port 0 is any free one; may\n"
    "                        be repeated; replaces the listeners of the file\n"
    "  -b, --backend NAME    auto, select, poll, epoll or epoll-et\n"
    "  -n, --workers N       0, this process alone, is all there is in this version\n"
    "  -o, --set KEY=VALUE   any of the settings below\n"
    "  -t, --test            check settings and limits, and exit\n"
    "  -T, --dump            print the settings in effect, as a file for -c, and exit\n"
    "  -D, --daemon          detach; the log goes to syslog unless told otherwise\n"
    "  -p, --pid-file FILE   write the process id there, and keep the file locked\n"
    "  -u, --user NAME[:GROUP]\n"
    "                        give up root for this user once all is bound\n"
    "      --ready-fd N      when ready, write the bound addresses to descriptor N,\n"
    "                        a line each, and close it\n"
    "  -s, --signal ACTION   stop, quit or reopen: tell the echod that holds the pid\n"
    "                        file (-p, or pid-file in the settings), and exit\n"
    "  -L, --log-level L     error, warn, info or debug\n"
    "  -V, --version         print the version and what was built in, and exit\n"
    "  -h, --help            print this text, and exit\n"
    "\n"
    "Settings, their defaults and what they are for; echod.conf(5) says more.  What\n"
    "the command line says overrides the file.\n";

static const char help_tail[] =
    "\n"
    "Signals: TERM drain and stop (twice: now), QUIT drain without a limit, INT stop\n"
    "now, USR1 open the log file again.\n"
    "Exit: 0 done, 64 command line, 69 address not available, 71 system error,\n"
    "77 not permitted, 78 settings file or limits.\n";

static void
print_version(void)
{
	static const struct {
		unsigned flag;
		const char *name;
	} backends[] = {
		{ EVBACKEND_SELECT, "select" },
		{ EVBACKEND_POLL, "poll" },
		{ EVBACKEND_EPOLL, "epoll" },
	};
	size_t i;

	printf("echod %s\n", VERSION);
	printf("libev %d.%d with", ev_version_major(), ev_version_minor());
	for (i = 0; i < countof(backends); i++)
		if ((ev_supported_backends() & backends[i].flag) != 0)
			printf(" %s", backends[i].name);
	printf("\nbackends: auto (%s here)", reactor_auto());
	for (i = 0; reactor_backends[i] != NULL; i++)
		if (reactor_check(reactor_backends[i], 0) == 0)
			printf(" %s", reactor_backends[i]);
	printf("\nOpenSSL: not built in (no TLS in this version)\n");
}

static int
usage(const char *what, const char *why)
{
	fprintf(stderr, "echod: %.64s%s%s; 'echod --help' lists the options\n", what,
	    why != NULL ? ": " : "", why != NULL ? why : "");
	return EX_USAGE;
}

static void
add_set(struct options *o, const char *option, const char *name, const char *value)
{
	o->sets[o->nsets++] = (struct set){ option, name, value };
}

/* -o KEY=VALUE: the argument is cut in two at its first '='. */
static int
add_pair(struct options *o, char *pair)
{
	char *equals = strchr(pair, '=');

	if (equals == NULL || equals == pair)
		return usage("-o", "want KEY=VALUE");
	*equals = '\0';
	add_set(o, "-o", pair, equals + 1);
	return 0;
}

static int
set_ready_fd(struct options *o, const char *text)
{
	unsigned fd;

	if (units_count(text, 0, 1 << 20, &fd) < 0)
		return usage("--ready-fd", "want the number of a descriptor");
	if (fcntl((int)fd, F_GETFD) == -1)
		return usage("--ready-fd", "that descriptor is not open");
	o->ready_fd = (int)fd;
	return 0;
}

/* One option.  -1: go on; else the code to exit with. */
static int
take_option(struct options *o, int c)
{
	int rc = 0;

	switch (c) {
	case 'c': o->config = optarg; break;
	case 'l': o->listens[o->nlistens++] = optarg; break;
	case 'b': add_set(o, "-b", "backend", optarg); break;
	case 'n': add_set(o, "-n", "workers", optarg); break;
	case 'o': rc = add_pair(o, optarg); break;
	case 't': o->test = true; break;
	case 'T': o->dump = true; break;
	case 'D': o->detach = true; break;
	case 'p': add_set(o, "-p", "pid-file", optarg); break;
	case 'u': add_set(o, "-u", "user", optarg); break;
	case 's': o->action = optarg; break;
	case 'L': add_set(o, "-L", "log-level", optarg); break;
	case READY_FD: rc = set_ready_fd(o, optarg); break;
	case 'V': print_version(); return 0;
	case 'h':
		fputs(help_head, stdout);
		conf_help(stdout);
		fputs(help_tail, stdout);
		return 0;
	default: fputs("'echod --help' lists the options\n", stderr); return EX_USAGE;
	}
	return rc == 0 ? -1 : rc;
}

/* -1: go on; else the code to exit with. */
static int
read_command_line(struct options *o, int argc, char **argv)
{
	int c, rc;

	o->ready_fd = -1;
	o->sets = calloc((size_t)argc, sizeof(*o->sets));
	o->listens = calloc((size_t)argc, sizeof(*o->listens));
	if (o->sets == NULL || o->listens == NULL)
		return EX_OSERR;
	while ((c = getopt_long(argc, argv, "c:l:b:n:o:tTDp:u:s:L:Vh", long_options, NULL)) != -1)
		if ((rc = take_option(o, c)) >= 0)
			return rc;
	return optind < argc ? usage(argv[optind], "not an option") : -1;
}

/* What the command line sets, on top of the file.  0 or the code to exit with. */
static int
apply(struct conf *conf, const struct options *o)
{
	char why[CONF_WHY];
	int rc = 0, bad;
	size_t i;

	for (i = 0; i < o->nsets; i++) {
		const struct set *s = &o->sets[i];

		if (conf_set(conf, NULL, s->name, s->value, 0, why) == 0)
			continue;
		if (strcmp(s->option, "-o") == 0)
			fprintf(stderr, "echod: -o %.64s: %s\n", s->name, why);
		else
			fprintf(stderr, "echod: %s: %s\n", s->option, why);
		rc = EX_USAGE;
	}
	if (o->nlistens > 0)
		conf_drop_listens(conf);
	for (i = 0; i < o->nlistens; i++)
		if ((bad = conf_add_listen(conf, o->listens[i], why)) < 0) {
			fprintf(stderr, "echod: -l: %s\n", why);
			if (rc == 0)
				rc = bad == -EADDRNOTAVAIL ? EX_UNAVAILABLE : EX_USAGE;
		}
	return rc;
}

/* File, then command line, whose mistakes count first. */
static int
read_settings(struct conf *conf, const struct options *o)
{
	const char *path = o->config;
	unsigned errors = 0;
	int rc;

	if (conf_init(conf) < 0)
		return EX_OSERR;
	if (path == NULL && access(DEFAULT_CONFIG, F_OK) == 0)
		path = DEFAULT_CONFIG;
	if (path != NULL)
		errors = conf_read(conf, path, stderr);
	if ((rc = apply(conf, o)) != 0)
		return rc;
	return errors > 0 ? EX_CONFIG : 0;
}

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
		return usage("-s",
		    strcmp(action, "reload") == 0 ? "reload is not available in this version" :
						    "want stop, quit or reopen");
	if (conf->pid_file[0] == '\0')
		return usage("-s", "needs to know the pid file (-p, or pid-file in the settings)");
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
	struct options o = { 0 };
	struct conf conf = { 0 };
	int rc;

	proc_clean();
	if ((rc = read_command_line(&o, argc, argv)) >= 0)
		goto out;
	reactor_on_fatal(on_fatal);
	if ((rc = read_settings(&conf, &o)) != 0)
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
	free(o.sets);
	free(o.listens);
	if (fflush(stdout) != 0 || ferror(stdout)) {
		fprintf(stderr, "echod: cannot write to stdout: %s\n", strerror(errno));
		rc = EX_OSERR;
	}
	return rc;
}

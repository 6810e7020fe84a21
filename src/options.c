/* SPDX-License-Identifier: ISC */
/*
 * options.c -- see options.h.
 */
#include <errno.h>
#include <ev.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "landlock.h"
#include "macros.h"
#include "notify.h"
#include "options.h"
#include "reactor.h"
#include "sandbox.h"
#include "self_test.h"
#include "tls.h"
#include "units.h"

#define DEFAULT_CONFIG SYSCONFDIR "/echod/echod.conf"

enum { READY_FD = 256, SELF_TEST };

static const struct option long_options[] = { { "config", required_argument, NULL, 'c' },
	{ "listen", required_argument, NULL, 'l' }, { "backend", required_argument, NULL, 'b' },
	{ "workers", required_argument, NULL, 'n' }, { "set", required_argument, NULL, 'o' },
	{ "test", no_argument, NULL, 't' }, { "dump", no_argument, NULL, 'T' },
	{ "daemon", no_argument, NULL, 'D' }, { "pid-file", required_argument, NULL, 'p' },
	{ "user", required_argument, NULL, 'u' }, { "ready-fd", required_argument, NULL, READY_FD },
	{ "signal", required_argument, NULL, 's' }, { "log-level", required_argument, NULL, 'L' },
	{ "self-test", required_argument, NULL, SELF_TEST }, { "version", no_argument, NULL, 'V' },
	{ "help", no_argument, NULL, 'h' }, { NULL, 0, NULL, 0 } };

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
    "                        unix:/path, unix:@name or fd:name; port 0 is any free\n"
    "                        one; may be repeated; replaces those of the file\n"
    "  -b, --backend NAME    auto, select, poll, epoll or epoll-et\n"
    "  -n, --workers N       0: this process alone; N processes; auto: one per CPU\n"
    "  -o, --set KEY=VALUE   any of the settings below\n"
    "  -t, --test            check settings, certificates and limits, and exit\n"
    "  -T, --dump            print the settings in effect, as a file for -c, and exit\n"
    "  -D, --daemon          detach; the log goes to syslog unless told otherwise\n"
    "  -p, --pid-file FILE   write the process id there, and keep the file locked\n"
    "  -u, --user NAME[:GROUP]\n"
    "                        give up root for this user once all is bound\n"
    "      --ready-fd N      when ready, write the bound addresses to descriptor N,\n"
    "                        a line each, and close it\n"
    "  -s, --signal ACTION   stop, quit, reload or reopen: tell the echod that holds\n"
    "                        the pid file (-p, or pid-file in the settings), and\n"
    "                        exit; reload waits for the outcome\n"
    "  -L, --log-level L     error, warn, info or debug\n"
    "      --self-test CALL  open, exec, socket or files: do what is forbidden to\n"
    "                        workers, say whether that was prevented, and exit\n"
    "  -V, --version         print the version and what was built in, and exit\n"
    "  -h, --help            print this text, and exit\n"
    "\n"
    "Settings, their defaults and what they are for; echod.conf(5) says more.  What\n"
    "the command line says overrides the file.\n";

static const char help_tail[] =
    "\n"
    "Signals: TERM drain and stop (twice: now), QUIT drain without a limit, INT stop\n"
    "now, HUP reload the settings, USR1 open the log file again, USR2 replace the\n"
    "program.\n"
    "Exit: 0 done, 64 command line, 69 address not available, 71 system error,\n"
    "77 not permitted, 78 settings file or limits.\n";

static void
print_sandbox(void)
{
	const char *lack = sandbox_lacks();
	char version[SANDBOX_TEXT];

	sandbox_version(version);
	printf("libseccomp: %s; ", version);
	if (lack != NULL)
		printf("the sandbox of workers %s\n", lack);
	else
		printf("workers are in a sandbox, with Landlock %d here\n", landlock_version());
}

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
	printf("\nOpenSSL: %s\n", tls_version());
	printf("libsystemd: %s\n", notify_built_in() ? "built in" : "not built in");
	print_sandbox();
}

int
options_usage(const char *what, const char *why)
{
	fprintf(stderr, "echod: %.64s%s%s; 'echod --help' lists the options\n", what,
	    why != NULL ? ": " : "", why != NULL ? why : "");
	return EX_USAGE;
}

int
options_no_memory(void)
{
	fprintf(stderr, "echod: %s\n", strerror(ENOMEM));
	return EX_OSERR;
}

static void
add_set(struct options *o, const char *option, const char *name, const char *value)
{
	o->sets[o->nsets++] = (struct set){ option, name, value, NULL };
}

/* -o KEY=VALUE: cut in two at its first '=', in a copy, for argv may be needed again. */
static int
add_pair(struct options *o, const char *arg)
{
	char *equals, *pair;

	if (arg[0] == '=' || strchr(arg, '=') == NULL)
		return options_usage("-o", "want KEY=VALUE");
	if ((pair = strdup(arg)) == NULL)
		return EX_OSERR;
	equals = strchr(pair, '=');
	*equals = '\0';
	add_set(o, "-o", pair, equals + 1);
	o->sets[o->nsets - 1].pair = pair;
	return 0;
}

static int
set_ready_fd(struct options *o, const char *text)
{
	unsigned fd;

	if (units_count(text, 0, 1 << 20, &fd) < 0)
		return options_usage("--ready-fd", "want the number of a descriptor");
	if (o->again)
		return 0;
	if (fcntl((int)fd, F_GETFD) == -1)
		return options_usage("--ready-fd", "that descriptor is not open");
	o->ready_fd = (int)fd;
	return 0;
}

static int
try_self(const char *what)
{
	int rc = self_test(what);

	return rc >= 0 ? rc : options_usage("--self-test", "want open, exec, socket or files");
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
	case SELF_TEST: return try_self(optarg);
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

int
options_read(struct options *o, int argc, char **argv, bool again)
{
	int c, rc;

	*o = (struct options){ .ready_fd = -1, .again = again };
	o->sets = calloc((size_t)argc, sizeof(*o->sets));
	o->listens = calloc((size_t)argc, sizeof(*o->listens));
	if (o->sets == NULL || o->listens == NULL)
		return options_no_memory();
	while ((c = getopt_long(argc, argv, "c:l:b:n:o:tTDp:u:s:L:Vh", long_options, NULL)) != -1)
		if ((rc = take_option(o, c)) >= 0)
			return rc;
	return optind < argc ? options_usage(argv[optind], "not an option") : -1;
}

/* What the command line sets, on top of the file.  0 or the code to exit with. */
static int
apply(struct conf *conf, const struct options *o, FILE *err)
{
	char why[CONF_WHY];
	int rc = 0, bad;
	size_t i;

	for (i = 0; i < o->nsets; i++) {
		const struct set *s = &o->sets[i];

		if (conf_set(conf, NULL, s->name, s->value, 0, why) == 0)
			continue;
		if (strcmp(s->option, "-o") == 0)
			fprintf(err, "echod: -o %.64s: %s\n", s->name, why);
		else
			fprintf(err, "echod: %s: %s\n", s->option, why);
		rc = EX_USAGE;
	}
	if (o->nlistens > 0)
		conf_drop_listens(conf);
	for (i = 0; i < o->nlistens; i++)
		if ((bad = conf_add_listen(conf, o->listens[i], why)) < 0) {
			fprintf(err, "echod: -l: %s\n", why);
			if (rc == 0)
				rc = bad == -EADDRNOTAVAIL ? EX_UNAVAILABLE : EX_USAGE;
		}
	return rc;
}

static bool
sets(const struct options *o, const char *name)
{
	size_t i;

	for (i = 0; i < o->nsets; i++)
		if (strcmp(o->sets[i].name, name) == 0)
			return true;
	return false;
}

int
options_settings(const struct options *o, struct conf *conf, FILE *err)
{
	/* -s needs but the pid file: a mistake in the settings must not keep it from stopping. */
	bool needs_file = o->action == NULL || !sets(o, "pid-file");
	const char *path = needs_file ? o->config : NULL;
	unsigned errors = 0;
	int rc;

	if (conf_init(conf) < 0)
		return options_no_memory();
	if (o->activation != NULL)
		conf->activation = o->activation;
	if (needs_file && path == NULL && access(DEFAULT_CONFIG, F_OK) == 0)
		path = DEFAULT_CONFIG;
	if (path != NULL)
		errors = conf_read(conf, path, err);
	if ((rc = apply(conf, o, err)) != 0)
		return rc;
	return errors > 0 ? EX_CONFIG : 0;
}

void
options_free(struct options *o)
{
	size_t i;

	for (i = 0; i < o->nsets; i++)
		free(o->sets[i].pair);
	free(o->sets);
	free(o->listens);
}

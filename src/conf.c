/* SPDX-License-Identifier: ISC */
/*
 * conf.c -- the table of settings: what may be set, how, and to what.
 */
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "conf_table.h"
#include "cpus.h"
#include "macros.h"
#include "proc.h"
#include "reactor.h"
#include "sandbox.h"
#include "tls.h"
#include "typo.h"
#include "units.h"

#define DURATION_ALLOWED "0 or a number with ms, s, m, h or d, as 500ms, 10s, 5m"
#define NETWORKS_ALLOWED "addresses and networks, as 192.0.2.7, 10.0.0.0/8, 2001:db8::/32, or all"

static const char *check_backend(const char *), *check_user(const char *), *check_log(const char *),
    *check_cpus(const char *), *check_sandbox(const char *), *check_tls(const char *);

static const char *const backends[] = { "auto", "select", "poll", "epoll", "epoll-et", NULL };
static const char *const buffers[] = { "bounded", "auto", NULL };
static const char *const accepts[] = { "reuseport", "shared", NULL };
static const char *const switches[] = { "on", "off", "yes", "no", "true", "false", NULL };
static const char *const sandboxes[] = { "auto", "on", "off", "yes", "no", "true", "false", NULL };
static const char *const tls_versions[] = { "1.2", "1.3", NULL };
static const char *const verifications[] = { "off", "optional", "required", NULL };

#define AT(field) offsetof(struct conf, field)

/* clang-format off */
static const struct setting globals[] = {
	{ .name = "workers", .type = COUNT, .offset = AT(workers), .preset = "0",
	  .max = CONF_WORKERS, .word = "auto", .word_is = CONF_WORKERS_AUTO,
	  .allowed = "auto or a number from 0 to " STRINGIFY(CONF_WORKERS),
	  .help = "processes; 0: this one alone; auto: one per CPU" },
	{ .name = "backend", .type = CHOICE, .offset = AT(backend), .preset = "auto",
	  .choices = backends, .check = check_backend,
	  .allowed = "auto, select, poll, epoll or epoll-et", .help = "how to wait for sockets" },
	{ .name = "accept", .type = CHOICE, .offset = AT(accept), .preset = "reuseport",
	  .choices = accepts, .allowed = "reuseport or shared",
	  .help = "how workers share an address" },
	{ .name = "max-connections", .type = COUNT, .offset = AT(max_connections),
	  .preset = "auto", .min = 1, .max = 10000000, .word = "auto",
	  .allowed = "auto or a number from 1 to 10000000",
	  .help = "served at once; the next ones wait" },
	{ .name = "max-per-source", .type = COUNT, .offset = AT(max_per_source), .preset = "0",
	  .max = 10000000, .allowed = "a number from 0 to 10000000",
	  .help = "of those, from one address; 0: any" },
	{ .name = "accept-rate", .type = COUNT, .offset = AT(accept_rate), .preset = "0",
	  .max = 1000000, .allowed = "a number from 0 to 1000000",
	  .help = "connections a second; 0: any" },
	{ .name = "byte-rate", .type = SIZE, .offset = AT(byte_rate), .preset = "0",
	  .max = 1u << 30, .allowed = "0 or a number of bytes up to 1g, as 500, 64k, 10m",
	  .help = "bytes a second for each; 0: any" },
	{ .name = "allow", .type = TEXT, .offset = AT(allow), .preset = "",
	  .check = access_check, .allowed = NETWORKS_ALLOWED,
	  .help = "networks that may connect; \"\": all" },
	{ .name = "deny", .type = TEXT, .offset = AT(deny), .preset = "",
	  .check = access_check, .allowed = NETWORKS_ALLOWED,
	  .help = "networks that may not" },
	{ .name = "idle-timeout", .type = DURATION, .offset = AT(idle_timeout), .preset = "5m",
	  .allowed = DURATION_ALLOWED, .help = "end a silent connection; 0 is never" },
	{ .name = "stall-timeout", .type = DURATION, .offset = AT(stall_timeout), .preset = "1m",
	  .allowed = DURATION_ALLOWED, .help = "end one that reads no echo; 0 is never" },
	{ .name = "max-lifetime", .type = DURATION, .offset = AT(max_lifetime), .preset = "0",
	  .allowed = DURATION_ALLOWED, .help = "end a connection so old; 0 is never" },
	{ .name = "drain-timeout", .type = DURATION, .offset = AT(drain_timeout), .preset = "30s",
	  .allowed = DURATION_ALLOWED, .help = "how long TERM waits for connections" },
	{ .name = "backlog", .type = COUNT, .offset = AT(backlog), .preset = "4096", .min = 1,
	  .max = 65535, .allowed = "a number from 1 to 65535",
	  .help = "how many may wait to be accepted" },
	{ .name = "kernel-buffers", .type = CHOICE, .offset = AT(kernel_buffers),
	  .preset = "bounded", .choices = buffers, .allowed = "bounded or auto",
	  .help = "auto: faster far away, more memory" },
	{ .name = "busy-poll", .type = COUNT, .offset = AT(busy_poll), .preset = "0",
	  .max = 1000000, .allowed = "a number of microseconds from 0 to 1000000",
	  .help = "microseconds to spin before sleeping" },
	{ .name = "cpu-affinity", .type = TEXT, .offset = AT(cpu_affinity), .preset = "off",
	  .check = check_cpus, .allowed = "off, auto or a list of CPUs, as 0,2-3",
	  .help = "pin workers: off, auto or a list" },
	{ .name = "sandbox", .type = CHOICE, .offset = AT(sandbox), .preset = "auto",
	  .choices = sandboxes, .check = check_sandbox, .allowed = "auto, on or off",
	  .rest = "auto or off",
	  .help = "workers: forbidden system calls kill" },
	{ .name = "user", .type = TEXT, .offset = AT(user), .preset = "", .check = check_user,
	  .allowed = "NAME or NAME:GROUP", .help = "become NAME[:GROUP] once all is bound" },
	{ .name = "pid-file", .type = TEXT, .offset = AT(pid_file), .preset = "",
	  .allowed = "a path", .help = "a file for the process id, locked" },
	{ .name = "log", .type = TEXT, .offset = AT(log), .preset = "stderr", .check = check_log,
	  .allowed = "stderr, syslog or file:PATH", .help = "stderr, syslog or file:PATH" },
	{ .name = "log-level", .type = CHOICE, .offset = AT(log_level), .preset = "info",
	  .choices = log_levels, .allowed = "error, warn, info or debug",
	  .help = "error, warn, info or debug" },
};
/* clang-format on */
_Static_assert(countof(globals) == CONF_SETTINGS, "CONF_SETTINGS is not their number");

#undef AT
#define AT(field) offsetof(struct conf_listen, field)

/* clang-format off */
static const struct setting in_listen[] = {
	{ .name = "backlog", .type = COUNT, .offset = AT(backlog), .min = 1, .max = 65535,
	  .allowed = "a number from 1 to 65535" },
	{ .name = "kernel-buffers", .type = CHOICE, .offset = AT(kernel_buffers),
	  .choices = buffers, .allowed = "bounded or auto" },
	{ .name = "allow", .type = TEXT, .offset = AT(allow), .check = access_check,
	  .allowed = NETWORKS_ALLOWED },
	{ .name = "deny", .type = TEXT, .offset = AT(deny), .check = access_check,
	  .allowed = NETWORKS_ALLOWED },
	{ .name = "tls", .type = CHOICE, .offset = AT(tls), .preset = "off", .choices = switches,
	  .check = check_tls, .allowed = "on or off", .rest = "off" },
	{ .name = "certificate", .type = TEXT, .offset = AT(certificate), .preset = "" },
	{ .name = "key", .type = TEXT, .offset = AT(key), .preset = "" },
	{ .name = "tls-min", .type = CHOICE, .offset = AT(tls_min), .preset = "1.2",
	  .choices = tls_versions, .allowed = "1.2 or 1.3" },
	{ .name = "ciphers", .type = TEXT, .offset = AT(ciphers), .preset = "" },
	{ .name = "ciphersuites", .type = TEXT, .offset = AT(ciphersuites), .preset = "" },
	{ .name = "groups", .type = TEXT, .offset = AT(groups), .preset = "" },
	{ .name = "tickets", .type = CHOICE, .offset = AT(tickets), .preset = "on",
	  .choices = switches, .allowed = "on or off" },
	{ .name = "client-ca", .type = TEXT, .offset = AT(client_ca), .preset = "" },
	{ .name = "client-verify", .type = CHOICE, .offset = AT(client_verify), .preset = "off",
	  .choices = verifications, .allowed = "off, optional or required" },
};
/* clang-format on */
_Static_assert(countof(in_listen) == CONF_IN_LISTEN, "CONF_IN_LISTEN is not their number");

#undef AT

bool
conf_is_on(const char *value)
{
	return strcmp(value, "on") == 0 || strcmp(value, "yes") == 0 || strcmp(value, "true") == 0;
}

static const char *
check_tls(const char *value)
{
	return conf_is_on(value) && !tls_is_built_in() ?
	    "is not available: this echod was built without OpenSSL" :
	    NULL;
}

static const char *
check_backend(const char *name)
{
	return reactor_check(name, 0) < 0 ? "is not to be had on this system" : NULL;
}

static const char *
check_user(const char *spec)
{
	struct proc_user user;

	return spec[0] != '\0' && proc_find_user(spec, &user) < 0 ?
	    "is not a user, or group, of this system" :
	    NULL;
}

static const char *
check_log(const char *where)
{
	if (strcmp(where, "stderr") == 0 || strcmp(where, "syslog") == 0 ||
	    (strncmp(where, "file:", 5) == 0 && where[5] != '\0'))
		return NULL;
	return "is none of them";
}

static const char *
check_cpus(const char *list)
{
	cpu_set_t set;

	switch (cpus_parse(list, &set)) {
	case 0: return NULL;
	case -ENODEV: return "has a CPU that this process may not use";
	default: return "is none of them";
	}
}

static const char *
check_sandbox(const char *value)
{
	return conf_is_on(value) ? sandbox_lacks() : NULL;
}

static const struct setting *
find(const struct setting *table, size_t n, const char *name)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (strcmp(table[i].name, name) == 0)
			return &table[i];
	return NULL;
}

static const struct setting *
find_global(const char *name)
{
	return find(globals, countof(globals), name);
}

static const struct setting *
find_in_listen(const char *name)
{
	return find(in_listen, countof(in_listen), name);
}

const struct setting *
conf_setting(bool in_section, size_t i)
{
	if (in_section)
		return i < countof(in_listen) ? &in_listen[i] : NULL;
	return i < countof(globals) ? &globals[i] : NULL;
}

const char *
conf_name(bool in_section, size_t i)
{
	const struct setting *s = conf_setting(in_section, i);

	return s != NULL ? s->name : NULL;
}

static const char *
choose(const char *const *choices, const char *value)
{
	for (; *choices != NULL; choices++)
		if (strcmp(*choices, value) == 0)
			return *choices;
	return NULL;
}

static const char *
set_count(const struct setting *s, unsigned *count, const char *value)
{
	if (s->word != NULL && strcmp(value, s->word) == 0) {
		*count = s->word_is;
		return NULL;
	}
	switch (units_count(value, s->min, s->max, count)) {
	case 0: return NULL;
	case -ERANGE: return "is out of range";
	default: return "is not a number";
	}
}

static const char *
set_duration(double *seconds, const char *value)
{
	unsigned n;

	if (units_duration(value, seconds) == 0)
		return NULL;
	return units_count(value, 0, UINT_MAX, &n) == 0 ? "lacks its unit" : "is not a duration";
}

static const char *
set_size(const struct setting *s, unsigned *size, const char *value)
{
	double bytes;

	if (units_size(value, &bytes) < 0 || bytes != floor(bytes))
		return "is not a number of bytes";
	if (bytes < s->min || bytes > s->max)
		return "is out of range";
	*size = (unsigned)bytes;
	return NULL;
}

static const char *
set_choice(const struct setting *s, const char **choice, const char *value)
{
	const char *found = choose(s->choices, value);

	if (found == NULL)
		return "is none of them";
	*choice = found;
	return NULL;
}

static const char *
set_text(char **text, const char *value)
{
	char *copy = strdup(value);

	if (copy == NULL)
		return strerror(ENOMEM);
	free(*text);
	*text = copy;
	return NULL;
}

/* Put value where the setting has its place in base.  What is wrong, or NULL. */
static const char *
set_value(const struct setting *s, void *base, const char *value)
{
	void *place = (char *)base + s->offset;
	const char *wrong;

	if (s->check != NULL && s->type != CHOICE && (wrong = s->check(value)) != NULL)
		return wrong;
	switch (s->type) {
	case COUNT: return set_count(s, place, value);
	case SIZE: return set_size(s, place, value);
	case DURATION: return set_duration(place, value);
	case CHOICE:
		wrong = set_choice(s, place, value);
		return wrong == NULL && s->check != NULL ? s->check(value) : wrong;
	default: return set_text(place, value);
	}
}

/* A word that is one of them, and yet is wrong, cannot be had here. */
static const char *
allowed(const struct setting *s, const char *value)
{
	return s->rest != NULL && choose(s->choices, value) != NULL ? s->rest : s->allowed;
}

int
conf_set(struct conf *conf, struct conf_listen *section, const char *name, const char *value,
    unsigned line, char why[CONF_WHY])
{
	const struct setting *s = section != NULL ? find_in_listen(name) : find_global(name);
	const char *wrong;

	if (s == NULL) {
		conf_unknown(name, section != NULL, why);
		return -EINVAL;
	}
	if ((wrong = set_value(s, section != NULL ? (void *)section : conf, value)) != NULL) {
		snprintf(
		    why, CONF_WHY, "\"%.64s\" %s; allowed: %s", value, wrong, allowed(s, value));
		return -EINVAL;
	}
	if (section == NULL)
		conf->lines[s - globals] = line;
	else
		section->lines[s - in_listen] = line;
	return 0;
}

void
conf_unknown(const char *name, bool in_section, char why[CONF_WHY])
{
	const struct setting *table = in_section ? in_listen : globals;
	size_t i, n = in_section ? countof(in_listen) : countof(globals);

	if (in_section && find_global(name) != NULL) {
		snprintf(why, CONF_WHY, "is a global setting; it stands outside of listen { }");
		return;
	}
	if (!in_section && find_in_listen(name) != NULL) {
		snprintf(why, CONF_WHY, "belongs into a section, listen \"ADDRESS\" { }");
		return;
	}
	for (i = 0; i < n; i++)
		if (typo_distance(name, table[i].name) <= 2) {
			snprintf(why, CONF_WHY, "unknown setting; did you mean %s?", table[i].name);
			return;
		}
	if (!in_section && typo_distance(name, "listen") <= 2) {
		snprintf(why, CONF_WHY, "unknown setting; did you mean listen?");
		return;
	}
	snprintf(why, CONF_WHY, "unknown setting; echod.conf(5) and echod --help list them all");
}

static int
init_listen(struct conf_listen *l)
{
	size_t i;

	*l = (struct conf_listen){ 0 };
	for (i = 0; i < countof(in_listen); i++)
		if (in_listen[i].preset != NULL &&
		    set_value(&in_listen[i], l, in_listen[i].preset) != NULL) {
			conf_clear_listen(l);
			return -ENOMEM;
		}
	return 0;
}

void
conf_clear_listen(struct conf_listen *l)
{
	size_t i;

	for (i = 0; i < countof(in_listen); i++)
		if (in_listen[i].type == TEXT)
			free(*(char **)((char *)l + in_listen[i].offset));
	access_close(&l->access);
	tls_server_free(l->tls_server);
	free(l->text);
	*l = (struct conf_listen){ 0 };
}

static void
free_listen(struct conf_listen *l)
{
	conf_clear_listen(l);
	free(l);
}

int
conf_add_listen(struct conf *conf, const char *address, char why[CONF_WHY])
{
	struct conf_listen *l, **grown;
	const char *wrong;
	size_t i;
	int n;

	for (i = 0; i < conf->nlistens; i++)
		if (strcmp(conf->listens[i]->text, address) == 0) {
			snprintf(why, CONF_WHY, "\"%.64s\" is given twice", address);
			return -EINVAL;
		}
	snprintf(why, CONF_WHY, "%s", strerror(ENOMEM));
	if ((l = malloc(sizeof(*l))) == NULL || init_listen(l) < 0) {
		free(l);
		return -ENOMEM;
	}
	l->passed = strncmp(address, "fd:", 3) == 0;
	n = l->passed ? activation_check(address + 3, &wrong) :
			net_parse(address, l->addrs, CONF_ADDRS, &wrong);
	if (n < 0) {
		snprintf(
		    why, CONF_WHY, "\"%.64s\" is not an address to listen on: %s", address, wrong);
		free_listen(l);
		return n;
	}
	l->naddrs = (size_t)n;
	grown = realloc(conf->listens, (conf->nlistens + 1) * sizeof(struct conf_listen *));
	if (grown != NULL)
		conf->listens = grown;
	if (grown == NULL || (l->text = strdup(address)) == NULL) {
		free_listen(l);
		return -ENOMEM;
	}
	conf->listens[conf->nlistens++] = l;
	return 0;
}

void
conf_drop_listens(struct conf *conf)
{
	while (conf->nlistens > 0)
		free_listen(conf->listens[--conf->nlistens]);
	free(conf->listens);
	conf->listens = NULL;
}

int
conf_init(struct conf *conf)
{
	static const struct activation nothing;
	size_t i;

	*conf = (struct conf){ .activation = &nothing };
	for (i = 0; i < countof(globals); i++)
		if (set_value(&globals[i], conf, globals[i].preset) != NULL) {
			conf_free(conf);
			return -ENOMEM;
		}
	return 0;
}

void
conf_free(struct conf *conf)
{
	size_t i;

	conf_drop_listens(conf);
	for (i = 0; i < countof(globals); i++)
		if (globals[i].type == TEXT)
			free(*(char **)((char *)conf + globals[i].offset));
	free(conf->path);
	*conf = (struct conf){ 0 };
}

bool
conf_is_from_file(const struct conf *conf, const char *name)
{
	return conf->lines[find_global(name) - globals] != 0;
}

int
conf_complain(const struct conf *conf, FILE *err, const char *name, const char *why)
{
	unsigned line = conf->lines[find_global(name) - globals];

	if (line != 0)
		fprintf(err, "%s:%u: %s: %s\n", conf->path, line, name, why);
	else
		fprintf(err, "echod: %s: %s\n", name, why);
	return -EINVAL;
}

bool
conf_says(const struct conf_listen *l, const char *name)
{
	return l->lines[find_in_listen(name) - in_listen] != 0;
}

void
conf_complain_in_listen(const struct conf *conf, const struct conf_listen *l, FILE *err,
    const char *name, const char *why)
{
	unsigned line = l->lines[find_in_listen(name) - in_listen];

	/* What is not set is wrong because of what is. */
	if (line == 0)
		line = l->lines[find_in_listen("tls") - in_listen];
	fprintf(err, "%s:%u: %s: %s\n", conf->path, line, name, why);
}

enum log_level
conf_log_level(const struct conf *conf)
{
	int level = 0;

	while (log_levels[level] != NULL && log_levels[level] != conf->log_level)
		level++;
	return (enum log_level)level;
}

/* SPDX-License-Identifier: ISC */
/*
 * conf_check.c -- whether settings that are good can be had on this system, and what
 * they come to: addresses by default, workers, room for connections.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "conf.h"
#include "cpus.h"
#include "net.h"
#include "proc.h"
#include "reactor.h"

#define AUTO_CONNECTIONS 10000
#define OWN_DESCRIPTORS 32 /* log, signals, event loop, some to spare */

static int
add_default_listens(struct conf *conf, FILE *err)
{
	const struct activation *a = conf->activation;
	char why[CONF_WHY], text[CONF_WHY];
	size_t i;
	int rc = 0;

	for (i = 0; i < a->n && rc == 0; i++) {
		if (activation_next(a, a->all[i].name, NULL) != &a->all[i])
			continue; /* one section has all of that name */
		snprintf(text, sizeof(text), "fd:%s", a->all[i].name);
		rc = conf_add_listen(conf, text, why);
	}
	if (conf->nlistens > 0 && rc == 0)
		return 0;
	if (rc == 0 && conf_add_listen(conf, "127.0.0.1:7007", why) == 0 &&
	    (!net_has_ipv6() || conf_add_listen(conf, "[::1]:7007", why) == 0))
		return 0;
	fprintf(err, "echod: %s\n", why);
	return -ENOMEM;
}

/* How many connections fit: under the limit of descriptors, and the backend's. */
static int
make_room(struct conf *conf, FILE *err)
{
	unsigned wanted = conf->max_connections != 0 ? conf->max_connections : AUTO_CONNECTIONS;
	unsigned own = OWN_DESCRIPTORS, addresses = 0, limit;
	char why[CONF_WHY];
	size_t i;

	for (i = 0; i < conf->nlistens; i++)
		addresses += (unsigned)conf->listens[i]->naddrs;
	/* The supervisor has all sockets of two generations, and the lines to workers. */
	own += addresses + conf->nworkers * 2 * (addresses + 1) + (unsigned)conf->activation->n;
	limit = proc_raise_files(wanted + own, conf->max_connections != 0);
	if (limit < wanted + own && conf->max_connections != 0) {
		snprintf(why, sizeof(why),
		    "%u connections need %u descriptors, and the limit is "
		    "%u; raise it (ulimit -n, LimitNOFILE=) or ask for less",
		    wanted, wanted + own, limit);
		return conf_complain(conf, err, "max-connections", why);
	}
	if (limit < own + 1) {
		snprintf(why, sizeof(why),
		    "the limit of %u descriptors leaves no room for a "
		    "connection; it has to be %u at least (ulimit -n, LimitNOFILE=)",
		    limit, own + 1);
		return conf_complain(conf, err, "max-connections", why);
	}
	conf->room = limit - own < wanted ? limit - own : wanted;
	conf->max_fd = conf->room + own - 1;
	if (reactor_check(conf->backend, conf->max_fd) < 0) {
		snprintf(why, sizeof(why),
		    "%s cannot watch %u descriptors on this system; ask "
		    "for less (max-connections) or for another backend",
		    conf->backend, conf->max_fd + 1);
		return conf_complain(conf, err, "backend", why);
	}
	return 0;
}

int
conf_check(struct conf *conf, FILE *err)
{
	size_t i;
	int rc;

	if (conf->nlistens == 0 && add_default_listens(conf, err) < 0)
		return EX_OSERR;
	for (i = 0; i < conf->nlistens; i++) {
		struct conf_listen *l = conf->listens[i];

		if (l->backlog == 0)
			l->backlog = conf->backlog;
		if (l->kernel_buffers == NULL)
			l->kernel_buffers = conf->kernel_buffers;
	}
	conf->nworkers = conf->workers == CONF_WORKERS_AUTO ? cpus_usable() : conf->workers;
	if (conf->nworkers > CONF_WORKERS)
		conf->nworkers = CONF_WORKERS;
	if (conf->nworkers == 0 && conf_is_on(conf->sandbox)) {
		conf_complain(conf, err, "sandbox",
		    "on needs workers; a process alone opens files and sockets when it reloads");
		return conf_is_from_file(conf, "sandbox") ? EX_CONFIG : EX_USAGE;
	}
	/* All of them, for all that is wrong is to be said. */
	rc = conf_open_access(conf, err);
	if (conf_open_tls(conf, err) < 0)
		rc = -EINVAL;
	return make_room(conf, err) < 0 || rc < 0 ? EX_CONFIG : 0;
}

/* SPDX-License-Identifier: ISC */
/*
 * conf_access.c -- the settings that say who may connect to a listen section.
 */
#include <errno.h>
#include <string.h>

#include "conf.h"

/* What a section does not say is what the global setting says. */
static int
inherit(char **list, const char *global)
{
	if (*list == NULL)
		*list = strdup(global);
	return *list != NULL ? 0 : -ENOMEM;
}

static bool
is_unix(const struct conf_listen *l)
{
	return l->addrs[0].sa.sa_family == AF_UNIX;
}

static int
complain_of_unix(const struct conf *conf, const struct conf_listen *l, FILE *err, const char *name)
{
	conf_complain_in_listen(conf, l, err, name,
	    "who connects to a unix socket has no address; see to it by the permissions of its "
	    "directory");
	return -EINVAL;
}

/* A list that is meant for others, global, does no harm; one of its own is a mistake. */
static int
check_unix(const struct conf *conf, const struct conf_listen *l, FILE *err)
{
	int rc = 0;

	if (l->allow != NULL && l->allow[0] != '\0')
		rc = complain_of_unix(conf, l, err, "allow");
	if (l->deny != NULL && l->deny[0] != '\0')
		rc = complain_of_unix(conf, l, err, "deny");
	return rc;
}

int
conf_open_access(struct conf *conf, FILE *err)
{
	int rc = 0;
	size_t i;

	for (i = 0; i < conf->nlistens; i++) {
		struct conf_listen *l = conf->listens[i];
		const bool has_peers = !is_unix(l);

		access_close(&l->access);
		if (!has_peers && check_unix(conf, l, err) < 0)
			rc = -EINVAL;
		if (inherit(&l->allow, has_peers ? conf->allow : "") < 0 ||
		    inherit(&l->deny, has_peers ? conf->deny : "") < 0 ||
		    access_open(&l->access, l->allow, l->deny) < 0) {
			fprintf(err, "echod: %s\n", strerror(ENOMEM));
			rc = -ENOMEM;
		}
	}
	return rc;
}

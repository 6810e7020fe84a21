/* SPDX-License-Identifier: ISC */
/*
 * conf_tls.c -- the settings of listen sections that are about TLS: load what they
 * name, all or nothing.
 */
#include <errno.h>
#include <string.h>
#include <time.h>

#include "conf.h"
#include "tls.h"

#define DAY 86400
#define DAYS_TO_RENEW 30

/* Whose complaints these are. */
struct place {
	const struct conf *conf;
	const struct conf_listen *listen;
	FILE *err;
};

static void
complain(void *arg, const char *setting, const char *why)
{
	const struct place *at = arg;

	conf_complain_in_listen(at->conf, at->listen, at->err, setting, why);
}

static enum tls_verify
verify_of(const char *word)
{
	if (strcmp(word, "required") == 0)
		return TLS_VERIFY_REQUIRED;
	return strcmp(word, "optional") == 0 ? TLS_VERIFY_OPTIONAL : TLS_VERIFY_OFF;
}

static struct tls_server *
load(struct conf_listen *l, struct place *at)
{
	const struct tls_server_settings settings = {
		.certificate = l->certificate,
		.key = l->key,
		.tls_min = l->tls_min,
		.ciphers = l->ciphers,
		.ciphersuites = l->ciphersuites,
		.groups = l->groups,
		.tickets = conf_is_on(l->tickets),
		.client_ca = l->client_ca,
		.client_verify = verify_of(l->client_verify),
	};

	return tls_server_new(&settings, complain, at);
}

int
conf_open_tls(struct conf *conf, FILE *err)
{
	size_t i;
	int rc = 0;

	for (i = 0; i < conf->nlistens; i++) {
		struct conf_listen *l = conf->listens[i];
		struct place at = { .conf = conf, .listen = l, .err = err };

		/* Who names authorities wants clients to be asked, unless it says otherwise. */
		if (l->client_ca[0] != '\0' && !conf_says(l, "client-verify"))
			l->client_verify = "optional";
		tls_server_free(l->tls_server);
		l->tls_server = NULL;
		if (conf_is_on(l->tls) && (l->tls_server = load(l, &at)) == NULL)
			rc = -EINVAL;
	}
	return rc;
}

bool
conf_has_tls(const struct conf *conf)
{
	size_t i;

	for (i = 0; i < conf->nlistens; i++)
		if (conf->listens[i]->tls_server != NULL)
			return true;
	return false;
}

void
conf_use_tickets(const struct conf *conf, struct tickets *tickets)
{
	size_t i;

	for (i = 0; i < conf->nlistens; i++)
		if (conf->listens[i]->tls_server != NULL)
			tls_server_use_tickets(conf->listens[i]->tls_server, tickets);
}

static int
days_left(const struct conf_listen *l)
{
	return (int)((tls_server_end(l->tls_server) - time(NULL)) / DAY);
}

bool
conf_is_to_be_renewed(const struct conf_listen *l)
{
	return days_left(l) < DAYS_TO_RENEW;
}

bool
conf_print_end(char text[CONF_WHY], const struct conf_listen *l)
{
	time_t end = tls_server_end(l->tls_server);
	int link = tls_server_broken_link(l->tls_server);
	FILE *f = fmemopen(text, CONF_WHY, "w");
	char date[16];
	struct tm tm;

	if (f == NULL) {
		snprintf(text, CONF_WHY, "the certificate of %.128s: %s", l->text, strerror(errno));
		return true;
	}
	strftime(date, sizeof(date), "%Y-%m-%d", gmtime_r(&end, &tm));
	if (end <= time(NULL))
		fprintf(f, "the certificate of %.128s has ended on %s", l->text, date);
	else
		fprintf(f, "the certificate of %.128s ends in %d days, on %s", l->text,
		    days_left(l), date);
	if (conf_is_to_be_renewed(l))
		fputs("; it is time to renew it", f);
	if (link > 0)
		fprintf(f,
		    "; clients may not believe it: certificate %d has not issued "
		    "certificate %d in %s",
		    link + 1, link, l->certificate);
	fclose(f);
	text[CONF_WHY - 1] = '\0';
	return link > 0 || conf_is_to_be_renewed(l);
}

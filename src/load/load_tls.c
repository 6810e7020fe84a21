/* SPDX-License-Identifier: ISC */
/*
 * load_tls.c -- see load_tls.h.
 */
#include <stdio.h>
#include <string.h>

#include "load_help.h"
#include "load_tls.h"
#include "units.h"

static int
take_version(const char *option, const char *text, const char **version)
{
	if (strcmp(text, "1.2") != 0 && strcmp(text, "1.3") != 0)
		return load_help_wrong(option, text, "1.2 or 1.3");
	*version = text;
	return -1;
}

/* "off", "on" or a percentage. */
static int
take_resume(struct load_tls *t, const char *text)
{
	char number[16];
	size_t n = strlen(text);

	t->resume = strcmp(text, "on") == 0 ? 100 : 0;
	if (t->resume > 0 || strcmp(text, "off") == 0)
		return -1;
	if (n > 1 && n < sizeof(number) && text[n - 1] == '%') {
		memcpy(number, text, n - 1);
		number[n - 1] = '\0';
		if (units_count(number, 0, 100, &t->resume) == 0)
			return -1;
	}
	return load_help_wrong("--tls-resume", text, "on, off or a percentage as 80%");
}

int
load_tls_take(struct load_tls *t, int option, const char *arg)
{
	struct tls_connector_settings *s = &t->settings;

	switch (option) {
	case LOAD_TLS_ALL: t->all = true; return -1;
	case LOAD_TLS_INSECURE: s->insecure = true; return -1;
	case LOAD_TLS_CAFILE: s->cafile = arg; return -1;
	case LOAD_TLS_CERT: s->cert = arg; return -1;
	case LOAD_TLS_KEY: s->key = arg; return -1;
	case LOAD_TLS_SNI: t->sni = arg; return -1;
	case LOAD_TLS_ALPN: s->alpn = arg; return -1;
	case LOAD_TLS_MIN: return take_version("--tls-min", arg, &s->min);
	case LOAD_TLS_MAX: return take_version("--tls-max", arg, &s->max);
	case LOAD_TLS_CIPHERS: s->ciphers = arg; return -1;
	case LOAD_TLS_CIPHERSUITES: s->ciphersuites = arg; return -1;
	case LOAD_TLS_GROUPS: s->groups = arg; return -1;
	case LOAD_TLS_RESUME: return take_resume(t, arg);
	default: s->keylog = arg; return -1;
	}
}

/* "[::1]:7" is ::1, "host:7" is host, and a unix socket has no name. */
void
load_tls_target(struct load_tls *t, unsigned n, const char *host, bool on)
{
	const char *end = strrchr(host, ':');
	size_t len = end != NULL ? (size_t)(end - host) : strlen(host);

	t->places[n].tls = on;
	if (host[0] == '[') {
		host++;
		len = strcspn(host, "]");
	} else if (strncmp(host, "unix:", 5) == 0) {
		len = 0;
	}
	snprintf(t->places[n].name, sizeof(t->places[n].name), "%.*s", (int)len, host);
}

int
load_tls_complete(struct load_tls *t, unsigned ntargets)
{
	const struct tls_connector_settings *s = &t->settings;
	unsigned i;

	for (i = 0; i < ntargets; i++) {
		t->places[i].tls |= t->all;
		t->any |= t->places[i].tls;
		if (t->sni != NULL)
			snprintf(t->places[i].name, sizeof(t->places[i].name), "%s", t->sni);
	}
	if (!t->any && t->resume > 0)
		return load_help_wrong(
		    "--tls-resume", "on", "it only with TLS, as tls://HOST:PORT");
	if (s->key != NULL && s->cert == NULL)
		return load_help_wrong("--key", s->key, "--cert with it");
	if (s->min != NULL && s->max != NULL && strcmp(s->min, s->max) > 0)
		return load_help_wrong("--tls-max", s->max, "no less than --tls-min");
	return -1;
}

static void
complain(void *arg, const char *setting, const char *why)
{
	(void)arg;
	fprintf(stderr, "echoload: --%s: %s\n", setting, why);
}

struct tls_connector *
load_tls_open(const struct load_tls *t)
{
	return tls_connector_new(&t->settings, complain, NULL);
}

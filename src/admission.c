/* SPDX-License-Identifier: ISC */
/*
 * admission.c -- see admission.h.
 */
#include <errno.h>
#include <string.h>

#include "admission.h"

#define WHOLE (1 - 1e-6) /* a token, but for what adding up has lost */

void
admission_open(struct admission *a, struct stats *stats, struct sources *sources,
    struct admission_limits *limits)
{
	*a = (struct admission){ .stats = stats, .sources = sources, .limits = limits };
}

bool
admission_wants_peer(const struct conf *conf, const struct conf_listen *section, sa_family_t family)
{
	return (family == AF_INET || family == AF_INET6) &&
	    (conf->max_per_source > 0 || section->access.n > 0);
}

static bool
refuse_denied(struct admission *a, const struct conf_listen *section, const struct net_addr *peer)
{
	char text[NET_TEXT];

	net_print(text, peer);
	a->stats->refused[REFUSED_DENIED]++;
	log_info_limited(&a->limits->denied, "refused %s: it may not connect to %s (allow, deny)",
	    text, section->text);
	return false;
}

static bool
refuse_source(struct admission *a, const struct conf *conf, const struct net_addr *peer, int error)
{
	char text[NET_TEXT];

	net_print(text, peer);
	if (error == -EDQUOT) {
		a->stats->refused[REFUSED_SOURCE]++;
		log_warn_limited(&a->limits->source,
		    "refused %s: its source has %u connections already (max-per-source)", text,
		    conf->max_per_source);
	} else {
		a->stats->refused[REFUSED_MEMORY]++;
		log_warn_limited(&a->limits->memory, "refused %s: %s", text, strerror(-error));
	}
	return false;
}

static bool
refuse_rate(struct admission *a, const struct conf *conf)
{
	a->stats->refused[REFUSED_RATE]++;
	log_warn_limited(&a->limits->rate,
	    "refused a connection: more than %u a second (accept-rate)", conf->accept_rate);
	return false;
}

static bool
is_in_time(struct admission *a, const struct conf *conf, double now)
{
	if (conf->accept_rate == 0)
		return true;
	if (bucket_has(&a->accepts, conf->accept_rate, now) < WHOLE)
		return false;
	bucket_take(&a->accepts, 1, conf->accept_rate, now);
	return true;
}

bool
admission_grants(struct admission *a, const struct conf *conf, const struct conf_listen *section,
    const struct net_addr *peer, double now, struct source **source)
{
	int rc;

	*source = NULL;
	if (peer != NULL && !access_admits(&section->access, peer))
		return refuse_denied(a, section, peer);
	if (peer != NULL && conf->max_per_source > 0 &&
	    (rc = sources_enter(a->sources, peer, conf->max_per_source, source)) < 0)
		return refuse_source(a, conf, peer, rc);
	if (is_in_time(a, conf, now))
		return true;
	if (*source != NULL)
		sources_leave(a->sources, *source);
	*source = NULL;
	return refuse_rate(a, conf);
}

/* SPDX-License-Identifier: ISC */
/*
 * load_tls.h -- what the command line of echoload says about TLS.
 */
#ifndef LOAD_TLS_H
#define LOAD_TLS_H

#include <getopt.h>

#include "load.h"
#include "tls_connect.h"

/* Options without a letter; load_options.c's are below. */
enum {
	LOAD_TLS_ALL = 512,
	LOAD_TLS_CAFILE,
	LOAD_TLS_CERT,
	LOAD_TLS_KEY,
	LOAD_TLS_SNI,
	LOAD_TLS_ALPN,
	LOAD_TLS_MIN,
	LOAD_TLS_MAX,
	LOAD_TLS_CIPHERS,
	LOAD_TLS_CIPHERSUITES,
	LOAD_TLS_GROUPS,
	LOAD_TLS_RESUME,
	LOAD_TLS_KEYLOG,
	LOAD_TLS_INSECURE = 'k'
};

/* clang-format off */
#define LOAD_TLS_OPTIONS \
	{ "tls", no_argument, NULL, LOAD_TLS_ALL }, \
	{ "insecure", no_argument, NULL, LOAD_TLS_INSECURE }, \
	{ "cafile", required_argument, NULL, LOAD_TLS_CAFILE }, \
	{ "cert", required_argument, NULL, LOAD_TLS_CERT }, \
	{ "key", required_argument, NULL, LOAD_TLS_KEY }, \
	{ "sni", required_argument, NULL, LOAD_TLS_SNI }, \
	{ "alpn", required_argument, NULL, LOAD_TLS_ALPN }, \
	{ "tls-min", required_argument, NULL, LOAD_TLS_MIN }, \
	{ "tls-max", required_argument, NULL, LOAD_TLS_MAX }, \
	{ "ciphers", required_argument, NULL, LOAD_TLS_CIPHERS }, \
	{ "ciphersuites", required_argument, NULL, LOAD_TLS_CIPHERSUITES }, \
	{ "groups", required_argument, NULL, LOAD_TLS_GROUPS }, \
	{ "tls-resume", required_argument, NULL, LOAD_TLS_RESUME }, \
	{ "keylog", required_argument, NULL, LOAD_TLS_KEYLOG }
/* clang-format on */

struct load_tls {
	struct tls_connector_settings settings;
	bool all;        /* every target, whatever its scheme */
	bool any;        /* there is one */
	const char *sni; /* instead of the target's name */
	unsigned resume; /* handshakes that try to go on with a session, percent */
	struct load_place places[TLS_PLACES]; /* of each target */
};

/* -1: go on; else the code to exit with. */
int load_tls_take(struct load_tls *, int option, const char *arg);

/* The n-th target is of that host, and speaks TLS if its scheme says so. */
void load_tls_target(struct load_tls *, unsigned n, const char *host, bool on);

/* All is known.  -1: go on; else the code to exit with. */
int load_tls_complete(struct load_tls *, unsigned ntargets);

/* What connects.  NULL: what is wrong has been said. */
struct tls_connector *load_tls_open(const struct load_tls *);

#endif

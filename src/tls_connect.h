/* SPDX-License-Identifier: ISC */
/*
 * tls_connect.h -- the client's end of TLS connections: whom to believe, what to
 * speak, and sessions that are gone on with.
 */
#ifndef TLS_CONNECT_H
#define TLS_CONNECT_H

#include "tls.h"

#define TLS_PLACES 64 /* servers whose sessions are kept apart */

struct tls_connector;

/* NULL or an empty text stands for the default. */
struct tls_connector_settings {
	bool insecure;            /* believe anybody */
	const char *cafile;       /* whom to believe, PEM; default: the system's */
	const char *cert, *key;   /* of our own, PEM */
	const char *alpn;         /* "echo,h2" */
	const char *min, *max;    /* "1.2", "1.3" */
	const char *ciphers;      /* of TLS 1.2, in OpenSSL's words */
	const char *ciphersuites; /* of TLS 1.3 */
	const char *groups;
	const char *keylog; /* a file to which the secrets are added, for Wireshark */
};

/* NULL, after at least one complaint; its settings are named as above. */
struct tls_connector *tls_connector_new(
    const struct tls_connector_settings *, tls_complain_fn *complain, void *arg);
void tls_connector_free(struct tls_connector *);

/*
 * The client's end of a new connection, for stream_open_tls(); NULL: no memory.
 * place is below TLS_PLACES.  name, a host or an address, is what the certificate has
 * to be for and, a host, what the server is told (SNI).  resume: go on with the last
 * session with this place, if there was one.
 */
struct ssl_st *tls_connect(struct tls_connector *, unsigned place, const char *name, bool resume);

#endif

/* SPDX-License-Identifier: ISC */
/*
 * tls.h -- what the ends of TLS connections have in common: certificate and key,
 * versions, ciphers, and who is believed.
 *
 * All of an address's connections share one of these.  It is never changed: to change
 * anything is to make another one, and those connected keep the old one alive.
 */
#ifndef TLS_H
#define TLS_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#define TLS_WHY 256 /* bytes that hold a message */

struct ssl_ctx_st;
struct ssl_st;
struct tickets;
struct tls_server;

enum tls_verify { TLS_VERIFY_OFF, TLS_VERIFY_OPTIONAL, TLS_VERIFY_REQUIRED };

/* The names are those of the settings.  An empty text stands for the default. */
struct tls_server_settings {
	const char *certificate, *key; /* paths, PEM */
	const char *tls_min;           /* "1.2" or "1.3" */
	const char *ciphers;           /* of TLS 1.2, in OpenSSL's words */
	const char *ciphersuites;      /* of TLS 1.3 */
	const char *groups;
	bool tickets;
	const char *client_ca;
	enum tls_verify client_verify;
};

/* Is told each thing that is wrong, and with which setting. */
typedef void tls_complain_fn(void *arg, const char *setting, const char *why);

/* NULL, after at least one complaint; all that can be found in one go. */
struct tls_server *tls_server_new(
    const struct tls_server_settings *, tls_complain_fn *complain, void *arg);
void tls_server_free(struct tls_server *);

/*
 * Seal session tickets with these keys, which have to stay.  Without it they have
 * keys of the context's own, which no other process and no later context knows.
 */
void tls_server_use_tickets(struct tls_server *, struct tickets *);

/* When the first certificate of its chain ends. */
time_t tls_server_end(const struct tls_server *);

/* The first of its chain, from 1, that the next one has not issued, or 0. */
int tls_server_broken_link(const struct tls_server *);

/* The server's end of a new connection, for stream_open_tls(); NULL: no memory. */
struct ssl_st *tls_accept(struct tls_server *);

/* How stream_tls.c wants a context to be; for those who make one. */
void tls_set_modes(struct ssl_ctx_st *);

/* "3.0.0", of OpenSSL, or that there is none. */
const char *tls_version(void);
bool tls_is_built_in(void);

#endif

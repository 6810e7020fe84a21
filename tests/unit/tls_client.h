/* SPDX-License-Identifier: ISC */
/*
 * tls_client.h -- a TLS client that keeps to a script, for the peers of script.h.
 *
 * Its bytes travel through memory: what it says becomes the steps of its peer's
 * recv(), cut as its schedule says, and what the peer got is what it hears.  And the
 * certificates it needs, made on the spot.
 */
#ifndef TLS_CLIENT_H
#define TLS_CLIENT_H

#include <openssl/ssl.h>

#include "script.h"

/* How bytes come and go: pieces of in bytes, a wall before each; 0: in one piece. */
struct schedule {
	size_t in, out; /* bytes that recv() gives, send() takes, at once */
	bool walls;     /* EAGAIN before each piece */
};

struct tls_client {
	SSL *ssl;
	BIO *in, *out;
	struct peer *peer;
	struct reactor *reactor;
	struct schedule schedule;
	char *queue;          /* what it has said, and has not been read */
	size_t queued, heard; /* bytes: of queue, and of peer->got */
	bool ends;            /* a FIN after what it has to say */
};

/* version: TLS1_2_VERSION or TLS1_3_VERSION.  session: to resume, or NULL. */
void tls_client_open(
    struct tls_client *, struct peer *, struct reactor *, int version, SSL_SESSION *session);
void tls_client_close(struct tls_client *);

/* Let all it has to say be heard, and hear all there is. */
void tls_client_talk(struct tls_client *);

/* The handshake, to its end. */
void tls_client_shake(struct tls_client *);

/* These are the next bytes that come back. */
void tls_client_hears(struct tls_client *, const char *bytes, size_t len);

/* Write len bytes and read as many back, which have to be the same. */
void tls_client_echo(struct tls_client *, const char *bytes, size_t len);

/* Bytes of no client. */
void tls_client_say(struct tls_client *, const void *bytes, size_t len);

/* Files NAME.crt and NAME.key in a directory, good for an hour. */
void tls_client_make_pair(const char *directory, const char *name);

#endif

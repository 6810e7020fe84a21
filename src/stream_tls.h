/* SPDX-License-Identifier: ISC */
/*
 * stream_tls.h -- a stream through OpenSSL.
 *
 * A connection over TLS has a handshake first, stream_handshake(), and then is a
 * stream like any other: its end is the peer's close_notify, its goodbye ours.
 * Whatever a peer does, a call costs no more than some 64 KiB of its bytes.
 */
#ifndef STREAM_TLS_H
#define STREAM_TLS_H

#include "stats.h"
#include "stream.h"

#define STREAM_TLS_TEXT 512 /* bytes that hold a description */

struct ssl_st;

/*
 * As stream_open(), over a session as tls_accept() and tls_connect() make it, NULL
 * being one there was no memory for.  The session is this function's in any case;
 * the descriptor, on failure, the caller's.
 */
int stream_open_tls(struct stream *, struct reactor *, int fd, struct ssl_st *, io_fn *);

void stream_tls_drop(struct ssl_st *); /* a session that got no stream; NULL is fine */

/* Once the handshake is done: whether it went on from an earlier session. */
bool stream_tls_resumed(const struct stream *);

/* Once it has failed: why, and in OpenSSL's words, of static storage. */
enum stats_handshake stream_tls_failure(const struct stream *, const char **words);

/* What both ends have agreed upon, once the handshake is done. */
struct stream_tls_agreed {
	char version[16], cipher[48], group[24];
};

void stream_tls_agreed(const struct stream *, struct stream_tls_agreed *);

/* Version, cipher, and what the peer says it is, made fit for a log line. */
void stream_tls_describe(char text[STREAM_TLS_TEXT], const struct stream *);

#endif

/* SPDX-License-Identifier: ISC */
/*
 * tls_rehearse.h -- a handshake of a context with itself, before it has any peer.
 *
 * It shows that certificate, ciphers and groups go together and that there are random
 * numbers, while there is still somebody to tell.  And OpenSSL looks up algorithms when
 * they are first used, and if that fails, for want of memory say, for good: so they are
 * used once before they are needed.
 */
#ifndef TLS_REHEARSE_H
#define TLS_REHEARSE_H

#include <stdbool.h>

#define TLS_REHEARSE_WHY 128 /* bytes that hold a reason */

struct ssl_ctx_st;

/*
 * In memory, by one version (TLS1_3_VERSION).  The context is one of TLS_method(), so
 * that it can be both ends; groups is the list that it was given.  Returns whether it
 * came to an end; if not, why has what OpenSSL said.
 */
bool tls_rehearse(struct ssl_ctx_st *, const char *groups, int version, char why[TLS_REHEARSE_WHY]);

#endif

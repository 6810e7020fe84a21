/* SPDX-License-Identifier: ISC */
/*
 * tls_rehearse.c -- see tls_rehearse.h.
 */
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <string.h>

#include "tls_rehearse.h"

#define FLIGHTS 1000 /* more than a chain of 1 MiB takes through BIOs of 17 KiB */
#define NAME 64      /* bytes that hold the name of a curve */

/* One end of it; neither asks who the other is.  NULL: no memory. */
static SSL *
end_of(SSL_CTX *ctx, int version, BIO *bio)
{
	SSL *ssl = SSL_new(ctx);

	if (ssl == NULL || SSL_set_min_proto_version(ssl, version) != 1 ||
	    SSL_set_max_proto_version(ssl, version) != 1) {
		SSL_free(ssl);
		BIO_free(bio);
		return NULL;
	}
	SSL_set_verify(ssl, SSL_VERIFY_NONE, NULL);
	SSL_set_bio(ssl, bio, bio);
	return ssl;
}

/*
 * What a client offers are the curves of the key exchange and, by TLS 1.2, of certificates.
 * Ours are of the key exchange only, so as a client we also offer that of our certificate.
 * If that is one of ours, the list has it twice; OpenSSL refuses it, and keeps the old one.
 */
static void
offer_curve(SSL *client, const char *groups)
{
	EVP_PKEY *key = X509_get0_pubkey(SSL_get_certificate(client));
	char curve[NAME], all[1024];
	size_t len;

	if (EVP_PKEY_get_group_name(key, curve, sizeof(curve), &len) == 1) {
		snprintf(all, sizeof(all), "%s:%s", groups, curve);
		SSL_set1_groups_list(client, all);
	}
	ERR_clear_error(); /* of keys that have no curve, too */
}

static bool
goes_on(SSL *ssl)
{
	int rc = SSL_do_handshake(ssl), error = SSL_get_error(ssl, rc);

	return rc == 1 || error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE;
}

static bool
shake_hands(SSL *client, SSL *server)
{
	int i;

	SSL_set_connect_state(client);
	SSL_set_accept_state(server);
	for (i = 0; i < FLIGHTS && goes_on(client) && goes_on(server); i++)
		if (SSL_is_init_finished(client) && SSL_is_init_finished(server))
			return true;
	return false;
}

bool
tls_rehearse(struct ssl_ctx_st *ctx, const char *groups, int version, char why[TLS_REHEARSE_WHY])
{
	SSL *client = NULL, *server = NULL;
	BIO *near, *far;
	const char *reason;
	bool good;

	ERR_clear_error();
	if (BIO_new_bio_pair(&near, 0, &far, 0) == 1) {
		client = end_of(ctx, version, near);
		server = end_of(ctx, version, far);
	}
	if (client != NULL)
		offer_curve(client, groups);
	good = client != NULL && server != NULL && shake_hands(client, server);
	if (!good) {
		/* The first is the cause, what follows is what came of it. */
		reason = ERR_reason_error_string(ERR_peek_error());
		snprintf(why, TLS_REHEARSE_WHY, "%s",
		    reason != NULL ? reason : "OpenSSL does not say why");
	}
	SSL_free(client);
	SSL_free(server);
	ERR_clear_error();
	return good;
}

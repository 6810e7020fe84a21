/* SPDX-License-Identifier: ISC */
/*
 * tls_client.c -- see tls_client.h.
 */
#include <sys/stat.h>
#include <errno.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>

#include "tls_client.h"
#include "unit.h"

#define MANY 100000

static SSL_CTX *ctx;

void
tls_client_open(
    struct tls_client *c, struct peer *peer, struct reactor *r, int version, SSL_SESSION *session)
{
	*c = (struct tls_client){ .peer = peer, .reactor = r };
	if (ctx == NULL) {
		ctx = SSL_CTX_new(TLS_client_method());
		SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_CLIENT);
	}
	assert_non_null(c->ssl = SSL_new(ctx));
	SSL_set_min_proto_version(c->ssl, version);
	SSL_set_max_proto_version(c->ssl, version);
	c->in = BIO_new(BIO_s_mem());
	c->out = BIO_new(BIO_s_mem());
	BIO_set_mem_eof_return(c->in, -1);
	SSL_set_bio(c->ssl, c->in, c->out);
	SSL_set_connect_state(c->ssl);
	if (session != NULL)
		assert_int_equal(SSL_set_session(c->ssl, session), 1);
}

void
tls_client_close(struct tls_client *c)
{
	if (c->ssl != NULL) /* or its session would not be resumed any more */
		SSL_set_shutdown(c->ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
	SSL_free(c->ssl);
	free(c->queue);
	*c = (struct tls_client){ 0 };
}

static void
hear(struct tls_client *c)
{
	if (c->peer->ngot > c->heard)
		BIO_write(c->in, c->peer->got + c->heard, (int)(c->peer->ngot - c->heard));
	c->heard = c->peer->ngot;
	/* It is large, but not endless. */
	if (c->heard > sizeof(c->peer->got) / 2)
		c->heard = c->peer->ngot = 0;
}

/* As many pieces of the queue as there are steps for. */
static void
cut_in(struct tls_client *c)
{
	struct step *s = c->peer->recv, *end = s + SCRIPT_STEPS - 2;
	size_t done = 0, n;

	memset(c->peer->recv, 0, sizeof(c->peer->recv));
	c->peer->at_recv = c->peer->used_recv = 0;
	while (done < c->queued && s < end) {
		n = c->queued - done;
		if (c->schedule.in != 0 && c->schedule.in < n)
			n = c->schedule.in;
		if (c->schedule.walls)
			*s++ = (struct step)FAIL(EAGAIN);
		*s++ = (struct step){ .what = GO, .bytes = c->queue + done, .n = n };
		done += n;
	}
	if (done == c->queued && c->ends)
		*s = (struct step)RECV_EOF;
}

static void
cut_out(struct tls_client *c)
{
	struct step *s = c->peer->send, *end = s + SCRIPT_STEPS - 1;

	if (c->schedule.out == 0)
		return;
	memset(c->peer->send, 0, sizeof(c->peer->send));
	c->peer->at_send = c->peer->used_send = 0;
	while (s < end - 1) {
		if (c->schedule.walls)
			*s++ = (struct step)FAIL(EAGAIN);
		*s++ = (struct step)SEND(c->schedule.out);
	}
}

/* Play, and forget what has been read.  How much that was. */
static size_t
play(struct tls_client *c)
{
	size_t n = c->peer->ngiven;

	cut_in(c);
	cut_out(c);
	script_play(c->reactor);
	n = c->peer->ngiven - n;
	memmove(c->queue, c->queue + n, c->queued - n);
	c->queued -= n;
	cut_in(c);
	hear(c);
	return n;
}

void
tls_client_say(struct tls_client *c, const void *bytes, size_t len)
{
	assert_non_null(c->queue = realloc(c->queue, c->queued + len + 1));
	memcpy(c->queue + c->queued, bytes, len);
	c->queued += len;
	while (play(c) > 0 && !c->peer->closed)
		continue;
}

void
tls_client_talk(struct tls_client *c)
{
	size_t len = (size_t)BIO_pending(c->out);
	char *bytes = malloc(len + 1);

	BIO_read(c->out, bytes, (int)len);
	tls_client_say(c, bytes, len);
	free(bytes);
}

void
tls_client_shake(struct tls_client *c)
{
	int n;

	for (n = 0; SSL_do_handshake(c->ssl) != 1; n++) {
		assert_int_equal(SSL_get_error(c->ssl, -1), SSL_ERROR_WANT_READ);
		assert_true(n < MANY);
		tls_client_talk(c);
	}
	tls_client_talk(c);
}

void
tls_client_hears(struct tls_client *c, const char *bytes, size_t len)
{
	char *back = malloc(len + 1);
	size_t n, got = 0, tries = 0;

	while (got < len && tries++ < MANY) {
		if (SSL_read_ex(c->ssl, back + got, len - got, &n) == 1)
			got += n;
		else if (c->peer->closed)
			break;
		else
			tls_client_talk(c);
	}
	assert_int_equal(got, len);
	assert_memory_equal(back, bytes, len);
	free(back);
}

void
tls_client_echo(struct tls_client *c, const char *bytes, size_t len)
{
	assert_int_equal(SSL_write(c->ssl, bytes, (int)len), (int)len);
	tls_client_talk(c);
	tls_client_hears(c, bytes, len);
}

void
tls_client_make_pair(const char *directory, const char *name)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *x = X509_new();
	char path[256];
	FILE *f;

	X509_set_version(x, X509_VERSION_3);
	ASN1_INTEGER_set(X509_get_serialNumber(x), 1);
	X509_gmtime_adj(X509_getm_notBefore(x), -60);
	X509_gmtime_adj(X509_getm_notAfter(x), 3600);
	X509_set_pubkey(x, key);
	X509_NAME_add_entry_by_txt(
	    X509_get_subject_name(x), "CN", MBSTRING_ASC, (const unsigned char *)name, -1, -1, 0);
	X509_set_issuer_name(x, X509_get_subject_name(x));
	assert_true(X509_sign(x, key, EVP_sha256()) > 0);
	snprintf(path, sizeof(path), "%s/%s.crt", directory, name);
	assert_non_null(f = fopen(path, "w"));
	assert_int_equal(PEM_write_X509(f, x), 1);
	fclose(f);
	snprintf(path, sizeof(path), "%s/%s.key", directory, name);
	assert_non_null(f = fopen(path, "w"));
	assert_int_equal(fchmod(fileno(f), 0600), 0);
	assert_int_equal(PEM_write_PrivateKey(f, key, NULL, NULL, 0, NULL, NULL), 1);
	fclose(f);
	X509_free(x);
	EVP_PKEY_free(key);
}

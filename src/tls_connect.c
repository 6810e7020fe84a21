/* SPDX-License-Identifier: ISC */
/*
 * tls_connect.c -- see tls_connect.h.
 *
 * A session comes with a ticket, which TLS 1.3 sends after the handshake, and whose
 * bearer may be asked to use it but once; so each use is of a copy, and what is kept is
 * the newest.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pem.h"
#include "tls_connect.h"

struct tls_connector {
	SSL_CTX *ctx;
	SSL_SESSION *sessions[TLS_PLACES];
	int keylog; /* or -1 */
	bool insecure;
};

struct making {
	struct tls_connector *connector;
	tls_complain_fn *complain;
	void *arg;
	unsigned errors;
};

static void
wrong(struct making *m, const char *setting, const char *value, const char *why)
{
	char text[TLS_WHY];

	snprintf(text, sizeof(text), "\"%.80s\" cannot be used: %.120s", value, why);
	m->complain(m->arg, setting, text);
	m->errors++;
}

/* What a call of OpenSSL's has returned: 1 is well. */
static void
see(struct making *m, int rc, const char *setting, const char *value)
{
	/* The first is the cause, if it is the system's, which OpenSSL has no words for. */
	unsigned long first = ERR_peek_error();
	const char *reason = ERR_SYSTEM_ERROR(first) ?
	    strerror(ERR_GET_REASON(first)) :
	    ERR_reason_error_string(ERR_peek_last_error());

	if (rc != 1)
		wrong(m, setting, value, reason != NULL ? reason : "OpenSSL does not say why");
	ERR_clear_error();
}

static bool
is_set(const char *text)
{
	return text != NULL && text[0] != '\0';
}

static int
version_of(const char *text)
{
	if (!is_set(text))
		return 0;
	return strcmp(text, "1.3") == 0 ? TLS1_3_VERSION : TLS1_2_VERSION;
}

static void
set_alpn(struct making *m, const char *list)
{
	unsigned char wire[256];
	size_t n = strlen(list), begin = 0, i;

	if (n + 1 > sizeof(wire)) {
		wrong(m, "alpn", list, "is too long");
		return;
	}
	/* "a,bc" is \1 a \2 bc: each comma, and one before the first, becomes a length. */
	memcpy(wire + 1, list, n);
	for (i = 0; i <= n; i++)
		if (i == n || list[i] == ',') {
			wire[begin] = (unsigned char)(i - begin);
			begin = i + 1;
		}
	see(m, SSL_CTX_set_alpn_protos(m->connector->ctx, wire, (unsigned)n + 1) == 0, "alpn",
	    list);
}

static void
show(struct making *m, const struct tls_connector_settings *s)
{
	char why[PEM_WHY];
	STACK_OF(X509) *chain = pem_read_certificates(s->cert, why);
	const char *key_path = is_set(s->key) ? s->key : s->cert;
	EVP_PKEY *key;
	X509 *leaf;

	if (chain == NULL)
		wrong(m, "cert", s->cert, why);
	if (chain == NULL && key_path == s->cert)
		return;
	if ((key = pem_read_key(key_path, why)) == NULL)
		wrong(m, "key", key_path, why);
	if (chain != NULL && key != NULL) {
		leaf = sk_X509_shift(chain);
		see(m, SSL_CTX_use_cert_and_key(m->connector->ctx, leaf, key, chain, 1), "cert",
		    s->cert);
		X509_free(leaf);
	}
	sk_X509_pop_free(chain, X509_free);
	EVP_PKEY_free(key);
}

static void
set_whom_to_believe(struct making *m, const struct tls_connector_settings *s)
{
	SSL_CTX *ctx = m->connector->ctx;

	m->connector->insecure = s->insecure;
	SSL_CTX_set_verify(ctx, s->insecure ? SSL_VERIFY_NONE : SSL_VERIFY_PEER, NULL);
	if (is_set(s->cafile))
		see(m, SSL_CTX_load_verify_file(ctx, s->cafile), "cafile", s->cafile);
	else if (!s->insecure)
		SSL_CTX_set_default_verify_paths(ctx);
}

static void
set_what_is_spoken(struct making *m, const struct tls_connector_settings *s)
{
	SSL_CTX *ctx = m->connector->ctx;

	SSL_CTX_set_min_proto_version(ctx, is_set(s->min) ? version_of(s->min) : TLS1_2_VERSION);
	SSL_CTX_set_max_proto_version(ctx, version_of(s->max));
	if (is_set(s->ciphers))
		see(m, SSL_CTX_set_cipher_list(ctx, s->ciphers), "ciphers", s->ciphers);
	if (is_set(s->ciphersuites))
		see(m, SSL_CTX_set_ciphersuites(ctx, s->ciphersuites), "ciphersuites",
		    s->ciphersuites);
	if (is_set(s->groups))
		see(m, (int)SSL_CTX_set1_groups_list(ctx, s->groups), "groups", s->groups);
	if (is_set(s->alpn))
		set_alpn(m, s->alpn);
}

/* OpenSSL's, for a session that could be resumed.  1: it is ours now. */
static int
on_session(SSL *ssl, SSL_SESSION *session)
{
	SSL_SESSION **kept = SSL_get_app_data(ssl);

	SSL_SESSION_free(*kept);
	*kept = session;
	return 1;
}

/* In one piece, for others may write to the file. */
static void
on_secret(const SSL *ssl, const char *line)
{
	const struct tls_connector *c = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));
	char text[1024];
	int n = snprintf(text, sizeof(text), "%s\n", line);

	if (n > 0 && n < (int)sizeof(text) && write(c->keylog, text, (size_t)n) != n)
		return; /* a disk that is full spoils no measurement */
}

static void
set_keylog(struct making *m, const char *path)
{
	struct tls_connector *c = m->connector;

	c->keylog = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (c->keylog == -1)
		wrong(m, "keylog", path, strerror(errno));
	else
		SSL_CTX_set_keylog_callback(c->ctx, on_secret);
}

struct tls_connector *
tls_connector_new(const struct tls_connector_settings *s, tls_complain_fn *complain, void *arg)
{
	struct making m = { .complain = complain, .arg = arg };

	OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
	ERR_clear_error();
	if ((m.connector = calloc(1, sizeof(*m.connector))) == NULL ||
	    (m.connector->ctx = SSL_CTX_new(TLS_client_method())) == NULL) {
		complain(arg, "tls", strerror(ENOMEM));
		free(m.connector);
		return NULL;
	}
	m.connector->keylog = -1;
	tls_set_modes(m.connector->ctx);
	SSL_CTX_set_app_data(m.connector->ctx, m.connector);
	set_what_is_spoken(&m, s);
	set_whom_to_believe(&m, s);
	if (is_set(s->cert))
		show(&m, s);
	if (is_set(s->keylog))
		set_keylog(&m, s->keylog);
	SSL_CTX_set_session_cache_mode(
	    m.connector->ctx, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
	SSL_CTX_sess_set_new_cb(m.connector->ctx, on_session);
	if (m.errors == 0)
		return m.connector;
	tls_connector_free(m.connector);
	return NULL;
}

void
tls_connector_free(struct tls_connector *c)
{
	size_t i;

	if (c == NULL)
		return;
	for (i = 0; i < TLS_PLACES; i++)
		SSL_SESSION_free(c->sessions[i]);
	SSL_CTX_free(c->ctx);
	if (c->keylog != -1)
		close(c->keylog);
	free(c);
}

/* An address is no name: it is not told, and looked for elsewhere in a certificate. */
static void
set_name(const struct tls_connector *c, SSL *ssl, const char *name)
{
	unsigned char address[sizeof(struct in6_addr)];
	bool is_address = inet_pton(AF_INET, name, address) == 1 ||
	    inet_pton(AF_INET6, name, address) == 1;

	if (!is_address)
		SSL_set_tlsext_host_name(ssl, name);
	if (c->insecure)
		return;
	if (is_address)
		X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), name);
	else
		SSL_set1_host(ssl, name);
}

static void
go_on_with(SSL *ssl, SSL_SESSION *session)
{
	SSL_SESSION *copy = SSL_SESSION_dup(session);

	if (copy != NULL)
		SSL_set_session(ssl, copy);
	SSL_SESSION_free(copy);
}

struct ssl_st *
tls_connect(struct tls_connector *c, unsigned place, const char *name, bool resume)
{
	SSL *ssl = SSL_new(c->ctx);

	if (ssl == NULL)
		return NULL;
	SSL_set_app_data(ssl, &c->sessions[place]);
	SSL_set_connect_state(ssl);
	if (is_set(name))
		set_name(c, ssl, name);
	if (resume && c->sessions[place] != NULL)
		go_on_with(ssl, c->sessions[place]);
	return ssl;
}

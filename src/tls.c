/* SPDX-License-Identifier: ISC */
/*
 * tls.c -- see tls.h.
 *
 * Nothing comes from the environment or from openssl.cnf: what is in effect is what
 * the settings say.
 */
#include <errno.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pem.h"
#include "tickets.h"
#include "tls.h"
#include "tls_rehearse.h"

#define SESSION_SECONDS 7200 /* a session may be resumed for so long */

static const char default_ciphers[] = "ECDHE+AESGCM:ECDHE+CHACHA20";
static const char default_groups[] = "X25519:P-256";
static const unsigned char echo[] = { 4, 'e', 'c', 'h', 'o' }; /* as ALPN writes it */

struct tls_server {
	SSL_CTX *ctx;
	time_t end;
	int broken_link;
};

/* One that is being made: what is wrong with it goes to who asked for it. */
struct making {
	const struct tls_server_settings *settings;
	SSL_CTX *ctx;
	tls_complain_fn *complain;
	void *arg;
	unsigned errors;
};

static bool
wrong(struct making *m, const char *setting, const char *why)
{
	m->complain(m->arg, setting, why);
	m->errors++;
	return false;
}

static bool
wrong_in_openssl(struct making *m, const char *setting, const char *value)
{
	const char *reason = ERR_reason_error_string(ERR_peek_last_error());
	char why[TLS_WHY];

	snprintf(why, sizeof(why), "\"%.64s\" cannot be used: %s", value,
	    reason != NULL ? reason : "OpenSSL does not say why");
	ERR_clear_error();
	return wrong(m, setting, why);
}

static bool
wrong_file(struct making *m, const char *setting, const char *path, const char *what)
{
	char why[TLS_WHY];

	snprintf(why, sizeof(why), "%.*s %s", (int)(TLS_WHY - 2 - strlen(what)), path, what);
	return wrong(m, setting, why);
}

/* Take "echo" if the client offers it; else go on as if it had offered nothing. */
static int
on_alpn(SSL *ssl, const unsigned char **out, unsigned char *outlen, const unsigned char *in,
    unsigned inlen, void *arg)
{
	unsigned char *chosen;

	(void)ssl, (void)arg;
	if (SSL_select_next_proto(&chosen, outlen, echo, sizeof(echo), in, inlen) !=
	    OPENSSL_NPN_NEGOTIATED)
		return SSL_TLSEXT_ERR_NOACK;
	*out = chosen;
	return SSL_TLSEXT_ERR_OK;
}

/*
 * AUTO_RETRY off: a call ends after each record, so that they can be counted.
 * Buffers are given back while a connection is idle, which is most of what it costs.
 * Reading ahead spares a system call for each record.
 */
void
tls_set_modes(struct ssl_ctx_st *ctx)
{
	SSL_CTX_set_mode(ctx,
	    SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
		SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_clear_mode(ctx, SSL_MODE_AUTO_RETRY);
	SSL_CTX_set_read_ahead(ctx, 1);
	SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
}

static int
version_of(const char *text)
{
	return strcmp(text, "1.3") == 0 ? TLS1_3_VERSION : TLS1_2_VERSION;
}

static const char *
groups_of(const struct tls_server_settings *s)
{
	return s->groups[0] != '\0' ? s->groups : default_groups;
}

static void
set_what_is_spoken(struct making *m)
{
	const struct tls_server_settings *s = m->settings;
	const char *ciphers = s->ciphers[0] != '\0' ? s->ciphers : default_ciphers;
	const char *groups = groups_of(s);

	if (SSL_CTX_set_min_proto_version(m->ctx, version_of(s->tls_min)) != 1)
		wrong_in_openssl(m, "tls-min", s->tls_min);
	if (SSL_CTX_set_cipher_list(m->ctx, ciphers) != 1)
		wrong_in_openssl(m, "ciphers", ciphers);
	if (s->ciphersuites[0] != '\0' && SSL_CTX_set_ciphersuites(m->ctx, s->ciphersuites) != 1)
		wrong_in_openssl(m, "ciphersuites", s->ciphersuites);
	if (SSL_CTX_set1_groups_list(m->ctx, groups) != 1)
		wrong_in_openssl(m, "groups", groups);
}

static bool
read_pair(struct making *m, struct pem_pair *pair)
{
	const struct tls_server_settings *s = m->settings;

	if (pem_read_pair(pair, s->certificate, s->key))
		return true;
	if (pair->chain_why[0] != '\0')
		wrong_file(m, "certificate", s->certificate, pair->chain_why);
	if (pair->key_why[0] != '\0')
		wrong_file(m, "key", s->key, pair->key_why);
	return false;
}

static void
use_pair(struct making *m, struct tls_server *server)
{
	struct pem_pair pair = { 0 };
	X509 *leaf;

	if (m->settings->certificate[0] == '\0' || m->settings->key[0] == '\0') {
		if (m->settings->certificate[0] == '\0')
			wrong(m, "certificate",
			    "tls = on needs one; allowed: the path of a PEM file");
		if (m->settings->key[0] == '\0')
			wrong(m, "key", "tls = on needs one; allowed: the path of a PEM file");
	} else if (read_pair(m, &pair)) {
		server->end = pem_end(pair.chain);
		server->broken_link = pem_broken_link(pair.chain);
		leaf = sk_X509_shift(pair.chain);
		if (SSL_CTX_use_cert_and_key(m->ctx, leaf, pair.key, pair.chain, 1) != 1)
			wrong_in_openssl(m, "certificate", m->settings->certificate);
		X509_free(leaf);
		pem_drop_pair(&pair);
	}
}

/* Those whose signature makes a client's certificate good, and their names for clients. */
static void
trust(struct making *m, EVP_MD_CTX *policy)
{
	const char *path = m->settings->client_ca;
	unsigned char digest[EVP_MAX_MD_SIZE];
	STACK_OF(X509) * all;
	char why[PEM_WHY];
	unsigned len;
	int i;

	if ((all = pem_read_certificates(path, why)) == NULL) {
		wrong_file(m, "client-ca", path, why);
		return;
	}
	for (i = 0; i < sk_X509_num(all); i++) {
		X509 *x = sk_X509_value(all, i);

		if (X509_STORE_add_cert(SSL_CTX_get_cert_store(m->ctx), x) != 1 ||
		    SSL_CTX_add_client_CA(m->ctx, x) != 1 ||
		    X509_digest(x, EVP_sha256(), digest, &len) != 1)
			wrong_in_openssl(m, "client-ca", path);
		else
			EVP_DigestUpdate(policy, digest, len);
	}
	sk_X509_pop_free(all, X509_free);
}

/*
 * A session may be resumed only where a new one would be believed as much: so who is
 * believed, and whether anybody has to be, makes the context of its id.
 */
static void
set_clients(struct making *m)
{
	const struct tls_server_settings *s = m->settings;
	unsigned char context[EVP_MAX_MD_SIZE];
	EVP_MD_CTX *policy = EVP_MD_CTX_new();
	int mode = SSL_VERIFY_NONE;
	unsigned len;

	if (policy == NULL || EVP_DigestInit_ex(policy, EVP_sha256(), NULL) != 1) {
		wrong(m, "client-verify", strerror(ENOMEM));
	} else {
		if (s->client_verify != TLS_VERIFY_OFF && s->client_ca[0] == '\0')
			wrong(m, "client-ca",
			    "client-verify needs one; allowed: the path of a PEM file");
		else if (s->client_ca[0] != '\0')
			trust(m, policy);
		if (s->client_verify != TLS_VERIFY_OFF)
			mode = SSL_VERIFY_PEER | SSL_VERIFY_CLIENT_ONCE;
		if (s->client_verify == TLS_VERIFY_REQUIRED)
			mode |= SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
		SSL_CTX_set_verify(m->ctx, mode, NULL);
		EVP_DigestUpdate(policy, &mode, sizeof(mode));
		if (EVP_DigestFinal_ex(policy, context, &len) != 1 ||
		    SSL_CTX_set_session_id_context(m->ctx, context, len) != 1)
			wrong_in_openssl(m, "client-verify", "");
	}
	EVP_MD_CTX_free(policy);
}

/* No cache of ours: what there is to remember is in the tickets. */
static void
set_sessions(struct making *m)
{
	SSL_CTX_set_session_cache_mode(m->ctx, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_timeout(m->ctx, SESSION_SECONDS);
	SSL_CTX_set_num_tickets(m->ctx, m->settings->tickets ? 1 : 0);
	if (!m->settings->tickets)
		SSL_CTX_set_options(m->ctx, SSL_OP_NO_TICKET);
	SSL_CTX_set_max_early_data(m->ctx, 0); /* what can be replayed is not echoed */
}

static void
rehearse(struct making *m)
{
	static const int versions[] = { TLS1_2_VERSION, TLS1_3_VERSION };
	char why[TLS_REHEARSE_WHY], text[TLS_WHY];
	size_t i;

	for (i = 0; i < sizeof(versions) / sizeof(versions[0]); i++)
		if (versions[i] >= version_of(m->settings->tls_min) &&
		    !tls_rehearse(m->ctx, groups_of(m->settings), versions[i], why)) {
			snprintf(text, sizeof(text),
			    "a handshake with itself by TLS 1.%d fails: %s; see certificate, "
			    "ciphers and groups",
			    versions[i] == TLS1_3_VERSION ? 3 : 2, why);
			wrong(m, "tls", text);
			return;
		}
}

struct tls_server *
tls_server_new(const struct tls_server_settings *s, tls_complain_fn *complain, void *arg)
{
	struct making m = { .settings = s, .complain = complain, .arg = arg };
	struct tls_server *server = calloc(1, sizeof(*server));
	const char *reason;

	OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
	ERR_clear_error();
	if (server == NULL || (m.ctx = SSL_CTX_new(TLS_method())) == NULL) {
		reason = ERR_reason_error_string(ERR_peek_error()); /* the first is the cause */
		wrong(&m, "tls", server != NULL && reason != NULL ? reason : strerror(ENOMEM));
		free(server);
		return NULL;
	}
	server->ctx = m.ctx;
	tls_set_modes(m.ctx);
	SSL_CTX_set_options(m.ctx, SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
	set_what_is_spoken(&m);
	set_sessions(&m);
	SSL_CTX_set_alpn_select_cb(m.ctx, on_alpn, NULL);
	use_pair(&m, server);
	set_clients(&m);
	if (m.errors == 0)
		rehearse(&m);
	if (m.errors == 0)
		return server;
	tls_server_free(server);
	return NULL;
}

void
tls_server_free(struct tls_server *server)
{
	if (server == NULL)
		return;
	SSL_CTX_free(server->ctx);
	free(server);
}

void
tls_server_use_tickets(struct tls_server *server, struct tickets *tickets)
{
	tickets_use(tickets, server->ctx);
}

time_t
tls_server_end(const struct tls_server *server)
{
	return server->end;
}

int
tls_server_broken_link(const struct tls_server *server)
{
	return server->broken_link;
}

struct ssl_st *
tls_accept(struct tls_server *server)
{
	SSL *ssl = SSL_new(server->ctx);

	if (ssl != NULL)
		SSL_set_accept_state(ssl);
	return ssl;
}

const char *
tls_version(void)
{
	return OpenSSL_version(OPENSSL_VERSION_STRING);
}

bool
tls_is_built_in(void)
{
	return true;
}

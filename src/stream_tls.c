/* SPDX-License-Identifier: ISC */
/*
 * stream_tls.c -- see stream_tls.h.
 *
 * OpenSSL reaches the socket only through io_recv() and io_send(), by way of the
 * BIO below; so want and ready mean under TLS what they mean in the clear, on every
 * backend.  The BIO is also the one place where OpenSSL's inner loops can be bounded:
 * when a turn's share of bytes is used up it says "later", and the turn goes on with
 * the others.
 *
 * OpenSSL's errors stand in a queue of the whole process.  One connection's error
 * that is left there makes the next one fail: SSL_get_error() looks into the queue.
 * So the queue is emptied before each call, and nothing comes between a call and its
 * SSL_get_error().
 */
#include <sys/socket.h>
#include <errno.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stream_tls.h"

#define RECORD (16384 + 256 + 5) /* bytes, the longest there is on the wire */
#define TURN_BYTES (4 * RECORD)  /* read in one turn */
#define STEP_BYTES 16384         /* the same, of a handshake */
#define FIRST_BYTES 2048         /* read ahead by one call */
#define HANDSHAKE_BYTES 65536    /* read in one handshake */
#define BARREN_RECORDS 32        /* in a row that bring no data */
#define NAME_BYTES 64            /* of what a peer calls itself, in a log line */
#define CALL_AGAIN 1             /* a record was taken in, and brought nothing */

struct tls_state {
	struct stream *stream;
	SSL *ssl;
	size_t wire;     /* bytes read in the handshake */
	size_t share;    /* bytes that this turn may still read */
	unsigned turn;   /* the turn it is about */
	unsigned barren; /* records since the last that brought something */
	int error;       /* -errno of the socket */
	bool first;      /* nothing was read yet in this call */
	bool walled;     /* the socket had nothing more, or took no more */
	bool spent;      /* the share was used up */
	bool eof;        /* the peer's FIN has come */
	bool secured;    /* the handshake is done */
	bool oversized;  /* the handshake has had its bytes */
	bool dead;       /* beyond repair: nothing but SSL_free() may follow */
	enum stats_handshake failure;
	const char *words;
};

/* Never changed once it is made; OpenSSL wants one for all. */
static BIO_METHOD *method;

/* As the BIOs of OpenSSL do it: 0 is the end, and all else that is not done is -1. */
static int
result_of(BIO *b, struct tls_state *t, ssize_t n, size_t *done, int retry)
{
	if (n > 0) {
		*done = (size_t)n;
		return 1;
	}
	if (n == -EAGAIN) {
		t->walled = true;
		BIO_set_flags(b, retry | BIO_FLAGS_SHOULD_RETRY);
	} else if (n < 0) {
		t->error = (int)n;
	}
	return n == 0 ? 0 : -1;
}

/*
 * How much OpenSSL may read ahead now.  What it has it takes in to the end, in one
 * call, if nothing in it is data.  So at first it gets little, which is a message and
 * more in most cases, and the rest of a long record only when it asks again.
 */
static size_t
limit(struct tls_state *t, size_t len)
{
	if (t->first && len > FIRST_BYTES)
		len = FIRST_BYTES;
	t->first = false;
	return len < t->share ? len : t->share;
}

static bool
is_flood(const struct tls_state *t)
{
	return t->secured && t->barren >= BARREN_RECORDS;
}

static int
bio_read(BIO *b, char *buf, size_t len, size_t *done)
{
	struct tls_state *t = BIO_get_data(b);
	ssize_t n;

	BIO_clear_retry_flags(b);
	if (t->share == 0 || is_flood(t)) {
		t->spent = true;
		BIO_set_retry_read(b);
		return -1;
	}
	if (!t->secured && t->wire >= HANDSHAKE_BYTES) {
		t->oversized = true;
		return -1;
	}
	if ((n = io_recv(&t->stream->io, buf, limit(t, len))) > 0) {
		t->share -= (size_t)n;
		t->wire += (size_t)n;
	}
	t->eof |= n == 0;
	return result_of(b, t, n, done, BIO_FLAGS_READ);
}

static int
bio_write(BIO *b, const char *buf, size_t len, size_t *done)
{
	struct tls_state *t = BIO_get_data(b);

	BIO_clear_retry_flags(b);
	return result_of(b, t, io_send(&t->stream->io, buf, len), done, BIO_FLAGS_WRITE);
}

/* OpenSSL asks for the end to tell a FIN from a failure. */
static long
bio_ctrl(BIO *b, int cmd, long larg, void *parg)
{
	const struct tls_state *t = BIO_get_data(b);

	(void)larg, (void)parg;
	switch (cmd) {
	case BIO_CTRL_FLUSH: return 1;
	case BIO_CTRL_EOF: return t != NULL && t->eof;
	default: return 0;
	}
}

/* OpenSSL's, for each record and each message of a handshake that it sends or gets. */
static void
on_message(int sent, int version, int type, const void *buf, size_t len, SSL *ssl, void *arg)
{
	struct tls_state *t = arg;

	(void)version, (void)buf, (void)len, (void)ssl;
	if (!sent && type == SSL3_RT_HEADER)
		t->barren++;
}

static BIO *
new_bio(struct tls_state *t)
{
	BIO *b;

	if (method == NULL) {
		method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "io");
		if (method == NULL)
			return NULL;
		BIO_meth_set_read_ex(method, bio_read);
		BIO_meth_set_write_ex(method, bio_write);
		BIO_meth_set_ctrl(method, bio_ctrl);
	}
	if ((b = BIO_new(method)) != NULL) {
		BIO_set_data(b, t);
		BIO_set_init(b, 1);
	}
	return b;
}

static void
before_call(struct tls_state *t)
{
	unsigned turn = reactor_turn(t->stream->io.reactor);

	if (t->turn != turn) {
		t->turn = turn;
		t->share = t->secured ? TURN_BYTES : STEP_BYTES;
	}
	t->first = true;
	t->walled = t->spent = false;
	ERR_clear_error();
}

/* What the reasons of OpenSSL come to. */
static enum stats_handshake
kind_of(unsigned long error)
{
	int reason = ERR_GET_REASON(error);

	if (ERR_GET_LIB(error) != ERR_LIB_SSL)
		return HANDSHAKE_BROKEN;
	if (reason >= SSL_AD_REASON_OFFSET)
		return HANDSHAKE_REFUSED;
	switch (reason) {
	case SSL_R_HTTP_REQUEST:
	case SSL_R_HTTPS_PROXY_REQUEST:
	case SSL_R_WRONG_VERSION_NUMBER: return HANDSHAKE_NOT_TLS;
	case SSL_R_UNSUPPORTED_PROTOCOL:
	case SSL_R_VERSION_TOO_LOW:
	case SSL_R_NO_SHARED_CIPHER:
	case SSL_R_NO_SHARED_GROUPS:
	case SSL_R_NO_SUITABLE_KEY_SHARE:
	case SSL_R_NO_SUITABLE_GROUPS:
	case SSL_R_NO_SUITABLE_SIGNATURE_ALGORITHM: return HANDSHAKE_UNSHARED;
	case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE:
	case SSL_R_CERTIFICATE_VERIFY_FAILED: return HANDSHAKE_CERTIFICATE;
	case SSL_R_UNEXPECTED_EOF_WHILE_READING: return HANDSHAKE_LEFT;
	default: return HANDSHAKE_BROKEN;
	}
}

static int
fail(struct tls_state *t, enum stats_handshake failure, const char *words, int error)
{
	t->dead = true;
	t->failure = failure;
	t->words = words;
	return error;
}

/* OpenSSL has no alert for those who speak something else; we do. */
static void
say_what_is_spoken(struct tls_state *t)
{
	static const unsigned char alert[] = { SSL3_RT_ALERT, 3, 1, 0, 2, SSL3_AL_FATAL,
		TLS1_AD_PROTOCOL_VERSION };

	(void)io_send(&t->stream->io, alert, sizeof(alert));
}

/* OpenSSL counts records without data too, some kinds of them more strictly than we do. */
static int
error_of(unsigned long error)
{
	switch (ERR_GET_REASON(error)) {
	case SSL_R_UNEXPECTED_EOF_WHILE_READING: return -STREAM_CUT;
	case SSL_R_TOO_MANY_WARN_ALERTS:
	case SSL_R_RECORD_TOO_SMALL: /* empty ones, and too many of them */ return -STREAM_BARREN;
	default: return -EPROTO;
	}
}

static int
fail_by_queue(struct tls_state *t)
{
	unsigned long error = ERR_peek_error();
	const char *words = ERR_reason_error_string(error);

	if (ERR_GET_REASON(error) == SSL_R_CERTIFICATE_VERIFY_FAILED)
		words = X509_verify_cert_error_string(SSL_get_verify_result(t->ssl));
	ERR_clear_error();
	if (kind_of(error) == HANDSHAKE_NOT_TLS && SSL_is_server(t->ssl))
		say_what_is_spoken(t);
	return fail(t, kind_of(error), words != NULL ? words : "unknown reason", error_of(error));
}

/*
 * A call has said no with rc: 0 at the peer's end, -EAGAIN and the direction in
 * *needs, CALL_AGAIN, or -errno.
 */
static int
refused(struct tls_state *t, int rc, unsigned char *needs)
{
	int why = SSL_get_error(t->ssl, rc);

	*needs = why == SSL_ERROR_WANT_WRITE ? IO_WRITE : IO_READ;
	if (t->oversized)
		return fail(t, HANDSHAKE_OVERSIZED, "too many bytes", -EMSGSIZE);
	switch (why) {
	case SSL_ERROR_WANT_READ:
	case SSL_ERROR_WANT_WRITE:
		if (is_flood(t))
			return fail(t, HANDSHAKE_BROKEN, "records without data", -STREAM_BARREN);
		if (t->walled)
			return -EAGAIN;
		if (!t->spent)
			return CALL_AGAIN;
		io_yield(&t->stream->io);
		return -EAGAIN;
	case SSL_ERROR_ZERO_RETURN: return 0;
	case SSL_ERROR_SYSCALL:
		return fail(t, HANDSHAKE_LEFT, t->error != 0 ? strerror(-t->error) : "end of file",
		    t->error != 0 ? t->error : -STREAM_CUT);
	default: return fail_by_queue(t);
	}
}

static int
tls_handshake(struct stream *s)
{
	struct tls_state *t = s->tls;
	int rc;

	do {
		before_call(t);
		if ((rc = SSL_do_handshake(t->ssl)) == 1) {
			t->secured = true;
			t->barren = 0;
			s->read_needs = IO_READ;
			return 0;
		}
	} while ((rc = refused(t, rc, &s->read_needs)) == CALL_AGAIN);
	if (rc == 0)
		return fail(t, HANDSHAKE_LEFT, "close notify", -STREAM_CUT);
	return rc;
}

/* OpenSSL holds nothing, the socket has nothing, and no answer of ours is stuck. */
static bool
has_nothing(const struct stream *s)
{
	return (s->io.ready & IO_READ) == 0 && s->read_needs == IO_READ &&
	    !SSL_has_pending(s->tls->ssl);
}

static ssize_t
tls_read(struct stream *s, void *buf, size_t len)
{
	struct tls_state *t = s->tls;
	size_t n;
	int rc;

	/* Without OpenSSL, which would get and free a buffer to find that out. */
	if (has_nothing(s))
		return -EAGAIN;
	do {
		before_call(t);
		if ((rc = SSL_read_ex(t->ssl, buf, len, &n)) == 1) {
			t->barren = 0;
			s->read_needs = IO_READ;
			return (ssize_t)n;
		}
	} while ((rc = refused(t, rc, &s->read_needs)) == CALL_AGAIN);
	return rc;
}

static ssize_t
tls_write(struct stream *s, const void *buf, size_t len)
{
	struct tls_state *t = s->tls;
	size_t n;
	int rc;

	do {
		before_call(t);
		if ((rc = SSL_write_ex(t->ssl, buf, len, &n)) == 1) {
			s->write_needs = IO_WRITE;
			return (ssize_t)n;
		}
	} while ((rc = refused(t, rc, &s->write_needs)) == CALL_AGAIN);
	return rc == 0 ? -EPIPE : rc;
}

/* Our close_notify.  0 of SSL_shutdown() means that it is out, and the peer's is not in. */
static int
tls_goodbye(struct stream *s)
{
	struct tls_state *t = s->tls;
	int rc;

	if (t->dead || !t->secured)
		return -EPROTO;
	do {
		before_call(t);
		if ((rc = SSL_shutdown(t->ssl)) >= 0)
			return 0;
	} while ((rc = refused(t, rc, &s->write_needs)) == CALL_AGAIN);
	return rc;
}

static int
tls_finish(struct stream *s)
{
	int rc = tls_goodbye(s);

	if (rc < 0)
		return rc;
	return shutdown(s->io.fd, SHUT_WR) == 0 ? 0 : -errno;
}

static void
tls_destroy(struct stream *s)
{
	struct tls_state *t = s->tls;

	/* Freed in the middle, a session would not be resumed any more. */
	if (!t->dead)
		SSL_set_shutdown(t->ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
	SSL_free(t->ssl);
	free(t);
	s->tls = NULL;
}

static const struct stream_ops tls = {
	.name = "tls",
	.read = tls_read,
	.write = tls_write,
	.finish = tls_finish,
	.destroy = tls_destroy,
	.handshake = tls_handshake,
	.goodbye = tls_goodbye,
};

int
stream_open_tls(struct stream *s, struct reactor *r, int fd, struct ssl_st *ssl, io_fn *fn)
{
	struct tls_state *t = calloc(1, sizeof(*t));
	BIO *bio = t != NULL ? new_bio(t) : NULL;
	int rc = ssl == NULL || bio == NULL ? -ENOMEM : stream_open(s, r, fd, fn);

	if (rc < 0) {
		BIO_free(bio);
		free(t);
		SSL_free(ssl);
		return rc;
	}
	*t = (struct tls_state){ .stream = s, .ssl = ssl, .share = STEP_BYTES };
	t->turn = reactor_turn(r);
	SSL_set_bio(ssl, bio, bio);
	SSL_set_msg_callback(ssl, on_message);
	SSL_set_msg_callback_arg(ssl, t);
	s->tls = t;
	s->ops = &tls;
	return 0;
}

void
stream_tls_drop(struct ssl_st *ssl)
{
	SSL_free(ssl);
}

bool
stream_tls_resumed(const struct stream *s)
{
	return SSL_session_reused(s->tls->ssl) != 0;
}

enum stats_handshake
stream_tls_failure(const struct stream *s, const char **words)
{
	*words = s->tls->words;
	return s->tls->failure;
}

void
stream_tls_agreed(const struct stream *s, struct stream_tls_agreed *agreed)
{
	SSL *ssl = s->tls->ssl;
	int group = (int)SSL_get_negotiated_group(ssl);
	const char *name = EC_curve_nid2nist(group);

	if (name == NULL)
		name = group == NID_undef ? "none" : OBJ_nid2sn(group);
	snprintf(agreed->version, sizeof(agreed->version), "%s", SSL_get_version(ssl));
	snprintf(agreed->cipher, sizeof(agreed->cipher), "%s", SSL_get_cipher_name(ssl));
	snprintf(agreed->group, sizeof(agreed->group), "%s", name != NULL ? name : "unknown");
}

/* What a peer has sent, in quotes: nothing in it can end them, or the line. */
static void
print_quoted(FILE *f, const unsigned char *bytes, size_t len)
{
	size_t i;

	putc('"', f);
	for (i = 0; i < len && i < NAME_BYTES; i++)
		if (bytes[i] < ' ' || bytes[i] > '~' || bytes[i] == '"' || bytes[i] == '\\')
			fprintf(f, "\\x%02x", bytes[i]);
		else
			putc(bytes[i], f);
	fputs(len > NAME_BYTES ? "...\"" : "\"", f);
}

void
stream_tls_describe(char text[STREAM_TLS_TEXT], const struct stream *s)
{
	SSL *ssl = s->tls->ssl;
	const char *name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
	X509 *client = SSL_get0_peer_certificate(ssl);
	FILE *f = fmemopen(text, STREAM_TLS_TEXT, "w");
	const unsigned char *alpn;
	char subject[256];
	unsigned len;

	text[0] = '\0';
	if (f == NULL)
		return;
	fprintf(f, "%s %s%s", SSL_get_version(ssl), SSL_get_cipher_name(ssl),
	    SSL_session_reused(ssl) ? ", resumed" : "");
	if (name != NULL) {
		fputs(", asked for ", f);
		print_quoted(f, (const unsigned char *)name, strlen(name));
	}
	SSL_get0_alpn_selected(ssl, &alpn, &len);
	if (len > 0) {
		fputs(", ALPN ", f);
		print_quoted(f, alpn, len);
	}
	if (client != NULL) {
		X509_NAME_oneline(X509_get_subject_name(client), subject, sizeof(subject));
		fputs(", certificate of ", f);
		print_quoted(f, (const unsigned char *)subject, strlen(subject));
	}
	fclose(f);
	text[STREAM_TLS_TEXT - 1] = '\0';
}

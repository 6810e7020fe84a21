/* SPDX-License-Identifier: ISC */
/*
 * tls_peer.c -- TLS peers for the stories: a tunnel for those who speak none, and
 * clients that no library would be.
 *
 *	tls_peer tunnel VERSION HOST:PORT
 *		Listen, say "ready: PORT", and carry each connection over TLS to the
 *		target.  A FIN is close_notify there, and the other way round.
 *	tls_peer flood KIND VERSION HOST:PORT COUNT
 *		After the handshake send COUNT records of a kind: keyupdate, requests
 *		(keyupdate that asks for one back), bytes (of one byte each, whose echo is
 *		read), allowed (keyupdate, as many in a row as are borne, then one byte);
 *		by 1.3 only also empty (data, of no bytes) and alerts (warnings); then say
 *		how it ended.
 *	tls_peer record KIND VERSION HOST:PORT
 *		After the handshake send one record that is unknown (of a type that there
 *		is not), long (longer than they may be) or forged (nobody has sealed it);
 *		say what the alert is, and how it ended.
 *	tls_peer early HOST:PORT
 *		Take a session, pretend that it allows early data, and send some with it;
 *		say what became of it, and what of the bytes after the handshake.
 *	tls_peer hello PIECE HOST:PORT
 *		The handshake, in pieces of so many bytes, and one echo.
 *	tls_peer records HOST:PORT
 *		A ClientHello in records of one byte each; then say how it ended.
 *	tls_peer stop BYTES VERSION HOST:PORT
 *		After the handshake send so many bytes of a record and no more; say
 *		"ready", and wait for the end.
 *
 * How it ended is one line: "closed" with close_notify or an alert, "reset", "open".
 * It knows nothing of src/, on purpose.
 */
#include <sys/prctl.h>
#include <sys/socket.h>
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PATIENCE 60000 /* milliseconds */
#define BORNE 31       /* records in a row that bring nothing, before we are cut off */

static struct sockaddr_in target;
static SSL_CTX *ctx;
static SSL *only; /* connection; the end of the process frees it */

static _Noreturn void
die(const char *what)
{
	fprintf(stderr, "tls_peer: %s: %s\n", what, strerror(errno));
	ERR_print_errors_fp(stderr);
	exit(1);
}

static void
set_target(const char *text)
{
	char host[64];
	unsigned port;

	if (sscanf(text, "%63[^:]:%u", host, &port) != 2)
		die(text);
	target.sin_family = AF_INET;
	target.sin_port = htons((unsigned short)port);
	if (inet_pton(AF_INET, host, &target.sin_addr) != 1)
		die(host);
}

static void
set_version(const char *text)
{
	int version = strcmp(text, "1.2") == 0 ? TLS1_2_VERSION : TLS1_3_VERSION;

	ctx = SSL_CTX_new(TLS_client_method());
	SSL_CTX_set_min_proto_version(ctx, version);
	SSL_CTX_set_max_proto_version(ctx, version);
	SSL_CTX_set_mode(ctx, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	SSL_CTX_clear_mode(ctx, SSL_MODE_AUTO_RETRY);
}

static int
connect_plain(void)
{
	int one = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (connect(fd, (struct sockaddr *)&target, sizeof(target)) != 0)
		die("connect");
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	return fd;
}

static SSL *
connect_tls(int *fd)
{
	only = SSL_new(ctx);
	*fd = connect_plain();
	SSL_set_fd(only, *fd);
	if (SSL_connect(only) != 1)
		die("handshake");
	return only;
}

/* One direction of a tunnel. */
struct way {
	char bytes[16384];
	int off, len;
	bool ended, passed_on; /* the end has come in, has gone out */
};

static _Noreturn void
reset(int plain, int far)
{
	struct linger now = { .l_onoff = 1 };

	setsockopt(plain, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	setsockopt(far, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	_exit(0);
}

/* Whether it is worth waiting; anything else is the end. */
static bool
blocks(SSL *ssl, int rc, int plain, int far)
{
	int why = SSL_get_error(ssl, rc);

	if (why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE)
		reset(plain, far);
	return true;
}

static void
go_out(struct way *out, SSL *ssl, int plain, int far)
{
	int rc;

	if (out->len == 0 && !out->ended) {
		out->len = (int)recv(plain, out->bytes, sizeof(out->bytes), 0);
		if (out->len < 0 && errno != EAGAIN)
			reset(plain, far);
		out->ended = out->len == 0;
		out->off = 0;
		out->len = out->len > 0 ? out->len : 0;
	}
	if (out->len > out->off) {
		if ((rc = SSL_write(ssl, out->bytes + out->off, out->len - out->off)) > 0)
			out->off += rc;
		else
			blocks(ssl, rc, plain, far);
		if (out->off == out->len)
			out->len = out->off = 0;
	}
	if (out->ended && out->len == 0 && !out->passed_on)
		out->passed_on = SSL_shutdown(ssl) >= 0;
}

static void
come_in(struct way *in, SSL *ssl, int plain, int far)
{
	ssize_t n;
	int rc;

	if (in->len == 0 && !in->ended) {
		if ((rc = SSL_read(ssl, in->bytes, sizeof(in->bytes))) > 0)
			in->len = rc;
		else if (SSL_get_error(ssl, rc) == SSL_ERROR_ZERO_RETURN)
			in->ended = true;
		else
			blocks(ssl, rc, plain, far);
		in->off = 0;
	}
	if (in->len > in->off) {
		n = send(plain, in->bytes + in->off, (size_t)(in->len - in->off), MSG_NOSIGNAL);
		if (n < 0 && errno != EAGAIN)
			reset(plain, far);
		in->off += n > 0 ? (int)n : 0;
		if (in->off == in->len)
			in->len = in->off = 0;
	}
	if (in->ended && in->len == 0 && !in->passed_on)
		in->passed_on = shutdown(plain, SHUT_WR) == 0;
}

static _Noreturn void
carry(int plain)
{
	static struct way in, out;
	struct pollfd fds[2];
	int far;
	SSL *ssl = connect_tls(&far);

	fcntl(far, F_SETFL, O_NONBLOCK);
	fcntl(plain, F_SETFL, O_NONBLOCK);
	for (;;) {
		ERR_clear_error();
		go_out(&out, ssl, plain, far);
		come_in(&in, ssl, plain, far);
		if (in.passed_on && out.passed_on)
			_exit(0);
		if (SSL_pending(ssl) > 0 && in.len == 0)
			continue;
		fds[0] = (struct pollfd){ .fd = plain };
		fds[1] = (struct pollfd){ .fd = far };
		if (out.len == 0 && !out.ended)
			fds[0].events |= POLLIN;
		if (in.len > 0)
			fds[0].events |= POLLOUT;
		if (in.len == 0 && !in.ended)
			fds[1].events |= POLLIN;
		if (SSL_want_write(ssl) || (out.ended && !out.passed_on) || out.len > 0)
			fds[1].events |= POLLOUT;
		if (fds[0].events == 0) /* poll() tells of its end all the same */
			fds[0].fd = -1;
		if (poll(fds, 2, -1) < 0)
			die("poll");
	}
}

static void
tunnel(void)
{
	struct sockaddr_in addr = { .sin_family = AF_INET };
	socklen_t len = sizeof(addr);
	int one = 1, fd, listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (bind(listener, (struct sockaddr *)&addr, len) != 0 || listen(listener, 4096) != 0)
		die("listen");
	getsockname(listener, (struct sockaddr *)&addr, &len);
	printf("ready: %u\n", ntohs(addr.sin_port));
	fflush(stdout);
	signal(SIGCHLD, SIG_IGN);
	setsockopt(listener, SOL_SOCKET, SO_OOBINLINE, &one, sizeof(one)); /* inherited */
	while ((fd = accept(listener, NULL, NULL)) != -1) {
		if (fork() == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			close(listener);
			carry(fd);
		}
		close(fd);
	}
	die("accept");
}

/* What becomes of a connection that says nothing more. */
static void
say_end(int fd, int patience)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	char bytes[4096];
	ssize_t n;

	while (poll(&p, 1, patience) == 1) {
		if ((n = recv(fd, bytes, sizeof(bytes), 0)) > 0)
			continue;
		puts(n == 0 ? "closed" : "reset");
		return;
	}
	puts("open");
}

/*
 * Records that OpenSSL would not send: we seal them ourselves, by TLS 1.3 and
 * TLS_AES_128_GCM_SHA256, with what OpenSSL says of its secret.  From the first on it
 * must not send any.
 */
static struct {
	unsigned char secret[32], key[16], iv[12];
	uint64_t sent;
} seal;

static void
on_secret(const SSL *ssl, const char *line)
{
	const char *hex = strrchr(line, ' ');
	unsigned byte;
	size_t i;

	(void)ssl;
	if (strncmp(line, "CLIENT_TRAFFIC_SECRET_0 ", 24) != 0)
		return;
	for (i = 0; i < sizeof(seal.secret) && sscanf(hex + 1 + 2 * i, "%2x", &byte) == 1; i++)
		seal.secret[i] = (unsigned char)byte;
}

/* HKDF-Expand-Label of RFC 8446, 7.1. */
static void
expand(const char *label, unsigned char *out, size_t len)
{
	EVP_KDF *kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
	EVP_KDF_CTX *kctx = EVP_KDF_CTX_new(kdf);
	int mode = EVP_KDF_HKDF_MODE_EXPAND_ONLY;
	char digest[] = "SHA256", info[32];
	size_t n = strlen(label) + 6;
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_int(OSSL_KDF_PARAM_MODE, &mode),
		OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
		OSSL_PARAM_construct_octet_string(
		    OSSL_KDF_PARAM_KEY, seal.secret, sizeof(seal.secret)),
		/* a length, a label with its length, and nothing with its length */
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, info, n + 4),
		OSSL_PARAM_construct_end(),
	};

	snprintf(info + 3, sizeof(info) - 3, "tls13 %s", label);
	info[0] = 0;
	info[1] = (char)len;
	info[2] = (char)n;
	if (EVP_KDF_derive(kctx, out, len, params) != 1)
		die("HKDF");
	EVP_KDF_CTX_free(kctx);
	EVP_KDF_free(kdf);
}

/* Whether it went out. */
static bool
send_sealed(int fd, unsigned char type, const void *content, int len)
{
	unsigned char record[64] = { 23, 3, 3, 0, (unsigned char)(len + 17) }, plain[32], iv[12];
	EVP_CIPHER_CTX *cipher = EVP_CIPHER_CTX_new();
	size_t total = (size_t)len + 5 + 17;
	int i, n;

	memcpy(plain, content, (size_t)len);
	plain[len] = type;
	memcpy(iv, seal.iv, sizeof(iv));
	for (i = 0; i < 8; i++)
		iv[11 - i] ^= (unsigned char)(seal.sent >> (8 * i));
	seal.sent++;
	if (EVP_EncryptInit_ex(cipher, EVP_aes_128_gcm(), NULL, seal.key, iv) != 1 ||
	    EVP_EncryptUpdate(cipher, NULL, &n, record, 5) != 1 ||
	    EVP_EncryptUpdate(cipher, record + 5, &n, plain, len + 1) != 1 ||
	    EVP_EncryptFinal_ex(cipher, record + 5 + n, &n) != 1 ||
	    EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_GET_TAG, 16, record + 5 + len + 1) != 1)
		die("AES-GCM");
	EVP_CIPHER_CTX_free(cipher);
	return send(fd, record, total, MSG_NOSIGNAL) == (ssize_t)total;
}

static void
flood_sealed(bool alerts, long count)
{
	static const unsigned char canceled[] = { SSL3_AL_WARNING, SSL_AD_USER_CANCELLED };
	int fd;

	SSL_CTX_set_ciphersuites(ctx, "TLS_AES_128_GCM_SHA256");
	SSL_CTX_set_keylog_callback(ctx, on_secret);
	connect_tls(&fd);
	SSL_set_mode(only, SSL_MODE_AUTO_RETRY); /* over the tickets */
	expand("key", seal.key, sizeof(seal.key));
	expand("iv", seal.iv, sizeof(seal.iv));
	while (
	    count > 0 && (alerts ? send_sealed(fd, 21, canceled, 2) : send_sealed(fd, 23, "", 0)))
		count--;
	/* That they were records, and not noise, is seen by this one. */
	if (count == 0 && send_sealed(fd, 23, "x", 1)) {
		unsigned char byte;

		if (SSL_read(only, &byte, 1) == 1 && byte == 'x')
			puts("echoed");
	}
	say_end(fd, count > 0 ? 1000 : 300);
}

static void
flood(const char *kind, long count)
{
	char byte = 'x';
	int fd;
	SSL *ssl = connect_tls(&fd);
	int asks = strcmp(kind, "requests") == 0 ? SSL_KEY_UPDATE_REQUESTED :
						   SSL_KEY_UPDATE_NOT_REQUESTED;

	bool allowed = strcmp(kind, "allowed") == 0;

	for (; count > 0; count--) {
		ERR_clear_error();
		if (strcmp(kind, "bytes") == 0 || (allowed && count % (BORNE + 1) == 0)) {
			if (SSL_write(ssl, &byte, 1) != 1 || SSL_read(ssl, &byte, 1) == 0)
				break;
		} else if (SSL_key_update(ssl, asks) != 1 || SSL_do_handshake(ssl) != 1) {
			break;
		}
	}
	say_end(fd, count > 0 ? 1000 : 300);
}

static void
send_bad_record(const char *kind)
{
	unsigned char record[69] = { 23, 3, 3, 0, 64 };
	char byte;
	int fd;

	if (strcmp(kind, "unknown") == 0)
		record[0] = 99;
	else if (strcmp(kind, "long") == 0)
		record[3] = 20000 >> 8, record[4] = 20000 & 0xff;
	RAND_bytes(record + 5, sizeof(record) - 5);
	connect_tls(&fd);
	if (send(fd, record, sizeof(record), MSG_NOSIGNAL) != sizeof(record))
		die("send");
	SSL_set_mode(only, SSL_MODE_AUTO_RETRY); /* over the tickets */
	if (SSL_read(only, &byte, 1) == 1)
		puts("data");
	else
		puts(ERR_reason_error_string(ERR_peek_error()));
	say_end(fd, 10000);
}

/* One echo, after which there is a session. */
static SSL_SESSION *
take_session(void)
{
	SSL_SESSION *session;
	char byte = 'x';
	int fd;

	connect_tls(&fd);
	SSL_set_mode(only, SSL_MODE_AUTO_RETRY);
	if (SSL_write(only, &byte, 1) != 1 || SSL_read(only, &byte, 1) != 1)
		die("echo");
	session = SSL_get1_session(only);
	SSL_shutdown(only);
	SSL_free(only);
	close(fd);
	return session;
}

static void
early(void)
{
	static const char *const status[] = { "not sent", "rejected", "accepted" };
	SSL_SESSION *taken = take_session(), *session = SSL_SESSION_dup(taken);
	char back[64];
	size_t sent;
	int fd = connect_plain(), n;

	only = SSL_new(ctx);
	SSL_set_fd(only, fd);
	SSL_set_mode(only, SSL_MODE_AUTO_RETRY);
	if (SSL_SESSION_set_max_early_data(session, 16384) != 1 ||
	    SSL_set_session(only, session) != 1)
		die("session");
	if (SSL_write_early_data(only, "early", 5, &sent) != 1 || SSL_connect(only) != 1)
		die("early data");
	printf("%s, %s\n", status[SSL_get_early_data_status(only)],
	    SSL_session_reused(only) ? "resumed" : "full");
	if (SSL_write(only, "later", 5) != 5 || SSL_shutdown(only) < 0)
		die("write");
	/* All that comes until the end. */
	while ((n = SSL_read(only, back, sizeof(back))) > 0)
		printf("%.*s", n, back);
	puts("");
	SSL_SESSION_free(session);
	SSL_SESSION_free(taken);
}

/* The client's first flight, and what a memory BIO hears and says. */
static SSL *
in_memory(BIO **in, BIO **out)
{
	only = SSL_new(ctx);
	*in = BIO_new(BIO_s_mem());
	*out = BIO_new(BIO_s_mem());
	BIO_set_mem_eof_return(*in, -1);
	SSL_set_bio(only, *in, *out);
	SSL_set_connect_state(only);
	return only;
}

static void
hello(size_t piece)
{
	char bytes[65536], back[5];
	BIO *in, *out;
	int fd = connect_plain(), n, i, len;
	SSL *ssl = in_memory(&in, &out);
	bool sent = false;

	SSL_set_mode(ssl, SSL_MODE_AUTO_RETRY);
	for (;;) {
		if (SSL_do_handshake(ssl) == 1 && !sent)
			sent = SSL_write(ssl, "echo!", 5) == 5;
		if (sent && SSL_read(ssl, back, 5) == 5)
			break;
		n = BIO_read(out, bytes, sizeof(bytes));
		for (i = 0; i < n; i += len) {
			len = n - i < (int)piece ? n - i : (int)piece;
			if (send(fd, bytes + i, (size_t)len, MSG_NOSIGNAL) != len)
				die("send");
		}
		if ((n = (int)recv(fd, bytes, sizeof(bytes), 0)) <= 0)
			die("recv");
		BIO_write(in, bytes, n);
	}
	puts(memcmp(back, "echo!", 5) == 0 ? "echoed" : "wrong");
}

static void
records(void)
{
	unsigned char bytes[65536], record[6] = { 22, 3, 1, 0, 1, 0 };
	int fd = connect_plain(), n, i;
	BIO *in, *out;
	SSL *ssl = in_memory(&in, &out);

	SSL_do_handshake(ssl);
	n = BIO_read(out, bytes, sizeof(bytes));
	for (i = 5; i < n; i++) {
		record[5] = bytes[i];
		if (send(fd, record, sizeof(record), MSG_NOSIGNAL) != sizeof(record))
			break;
	}
	/* An answer is an answer too. */
	puts(recv(fd, bytes, sizeof(bytes), 0) > 0 ? "answered" : "closed");
}

static void
stop(size_t len)
{
	static const unsigned char record[64] = { 23, 3, 3, 0x40, 0x11 };
	int fd;

	connect_tls(&fd);
	if (send(fd, record, len, MSG_NOSIGNAL) != (ssize_t)len)
		die("send");
	puts("ready");
	fflush(stdout);
	say_end(fd, PATIENCE);
}

int
main(int argc, char **argv)
{
	const char *mode = argc > 1 ? argv[1] : "";

	if (strcmp(mode, "tunnel") == 0 && argc == 4) {
		set_version(argv[2]);
		set_target(argv[3]);
		tunnel();
	} else if (strcmp(mode, "flood") == 0 && argc == 6) {
		set_version(argv[3]);
		set_target(argv[4]);
		signal(SIGPIPE, SIG_IGN);
		if (strcmp(argv[2], "empty") == 0 || strcmp(argv[2], "alerts") == 0)
			flood_sealed(strcmp(argv[2], "alerts") == 0, atol(argv[5]));
		else
			flood(argv[2], atol(argv[5]));
	} else if (strcmp(mode, "record") == 0 && argc == 5) {
		set_version(argv[3]);
		set_target(argv[4]);
		send_bad_record(argv[2]);
	} else if (strcmp(mode, "early") == 0 && argc == 3) {
		set_version("1.3");
		set_target(argv[2]);
		early();
	} else if (strcmp(mode, "hello") == 0 && argc == 4) {
		set_version("1.3");
		set_target(argv[3]);
		hello((size_t)atol(argv[2]));
	} else if (strcmp(mode, "records") == 0 && argc == 3) {
		set_version("1.3");
		set_target(argv[2]);
		records();
	} else if (strcmp(mode, "stop") == 0 && argc == 5) {
		set_version(argv[3]);
		set_target(argv[4]);
		stop((size_t)atol(argv[2]));
	} else {
		fprintf(stderr, "tls_peer: see its first lines\n");
		return 64;
	}
	return 0;
}

/* SPDX-License-Identifier: ISC */
/*
 * fuzz_tls.c -- the server's half of TLS, over memory.
 *
 * The bytes are a list of what happens (enum what).  There is a real client at the other
 * end, as in the unit tests, so that what comes after the handshake is reached too; its
 * bytes are cut, held up, damaged, or replaced by those of the fuzzer.  A client that
 * nobody has tampered with has all of its echo, to the byte, and in the end the other
 * side's goodbye; the rest may end as it likes, but once, and without a spin (script.c).
 *
 * Faults: F75 F76
 */
#include <openssl/err.h>
#include <string.h>
#include <unistd.h>

#include "backend.h"
#include "conn.h"
#include "fuzz.h"
#include "tls.h"
#include "tls_client.h"

#define MOST 16000 /* bytes that are written in all; each may make the peer's buffer grow */

enum what { WRITE, TALK, CUT, UPDATE, DAMAGE, RAW, GOODBYE, END, READ, STOP, WHATS };

static struct reactor reactor;
static struct conn_set conns;
static struct stats stats;
static struct tls_server *server;
static struct tls_client client;
static struct peer *const peer = &script_peers[0];
static char text[MOST];
static size_t written, heard;
static unsigned updates;
static bool is_tampered; /* or told to stop: the echo need not be complete */

static void
on_close(struct conn_set *set)
{
	(void)set;
}

static void
no_complaint(void *arg, const char *setting, const char *why)
{
	(void)arg;
	fprintf(stderr, "%s: %s\n", setting, why);
	abort();
}

/* Once for all inputs. */
static void
begin(void)
{
	char directory[] = "/tmp/fuzz_tls.XXXXXX", certificate[64], key[64];
	struct tls_server_settings settings = {
		.certificate = certificate,
		.key = key,
		.tls_min = "1.2",
		.ciphers = "",
		.ciphersuites = "",
		.groups = "",
		.client_ca = "",
	};
	size_t i;

	if (server != NULL)
		return;
	setenv("CMOCKA_TEST_ABORT", "1", 1); /* script.c asserts by it */
	for (i = 0; i < sizeof(text); i++)
		text[i] = (char)(i * 7 + i / 251);
	must(mkdtemp(directory) != NULL);
	snprintf(certificate, sizeof(certificate), "%s/x.crt", directory);
	snprintf(key, sizeof(key), "%s/x.key", directory);
	tls_client_make_pair(directory, "x");
	must((server = tls_server_new(&settings, no_complaint, NULL)) != NULL);
	unlink(certificate);
	unlink(key);
	rmdir(directory);
}

static void
talk(void)
{
	if (!peer->closed)
		tls_client_talk(&client);
}

static void
hear(void)
{
	char bytes[4096];
	size_t n;

	ERR_clear_error();
	while (SSL_read_ex(client.ssl, bytes, sizeof(bytes), &n) == 1) {
		must(heard + n <= written);
		must(memcmp(bytes, text + heard, n) == 0);
		heard += n;
	}
	ERR_clear_error();
}

static void
say(size_t len)
{
	size_t n;

	if (len > MOST - written)
		len = MOST - written;
	ERR_clear_error();
	if (len > 0 && SSL_write_ex(client.ssl, text + written, len, &n) == 1)
		written += n;
	ERR_clear_error();
}

/* Once: a second one would drop what is still to be read. */
static void
say_goodbye(void)
{
	if ((SSL_get_shutdown(client.ssl) & SSL_SENT_SHUTDOWN) == 0)
		SSL_shutdown(client.ssl);
}

/* One bit of what the client would send next. */
static void
damage(unsigned at)
{
	char *bytes;
	long len = BIO_get_mem_data(client.out, &bytes);

	if (len <= 0)
		return;
	bytes[at % (unsigned long)len] ^= (char)(1 << at % 8);
	is_tampered = true;
}

/* Returns how many bytes of the rest it has used. */
static size_t
happen(enum what what, unsigned n, const uint8_t *rest, size_t size)
{
	switch (what) {
	case WRITE: say(n * 61); break;
	case TALK: talk(); break;
	case CUT:
		client.schedule = (struct schedule){ n % 16 * 31 + 1, n / 16 * 97 + 1, n % 2 == 0 };
		break;
	case UPDATE:
		SSL_key_update(client.ssl, n % 2);
		is_tampered |= ++updates == 32; /* a flood of them ends a connection */
		break;
	case DAMAGE: damage(n * 257); break;
	case RAW:
		n = n < size ? n : (unsigned)size;
		is_tampered = true;
		if (!peer->closed)
			tls_client_say(&client, rest, n);
		return n;
	case GOODBYE: say_goodbye(); break;
	case END:
		is_tampered = true; /* without a goodbye it is cut */
		client.ends = true;
		break;
	case READ: hear(); break;
	case STOP:
		is_tampered = true;
		conn_set_end(&conns);
		break;
	default: break;
	}
	ERR_clear_error();
	return 0;
}

/* The handshake, if there was none, and all of the echo. */
static void
finish(void)
{
	int i;

	hear();
	for (i = 0; i < 200 && !peer->closed && heard < written; i++) {
		SSL_do_handshake(client.ssl);
		talk();
		hear();
	}
	must(is_tampered || heard == written);
	say_goodbye();
	client.ends = true;
	for (i = 0; i < 200 && !peer->closed; i++) {
		talk();
		hear();
	}
	must(is_tampered || peer->closed);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t i;

	begin();
	if (size < 2)
		return 0;
	script_reset();
	script_edge = (data[0] & 1) != 0;
	script_after_fin = true; /* OpenSSL's alerts */
	stats = (struct stats){ 0 };
	written = heard = 0;
	updates = 0;
	is_tampered = false;
	must(reactor_open_with(&reactor, &script_backend, 0) == 0);
	must(conn_set_open(&conns, &reactor, &stats, 0, 0, on_close) == 0);
	tls_client_open(
	    &client, peer, &reactor, (data[0] & 2) != 0 ? TLS1_2_VERSION : TLS1_3_VERSION, NULL);
	must(conn_new(&conns, script_fd(peer), server, NULL) == 0);
	if ((data[0] & 4) != 0) {
		SSL_do_handshake(client.ssl);
		talk();
		SSL_do_handshake(client.ssl);
		talk();
	}
	for (i = 1; i + 1 < size; i += 2)
		i += happen(data[i] % WHATS, data[i + 1], data + i + 2, size - i - 2);
	finish();
	tls_client_close(&client);
	conn_set_close(&conns);
	must(stats.active == 0 && peer->closed);
	reactor_close(&reactor);
	return 0;
}

/* SPDX-License-Identifier: ISC */
/*
 * test_stream_tls.c -- the echo over TLS, against peers that keep to a script.
 *
 * The other end is OpenSSL too, but in memory: what it says is cut and held up in
 * every way a socket may do that.
 *
 * Faults: F39 F40 F48 F57 F68 F69 F70 F71 F72 F73 F76 F78 F83 F84
 */
#include <errno.h>
#include <openssl/err.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backend.h"
#include "clock.h"
#include "conn.h"
#include "macros.h"
#include "script.h"
#include "stream_tls.h"
#include "tickets.h"
#include "tls.h"
#include "tls_client.h"
#include "unit.h"

#define IDLE 8.0
#define STALL 4.0
#define SLOW 10.5        /* a handshake, with the slack */
#define TURN_BYTES 66580 /* at most, read in a turn */

static struct reactor reactor;
static struct conn_set conns;
static struct stats stats;
static struct tls_server *server;
static struct peer *const alice = &script_peers[0], *const bob = &script_peers[1];
static struct tls_client client, other;
static char directory[] = "/tmp/test_stream_tls.XXXXXX";
static char certificate[64], key[64];
static char large[100000];

static const int versions[] = { TLS1_2_VERSION, TLS1_3_VERSION };

static void
on_close(struct conn_set *set)
{
	(void)set;
}

static void
no_complaint(void *arg, const char *setting, const char *why)
{
	(void)arg;
	fail_msg("%s: %s", setting, why);
}

static struct tls_server_settings
settings(void)
{
	return (struct tls_server_settings){
		.certificate = certificate,
		.key = key,
		.tls_min = "1.2",
		.ciphers = "",
		.ciphersuites = "",
		.groups = "",
		.tickets = true,
		.client_ca = "",
	};
}

static struct tls_server *
new_server(void)
{
	struct tls_server_settings s = settings();

	return tls_server_new(&s, no_complaint, NULL);
}

static int
setup_all(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(large); i++)
		large[i] = (char)(i * 7 + i / 251);
	if (mkdtemp(directory) == NULL)
		return -1;
	snprintf(certificate, sizeof(certificate), "%s/x.crt", directory);
	snprintf(key, sizeof(key), "%s/x.key", directory);
	tls_client_make_pair(directory, "x");
	return (server = new_server()) != NULL ? 0 : -1;
}

static int
teardown_all(void **state)
{
	(void)state;
	tls_server_free(server);
	unlink(certificate);
	unlink(key);
	return rmdir(directory);
}

static int
setup(void **state)
{
	(void)state;
	script_reset();
	script_edge = false;
	stats = (struct stats){ 0 };
	client = other = (struct tls_client){ 0 };
	assert_int_equal(reactor_open_with(&reactor, &script_backend, 0), 0);
	assert_int_equal(conn_set_open(&conns, &reactor, &stats, IDLE, STALL, on_close), 0);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	tls_client_close(&client);
	tls_client_close(&other);
	conn_set_close(&conns);
	assert_int_equal(stats.active, 0);
	reactor_close(&reactor);
	ERR_clear_error();
	return 0;
}

static void
pass(double seconds)
{
	clock_advance(seconds);
	script_turn(&reactor, false);
	script_turn(&reactor, false);
}

static void
begin(struct tls_client *c, struct peer *p, int version)
{
	tls_client_open(c, p, &reactor, version, NULL);
	assert_int_equal(conn_new(&conns, script_fd(p), server, NULL), 0);
}

static void
begin_and_shake(struct tls_client *c, struct peer *p, int version)
{
	begin(c, p, version);
	tls_client_shake(c);
}

/* From a state in which another test may go on. */
static void
start_over(void **state)
{
	teardown(state);
	setup(state);
}

/* The peer's close_notify, and what comes back: ours, and the end. */
static void
end_well(struct tls_client *c)
{
	char byte;
	int rc;

	assert_int_equal(SSL_shutdown(c->ssl), 0);
	tls_client_talk(c);
	rc = SSL_read(c->ssl, &byte, 1);
	assert_int_equal(SSL_get_error(c->ssl, rc), SSL_ERROR_ZERO_RETURN);
	assert_true(c->peer->closed);
}

/* In the clear, by the same schedule: what comes back. */
static void
echo_in_the_clear(const struct schedule *schedule, size_t len)
{
	struct tls_client plain = { .peer = bob, .reactor = &reactor, .schedule = *schedule };

	plain.in = BIO_new(BIO_s_mem());
	assert_int_equal(conn_new(&conns, script_fd(bob), NULL, NULL), 0);
	tls_client_say(&plain, large, len);
	while (plain.heard < len)
		tls_client_say(&plain, "", 0);
	assert_int_equal(bob->ngot, len);
	assert_memory_equal(bob->got, large, len);
	BIO_free(plain.in);
	free(plain.queue);
}

static void
echo_by(void **state, int version, const struct schedule *schedule, size_t len)
{
	begin(&client, alice, version);
	client.schedule = *schedule;
	tls_client_shake(&client);
	tls_client_echo(&client, large, len);
	end_well(&client);
	assert_int_equal(stats.bytes_in, len);
	assert_int_equal(stats.bytes_out, len);
	assert_int_equal(stats.tls_full, 1);
	assert_int_equal(stats.failed + stats.reset + stats.tls_cut + stats.tls_floods, 0);
	echo_in_the_clear(schedule, len);
	start_over(state);
}

/* Plain and TLS give the same bytes whatever way they come and go. */
static void
test_every_schedule(void **state)
{
	static const size_t pieces[] = { 1, 2, 5, 7, 22, 1460, 16384, 16406, 0 };
	struct schedule schedule;
	size_t i, j, len;
	unsigned how;

	for (i = 0; i < countof(pieces); i++)
		for (j = 0; j < countof(pieces); j++)
			for (how = 0; how < 8; how++) {
				schedule = (struct schedule){ pieces[i], pieces[j], how & 1 };
				script_edge = how & 2;
				len = pieces[i] - 1 < 100 || pieces[j] - 1 < 100 ? 300 : 50000;
				echo_by(state, versions[how / 4], &schedule, len);
			}
}

/* What is kept for a peer that reads slowly moves; OpenSSL is told the same bytes. */
static void
test_blocked_write(void **state)
{
	size_t i;

	for (i = 0; i < countof(versions); i++) {
		begin_and_shake(&client, alice, versions[i]);
		alice->send[0] = (struct step)SEND(3);
		alice->send[1] = (struct step)FULL;
		assert_int_equal(SSL_write(client.ssl, large, 20000), 20000);
		tls_client_talk(&client);
		assert_int_equal(alice->io->want, IO_WRITE);
		assert_true(stats.bytes_out < 20000);
		memset(conns.scratch, 'x', CONN_SHARE); /* as others would */
		memset(alice->send, 0, sizeof(alice->send));
		alice->at_send = alice->used_send = 0;
		tls_client_talk(&client);
		assert_int_equal(stats.bytes_out, 20000);
		tls_client_hears(&client, large, 20000);
		end_well(&client);
		start_over(state);
	}
}

/* The first to answer is the server, and it cannot. */
static void
test_handshake_waits_to_write(void **state)
{
	size_t i;

	for (i = 0; i < countof(versions); i++) {
		alice->send[0] = (struct step)FULL;
		begin(&client, alice, versions[i]);
		SSL_do_handshake(client.ssl);
		tls_client_talk(&client);
		assert_int_equal(alice->io->want, IO_WRITE);
		alice->send[0].what = OVER;
		tls_client_shake(&client);
		tls_client_echo(&client, "abc", 3);
		end_well(&client);
		start_over(state);
	}
}

/* OpenSSL answers a request for new keys before it goes on, and cannot. */
static void
test_answer_waits_to_write(void **state)
{
	char back[8];

	(void)state;
	begin_and_shake(&client, alice, TLS1_3_VERSION);
	alice->send[0] = (struct step)FULL;
	assert_int_equal(SSL_key_update(client.ssl, SSL_KEY_UPDATE_REQUESTED), 1);
	assert_int_equal(SSL_write(client.ssl, "abc", 3), 3);
	tls_client_talk(&client);
	assert_int_equal(alice->io->want, IO_WRITE);
	assert_int_equal(stats.bytes_out, 0);
	alice->send[0].what = OVER;
	tls_client_talk(&client);
	assert_int_equal(SSL_read(client.ssl, back, sizeof(back)), 3);
	assert_memory_equal(back, "abc", 3);
	assert_int_equal(alice->io->want, IO_READ);
	end_well(&client);
}

/* Two messages that come in one piece: the second is in OpenSSL, not in the socket. */
static void
test_two_in_one(void **state)
{
	size_t i;

	for (i = 0; i < 2 * countof(versions); i++) {
		script_edge = i % 2;
		begin_and_shake(&client, alice, versions[i / 2]);
		assert_int_equal(SSL_write(client.ssl, "abc", 3), 3);
		assert_int_equal(SSL_write(client.ssl, "def", 3), 3);
		tls_client_talk(&client);
		assert_int_equal(stats.bytes_out, 6);
		tls_client_hears(&client, "abcdef", 6);
		start_over(state);
	}
}

static void
test_key_update(void **state)
{
	int i;

	(void)state;
	begin_and_shake(&client, alice, TLS1_3_VERSION);
	for (i = 0; i < 40; i++) {
		assert_int_equal(
		    SSL_key_update(client.ssl,
			i % 2 ? SSL_KEY_UPDATE_REQUESTED : SSL_KEY_UPDATE_NOT_REQUESTED),
		    1);
		tls_client_echo(&client, large + i, 1000);
	}
	assert_int_equal(stats.tls_floods, 0);
	end_well(&client);
}

/* What one connection leaves in OpenSSL's queue of errors must not hit another. */
static void
test_stale_errors(void **state)
{
	size_t i;

	for (i = 0; i < countof(versions); i++) {
		begin_and_shake(&client, alice, versions[i]);
		begin(&other, bob, versions[i]);
		ERR_raise(ERR_LIB_SSL, SSL_R_HTTP_REQUEST);
		tls_client_echo(&client, "abc", 3);
		tls_client_say(&other, "GET / HTTP/1.1\r\n\r\n", 18);
		assert_int_equal(stats.tls_failed[HANDSHAKE_NOT_TLS], 1);
		tls_client_echo(&client, "def", 3);
		ERR_raise(ERR_LIB_SSL, SSL_R_HTTP_REQUEST);
		tls_client_say(&client, "", 0);
		tls_client_echo(&client, "ghi", 3);
		assert_int_equal(stats.failed, 0);
		end_well(&client);
		start_over(state);
	}
}

static void
fail_with_noise(const void *noise, size_t len)
{
	static const unsigned char alert[] = { 21, 3 };

	begin(&client, alice, TLS1_3_VERSION);
	tls_client_say(&client, noise, len);
	assert_int_equal(alice->ngot, 7); /* an alert, whole */
	assert_memory_equal(alice->got, alert, sizeof(alert));
	assert_int_equal(alice->got[5], 2); /* fatal */
	assert_true(alice->fin);
	assert_false(alice->closed); /* or a reset might take the alert away */
	assert_int_equal(stats.failed + stats.reset + stats.tls_full, 0);
}

static void
test_not_tls(void **state)
{
	static const char http[] = "GET / HTTP/1.1\r\nHost: x\r\n\r\n", ssh[] = "SSH-2.0-x\r\n",
			  zeros[64] = { 0 };
	static const unsigned char old[] = { 22, 3, 1, 0, 5, 1, 0, 0, 1, 0, 0 };

	fail_with_noise(http, sizeof(http) - 1);
	assert_int_equal(stats.tls_failed[HANDSHAKE_NOT_TLS], 1);
	start_over(state);
	fail_with_noise(ssh, sizeof(ssh) - 1);
	assert_int_equal(stats.tls_failed[HANDSHAKE_NOT_TLS], 1);
	start_over(state);
	fail_with_noise(zeros, sizeof(zeros));
	start_over(state);
	fail_with_noise(old, sizeof(old));
	assert_int_equal(stats.tls_failed[HANDSHAKE_BROKEN], 1);
	pass(5.6); /* it is lingered for, but not longer */
	assert_true(alice->closed);
	assert_int_equal(stats.tls_failed[HANDSHAKE_SLOW], 0);
}

static void
test_cut(void **state)
{
	size_t i;

	for (i = 0; i < countof(versions); i++) {
		begin_and_shake(&client, alice, versions[i]);
		tls_client_echo(&client, "abc", 3);
		client.ends = true;
		tls_client_talk(&client);
		assert_true(alice->closed);
		assert_int_equal(stats.tls_cut, 1);
		assert_int_equal(stats.failed + stats.reset, 0);
		start_over(state);
	}
}

static void
test_cut_in_the_handshake(void **state)
{
	(void)state;
	begin(&client, alice, TLS1_3_VERSION);
	client.ends = true;
	tls_client_say(&client, "\x16\x03\x01", 3);
	assert_true(alice->closed);
	assert_int_equal(stats.tls_failed[HANDSHAKE_LEFT], 1);
	assert_int_equal(stats.tls_cut, 0);
}

static void
test_reset(void **state)
{
	(void)state;
	begin_and_shake(&client, alice, TLS1_3_VERSION);
	alice->recv[0] = (struct step)FAIL(ECONNRESET);
	script_play(&reactor);
	assert_true(alice->closed);
	assert_int_equal(stats.reset, 1);
	assert_int_equal(stats.tls_cut, 0);
}

/* Our goodbye, when there is no room for it yet. */
static void
test_goodbye_waits(void **state)
{
	char byte;
	size_t i;

	for (i = 0; i < countof(versions); i++) {
		begin_and_shake(&client, alice, versions[i]);
		alice->send[0] = (struct step)FULL;
		assert_int_equal(SSL_shutdown(client.ssl), 0);
		tls_client_talk(&client);
		assert_false(alice->closed);
		assert_int_equal(alice->io->want, IO_WRITE);
		alice->send[0].what = OVER;
		tls_client_talk(&client);
		assert_true(alice->closed);
		assert_int_equal(SSL_read(client.ssl, &byte, 1), 0);
		assert_int_equal(
		    SSL_get_shutdown(client.ssl), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
		assert_int_equal(stats.failed, 0);
		start_over(state);
	}
}

/* It is us who end: close_notify, our FIN, and then the peer's goodbye is waited for. */
static void
test_end(void **state)
{
	char byte;
	size_t i;

	for (i = 0; i < countof(versions); i++) {
		begin_and_shake(&client, alice, versions[i]);
		begin(&other, bob, versions[i]); /* in the middle of its handshake */
		conn_set_end(&conns);
		assert_true(bob->closed);
		alice->send[0] = (struct step)FULL;
		script_play(&reactor);
		assert_false(alice->fin);
		alice->send[0].what = OVER;
		tls_client_talk(&client);
		assert_true(alice->fin);
		assert_false(alice->closed);
		assert_int_equal(SSL_read(client.ssl, &byte, 1), 0);
		assert_int_equal(SSL_get_shutdown(client.ssl), SSL_RECEIVED_SHUTDOWN);
		assert_int_equal(SSL_write(client.ssl, "late", 4), 4);
		tls_client_talk(&client);
		assert_int_equal(stats.bytes_out, 0);
		SSL_shutdown(client.ssl);
		tls_client_talk(&client);
		assert_true(alice->closed);
		assert_int_equal(stats.failed + stats.reset + stats.tls_cut, 0);
		start_over(state);
	}
}

static void
update_keys(int n)
{
	int i;

	for (i = 0; i < n; i++) {
		assert_int_equal(SSL_key_update(client.ssl, SSL_KEY_UPDATE_NOT_REQUESTED), 1);
		assert_int_equal(SSL_do_handshake(client.ssl), 1);
	}
	tls_client_talk(&client);
}

static void
test_flood(void **state)
{
	(void)state;
	begin_and_shake(&client, alice, TLS1_3_VERSION);
	update_keys(31);
	assert_false(alice->closed);
	tls_client_echo(&client, "abc", 3);
	update_keys(31);
	assert_false(alice->closed);
	update_keys(1);
	assert_true(alice->closed);
	assert_int_equal(stats.tls_floods, 1);
	assert_int_equal(stats.failed, 0);
}

static void
test_renegotiation(void **state)
{
	(void)state;
	begin_and_shake(&client, alice, TLS1_2_VERSION);
	SSL_clear_options(client.ssl, SSL_OP_NO_RENEGOTIATION);
	assert_int_equal(SSL_renegotiate(client.ssl), 1);
	assert_int_equal(SSL_do_handshake(client.ssl), -1);
	tls_client_talk(&client);
	assert_int_equal(SSL_do_handshake(client.ssl), -1);
	assert_int_equal(ERR_GET_REASON(ERR_peek_error()), SSL_R_NO_RENEGOTIATION);
	assert_int_equal(stats.tls_full, 1);
}

static void
test_slow_handshake(void **state)
{
	int i;

	(void)state;
	begin(&client, alice, TLS1_3_VERSION);
	SSL_do_handshake(client.ssl);
	/* A byte now and then makes no difference. */
	for (i = 0; i < 4; i++) {
		tls_client_say(&client, &"\x16\x03\x01\x02"[i], 1);
		pass(SLOW / 5);
	}
	assert_false(alice->closed);
	pass(SLOW / 5 + 0.1);
	assert_true(alice->closed);
	assert_int_equal(stats.tls_failed[HANDSHAKE_SLOW], 1);
}

/* A message of the handshake that never comes to its end. */
static void
test_oversized_handshake(void **state)
{
	static unsigned char record[5 + 16384] = { 22, 3, 3, 0x40, 0, 1, 1, 0xff, 0xff };
	int i;

	(void)state;
	begin(&client, alice, TLS1_3_VERSION);
	tls_client_say(&client, record, sizeof(record));
	memset(record + 5, 0, 4);
	for (i = 0; i < 2; i++)
		tls_client_say(&client, record, sizeof(record));
	assert_false(alice->closed);
	tls_client_say(&client, record, sizeof(record));
	assert_true(alice->closed);
	assert_int_equal(stats.tls_failed[HANDSHAKE_OVERSIZED], 1);
}

/* Four steps of handshakes in a turn, and nobody is forgotten. */
static void
test_steps_of_a_turn(void **state)
{
	struct tls_client crowd[SCRIPT_PEERS];
	char hello[SCRIPT_PEERS][1024];
	size_t i, answered = 0;
	int n;

	(void)state;
	for (i = 0; i < SCRIPT_PEERS; i++) {
		begin(&crowd[i], &script_peers[i], TLS1_3_VERSION);
		SSL_do_handshake(crowd[i].ssl);
		n = BIO_read(crowd[i].out, hello[i], sizeof(hello[i]));
		script_peers[i].recv[0] = (struct step){
			.what = GO, .bytes = hello[i], .n = (size_t)n
		};
	}
	script_turn(&reactor, true);
	for (i = 0; i < SCRIPT_PEERS; i++)
		answered += script_peers[i].ngot > 0;
	assert_int_equal(answered, 4);
	script_turn(&reactor, false);
	for (i = 0; i < SCRIPT_PEERS; i++) {
		assert_true(script_peers[i].ngot > 0);
		tls_client_close(&crowd[i]);
	}
}

/*
 * What one turn reads is bounded, even if next to nothing comes of it, and the rest is
 * read without another event.
 */
static void
test_share_of_a_turn(void **state)
{
	size_t len, had, turns;
	char *bytes;

	(void)state;
	begin_and_shake(&client, alice, TLS1_3_VERSION);
	assert_int_equal(SSL_set_block_padding(client.ssl, 16384), 1);
	for (len = 0; len < 20; len++)
		assert_int_equal(SSL_write(client.ssl, large + len, 1), 1);
	len = (size_t)BIO_pending(client.out);
	assert_true(len > (size_t)20 * 16384);
	bytes = malloc(len);
	BIO_read(client.out, bytes, (int)len);
	had = alice->ngiven;
	alice->at_recv = 0;
	alice->recv[0] = (struct step){ .what = GO, .bytes = bytes, .n = len };
	script_turn(&reactor, true);
	assert_in_range(alice->ngiven - had, 16384, TURN_BYTES);
	assert_in_range(stats.bytes_out, 1, 5);
	for (turns = 1; turns < 6; turns++)
		script_turn(&reactor, false);
	assert_int_equal(stats.bytes_out, 20);
	free(bytes);
}

/* A record that has only begun is no activity. */
static void
test_idle_with_half_a_record(void **state)
{
	(void)state;
	begin_and_shake(&client, alice, TLS1_3_VERSION);
	pass(IDLE / 2);
	tls_client_say(&client, "\x17\x03\x03\x40\x11", 5);
	assert_int_equal(reactor.nrunnable, 0); /* it does not spin */
	pass(IDLE / 2 + 0.6);
	assert_int_equal(stats.idle, 1);
	assert_true(alice->fin);
}

static SSL_SESSION *
session_of(void)
{
	SSL_SESSION *session;
	char byte;

	SSL_read(client.ssl, &byte, 1); /* takes in the ticket of 1.3 */
	session = SSL_get1_session(client.ssl);
	end_well(&client);
	assert_true(SSL_SESSION_has_ticket(session));
	return session;
}

static void
resumes(void **state, int version, SSL_SESSION *session, bool resumed)
{
	SSL_SESSION *copy = SSL_SESSION_dup(
	    session); /* OpenSSL spends it when there is a new one */

	start_over(state);
	tls_client_open(&client, alice, &reactor, version, copy);
	SSL_SESSION_free(copy);
	assert_int_equal(conn_new(&conns, script_fd(alice), server, NULL), 0);
	tls_client_shake(&client);
	tls_client_echo(&client, "abc", 3);
	assert_int_equal(stats.tls_resumed, resumed);
	assert_int_equal(stats.tls_full, !resumed);
	assert_int_equal(SSL_session_reused(client.ssl), resumed);
}

/* As in another worker, or after a reload: another context, the same ring. */
static void
change_servers(struct tickets *ring)
{
	tls_server_free(server);
	server = new_server();
	if (ring != NULL)
		tls_server_use_tickets(server, ring);
}

static void
test_tickets(void **state)
{
	struct tickets *ring = tickets_open(), *adopted, *alien = tickets_open();
	SSL_SESSION *session;
	size_t i;

	for (i = 0; i < countof(versions); i++) {
		tls_server_use_tickets(server, ring);
		start_over(state);
		begin_and_shake(&client, alice, versions[i]);
		session = session_of();
		resumes(state, versions[i], session, true);
		change_servers(ring);
		resumes(state, versions[i], session, true);
		/* By another process that was given the ring. */
		assert_non_null(adopted = tickets_open_fd(dup(tickets_fd(ring))));
		change_servers(adopted);
		resumes(state, versions[i], session, true);
		/* Two turns of the ring it outlives, not the third. */
		assert_int_equal(tickets_rotate(ring), 0);
		resumes(state, versions[i], session, true);
		assert_int_equal(tickets_rotate(ring), 0);
		resumes(state, versions[i], session, true);
		assert_int_equal(tickets_rotate(ring), 0);
		resumes(state, versions[i], session, false);
		/* Keys of somebody else. */
		change_servers(alien);
		resumes(state, versions[i], session, false);
		SSL_SESSION_free(session);
		start_over(state);
		change_servers(NULL);
		tickets_close(adopted);
	}
	tickets_close(ring);
	tickets_close(alien);
}

/* A session from where nobody was asked for a certificate is no use where one has to be. */
static void
test_ticket_of_another_policy(void **state)
{
	struct tickets *ring = tickets_open();
	struct tls_server_settings s = settings();
	struct tls_server *strict;
	SSL_SESSION *session;
	size_t i;

	for (i = 0; i < countof(versions); i++) {
		tls_server_use_tickets(server, ring);
		begin_and_shake(&client, alice, versions[i]);
		session = session_of();
		s.client_ca = certificate;
		s.client_verify = TLS_VERIFY_REQUIRED;
		assert_non_null(strict = tls_server_new(&s, no_complaint, NULL));
		tls_server_use_tickets(strict, ring);
		start_over(state);
		tls_client_open(&client, alice, &reactor, versions[i], session);
		assert_int_equal(conn_new(&conns, script_fd(alice), strict, NULL), 0);
		SSL_do_handshake(client.ssl);
		tls_client_talk(&client);
		SSL_do_handshake(client.ssl);
		tls_client_talk(&client);
		assert_int_equal(stats.tls_resumed + stats.tls_full, 0);
		SSL_SESSION_free(session);
		start_over(state);
		tls_server_free(strict);
	}
	change_servers(NULL);
	tickets_close(ring);
}

static void
test_description(void **state)
{
	static const unsigned char alpn[] = { 2, 'h', '2', 4, 'e', 'c', 'h', 'o' };
	char text[STREAM_TLS_TEXT];

	(void)state;
	begin(&client, alice, TLS1_3_VERSION);
	SSL_set_tlsext_host_name(client.ssl, "a\"b\n\x1b]0;c");
	SSL_set_alpn_protos(client.ssl, alpn, sizeof(alpn));
	tls_client_shake(&client);
	stream_tls_describe(text, container_of(alice->io, struct stream, io));
	assert_string_equal(text,
	    "TLSv1.3 TLS_AES_256_GCM_SHA384, asked for \"a\\x22b\\x0a\\x1b]0;c\", ALPN \"echo\"");
}

#define UNIT(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(test_every_schedule),
		UNIT(test_blocked_write),
		UNIT(test_handshake_waits_to_write),
		UNIT(test_answer_waits_to_write),
		UNIT(test_two_in_one),
		UNIT(test_key_update),
		UNIT(test_stale_errors),
		UNIT(test_not_tls),
		UNIT(test_cut),
		UNIT(test_cut_in_the_handshake),
		UNIT(test_reset),
		UNIT(test_goodbye_waits),
		UNIT(test_end),
		UNIT(test_flood),
		UNIT(test_renegotiation),
		UNIT(test_slow_handshake),
		UNIT(test_oversized_handshake),
		UNIT(test_steps_of_a_turn),
		UNIT(test_share_of_a_turn),
		UNIT(test_idle_with_half_a_record),
		UNIT(test_tickets),
		UNIT(test_ticket_of_another_policy),
		UNIT(test_description),
	};

	return cmocka_run_group_tests_name("stream_tls", tests, setup_all, teardown_all);
}

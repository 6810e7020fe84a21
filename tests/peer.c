/* SPDX-License-Identifier: ISC */
/*
 * peer.c -- a client that does on purpose what others do by accident.
 *
 * It sits at the other end of the connections in the functional tests, many at
 * once if need be, and is slow, silent, deaf, urgent or rude as it is told.
 *
 * When it has come to the point it writes a line that begins with "ready", and
 * goes on when it can read something, or the end, from stdin.
 */
#include <sys/resource.h>
#include <err.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "macros.h"
#include "peer_conns.h"

static const char usage[] =
    "usage: peer MODE [OPTION]... HOST:PORT|unix:PATH|unix:@NAME\n"
    "  echo     -s BYTES there and back, half-close, expect the end\n"
    "  hold     echo a byte, ready, then as echo\n"
    "  knock    as hold, but some may be refused: ready, so many served and refused\n"
    "  rounds   -s BYTES there and back, ready, that -r times; 0: until told\n"
    "  flood    echo a byte, ready, then all that fits, until told\n"
    "  never    send at most -s BYTES and read nothing; when nothing has moved for\n"
    "           -q MS: ready; then reset, or, with -f, half-close and read it all\n"
    "  stalled  as never, but wait to be cut off\n"
    "  idle     -s BYTES there and back, -r times, -i MS apart; then wait for the end\n"
    "  reset    send some, at most -s BYTES, and reset the connection\n"
    "  -n CONNECTIONS; -w BYTES that are echoed first; -b, -B BYTES of receive and\n"
    "  send buffer; -p BYTES at most are read at once, -d US of pause after that;\n"
    "  -u PLACE of an urgent byte, may be repeated, -a: each waits for the echo of\n"
    "  all before it; -S SEED; -L ADDRESS to connect from\n";

static struct {
	uint32_t rounds;
	uint64_t warm;
	int quiet_ms;
	unsigned interval_ms, seed;
	bool finish;
} say = { .rounds = 1, .quiet_ms = 500 };

static void
wait_to_be_told(void)
{
	char byte;

	if (read(STDIN_FILENO, &byte, 1) < 0)
		err(1, "stdin");
}

/* Put the target of all so much further, and be there. */
static void
echo_more(uint64_t bytes)
{
	uint32_t i;

	for (i = 0; i < peers.n; i++) {
		peers.all[i].target += bytes;
		peers.all[i].asked = peers_clock();
	}
	peers_move(peer_has_echo, 0);
}

static void
finish(void)
{
	peers.finishing = true;
	peers_move(peer_has_ended, 0);
}

static void
do_echo(void)
{
	uint32_t i;

	if (peers.size > 0)
		echo_more(1); /* now all are open */
	for (i = 0; i < peers.n && peers.size > 0; i++)
		peers.all[i].target += peers.size - 1;
	finish();
}

static void
do_hold(void)
{
	echo_more(1);
	puts("ready");
	wait_to_be_told();
	echo_more(peers.size);
	finish();
}

static void
do_knock(void)
{
	uint32_t i, refused;

	peers.may_refuse = peers.may_be_cut = true;
	for (i = 0; i < peers.n; i++)
		peers.all[i].target = 1;
	peers_move(peer_has_answer, 0);
	refused = peers_drop_cut();
	peers.may_refuse = peers.may_be_cut = false;
	printf("ready: served %u, refused %u\n", (unsigned)peers.n, (unsigned)refused);
	wait_to_be_told();
	echo_more(peers.size);
	finish();
}

static void
do_rounds(void)
{
	uint32_t i;

	echo_more(peers.size);
	puts("ready");
	peers.slowest = 0;
	peers.until_told = say.rounds == 0;
	for (i = 0; i < peers.n; i++)
		peers.all[i].rounds = say.rounds == 0 ? 1 : say.rounds - 1;
	echo_more(peers.size);
	finish();
	printf("slowest round: %.0f ms\n", peers.slowest);
}

static void
do_flood(void)
{
	echo_more(1);
	puts("ready");
	peers.until_told = true;
	echo_more(PEER_NO_LIMIT);
	finish();
	printf("%" PRIu64 " bytes\n", peers.all[0].received);
}

/* Send until nothing moves. */
static void
stuff(bool (*done)(const struct peer *))
{
	uint64_t taken = 0;
	uint32_t i;

	for (i = 0; i < peers.n; i++) {
		peers.all[i].deaf = true;
		peers.all[i].target += peers.size > 1 ? peers.size : PEER_NO_LIMIT;
	}
	peers_move(done, say.quiet_ms);
	for (i = 0; i < peers.n; i++)
		taken += peers.all[i].sent - say.warm;
	printf("ready: %" PRIu64 " bytes taken\n", taken);
}

static void
do_never(void)
{
	uint32_t i;

	stuff(peer_is_never_done);
	wait_to_be_told();
	for (i = 0; i < peers.n; i++) {
		peers.all[i].deaf = false;
		peers.all[i].target = peers.all[i].sent;
		if (!say.finish)
			peer_reset(&peers.all[i]);
	}
	if (say.finish)
		finish();
}

static void
do_stalled(void)
{
	/* Of when the server last got something out, this much is certain: it was later. */
	double began = peers_clock();

	peers.may_be_cut = true;
	stuff(peer_is_cut);
	peers_move(peer_is_cut, 0);
	printf("cut after %.0f ms\n", peers_clock() - began);
}

static void
do_idle(void)
{
	uint32_t i;

	echo_more(peers.size);
	puts("ready");
	for (i = 1; i < say.rounds; i++) {
		usleep(say.interval_ms * 1000);
		echo_more(peers.size);
	}
	peers.may_end = true;
	peers_move(peer_has_ended, 0);
	printf("ended after %.0f ms\n", peers_clock() - peers.last_move);
}

/* Every other one does not even read. */
static void
do_reset(void)
{
	uint32_t i;

	srandom(say.seed);
	for (i = 0; i < peers.n; i++) {
		peers.all[i].target = 1 + (uint64_t)random() % peers.size;
		peers.all[i].deaf = i % 2 == 0;
	}
	peers.rude = true;
	peers_move(peer_has_ended, 0);
}

static uint64_t
number(const char *text, uint64_t max)
{
	char *end;
	uint64_t n = strtoull(text, &end, 10);

	if (text[0] < '0' || text[0] > '9' || *end != '\0' || n > max)
		errx(2, "not a number: %s", text);
	return n;
}

static void
add_urgent(const char *place)
{
	if (peers.nurgent == PEER_MAX_URGENT)
		errx(2, "too many urgent bytes");
	peers.urgent[peers.nurgent++] = number(place, PEER_NO_LIMIT);
}

static void
take_all_descriptors(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

static void
read_options(int argc, char **argv)
{
	int c;

	while ((c = getopt(argc, argv, "n:s:r:w:b:B:p:d:q:i:u:S:L:af")) != -1)
		switch (c) {
		case 'n': peers.n = (uint32_t)number(optarg, 1 << 20); break;
		case 's': peers.size = number(optarg, PEER_NO_LIMIT); break;
		case 'r': say.rounds = (uint32_t)number(optarg, 1 << 20); break;
		case 'w': say.warm = number(optarg, PEER_NO_LIMIT); break;
		case 'b': peers.receive_buffer = (int)number(optarg, 1 << 30); break;
		case 'B': peers.send_buffer = (int)number(optarg, 1 << 30); break;
		case 'p': peers.piece = number(optarg, 1 << 20); break;
		case 'd': peers.pause_us = (unsigned)number(optarg, 1000000); break;
		case 'q': say.quiet_ms = (int)number(optarg, 60000); break;
		case 'i': say.interval_ms = (unsigned)number(optarg, 60000); break;
		case 'u': add_urgent(optarg); break;
		case 'S': say.seed = (unsigned)number(optarg, UINT32_MAX); break;
		case 'L': peers.source = optarg; break;
		case 'a': peers.urgent_alone = true; break;
		case 'f': say.finish = true; break;
		default: fputs(usage, stderr); exit(2);
		}
}

int
main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*run)(void);
	} modes[] = { { "echo", do_echo }, { "hold", do_hold }, { "knock", do_knock },
		{ "rounds", do_rounds }, { "flood", do_flood }, { "never", do_never },
		{ "stalled", do_stalled }, { "idle", do_idle }, { "reset", do_reset } };
	size_t i;

	setvbuf(stdout, NULL, _IOLBF, 0);
	peers = (struct peers){ .n = 1, .size = 1, .piece = 65536 };
	if (argc < 2) {
		fputs(usage, stderr);
		return 2;
	}
	read_options(argc - 1, argv + 1);
	for (i = 0; i < countof(modes); i++)
		if (strcmp(modes[i].name, argv[1]) == 0)
			break;
	if (i == countof(modes) || optind != argc - 2) {
		fputs(usage, stderr);
		return 2;
	}
	take_all_descriptors();
	peers_connect(argv[argc - 1]);
	if (say.warm > 0)
		echo_more(say.warm);
	modes[i].run();
	return 0;
}

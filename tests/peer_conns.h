/* SPDX-License-Identifier: ISC */
/*
 * peer_conns.h -- the connections of a test peer, and what moves their bytes.
 *
 * Each place in the stream of each connection has its own byte, so that one that
 * is lost, doubled, changed or somebody else's is seen.  What goes wrong ends the
 * program, with a message and status 1.
 */
#ifndef PEER_CONNS_H
#define PEER_CONNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PEER_MAX_URGENT 16
#define PEER_NO_LIMIT (UINT64_MAX / 2)

struct peer {
	int fd;
	uint32_t seed;
	uint64_t sent, received;
	uint64_t target; /* to be sent and echoed, for now */
	uint32_t rounds; /* how often target moves on by peers_are.size yet */
	double asked;    /* when the round began */
	bool deaf;       /* reads nothing */
	bool finished;   /* our FIN is out */
	bool ended;      /* so is theirs, or we have reset the connection */
	bool cut;        /* they have reset it */
};

/* All connections, and what holds for all of them. */
extern struct peers {
	struct peer *all;
	uint32_t n;
	uint64_t size;                   /* of a round */
	size_t piece;                    /* at most so much is read at once */
	unsigned pause_us;               /* after each read */
	int receive_buffer, send_buffer; /* 0: as the system has it */
	const char *source;              /* address to connect from, or NULL */
	uint64_t urgent[PEER_MAX_URGENT];
	size_t nurgent;
	bool urgent_alone; /* not before all that precedes has come back */

	bool finishing;   /* half-close when all has been sent */
	bool rude;        /* reset when all has been sent */
	bool may_end;     /* the other side may end first */
	bool may_be_cut;  /* and may reset */
	bool may_refuse;  /* and may end, or reset, before anything has come back */
	bool until_told;  /* go on until stdin has something to say */
	double slowest;   /* round, in ms */
	double last_move; /* when bytes were last seen to move */
} peers;

double peers_clock(void); /* ms */

/* Connect all, to HOST:PORT, unix:/path or unix:@name. */
void peers_connect(const char *address);

/*
 * Send and read until each is done.  With quiet_ms, at most until nothing has
 * moved for so long.
 */
void peers_move(bool (*done)(const struct peer *), int quiet_ms);

/* What one can wait for. */
bool peer_has_echo(const struct peer *); /* of all it was to send */
bool peer_has_ended(const struct peer *);
bool peer_is_cut(const struct peer *);
bool peer_is_never_done(const struct peer *);

/* It has an echo, or none will come. */
bool peer_has_answer(const struct peer *);

/* Forget those that were cut; how many there were. */
uint32_t peers_drop_cut(void);

/* Close with a reset. */
void peer_reset(struct peer *);

#endif

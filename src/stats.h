/* SPDX-License-Identifier: ISC */
/*
 * stats.h -- what processes have done, in numbers.
 *
 * Each process writes its own, with plain stores, and never resets them.  Where
 * there are several they stand in a table that all share: one slot for each, on
 * cache lines of its own.  So there is nothing to lock, and the numbers of a
 * process that was killed are still there.
 */
#ifndef STATS_H
#define STATS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Why a connection that was accepted was not served. */
enum stats_refused {
	REFUSED_MEMORY,
	REFUSED_BACKEND, /* it cannot watch one more */
	REFUSED_SOURCE,  /* max-per-source */
	REFUSED_RATE,    /* accept-rate */
	REFUSED_DENIED,  /* allow, deny */
	REFUSED_REASONS
};

/* Why a TLS handshake came to nothing. */
enum stats_handshake {
	HANDSHAKE_NOT_TLS,     /* the peer speaks something else */
	HANDSHAKE_UNSHARED,    /* no version, cipher or group that both want */
	HANDSHAKE_CERTIFICATE, /* the peer's is missing, or not to be believed */
	HANDSHAKE_REFUSED,     /* the peer would not have it */
	HANDSHAKE_LEFT,        /* the peer has gone */
	HANDSHAKE_SLOW,        /* it took too long */
	HANDSHAKE_OVERSIZED,   /* too many bytes */
	HANDSHAKE_BROKEN,      /* anything else */
	HANDSHAKE_REASONS
};

struct stats {
	uint64_t accepted;     /* connections, those refused included */
	uint64_t active, peak; /* connections now, and at most */
	uint64_t refused[REFUSED_REASONS];
	uint64_t bytes_in, bytes_out;
	uint64_t idle;                  /* ended by idle-timeout */
	uint64_t stalled;               /* ended by stall-timeout */
	uint64_t aged;                  /* ended by max-lifetime */
	uint64_t pauses;                /* times a connection had to wait for byte-rate */
	uint64_t reset;                 /* ended by the peer with a reset */
	uint64_t failed;                /* ended by another error */
	uint64_t drained;               /* ended by us at a stop */
	uint64_t rests;                 /* times a listener was out of descriptors */
	uint64_t beats;                 /* of a worker's heart, one a second */
	uint64_t tls_full, tls_resumed; /* handshakes */
	uint64_t tls_failed[HANDSHAKE_REASONS];
	uint64_t tls_cut;    /* ended by the peer without a goodbye */
	uint64_t tls_floods; /* ended by us: records in which there was nothing */
};

#define STATS_TEXT 1280

void stats_opened(struct stats *);
void stats_closed(struct stats *);

/* Add up two processes; of active and peak the sum is but a bound. */
void stats_add(struct stats *to, const struct stats *from);

/* The summary, one line without a newline; seconds: how long it all took. */
void stats_print(char text[STATS_TEXT], const struct stats *, double seconds);

#define STATS_CACHE_LINE 64

struct stats_slot {
	_Alignas(STATS_CACHE_LINE) struct stats stats;
	bool taken;    /* for whoever gives out slots */
	int forbidden; /* the system call that it was killed for, plus one; 0: none */
};

struct stats_table {
	int fd; /* of the memory, so that it can be handed on */
	struct stats_slot *slots;
	size_t n;
};

/* n slots, all zero, in memory that children share.  0 or -errno. */
int stats_table_open(struct stats_table *, size_t n);
int stats_table_attach(struct stats_table *, int fd); /* one that was handed on */
void stats_table_close(struct stats_table *);

#endif

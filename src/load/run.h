/* SPDX-License-Identifier: ISC */
/*
 * run.h -- what one run of echoload was asked to do, and what it found.
 *
 * Each load process writes its numbers into a part of its own, in shared memory,
 * so that they survive the process and need neither pipe nor lock.  A part has
 * no pointers, and parts add up without loss, also those of another machine.
 */
#ifndef RUN_H
#define RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hist.h"

#define RUN_BITS 10      /* of the histograms of a run: 0.1 % */
#define RUN_STRIP_BITS 3 /* of those of an interval: 12.5 %, for a heat map */
#define RUN_EXAMPLES 8   /* messages kept of each kind of trouble */
#define RUN_EXAMPLE_TEXT 256

enum run_mode { MODE_RR, MODE_CRR, MODE_STREAM, MODE_IDLE, MODE_HALFCLOSE, MODES };
enum run_arrival { ARRIVAL_UNIFORM, ARRIVAL_POISSON, ARRIVAL_BURST, ARRIVALS };
enum run_verify { VERIFY_FULL, VERIFY_SAMPLE, VERIFY_LENGTH, VERIFIES };

/* The clocks; each has a histogram of the whole run. */
enum run_clock {
	CLOCK_RESPONSE, /* from when it was to be sent to its verified echo */
	CLOCK_SERVICE,  /* from when it was sent */
	CLOCK_LAG,      /* from when it could have been sent to when it was */
	CLOCK_DISPATCH, /* from the wake-up to when the echo was looked at */
	CLOCK_CONNECT,  /* of TCP */
	CLOCK_TLS,      /* the handshake, from when the connection was there */
	CLOCKS
};

/* Why a connection or a request failed, with the server in the right. */
enum run_failure {
	FAIL_REFUSED,
	FAIL_CONNECT_TIMEOUT,
	FAIL_NO_LOCAL_PORT,
	FAIL_RESET,
	FAIL_EARLY_CLOSE,
	FAIL_TLS_HANDSHAKE, /* it came to nothing */
	FAIL_TLS_ALERT,     /* the server would not have it */
	FAIL_REQUEST_TIMEOUT,
	FAIL_UNFINISHED, /* a request, at the end of the drain */
	FAIL_OTHER,
	FAILURES
};

/* Bytes that are not what was sent: the server is in the wrong. */
enum run_violation {
	WRONG_CORRUPT,   /* some byte differs */
	WRONG_STALE,     /* bytes of the same stream, from another place */
	WRONG_CROSSTALK, /* bytes of another connection */
	WRONG_SURPLUS,   /* more than was sent */
	WRONG_TRUNCATED, /* the end, with bytes still owed */
	WRONG_LATE,      /* bytes after the end */
	VIOLATIONS
};

/* The names of all of them, as in the reports; NULL ends each list. */
extern const char *const run_modes[], *const run_arrivals[], *const run_verifies[];
extern const char *const run_clocks[], *const run_failures[], *const run_violations[];

/* All times in nanoseconds. */
struct run_interval {
	uint64_t messages, bytes, errors;
	uint64_t cpu; /* of the process, in this interval */
	uint64_t max, lag_max;
	/* hist_size(RUN_STRIP_BITS) bytes follow: run_strip() */
};

/* The part of one process.  Plain stores by its one writer. */
struct run_part {
	/* Of the measured phase, by when they were to be sent. */
	uint64_t scheduled; /* = started + never_sent */
	uint64_t started;   /* = verified + timeout + failed + unfinished */
	uint64_t never_sent;
	uint64_t held_back; /* of these: when they were due, no connection could take them */
	uint64_t verified, timeout, failed, unfinished;
	uint64_t inside; /* of the verified, those that came in the measured phase */
	uint64_t sent_bytes, received_bytes;
	uint64_t reads, messages_read; /* their quotient: messages a read */
	uint64_t first, last;          /* completions; the monotonic clock */
	uint64_t longest_gap;          /* between two completions */

	/* Of the whole run. */
	uint64_t verified_bytes;
	uint64_t failures[FAILURES], violations[VIOLATIONS];
	char failure_text[RUN_EXAMPLES][RUN_EXAMPLE_TEXT];
	char violation_text[RUN_EXAMPLES][RUN_EXAMPLE_TEXT];
	unsigned nfailure_texts, nviolation_texts;
	uint64_t connections;           /* open now */
	uint64_t established, replaced; /* ever; in place of one that was lost */
	uint64_t tls_full, tls_resumed; /* handshakes */
	char tls_version[16], tls_cipher[48], tls_group[24]; /* of the first of them */
	uint64_t missed; /* times the schedule was more than 1 ms late */

	/* This process in the measured phase. */
	uint64_t user, system; /* processor time */
	uint64_t spun;         /* of it, spent waiting for the next time to send */
	uint64_t wall;         /* of the measured phase, as it saw it */
	uint64_t preempted;    /* involuntary switches of context */
	uint64_t waited;       /* ns, ready to run but without a processor; 0: or not known */
	uint64_t retransmits, busy, window_limited, buffer_limited; /* TCP_INFO */
	uint64_t min_rtt;

	unsigned state; /* enum run_state, written last */
	int error;      /* why it could not run: -errno, and in words */
	char error_text[RUN_EXAMPLE_TEXT];
};

enum run_state { RUN_RAMPING, RUN_READY, RUN_DONE, RUN_FAILED };

/* What was asked for.  Strings as the user wrote them. */
struct run_config {
	enum run_mode mode;
	unsigned connections, processes, pipeline;
	double duration, warmup, interval, timeout, connect_timeout, drain, think;
	uint64_t requests; /* 0: as long as duration says */
	double rate;       /* messages a second in all; 0: closed loop */
	enum run_arrival arrival;
	unsigned burst;
	unsigned max_inflight;      /* a connection; 0: no limit */
	unsigned requests_per_conn; /* 0: no limit */
	double connect_rate;
	const char *size_text;
	enum run_verify verify;
	unsigned sample; /* VERIFY_SAMPLE: one in so many */
	uint64_t seed;
	bool tls;            /* for some target */
	unsigned tls_resume; /* handshakes that try to go on with a session, percent */
	bool nagle, reset_on_close;
	unsigned sndbuf, rcvbuf;
	const char *const *targets;
	unsigned ntargets;
	const char *const *argv;
	int argc;
};

struct run {
	const struct run_config *config;
	unsigned nintervals; /* room for */
	void *memory;
	size_t part_size, memory_size;
	struct run_control *control;

	/* Filled in by run_sum(), of all parts. */
	struct run_part total;
	struct hist *clocks[CLOCKS], *censored[CLOCKS];
	uint64_t *messages; /* measured, of each connection */
	unsigned nconnections;
	double jain;                   /* fairness: 1 is all alike */
	uint64_t least, most, starved; /* messages of a connection; with none */
};

/* What the conductor tells the load processes: times of the monotonic clock. */
struct run_control {
	uint64_t ramp_begin, warm_begin, measure_begin, measure_end, drain_end;
	bool stop; /* now, and report what there is */
};

/* Shared memory for so many processes and intervals.  0 or -errno. */
int run_open(struct run *, const struct run_config *, unsigned nintervals);
void run_close(struct run *);

struct run_part *run_part(const struct run *, unsigned process);
struct hist *run_clock(const struct run *, unsigned process, enum run_clock);
/* Of them, those that never came back: they are in both, at the age they had. */
struct hist *run_censored(const struct run *, unsigned process, enum run_clock);
struct run_interval *run_interval(const struct run *, unsigned process, unsigned i);
struct hist *run_strip(struct run_interval *);

/* Which connections a process has, and where it counts their messages. */
unsigned run_share(const struct run_config *, unsigned process, unsigned *first);
uint64_t *run_messages(const struct run *, unsigned process);

/* Add up all parts.  0 or -ENOMEM. */
int run_sum(struct run *);

#endif

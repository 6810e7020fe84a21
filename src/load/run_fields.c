/* SPDX-License-Identifier: ISC */
/*
 * run_fields.c -- see run_fields.h.
 */
#include "macros.h"
#include "report.h"
#include "run_fields.h"

#define COUNT(type, key, member) \
	{ \
		key, FIELD_COUNT, offsetof(struct type, member), NULL, 0 \
	}
#define WHOLE(type, key, member) \
	{ \
		key, FIELD_UNSIGNED, offsetof(struct type, member), NULL, 0 \
	}
#define FLAG(type, key, member) \
	{ \
		key, FIELD_BOOL, offsetof(struct type, member), NULL, 0 \
	}
#define REAL(type, key, member) \
	{ \
		key, FIELD_REAL, offsetof(struct type, member), NULL, 0 \
	}
#define TIME(type, key, member) \
	{ \
		key, FIELD_SECONDS, offsetof(struct type, member), NULL, 0 \
	}
#define SHARE(type, key, member) \
	{ \
		key, FIELD_SHARE, offsetof(struct type, member), NULL, 0 \
	}
#define STRING(type, key, member) \
	{ \
		key, FIELD_STRING, offsetof(struct type, member), NULL, 0 \
	}
#define NAME(type, key, member, names) \
	{ \
		key, FIELD_NAME, offsetof(struct type, member), names, 0 \
	}
#define ARRAY(type, key, member) \
	{ \
		key, FIELD_ARRAY, offsetof(struct type, member), NULL, \
		    sizeof(((struct type *)NULL)->member) \
	}

static const struct field host[] = {
	ARRAY(machine, "kernel", kernel),
	WHOLE(machine, "cpus", cpus),
	ARRAY(machine, "clocksource", clocksource),
	ARRAY(machine, "governor", governor),
	WHOLE(machine, "clock_cost_ns", clock_cost),
	FLAG(machine, "loopback", loopback),
};

static const struct field config[] = {
	NAME(run_config, "mode", mode, run_modes),
	WHOLE(run_config, "connections", connections),
	WHOLE(run_config, "processes", processes),
	WHOLE(run_config, "pipeline", pipeline),
	STRING(run_config, "msg_size", size_text),
	REAL(run_config, "rate_msgs_per_s", rate),
	NAME(run_config, "arrival", arrival, run_arrivals),
	WHOLE(run_config, "burst", burst),
	TIME(run_config, "duration_ns", duration),
	COUNT(run_config, "requests", requests),
	TIME(run_config, "warmup_ns", warmup),
	TIME(run_config, "interval_ns", interval),
	TIME(run_config, "timeout_ns", timeout),
	TIME(run_config, "connect_timeout_ns", connect_timeout),
	TIME(run_config, "drain_ns", drain),
	TIME(run_config, "think_ns", think),
	WHOLE(run_config, "max_inflight", max_inflight),
	WHOLE(run_config, "requests_per_conn", requests_per_conn),
	REAL(run_config, "connect_rate_per_s", connect_rate),
	NAME(run_config, "verify", verify, run_verifies),
	WHOLE(run_config, "verify_sample", sample),
	COUNT(run_config, "seed", seed),
	FLAG(run_config, "tls", tls),
	WHOLE(run_config, "tls_resume_pct", tls_resume),
	FLAG(run_config, "nagle", nagle),
	FLAG(run_config, "reset_on_close", reset_on_close),
	WHOLE(run_config, "sndbuf_bytes", sndbuf),
	WHOLE(run_config, "rcvbuf_bytes", rcvbuf),
};

static const struct field phases[] = {
	COUNT(report, "ramp_ns", ramp_ns),
	COUNT(report, "warmup_ns", warmup_ns),
	COUNT(report, "measured_ns", measured_ns),
	COUNT(report, "drain_ns", drain_ns),
};

static const struct field requests[] = {
	COUNT(run_part, "scheduled", scheduled),
	COUNT(run_part, "started", started),
	COUNT(run_part, "never_sent", never_sent),
	COUNT(run_part, "verified", verified),
	COUNT(run_part, "verified_in_time", inside),
	COUNT(run_part, "timeout", timeout),
	COUNT(run_part, "unfinished", unfinished),
	COUNT(run_part, "failed", failed),
};

static const struct field throughput[] = {
	COUNT(run_part, "tx_bytes", sent_bytes),
	COUNT(run_part, "rx_bytes", received_bytes),
	COUNT(run_part, "reads", reads),
	COUNT(run_part, "msgs_read", messages_read),
};

static const struct field connections[] = {
	COUNT(run_part, "open", connections),
	COUNT(run_part, "established", established),
	COUNT(run_part, "replaced", replaced),
};

const struct field run_tls_fields[] = {
	ARRAY(run_part, "version", tls_version),
	ARRAY(run_part, "cipher", tls_cipher),
	ARRAY(run_part, "group", tls_group),
	COUNT(run_part, "handshakes_full", tls_full),
	COUNT(run_part, "handshakes_resumed", tls_resumed),
};
const size_t run_ntls_fields = countof(run_tls_fields);

static const struct field integrity[] = {
	COUNT(run_part, "verified_bytes", verified_bytes),
};

static const struct field fairness[] = {
	REAL(run, "jain", jain),
	WHOLE(run, "connections", nconnections),
	COUNT(run, "min_msgs", least),
	COUNT(run, "max_msgs", most),
	COUNT(run, "starved", starved),
};

static const struct field steady[] = {
	REAL(verdict, "r2", r2),
	SHARE(verdict, "half_drift_pct", drift),
};

static const struct field gaps[] = {
	COUNT(run_part, "max_gap_ns", longest_gap),
	COUNT(run_part, "first_ns", first),
	COUNT(run_part, "last_ns", last),
};

static const struct field tcp[] = {
	COUNT(run_part, "retransmits", retransmits),
	COUNT(run_part, "busy_ns", busy),
	COUNT(run_part, "rwnd_limited_ns", window_limited),
	COUNT(run_part, "sndbuf_limited_ns", buffer_limited),
	COUNT(run_part, "min_rtt_ns", min_rtt),
};

static const struct field client_verdict[] = {
	SHARE(verdict, "cpu_pct", cpu),
	SHARE(verdict, "waiting_pct", waiting),
	SHARE(verdict, "achieved_pct", achieved),
	FLAG(verdict, "saturated", saturated),
};

static const struct field client_machine[] = {
	SHARE(machine, "steal_pct", steal),
	COUNT(machine, "cgroup_throttled", throttled),
};

static const struct field client[] = {
	COUNT(run_part, "user_ns", user),
	COUNT(run_part, "sys_ns", system),
	COUNT(run_part, "spun_ns", spun),
	COUNT(run_part, "wall_ns", wall),
	COUNT(run_part, "involuntary_ctx", preempted),
	COUNT(run_part, "waited_ns", waited),
	COUNT(run_part, "missed_schedule", missed),
};

const struct run_section run_sections[] = {
	{ "host", BASE_MACHINE, host, countof(host) },
	{ "config", BASE_CONFIG, config, countof(config) },
	{ "phases", BASE_REPORT, phases, countof(phases) },
	{ "requests", BASE_TOTAL, requests, countof(requests) },
	{ "throughput", BASE_TOTAL, throughput, countof(throughput) },
	{ "connections", BASE_TOTAL, connections, countof(connections) },
	{ "integrity", BASE_TOTAL, integrity, countof(integrity) },
	{ "fairness", BASE_RUN, fairness, countof(fairness) },
	{ "steady", BASE_VERDICT, steady, countof(steady) },
	{ "steady", BASE_TOTAL, gaps, countof(gaps) },
	{ "tcp", BASE_TOTAL, tcp, countof(tcp) },
	{ "client", BASE_VERDICT, client_verdict, countof(client_verdict) },
	{ "client", BASE_TOTAL, client, countof(client) },
	{ "client", BASE_MACHINE, client_machine, countof(client_machine) },
};
const size_t run_nsections = countof(run_sections);

const struct field run_interval_fields[] = {
	COUNT(run_interval, "msgs", messages),
	COUNT(run_interval, "bytes", bytes),
	COUNT(run_interval, "errors", errors),
	COUNT(run_interval, "cpu_ns", cpu),
	COUNT(run_interval, "max_ns", max),
	COUNT(run_interval, "lag_max_ns", lag_max),
};
const size_t run_ninterval_fields = countof(run_interval_fields);

static const char *const units[] = { "time", "rate", "count", "share", NULL };

const struct field run_assertion_fields[] = {
	STRING(expectation, "expr", text),
	ARRAY(expectation, "metric", metric),
	FLAG(expectation, "known", known),
	NAME(expectation, "unit", unit, units),
	FLAG(expectation, "is_time", is_time),
	FLAG(expectation, "at_least", at_least),
	FLAG(expectation, "pass", pass),
};
const size_t run_nassertion_fields = countof(run_assertion_fields);

const void *
run_base(const struct report *r, enum run_base base)
{
	switch (base) {
	case BASE_CONFIG: return r->run->config;
	case BASE_TOTAL: return &r->run->total;
	case BASE_RUN: return r->run;
	case BASE_MACHINE: return r->machine;
	case BASE_VERDICT: return &r->verdict;
	case BASE_REPORT: return r;
	}
	return NULL;
}

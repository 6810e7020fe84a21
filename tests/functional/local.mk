# SPDX-License-Identifier: ISC
# Stories about the whole program, told with real peers: see lib.sh.
TEST_EXTENSIONS = .sh
SH_LOG_COMPILER = bash
SH_LOG_DRIVER = env AM_TAP_AWK='$(AWK)' bash $(top_srcdir)/build-aux/tap-driver.sh

check_PROGRAMS += tests/peer tests/broken
tests_broken_SOURCES = tests/broken.c
tests_peer_SOURCES = tests/peer.c tests/peer_conns.h tests/peer_conns.c
if OPENSSL
check_PROGRAMS += tests/tls_peer
tls_peer = tests/tls_peer
tests_tls_peer_SOURCES = tests/tls_peer.c
tests_tls_peer_LDADD = $(OPENSSL_LIBS)
endif

# Those that take longest come first, so that none is alone in the end.
stories = \
	%D%/over-tls.sh \
	%D%/load-modes.sh \
	%D%/reload-storm.sh \
	%D%/tls-peers.sh \
	%D%/netcats.sh \
	%D%/telnet.sh \
	%D%/urgent.sh \
	%D%/slow-reader.sh \
	%D%/never-reader.sh \
	%D%/crowd.sh \
	%D%/resets.sh \
	%D%/fairness.sh \
	%D%/listeners.sh \
	%D%/timeouts.sh \
	%D%/clock-jumps.sh \
	%D%/max-connections.sh \
	%D%/sources.sh \
	%D%/admission.sh \
	%D%/byte-rate.sh \
	%D%/busy-poll.sh \
	%D%/libev-flags.sh \
	%D%/workers.sh \
	%D%/spread.sh \
	%D%/bad-command-lines.sh \
	%D%/bad-files.sh \
	%D%/check-and-dump.sh \
	%D%/papers.sh \
	%D%/sandbox.sh \
	%D%/start.sh \
	%D%/daemon.sh \
	%D%/instances.sh \
	%D%/privileges.sh \
	%D%/log.sh \
	%D%/stop.sh \
	%D%/descriptors.sh \
	%D%/surroundings.sh \
	%D%/reload.sh \
	%D%/upgrade.sh \
	%D%/service-manager.sh \
	%D%/passed-sockets.sh \
	%D%/injected.sh \
	%D%/short-io.sh \
	%D%/fail-nth.sh \
	%D%/hostile-peers.sh \
	%D%/poor-surroundings.sh \
	%D%/worker-kill.sh \
	%D%/leash.sh \
	%D%/signals.sh \
	%D%/load-faults.sh \
	%D%/load-omission.sh \
	%D%/load-unanswered.sh \
	%D%/load-papers.sh \
	%D%/load-tls.sh \
	%D%/load-ends.sh \
	%D%/load-options.sh \
	%D%/load-limits.sh \
	%D%/load-verdict.sh \
	%D%/load-progress.sh \
	%D%/schema.sh \
	%D%/html.sh \
	%D%/bench.sh \
	%D%/saved-runs.sh \
	%D%/tls-faults.sh \
	%D%/supervisor-faults.sh \
	%D%/tls-sessions.sh \
	%D%/tls-files.sh \
	%D%/tls-hostile.sh \
	$(nothing)

TESTS += $(stories)

# What make check tells with two workers on epoll and epoll-et, on every backend.
told_with_workers = netcats telnet urgent slow-reader never-reader crowd resets fairness listeners \
	timeouts max-connections busy-poll libev-flags workers spread start daemon instances \
	privileges log stop descriptors surroundings
check-workers:
	ECHOD_WORKERS=2 ECHOD_BACKENDS='select poll epoll epoll-et' $(MAKE) $(AM_MAKEFLAGS) check \
		TESTS="$$(printf 'tests/functional/%s.sh ' $(told_with_workers))"
# What a client sees, over TLS 1.2 and 1.3, with and without them.
check-tls:
	ECHOD_TLS=all $(MAKE) $(AM_MAKEFLAGS) check TESTS='tests/functional/over-tls.sh'
.PHONY: check-workers check-tls
# What stories share.
EXTRA_DIST += $(stories) \
	%D%/lib.sh \
	%D%/peers.sh \
	%D%/refused.sh \
	%D%/life.sh \
	%D%/load.sh \
	%D%/supervised.sh %D%/own-net.sh \
	%D%/browser.sh \
	%D%/manager.py \
	%D%/preload.sh \
	%D%/certificates.sh \
	$(nothing)

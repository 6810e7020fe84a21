# SPDX-License-Identifier: ISC
# What echod and echoload cost.  `make figures` measures all and says PASS or FAIL to
# each, `make figure-NAME` one of them.  `make bench` compares echod with a bare loop,
# and with PEERS=1 with other servers.  None of it is a part of make check, save that
# one story tries the bench itself, and so needs its programs.
FIGURES = ready syscalls instructions memory leak busy-poll throughput \
	client-instructions client-throughput open-loop client-memory

if OPENSSL
FIGURES += tls-throughput tls-memory tls-floods
tls_bench = tests/bench/bare_tls tests/bench/tls_load
tls_measured = tests/tls_peer tests/preload/turns.so
tests_bench_bare_tls_SOURCES = %D%/bare_tls.c
tests_bench_bare_tls_LDADD = $(OPENSSL_LIBS)
tests_bench_tls_load_SOURCES = %D%/tls_load.c
tests_bench_tls_load_LDADD = $(OPENSSL_LIBS)
endif
EXTRA_DIST += %D%/tls.sh %D%/tls-throughput.sh %D%/tls-memory.sh %D%/tls-floods.sh

check_PROGRAMS += tests/bench/bare tests/bench/crowd tests/bench/compare
only_bench = tests/bench/pingpong tests/bench/client_size tests/bench/herd $(tls_bench)
EXTRA_PROGRAMS += $(only_bench)
CLEANFILES += $(only_bench) bench.html bench-throughput.html
EXTRA_DIST += %D%/lib.sh %D%/ready.sh %D%/syscalls.sh %D%/instructions.sh %D%/memory.sh \
	%D%/leak.sh %D%/busy-poll.sh %D%/throughput.sh %D%/client-instructions.sh \
	%D%/client-throughput.sh %D%/open-loop.sh %D%/client-memory.sh \
	%D%/bench.sh %D%/subjects.sh %D%/surroundings.sh %D%/peers.sh \
	%D%/peers/echo.js %D%/peers/echo.lua %D%/peers/echo.py
tests_bench_bare_SOURCES = %D%/bare.c
tests_bench_herd_SOURCES = %D%/herd.c
tests_bench_pingpong_SOURCES = %D%/pingpong.c
tests_bench_client_size_SOURCES = %D%/client_size.c
tests_bench_crowd_SOURCES = %D%/crowd.c
tests_bench_compare_SOURCES = %D%/compare.h %D%/compare.c %D%/results.h %D%/results.c \
	%D%/spread.h %D%/spread.c %D%/print_table.c %D%/print_html.c %D%/draw.c
tests_bench_compare_LDADD = src/libload.a src/libecho.a $(EV_LIBS) $(JANSSON_LIBS) -lm

run_figure = sh '$(top_srcdir)/tests/bench'
measured = src/echod src/echoload tests/bench/bare tests/bench/crowd tests/bench/compare \
	$(only_bench) $(tls_measured)

bench: $(measured)
	@$(run_figure)/bench.sh

figures: $(measured)
	@failed=; for name in $(FIGURES); do \
		$(run_figure)/$$name.sh || failed="$$failed $$name"; \
	done; test -z "$$failed" || { echo "missed:$$failed"; exit 1; }

# What is only to be looked at, for a reason given in ARCHITECTURE.md.
figure-herd: tests/bench/herd
	@tests/bench/herd

figure_targets = $(FIGURES:%=figure-%)
$(figure_targets): $(measured)
	@$(run_figure)/$(@:figure-%=%).sh

.PHONY: bench figures figure-herd $(figure_targets)

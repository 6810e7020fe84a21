# SPDX-License-Identifier: ISC
# What echod costs.  Nothing here runs in make check: `make figures` measures all
# and says PASS or FAIL to each, `make figure-NAME` one of them.
FIGURES = ready syscalls instructions memory leak busy-poll throughput

bench_programs = tests/bench/bare tests/bench/pingpong tests/bench/crowd
EXTRA_PROGRAMS += $(bench_programs)
CLEANFILES += $(bench_programs)
EXTRA_DIST += %D%/lib.sh %D%/ready.sh %D%/syscalls.sh %D%/instructions.sh %D%/memory.sh \
	%D%/leak.sh %D%/busy-poll.sh %D%/throughput.sh
tests_bench_bare_SOURCES = %D%/bare.c
tests_bench_pingpong_SOURCES = %D%/pingpong.c
tests_bench_crowd_SOURCES = %D%/crowd.c

run_figure = sh '$(top_srcdir)/tests/bench'
figures: src/echod $(bench_programs)
	@failed=; for name in $(FIGURES); do \
		$(run_figure)/$$name.sh || failed="$$failed $$name"; \
	done; test -z "$$failed" || { echo "missed:$$failed"; exit 1; }

figure-ready figure-syscalls figure-instructions figure-memory figure-leak figure-busy-poll \
figure-throughput: src/echod $(bench_programs)
	@$(run_figure)/$(@:figure-%=%).sh

.PHONY: figures figure-ready figure-syscalls figure-instructions figure-memory figure-leak \
	figure-busy-poll figure-throughput

# SPDX-License-Identifier: ISC
# Fuzz targets: see fuzz.h.  Each is built twice: to look for more, by clang's libFuzzer
# with all of src/ instrumented (make fuzz), and to replay what was found, by whatever
# builds the rest (make check).
FUZZ_TARGETS = conf words cli schedule
CLEANFILES += %D%/replay_*.err
FUZZ_CC = clang
FUZZ_CFLAGS = -g -O1 -std=c11 -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all

# What the linker sends elsewhere, as --wrap does.
STAND_INS = -Wl,--wrap=getaddrinfo,--wrap=freeaddrinfo,--wrap=proc_find_user \
	-Wl,--wrap=proc_raise_files,--wrap=reactor_check,--wrap=conf_open_tls
fuzz_conf_wrap = $(STAND_INS)
fuzz_words_wrap = $(STAND_INS)
fuzz_cli_wrap = $(STAND_INS) -Wl,--wrap=conf_read,--wrap=sockets_open,--wrap=proc_detach \
	-Wl,--wrap=proc_pid_lock,--wrap=proc_pid_owner,--wrap=proc_clean,--wrap=log_error \
	-Wl,--wrap=proc_close_others,--wrap=control_ask,--wrap=title_open
fuzz_schedule_wrap = -Wl,--wrap=recv,--wrap=send,--wrap=shutdown,--wrap=close \
	-Wl,--wrap=malloc,--wrap=calloc,--wrap=free

fuzz_conf_sources = %D%/fuzz.h %D%/fuzz_conf.c %D%/stand_ins.h %D%/stand_ins.c
fuzz_words_sources = %D%/fuzz.h %D%/fuzz_words.c %D%/stand_ins.h %D%/stand_ins.c
fuzz_cli_sources = %D%/fuzz.h %D%/fuzz_cli.c %D%/stand_ins.h %D%/stand_ins.c
fuzz_schedule_sources = %D%/fuzz.h %D%/fuzz_schedule.c %D%/kernel.h %D%/kernel.c

fuzz_replays = %D%/replay_conf %D%/replay_words %D%/replay_cli %D%/replay_schedule
fuzz_ldadd = src/libecho.a $(echo_libs)
check_PROGRAMS += $(fuzz_replays)
tests_fuzz_replay_conf_SOURCES = %D%/replay.c $(fuzz_conf_sources)
tests_fuzz_replay_conf_LDADD = $(fuzz_ldadd)
tests_fuzz_replay_conf_LDFLAGS = $(AM_LDFLAGS) $(fuzz_conf_wrap)
tests_fuzz_replay_words_SOURCES = %D%/replay.c $(fuzz_words_sources)
tests_fuzz_replay_words_LDADD = $(fuzz_ldadd)
tests_fuzz_replay_words_LDFLAGS = $(AM_LDFLAGS) $(fuzz_words_wrap)
tests_fuzz_replay_cli_SOURCES = %D%/replay.c $(fuzz_cli_sources)
tests_fuzz_replay_cli_LDADD = $(fuzz_ldadd)
tests_fuzz_replay_cli_LDFLAGS = $(AM_LDFLAGS) $(fuzz_cli_wrap)
tests_fuzz_replay_schedule_SOURCES = %D%/replay.c $(fuzz_schedule_sources)
tests_fuzz_replay_schedule_LDADD = $(fuzz_ldadd)
tests_fuzz_replay_schedule_LDFLAGS = $(AM_LDFLAGS) $(fuzz_schedule_wrap)

# The other end is a client of the unit tests.
if OPENSSL
if HAVE_CMOCKA
FUZZ_TARGETS += tls
check_PROGRAMS += %D%/replay_tls
tests_fuzz_replay_tls_SOURCES = %D%/replay.c $(fuzz_tls_sources)
tests_fuzz_replay_tls_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests/unit
tests_fuzz_replay_tls_LDADD = $(fuzz_ldadd) $(CMOCKA_LIBS)
tests_fuzz_replay_tls_LDFLAGS = $(AM_LDFLAGS) $(fuzz_tls_wrap)
endif
endif
fuzz_tls_wrap = -Wl,--wrap=recv,--wrap=send,--wrap=shutdown,--wrap=close
fuzz_tls_sources = %D%/fuzz.h %D%/fuzz_tls.c tests/unit/unit.h \
	tests/unit/script.h tests/unit/script.c tests/unit/tls_client.h tests/unit/tls_client.c

TESTS += %D%/corpora.sh
EXTRA_DIST += %D%/corpora.sh %D%/run.sh %D%/corpus

# make fuzz SECONDS=n looks for more, n seconds in all, in fuzz/; make fuzz-merge puts
# those inputs that reach new code into the corpora of the source tree.
SECONDS = 60
fuzz_run = CC='$(FUZZ_CC)' CFLAGS='$(FUZZ_CFLAGS) $(CONFUSE_CFLAGS) $(OPENSSL_CFLAGS) $(CMOCKA_CFLAGS)' \
	LIBS='$(echo_libs) $(CMOCKA_LIBS)' LIBRARY='$(src_libecho_a_SOURCES)' \
	TARGETS='$(FUZZ_TARGETS)' TOP='$(top_srcdir)' bash $(top_srcdir)/tests/fuzz/run.sh
fuzz_build = $(fuzz_run) build conf '$(fuzz_conf_wrap)' $(fuzz_conf_sources) && \
	$(fuzz_run) build words '$(fuzz_words_wrap)' $(fuzz_words_sources) && \
	$(fuzz_run) build cli '$(fuzz_cli_wrap)' $(fuzz_cli_sources) && \
	$(fuzz_run) build schedule '$(fuzz_schedule_wrap)' $(fuzz_schedule_sources) && \
	$(fuzz_run) build tls '$(fuzz_tls_wrap)' $(fuzz_tls_sources)
fuzz: config.h
	@$(fuzz_build) && $(fuzz_run) search '$(SECONDS)' $(FUZZ_TARGETS)
fuzz-merge: config.h
	@$(fuzz_build) && $(fuzz_run) merge $(FUZZ_TARGETS)
clean-local: clean-fuzz
clean-fuzz:
	rm -rf fuzz
.PHONY: fuzz fuzz-merge clean-fuzz

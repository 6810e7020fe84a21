# SPDX-License-Identifier: ISC
# One cmocka program for each module, linked with all of src/ but the program.
#
# Most faults are made by the linker: --wrap=recv sends the calls of src/ to a
# function of the test.  It reaches no shared library.
LOG_DRIVER = env AM_TAP_AWK='$(AWK)' $(SHELL) $(top_srcdir)/build-aux/tap-driver.sh
LOG_COMPILER = $(SHELL) $(top_srcdir)/tests/unit/tap.sh
AM_TESTS_ENVIRONMENT = CMOCKA_MESSAGE_OUTPUT=TAP; export CMOCKA_MESSAGE_OUTPUT;

EXTRA_DIST += %D%/tap.sh %D%/without-cmocka

if HAVE_CMOCKA

AM_CPPFLAGS += $(CMOCKA_CFLAGS)
unit_ldadd = src/libecho.a $(CMOCKA_LIBS) $(echo_libs)

unit_tests = %D%/test_conn %D%/test_reactor %D%/test_backends \
	%D%/test_deadline %D%/test_listener \
	%D%/test_units %D%/test_stats %D%/test_net \
	%D%/test_log %D%/test_proc %D%/test_conf \
	%D%/test_title %D%/test_cpus %D%/test_channel %D%/test_control %D%/test_sockets \
	%D%/test_sandbox \
	%D%/test_access %D%/test_admission
check_PROGRAMS += $(unit_tests)
TESTS += $(unit_tests)

tests_unit_test_conn_SOURCES = %D%/test_conn.c %D%/unit.h \
	%D%/script.h %D%/script.c %D%/memory.h %D%/memory.c %D%/clock.h %D%/clock.c
tests_unit_test_conn_LDADD = $(unit_ldadd)
tests_unit_test_conn_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=recv,--wrap=send,--wrap=shutdown \
	-Wl,--wrap=close,--wrap=malloc,--wrap=calloc,--wrap=free

tests_unit_test_reactor_SOURCES = %D%/test_reactor.c %D%/unit.h \
	%D%/backends.h %D%/backends.c %D%/pair.h %D%/pair.c
tests_unit_test_reactor_LDADD = $(unit_ldadd)
tests_unit_test_reactor_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=recv,--wrap=send

tests_unit_test_backends_SOURCES = %D%/test_backends.c %D%/unit.h \
	%D%/backends.h %D%/backends.c %D%/pair.h %D%/pair.c %D%/waits.h %D%/waits.c
tests_unit_test_backends_LDADD = $(unit_ldadd) -ldl
tests_unit_test_backends_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=realloc

tests_unit_test_deadline_SOURCES = %D%/test_deadline.c %D%/unit.h %D%/clock.h %D%/clock.c
tests_unit_test_deadline_LDADD = $(unit_ldadd)

tests_unit_test_listener_SOURCES = %D%/test_listener.c %D%/unit.h %D%/clock.h %D%/clock.c
tests_unit_test_listener_LDADD = $(unit_ldadd)
tests_unit_test_listener_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=accept4

tests_unit_test_units_SOURCES = %D%/test_units.c %D%/unit.h
tests_unit_test_units_LDADD = $(unit_ldadd)

tests_unit_test_stats_SOURCES = %D%/test_stats.c %D%/unit.h
tests_unit_test_stats_LDADD = $(unit_ldadd)

tests_unit_test_net_SOURCES = %D%/test_net.c %D%/unit.h
tests_unit_test_net_LDADD = $(unit_ldadd)
tests_unit_test_net_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=getaddrinfo,--wrap=freeaddrinfo

tests_unit_test_log_SOURCES = %D%/test_log.c %D%/unit.h %D%/clock.h %D%/clock.c
tests_unit_test_log_LDADD = $(unit_ldadd)

tests_unit_test_proc_SOURCES = %D%/test_proc.c %D%/unit.h
tests_unit_test_proc_LDADD = $(unit_ldadd)
tests_unit_test_proc_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=getrlimit,--wrap=setrlimit

tests_unit_test_conf_SOURCES = %D%/test_conf.c %D%/unit.h %D%/waits.h %D%/waits.c
tests_unit_test_conf_LDADD = $(unit_ldadd)

tests_unit_test_sandbox_SOURCES = %D%/test_sandbox.c %D%/unit.h
tests_unit_test_sandbox_LDADD = $(unit_ldadd)

tests_unit_test_access_SOURCES = %D%/test_access.c %D%/unit.h
tests_unit_test_access_LDADD = $(unit_ldadd)

tests_unit_test_admission_SOURCES = %D%/test_admission.c %D%/unit.h
tests_unit_test_admission_LDADD = $(unit_ldadd)

if OPENSSL
tls_tests = %D%/test_stream_tls %D%/test_tickets %D%/test_instance
check_PROGRAMS += $(tls_tests)
TESTS += $(tls_tests)

tests_unit_test_stream_tls_SOURCES = %D%/test_stream_tls.c %D%/unit.h \
	%D%/script.h %D%/script.c %D%/tls_client.h %D%/tls_client.c %D%/clock.h %D%/clock.c
tests_unit_test_stream_tls_LDADD = $(unit_ldadd)
tests_unit_test_stream_tls_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=recv,--wrap=send,--wrap=shutdown \
	-Wl,--wrap=close

tests_unit_test_tickets_SOURCES = %D%/test_tickets.c %D%/unit.h
tests_unit_test_tickets_LDADD = $(unit_ldadd)
tests_unit_test_tickets_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=time,--wrap=clock_gettime

tests_unit_test_instance_SOURCES = %D%/test_instance.c %D%/unit.h %D%/clock.h %D%/clock.c
tests_unit_test_instance_LDADD = $(unit_ldadd)
tests_unit_test_instance_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=log_warn,--wrap=log_info \
	-Wl,--wrap=tls_server_end,--wrap=tls_server_broken_link
endif

tests_unit_test_title_SOURCES = %D%/test_title.c %D%/unit.h
tests_unit_test_title_LDADD = $(unit_ldadd)

tests_unit_test_cpus_SOURCES = %D%/test_cpus.c %D%/unit.h
tests_unit_test_cpus_LDADD = $(unit_ldadd)
tests_unit_test_cpus_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=sched_getaffinity \
	-Wl,--wrap=sched_setaffinity

tests_unit_test_channel_SOURCES = %D%/test_channel.c %D%/unit.h
tests_unit_test_channel_LDADD = $(unit_ldadd)

tests_unit_test_control_SOURCES = %D%/test_control.c %D%/unit.h
tests_unit_test_control_LDADD = $(unit_ldadd)

tests_unit_test_sockets_SOURCES = %D%/test_sockets.c %D%/unit.h
tests_unit_test_sockets_LDADD = $(unit_ldadd)

include tests/unit/load.mk

else

TESTS += %D%/without-cmocka

endif

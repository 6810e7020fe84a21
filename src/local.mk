# SPDX-License-Identifier: ISC
# All but the main programs goes into one library, which the tests link too.
noinst_LIBRARIES += src/libecho.a
src_libecho_a_SOURCES = \
	%D%/macros.h \
	%D%/log.h %D%/log.c \
	%D%/net.h %D%/net.c %D%/net_listen.c \
	%D%/units.h %D%/units.c \
	%D%/typo.h %D%/typo.c \
	%D%/stats.h %D%/stats.c \
	%D%/proc.h %D%/proc.c \
	%D%/title.h %D%/title.c \
	%D%/cpus.h %D%/cpus.c \
	%D%/channel.h %D%/channel.c \
	%D%/landlock.h %D%/landlock.c %D%/sandbox.h \
	%D%/reactor.h %D%/reactor.c \
	%D%/backend.h %D%/backend_ev.c %D%/backend_et.c \
	%D%/deadline.h %D%/deadline.c \
	%D%/bucket.h \
	%D%/access.h %D%/access.c \
	%D%/sources.h %D%/sources.c \
	%D%/stream.h %D%/stream.c %D%/stream_tls.h \
	%D%/tls.h %D%/tls_connect.h %D%/tls_rehearse.h %D%/pem.h %D%/tickets.h \
	%D%/conn.h %D%/conn.c \
	%D%/listener.h %D%/listener.c \
	%D%/notify.h %D%/notify.c \
	%D%/activation.h %D%/activation.c \
	%D%/pulse.h %D%/pulse.c \
	%D%/conf.h %D%/conf.c %D%/conf_table.h %D%/conf_print.c %D%/conf_file.c \
	%D%/conf_check.c %D%/conf_access.c %D%/conf_tls.c \
	%D%/admission.h %D%/admission.c \
	%D%/sockets.h %D%/sockets.c \
	%D%/worker.h %D%/worker.c \
	%D%/self_test.h %D%/self_test.c \
	%D%/options.h %D%/options.c \
	%D%/control.h %D%/control.c \
	%D%/instance.h %D%/instance.c \
	%D%/child.h %D%/child.c \
	%D%/crew.h %D%/crew.c \
	%D%/single.h %D%/single.c \
	%D%/state.h %D%/state.c \
	%D%/upgrade.h %D%/upgrade.c \
	%D%/supervisor.h %D%/supervisor.c

if OPENSSL
src_libecho_a_SOURCES += %D%/stream_tls.c %D%/tls.c %D%/tls_connect.c %D%/tls_rehearse.c %D%/pem.c %D%/tickets.c
else
src_libecho_a_SOURCES += %D%/tls_none.c
endif

if SECCOMP
src_libecho_a_SOURCES += %D%/sandbox.c
else
src_libecho_a_SOURCES += %D%/sandbox_none.c
endif

# What libecho.a needs.
echo_libs = $(EV_LIBS) $(CONFUSE_LIBS) $(OPENSSL_LIBS) $(SYSTEMD_LIBS) $(SECCOMP_LIBS) -lm

sbin_PROGRAMS += src/echod
src_echod_SOURCES = %D%/echod.c
src_echod_LDADD = src/libecho.a $(echo_libs)

# What only the load client needs.
noinst_LIBRARIES += src/libload.a
src_libload_a_SOURCES = \
	%D%/load/hist.h %D%/load/hist.c \
	%D%/load/payload.h %D%/load/payload.c \
	%D%/load/sizes.h %D%/load/sizes.c \
	%D%/load/run.h %D%/load/run.c \
	%D%/load/client.h %D%/load/client.c \
	%D%/load/pace.h %D%/load/pace.c \
	%D%/load/tally.h %D%/load/tally.c \
	%D%/load/line.h %D%/load/line.c \
	%D%/load/load.h %D%/load/load.c \
	%D%/load/load_state.h %D%/load/load_conns.c %D%/load/load_messages.c \
	%D%/load/conduct.h %D%/load/conduct.c \
	%D%/load/load_options.h %D%/load/load_options.c \
	%D%/load/load_sources.h %D%/load/load_sources.c \
	%D%/load/load_tls.h %D%/load/load_tls.c \
	%D%/load/load_help.h %D%/load/load_help.c \
	%D%/load/machine.h %D%/load/machine.c \
	%D%/load/figures.h %D%/load/figures.c \
	%D%/load/verdict.h %D%/load/verdict.c \
	%D%/load/expect.h %D%/load/expect.c \
	%D%/load/report.h %D%/load/report.c \
	%D%/load/page.h %D%/load/page.c %D%/load/report_text.c %D%/load/report_live.c \
	%D%/load/report_hgrm.c %D%/load/report_csv.c \
	%D%/load/fields.h %D%/load/fields.c \
	%D%/load/run_fields.h %D%/load/run_fields.c \
	%D%/load/hist_json.h %D%/load/hist_json.c \
	%D%/load/series.h %D%/load/series.c \
	%D%/load/report_json.c \
	%D%/load/svg.h %D%/load/svg.c \
	%D%/load/plots.h %D%/load/plots.c %D%/load/plots_time.c %D%/load/plots_heat.c \
	%D%/load/html_style.h %D%/load/html_style.c \
	%D%/load/html_summary.h %D%/load/html_summary.c \
	%D%/load/report_html.h %D%/load/report_html.c \
	%D%/load/saved.h %D%/load/saved.c \
	%D%/load/alike.h %D%/load/alike.c \
	%D%/load/merge.h %D%/load/merge.c \
	%D%/load/compare.h %D%/load/compare.c \
	%D%/load/subcommands.h %D%/load/subcommands.c

bin_PROGRAMS += src/echoload
src_echoload_SOURCES = %D%/load/echoload.c
src_echoload_LDADD = src/libload.a src/libecho.a $(EV_LIBS) $(JANSSON_LIBS) $(OPENSSL_LIBS) -lm

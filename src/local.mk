# SPDX-License-Identifier: ISC
# All but the main programs goes into one library, which the tests link too.
noinst_LIBRARIES += src/libecho.a
src_libecho_a_SOURCES = \
	%D%/macros.h \
	%D%/log.h %D%/log.c \
	%D%/net.h %D%/net.c \
	%D%/units.h %D%/units.c \
	%D%/stats.h %D%/stats.c \
	%D%/proc.h %D%/proc.c \
	%D%/reactor.h %D%/reactor.c \
	%D%/backend.h %D%/backend_ev.c %D%/backend_et.c \
	%D%/deadline.h %D%/deadline.c \
	%D%/stream.h %D%/stream.c \
	%D%/conn.h %D%/conn.c \
	%D%/listener.h %D%/listener.c \
	%D%/conf.h %D%/conf.c %D%/conf_file.c \
	%D%/sockets.h %D%/sockets.c \
	%D%/worker.h %D%/worker.c

sbin_PROGRAMS += src/echod
src_echod_SOURCES = %D%/echod.c
src_echod_LDADD = src/libecho.a $(EV_LIBS) $(CONFUSE_LIBS) -lm

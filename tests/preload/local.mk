# SPDX-License-Identifier: ISC
# Libraries that are preloaded to make the system misbehave: see their first lines.
preload_libraries = %D%/shortio.so %D%/failnth.so %D%/turns.so %D%/clockjump.so
check_DATA += $(preload_libraries)
CLEANFILES += $(preload_libraries)
EXTRA_DIST += %D%/next.h %D%/shortio.c %D%/failnth.c %D%/turns.c %D%/clockjump.c

# Never sanitized: they come before all else.
build_preload = $(AM_V_CCLD)$(MKDIR_P) tests/preload && $(CC) -shared -fPIC -std=c11 \
	-include config.h $(CPPFLAGS) $(WARN_CFLAGS) $(CFLAGS) $(LDFLAGS)
%D%/shortio.so: %D%/shortio.c %D%/next.h
	$(build_preload) -o $@ $(srcdir)/tests/preload/shortio.c -ldl
%D%/failnth.so: %D%/failnth.c %D%/next.h
	$(build_preload) -o $@ $(srcdir)/tests/preload/failnth.c -ldl
%D%/turns.so: %D%/turns.c %D%/next.h
	$(build_preload) -o $@ $(srcdir)/tests/preload/turns.c -ldl
%D%/clockjump.so: %D%/clockjump.c %D%/next.h
	$(build_preload) -o $@ $(srcdir)/tests/preload/clockjump.c -ldl

# SPDX-License-Identifier: ISC
# What systemd needs to run echod.  The services have two parts in common, which are
# put into each of them.
units = %D%/echod.service %D%/echod@.service %D%/echod-activated.service %D%/echod.socket
made_units = $(units) %D%/port-7.conf
noinst_DATA += $(made_units) %D%/tmpfiles.d/echod.conf
CLEANFILES += $(made_units) %D%/tmpfiles.d/echod.conf
EXTRA_DIST += %D%/conduct.in %D%/confinement.in %D%/echod.service.in %D%/echod@.service.in \
	%D%/echod-activated.service.in %D%/echod.socket.in %D%/port-7.conf.in \
	%D%/sysusers.d/echod.conf %D%/tmpfiles.d/echod.conf.in

make_from_in = $(AM_V_GEN)$(MKDIR_P) $(@D) && \
	sed -e '/^@conduct@$$/{r $(srcdir)/%D%/conduct.in' -e 'd' -e '}' \
		-e '/^@confinement@$$/{r $(srcdir)/%D%/confinement.in' -e 'd' -e '}' \
		'$(srcdir)/$@.in' | \
	sed -e 's|@sbindir[@]|$(sbindir)|g' -e 's|@sysconfdir[@]|$(sysconfdir)|g' >$@
common = Makefile %D%/conduct.in %D%/confinement.in

%D%/echod.service: %D%/echod.service.in $(common)
	$(make_from_in)
%D%/echod@.service: %D%/echod@.service.in $(common)
	$(make_from_in)
%D%/echod-activated.service: %D%/echod-activated.service.in $(common)
	$(make_from_in)
%D%/echod.socket: %D%/echod.socket.in $(common)
	$(make_from_in)
%D%/port-7.conf: %D%/port-7.conf.in $(common)
	$(make_from_in)
%D%/tmpfiles.d/echod.conf: %D%/tmpfiles.d/echod.conf.in $(common)
	$(make_from_in)

nodist_examples_DATA = %D%/port-7.conf
if INSTALL_systemdsystemunitdir
nodist_systemdsystemunit_DATA = $(units)
endif
if INSTALL_sysusersdir
dist_sysusers_DATA = %D%/sysusers.d/echod.conf
endif
if INSTALL_tmpfilesdir
nodist_tmpfiles_DATA = %D%/tmpfiles.d/echod.conf
endif

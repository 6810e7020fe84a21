# SPDX-License-Identifier: ISC
# Stories about the whole program, told with real peers: see lib.sh.
TEST_EXTENSIONS = .sh
SH_LOG_COMPILER = bash
SH_LOG_DRIVER = env AM_TAP_AWK='$(AWK)' bash $(top_srcdir)/build-aux/tap-driver.sh

stories = \
	%D%/netcats.sh \
	%D%/bad_command_lines.sh \
	%D%/bad_files.sh \
	%D%/check_and_dump.sh \
	%D%/papers.sh \
	%D%/start.sh \
	%D%/daemon.sh \
	%D%/instances.sh \
	%D%/privileges.sh \
	%D%/log.sh \
	$(nothing)

TESTS += $(stories)
EXTRA_DIST += %D%/lib.sh %D%/refused.sh %D%/life.sh $(stories)

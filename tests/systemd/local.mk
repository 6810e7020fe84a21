# SPDX-License-Identifier: ISC
# Stories on a systemd of their own: see lib.sh.
check_PROGRAMS += %D%/probe
tests_systemd_probe_SOURCES = %D%/probe.c

systemd_stories = %D%/exposure.sh %D%/service.sh %D%/confinement.sh %D%/workers.sh %D%/activated.sh \
	%D%/instances.sh

TESTS += $(systemd_stories)
EXTRA_DIST += %D%/sandbox %D%/lib.sh %D%/under-load.sh $(systemd_stories)

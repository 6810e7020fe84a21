# SPDX-License-Identifier: ISC
# make soak MINUTES=n: long stories, each for its share of the time; see run.sh.
# One of them alone: make soak-NAME MINUTES=n.
#
# A new one: its name here, a story (tests/functional/lib.sh, by soak.sh) that goes on
# for $SHARE seconds, and what it shows by "figure".
MINUTES = 20
SOAK = sweep short-io exact churn never-readers flooder descriptor-limit mixed starved \
	reload-storm worker-kill upgrade
soak_scripts = %D%/sweep.sh %D%/short-io.sh %D%/exact.sh %D%/churn.sh %D%/never-readers.sh \
	%D%/flooder.sh %D%/descriptor-limit.sh %D%/mixed.sh %D%/starved.sh \
	%D%/reload-storm.sh %D%/worker-kill.sh %D%/upgrade.sh
EXTRA_DIST += %D%/run.sh %D%/soak.sh $(soak_scripts)

soak_needs = src/echod src/echoload tests/peer $(tls_peer) tests/bench/crowd $(preload_libraries)
run_soak = bash '$(top_srcdir)/tests/soak/run.sh' '$(MINUTES)'
soak: $(soak_needs)
	@scripts=; for name in $(SOAK); do \
		scripts="$$scripts $(top_srcdir)/tests/soak/$$name.sh"; \
	done; $(run_soak) $$scripts
soak-sweep soak-short-io soak-exact soak-churn soak-never-readers soak-flooder \
soak-descriptor-limit soak-mixed soak-starved soak-reload-storm soak-worker-kill soak-upgrade: $(soak_needs)
	@$(run_soak) $(top_srcdir)/tests/soak/$(@:soak-%=%).sh
.PHONY: soak soak-sweep soak-short-io soak-exact soak-churn soak-never-readers soak-flooder \
	soak-descriptor-limit soak-mixed soak-starved soak-reload-storm soak-worker-kill soak-upgrade
CLEANFILES += soak/*.log

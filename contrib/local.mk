# SPDX-License-Identifier: ISC
include contrib/bash-completion/local.mk
include contrib/systemd/local.mk
include contrib/debian/local.mk

# How the JSON of echoload is built, for those who read it with programs.
dist_pkgdata_DATA = %D%/schema/echoload-run-1.schema.json

EXTRA_DIST += %D%/quickstart %D%/check-layers tests/layers.sh tests/hardening.sh ARCHITECTURE.md

TESTS += tests/layers.sh
if !SANITIZERS
TESTS += tests/hardening.sh
endif

# All tests in a build of its own, and which lines and branches of src/ they ran.
# Whether they pass is the affair of make check: here some cannot, since what counts
# falls over memory it is refused at the end, and since an echod that has become another
# user says on stderr that it may not write down its count.
COVERAGE_MIN = 90
COVERAGE_MIN_BRANCHES = 80
coverage:
	rm -rf coverage
	$(MKDIR_P) coverage
	cd coverage && $(abs_srcdir)/configure -q --enable-coverage CC='$(CC)' CFLAGS='-g -O0'
	cd coverage && $(MAKE)
	-cd coverage && $(MAKE) check
	top=`cd '$(srcdir)' && pwd -P` && cd coverage && status=0 && \
		{ $(GCOVR) --root "$$top" --object-directory . --filter "$$top/src/" \
			--exclude-unreachable-branches --html-details index.html --txt summary.txt \
			--print-summary --fail-under-line $(COVERAGE_MIN) \
			--fail-under-branch $(COVERAGE_MIN_BRANCHES) . || status=$$?; } && \
		cat summary.txt && echo "line by line: coverage/index.html" && exit $$status

# With clang-format 14, Debian 12's: another version formats in another way.
format:
	find '$(srcdir)/src' '$(srcdir)/tests' -name '*.[ch]' -exec clang-format -i {} +

clean-local:
	rm -rf debs

distclean-local:
	rm -rf coverage

.PHONY: coverage format

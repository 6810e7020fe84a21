# SPDX-License-Identifier: ISC
include tests/unit/local.mk
include tests/unit/reports.mk
include tests/functional/local.mk
include tests/systemd/local.mk
include tests/fuzz/local.mk
include tests/preload/local.mk
include tests/soak/local.mk
include tests/bench/local.mk

# The table of faults, and the tests that have them.
TESTS += %D%/faults.sh
EXTRA_DIST += %D%/faults.sh %D%/FAULTS.md

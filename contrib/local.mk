# SPDX-License-Identifier: ISC
include contrib/bash-completion/local.mk

EXTRA_DIST += %D%/quickstart %D%/check-layers tests/layers.sh tests/hardening.sh ARCHITECTURE.md

TESTS += tests/layers.sh
if !SANITIZERS
TESTS += tests/hardening.sh
endif

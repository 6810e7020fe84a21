#!/bin/bash
# SPDX-License-Identifier: ISC
#
# The n-th call fails, for every n there is.
#
# Faults: F110
step=1
[ "${SHARE:-300}" -ge 240 ] || step=$((240 / ${SHARE:-300} + 1))
FAILNTH_STEP=$step exec bash "${0%/*}/../functional/fail-nth.sh"

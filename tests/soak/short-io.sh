#!/bin/bash
# SPDX-License-Identifier: ISC
#
# A kernel that gives and takes little, for long, and each time in another way.
#
# Faults: F18 F19
until=$((SECONDS + ${SHARE:-60}))
n=0 failed=0
while [ "$SECONDS" -lt $until ]; do
	seed=$RANDOM
	n=$((n + 1))
	if said=$(SHORTIO_SEED=$seed SHORTIO_MIB=32 bash "${0%/*}/../functional/short-io.sh" 2>&1); then
		echo "ok $n - seed $seed"
	else
		failed=1
		echo "not ok $n - seed $seed"
		grep -A4 '^not ok' <<<"$said" | sed 's/^/# /'
	fi
done
echo "1..$n"
exit $failed

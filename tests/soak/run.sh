#!/bin/bash
# SPDX-License-Identifier: ISC
# run.sh -- make soak: long stories, one after the other, each for its share of time.
#
# Usage: run.sh MINUTES SCRIPT...  A script is a story like those in tests/functional
# (it reads their lib.sh, and what it says is TAP) that goes on for $SHARE seconds, a
# little more or less.  It runs in the build directory; its log stays in soak/.
set -u
minutes=$1
shift
[[ $minutes =~ ^[1-9][0-9]*$ ]] || {
	echo "soak: MINUTES=$minutes is no number" >&2
	exit 64
}
export SHARE=$((minutes * 60 / $#))
failed=
mkdir -p soak
for script; do
	name=$(basename "$script" .sh)
	log=soak/$name.log
	began=$SECONDS
	# It may take its time in the end, but not for ever.
	timeout -k 10 $((SHARE * 2 + 600)) bash "$script" >"$log" 2>&1
	status=$?
	verdict=PASS
	if [ $status -ne 0 ] || ! grep -q '^1\.\.[1-9]' "$log"; then
		verdict=FAIL
		failed="$failed $name"
	fi
	printf '%s  %-18s %5d s  %d good, %d bad, %d skipped\n' $verdict "$name" \
	    $((SECONDS - began)) "$(grep -c '^ok ' "$log")" "$(grep -c '^not ok ' "$log")" \
	    "$(grep -c '^ok .* # SKIP ' "$log")"
	grep '^# figure: ' "$log" | sed 's/^# figure:/     /'
	[ $verdict = PASS ] || grep -A4 '^not ok' "$log"
done
[ -z "$failed" ] || {
	echo "soak: failed:$failed; see soak/*.log"
	exit 1
}

#!/bin/bash
# SPDX-License-Identifier: ISC
# corpora.sh -- every fuzz target holds on every input of its corpus.
set -u
cd "${0%/*}/corpus" && corpora=$PWD && cd "$OLDPWD" || exit 99
n=0 failed=0
for corpus in "$corpora"/*; do
	target=${corpus##*/}
	if [ ! -x "tests/fuzz/replay_$target" ]; then
		echo "ok $((++n)) - $target # SKIP was not built: OpenSSL or cmocka is missing"
		continue
	fi
	# What it says about command lines that are wrong is not of interest.
	said=$(timeout 120 "tests/fuzz/replay_$target" "$corpus" 2>"tests/fuzz/replay_$target.err")
	status=$?
	said=${said%%$'\n'1..*}
	n=$((n + 1))
	if [ "$status" -eq 0 ]; then
		echo "ok $n - $target: ${said#ok * - }"
	else
		failed=1
		echo "not ok $n - $target: ${said#*not ok * - } (status $status)"
		tail -n 5 "tests/fuzz/replay_$target.err" | sed 's/^/# /'
	fi
done
echo "1..$n"
exit "$failed"

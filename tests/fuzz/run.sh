#!/bin/bash
# SPDX-License-Identifier: ISC
# run.sh -- fuzz targets with clang's libFuzzer; see local.mk, which runs it in the
# build directory and sets CC, CFLAGS, LIBS, LIBRARY (the sources of it), TARGETS and TOP.
#
#	run.sh build TARGET WRAPS SOURCE...	make fuzz/TARGET
#	run.sh search SECONDS TARGET...		each for its share, from the corpus in the
#						source tree and what is in fuzz/TARGET.new
#	run.sh merge TARGET...			the best of both into the source tree
#
# An input that a target falls over stays in fuzz/findings; replay it with
# tests/fuzz/replay_TARGET FILE, or fuzz/TARGET FILE for the sanitizers' words.
set -eu
corpora=$TOP/tests/fuzz/corpus
found=$(printf '[0-9a-f]%.0s' {1..40}) # how libFuzzer names inputs; others were made by hand

die() # WORDS...
{
	printf 'fuzz: %s\n' "$*" >&2
	exit 1
}

# shellcheck disable=SC2086 # lists
build() # TARGET WRAPS SOURCE...
{
	local target=$1 wraps=$2 source sources=()

	shift 2
	[[ " $TARGETS " == *" $target "* ]] || return 0
	command -v "$CC" >/dev/null || die "needs $CC (Debian: clang)"
	mkdir -p fuzz
	for source in $LIBRARY "$@"; do
		[[ $source != *.c ]] || sources+=("$TOP/$source")
	done
	if [ -e "fuzz/$target" ] && [ -z "$(find "$TOP/src" "$TOP/tests/fuzz" config.h \
	    -name '*.[ch]' -newer "fuzz/$target")" ]; then
		return
	fi
	"$CC" $CFLAGS -include config.h "-I$TOP/src" "-I$TOP/tests/unit" '-DSYSCONFDIR="/etc"' $wraps -o "fuzz/$target" "${sources[@]}" $LIBS
}

search() # SECONDS TARGET...
{
	local seconds=$1 target log failed=

	shift
	[[ $seconds =~ ^[1-9][0-9]*$ ]] || die "SECONDS=$seconds is no number"
	seconds=$(((seconds + $# - 1) / $#))
	mkdir -p fuzz/findings
	for target; do
		log=fuzz/$target.log
		mkdir -p "fuzz/$target.new"
		if "fuzz/$target" -max_total_time="$seconds" -timeout=20 -rss_limit_mb=2048 \
		    -print_final_stats=1 -artifact_prefix="fuzz/findings/$target-" \
		    "fuzz/$target.new" "$corpora/$target" >"$log" 2>&1; then
			printf 'PASS  %-10s %5d s  %s runs, %s\n' "$target" "$seconds" \
			    "$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")" \
			    "$(sed -n 's/.*\(cov: [0-9]*\) .*/\1/p' "$log" | tail -n 1)"
		else
			printf 'FAIL  %-10s %s\n' "$target" "$(tail -n 3 "$log")"
			grep -aE 'must be|ERROR|SUMMARY|Test unit written' "$log" || true
			failed="$failed $target"
		fi
	done
	[ -z "$failed" ] || die "findings:$failed; see fuzz/findings and fuzz/*.log"
}

merge() # TARGET...
{
	local target

	for target; do
		rm -rf "fuzz/$target.merged"
		mkdir -p "fuzz/$target.merged" "fuzz/$target.new" "$corpora/$target"
		"fuzz/$target" -merge=1 -use_counters=0 "fuzz/$target.merged" "$corpora/$target" \
		    "fuzz/$target.new" >"fuzz/$target.log" 2>&1 ||
			die "$target: $(tail -n 3 "fuzz/$target.log")"
		find "$corpora/$target" -type f -name "$found" -delete
		find "fuzz/$target.merged" -type f -name "$found" -exec mv -t "$corpora/$target" {} +
		echo "$target: $(find "$corpora/$target" -type f | wc -l) inputs"
	done
}

case ${1-} in
build | search | merge) "$@" ;;
*) die "run.sh is for make fuzz" ;;
esac

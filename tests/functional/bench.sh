#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# bench.sh -- the bench itself: two short rounds of it, with a peer, with a server
# that echoes wrong, and what it makes of numbers that are known.

. "${0%/*}/lib.sh"
. "${0%/*}/load.sh"
. "${0%/*}/browser.sh"

need jq taskset socat

BENCH=$(cd "${0%/*}/../bench" && pwd)

bench() # ARGS...
{
	OUT=$(IDLE=100 bounded sh "$BENCH/bench.sh" --page "$TMP/bench.html" --keep "$TMP/kept" \
	    --rounds 2 --seconds 0.1 "$@" 2>&1)
	STATUS=$?
}

looks_well() # NAME FILE FIGURE...
{
	local name=$1 file=$2 figure

	shift 2
	browse "$file"
	is "$name: the browser loads it" "$BROWSED" 0
	is "$name: nothing on the console" "$CONSOLE" ""
	for figure; do
		is "$name: $figure is there" "$(count "<figure id=\"$figure\">")" 1
	done
	is "$name: pictures have names" \
	    "$(count '<svg viewBox="[^"]*" role="img" aria-label="[^"]+"')" $#
	is "$name: no number that is none" "$(count '="[^"]*(nan|inf)[^a-z"][^"]*"')" 0
	is "$name: nothing from elsewhere" "$(grep -Ec '(src|href)="(https?:)?//' "$file")" 0
	is "$name: no script" "$(count '<script')" 0
}

runs() # REGEX: how many lines of what was measured are runs, and like that
{
	grep -Pc "^run\\t$1" "$TMP/kept"
}

# ---- a short one, of real servers ----

PEERS='socat no-such-peer' bench --cases '64 idle crr' --subjects 'epoll select,busy-poll=10' \
    --seed 42
is "a short bench: exit 0" "$STATUS" 0
is "a short bench: all runs were made" "$(runs '.*')" 28
is "a short bench: no rate that is none" "$(runs '[^\t]*\t[12]\t[^\t]*\t[0-9.]+\t')" 28
like "a short bench: a table" "$OUT" '^  bare loop, again +[0-9.]+  [0-9.]+ - [0-9.]+ +[0-9.]+k? '
like "a short bench: of all cases" "$OUT" '^rate, all cases +64 +idle +crr'
is "a short bench: within 80 columns" "$(grep -E '.{80}' <<<"$OUT")" ""
like "a short bench: the noise is told" "$OUT" '^Noise: .* up to [0-9]+% away from 1'
like "a short bench: the seed is told" "$OUT" '^rounds .*seed 42,'
like "a short bench: the machine is told" "$OUT" "^kernel +$(uname -sr)"
like "a short bench: who is left out is told, and why" "$OUT" 'no-such-peer: not installed'
like "a peer with too many connections for it is left out" "$OUT" \
    '^  socat +not with 164 connections, of which each is a process'
looks_well "a short bench" "$TMP/bench.html" fig-64 fig-idle fig-crr

like "a short bench: the page tells of the noise, too" "$DOM" '<p>Noise: .* [0-9]+% away from 1'

order() { grep -P '^run\tcrr' "$TMP/kept" | cut -f3,4; }
first=$(order)
PEERS='socat' bench --cases '64 idle crr' --subjects 'epoll select,busy-poll=10' --seed 42
is "the same seed, the same order" "$(order)" "$first"

# ---- a server that is wrong has no numbers ----

cat >"$TMP/wrong" <<'EOF'
#!/bin/bash
# As if it were echod, as far as the bench asks for that.
while [ $# -gt 0 ]; do
	[ "$1" != -V ] || exit 0
	[ "$1" != -p ] || echo $$ >"$2"
	shift
done
exec "$BROKEN" corrupt > >(sed -u 's/^/127.0.0.1:/' >&3)
EOF
chmod +x "$TMP/wrong"
BROKEN=$BROKEN ECHOD=$TMP/wrong bench --cases 64 --subjects epoll --verdict 64/epoll
like "a server that is wrong: is out, with the reason" "$OUT" '^  epoll +exit 3: .*(corrupt|expected)'
is "a server that is wrong: has no run" "$(runs '64\t[0-9]\tepoll')" 0
like "a server that is wrong: no verdict but FAIL" "$OUT" '^FAIL +64/epoll was not measured'
is "a server that is wrong: exit 1" "$STATUS" 1

ECHOD=false bench --cases 64 --subjects epoll
like "a server that does not start: says so" "$OUT" 'echod did not start'
is "a server that does not start: exit 1" "$STATUS" 1

# ---- numbers that are known ----

{
	printf 'note\tbench\ta <b>bench</b>\n'
	printf 'warning\tothers </section>\n'
	printf 'case\tx\t0.95\tbare\ta case\n'
	printf 'subject\tbare\treference\tthe bare loop\n'
	for subject in good unsure under; do
		printf 'subject\t%s\tours\t%s\n' $subject $subject
	done
	printf 'subject\tgone\tpeer\t<img src=x>\nout\tx\tgone\tit is "gone"\n'
	for round in 1 2 3 4 5 6 7; do
		printf 'run\tx\t%d\tbare\t%d\t5000\t90\t1000\t-\n' $round $((round * 1000))
		printf 'run\tx\t%d\tgood\t%d\t6000\t90\t1000\t2000\n' $round $((round * 1000))
		printf 'run\tx\t%d\tunsure\t%d\t-\t90\t1000\t2000\n' $round $((round * (840 + round * 30)))
		printf 'run\tx\t%d\tunder\t%d\t5000\t90\t1000\t2000\n' $round $((round * 900))
	done
} >"$TMP/known"
OUT=$(tests/bench/compare -o "$TMP/known.html" -v x/good -v x/unsure -v x/under "$TMP/known")
is "known numbers: exit 1 after a FAIL" $? 1
like "known numbers: a good one has no mark" "$OUT" '^  good +1\.000  1\.000 - 1\.000 +4000 +6us +1\.200 +2us'
like "known numbers: the bar is in the interval" "$OUT" '^\? unsure +0\.960  0\.870 - 1\.050 '
like "known numbers: under the bar" "$OUT" '^! under +0\.900  0\.900 - 0\.900 '
like "known numbers: how sure" "$OUT" ' 98\.4% interval '
like "known numbers: PASS" "$OUT" '^PASS +good: a case +1\.000  \(>= 0\.95; 1\.000 - 1\.000\)'
like "known numbers: FAIL" "$OUT" '^FAIL +under: a case +0\.900 '
looks_well "known numbers" "$TMP/known.html" fig-x
like "known numbers: the page says it" "$DOM" 'class="verdict bad".*1 of 3 are under their bar'
is "known numbers: text is text" "$(count '<img|<b>bench')" 0

printf 'run\tx\t1\n' >>"$TMP/known"
OUT=$(tests/bench/compare "$TMP/known" 2>&1)
is "a line too short: exit 2" $? 2
like "a line too short: which one" "$OUT" ":38: cannot be understood"

#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# html.sh -- the HTML report in a browser: no complaint, all figures, nothing from
# elsewhere, and what users write stays text.

. "${0%/*}/lib.sh"
. "${0%/*}/load.sh"
. "${0%/*}/browser.sh"

need jq

FIGURES='fig-percentiles fig-throughput fig-heat fig-latency fig-fairness fig-client'

# The data in the page, as JSON.
data() # [ID]
{
	sed -n "/<script type=\"application\/json\" id=\"${1:-run}\">/,/<\/script>/p" <<<"$DOM" |
	    sed '1d;$d'
}

looks_well() # NAME FILE
{
	local figure

	browse "$2"
	is "$1: the browser loads it" "$BROWSED" 0
	is "$1: nothing on the console" "$CONSOLE" ""
	for figure in $FIGURES; do
		is "$1: $figure is there" "$(count "<figure id=\"$figure\">")" 1
	done
	at_least "$1: pictures have names" "$(count '<svg viewBox="[^"]*" role="img" aria-label="[^"]+"')" 6
	is "$1: no number that is none" "$(count '="[^"]*(nan|inf)[^a-z"][^"]*"')" 0
	is "$1: nothing from elsewhere" "$(grep -Ec '(src|href)="(https?:)?//' "$2")" 0
	is "$1: no script but data" "$(count '<script')" "$(count '<script type="application/json"')"
	is "$1: the data are JSON" "$(data | jq -r .version)" 1
}

start_echod || exit 1
load -c 8 -d 1s -w 100ms -i 200ms -r 2000 --html "$TMP/real.html" "$ADDR"
is "a real run: exit 0" "$STATUS" 0
stop_echod
looks_well "a real run" "$TMP/real.html"
is "a real run: the data are those of -j" "$(data | jq -c .requests)" "$(jq -c .requests "$RUN")"
at_least "a real run: percentiles are told when pointed at" \
    "$(count '<title> *(response|service) p[0-9.]+: ')" 4
like "a real run: the verdict is told" "$DOM" '<section class="verdict (good|bad)" id="verdict">'

mkdir "$TMP/all"
ok "pages are written" tests/write_reports "$TMP/all"
for page in nothing one-sample one-interval outlier crowd failed; do
	looks_well "$page" "$TMP/all/$page.html"
done

# The last page was that of a failed run with a malicious target and label.
browse "$TMP/all/failed.html"
like "failed: says so" "$DOM" 'class="verdict bad".*Wrong bytes: 3 violations'
is "failed: tags of users are text" "$(count '<img|<script>')" 0
is "failed: the target is what was written" "$(data | jq -r '.config.targets[0]')" \
    '</script><script>alert(1)</script>'

looks_well "two runs" "$TMP/all/two-runs.html"
is "two runs: the data of both" "$(data run-2 | jq -r .version)" 1
like "two runs: names are text" "$DOM" 'after &lt;b&gt;&amp;'

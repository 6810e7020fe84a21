#!/bin/sh
# SPDX-License-Identifier: ISC
# Of 20,000 messages a second that echoload is to send, how many come back in time.
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
need jq
take_processors
bare_start taskset -c "$server_cpu"
taskset -c "$client_cpu" "$echoload" -r 20k -c 50 -d "${SECONDS_EACH:-10}s" --no-progress -q \
	-j "$tmp/run.json" "127.0.0.1:$port" || die "echoload failed"
of_run() { # JQ-EXPRESSION
	jq -r "$1" "$tmp/run.json"
}
off=$(of_run '.client.achieved_pct - 100 | fabs')
verdict "echoload: 20000 msg/s missed by, %" "$(calculate 3 "$off")" '<=' 0.5
for_info "  ... response, p50 p99 us" "$(of_run '.latency.response.percentiles |
	[.["50"], .["99"]] | map(. / 1000 | tostring) | join(" ")')"
for_info "  ... lag, p99 us" "$(calculate 1 "$(of_run .client.lag_p99_ns) / 1000")"
exit $missed

#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# schema.sh -- the JSON of runs, real ones and all kinds of others, is what the
# published schema says; and the schema notices what is not.

. "${0%/*}/lib.sh"
. "${0%/*}/load.sh"

SCHEMA=${0%/*}/../../contrib/schema/echoload-run-1.schema.json
VALIDATE=${0%/*}/../reports/validate

# Debian's module is Debian's python's, which need not be the first in the path.
for PYTHON in python3 /usr/bin/python3 ''; do
	[ -n "$PYTHON" ] || skip_all "no python3 has jsonschema (Debian: python3-jsonschema)"
	"$PYTHON" -c 'import jsonschema' 2>/dev/null && break
done

mkdir "$TMP/json"
ok "reports are written" tests/write_reports "$TMP/json"

start_echod || exit 1
load -c 4 -d 500ms -w 100ms -r 2000 "$ADDR"
is "an open loop: exit 0" "$STATUS" 0
cp "$RUN" "$TMP/json/real-open.json"
load -c 2 -d 500ms -w 100ms -i 100ms --assert 'p50<10s' --label a=b "$ADDR"
is "a closed loop: exit 0" "$STATUS" 0
cp "$RUN" "$TMP/json/real-closed.json"
stop_echod

while read -r line; do
	case $line in
	"ok "*) pass "${line#* - }" ;;
	"not ok "*) fail "${line#* - }" ;;
	"1.."*) complete=yes ;;
	*) note "$line" ;;
	esac
done < <(PATIENCE=300 bounded "$PYTHON" "$VALIDATE" "$SCHEMA" "$TMP/json/failed.json" \
    "$TMP/json"/[!f]*.json 2>&1)
is "the validation comes to its end" "${complete-no}" yes

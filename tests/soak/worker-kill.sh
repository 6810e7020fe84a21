#!/bin/bash
# SPDX-License-Identifier: ISC
# Workers killed under load, one each 200 ms, for 30 seconds and more.
MEDIAN=20 WORST=200 KILLS=$((SHARE > 45 ? SHARE * 10 / 3 : 150)) exec bash "${0%/*}/../functional/worker-kill.sh"

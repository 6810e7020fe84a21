# shellcheck shell=sh disable=SC2154 # shared with bench.sh
# SPDX-License-Identifier: ISC
# On what machine the bench runs, and who else was using it meanwhile.

# user+nice+system+irq+softirq, steal and all of it, in ticks of all processors.
ticks() {
	awk '$1 == "cpu" { print $2 + $3 + $4 + $7 + $8, $9, $2 + $3 + $4 + $5 + $6 + $7 + $8 + $9 }' \
		/proc/stat
}

# Ticks that this shell and all those it has waited for have used.
ticks_of_ours() {
	times >"$tmp/times" # not in a pipe, for that would be another shell
	tr ' ' '\n' <"$tmp/times" | awk -F'[ms]' -v hz="$(getconf CLK_TCK)" '
		{ sum += $1 * 60 + $2 } END { printf "%.0f", sum * hz }'
}

tell_surroundings() {
	cpu=$(sed -n 's/^model name[^:]*: *//p' /proc/cpuinfo | head -n 1)
	where="server on processor $server_cpu, client on processor $client_cpu"
	if [ "$(processors | wc -l)" -le 2 ]; then
		where="$where, which leaves one to all workers"
	else
		where="$where, workers on all but the client's"
	fi
	test "$server_cpu" != "$client_cpu" ||
		where="server and client on the same processor, for there is but one"
	result note bench "echod against a bare epoll loop"
	result note date "$(date -u '+%Y-%m-%d %H:%M UTC')"
	result note machine "$(nproc) processors, ${cpu:-$(uname -m)}"
	result note kernel "$(uname -srm)"
	result note versions "$("$echod" -V | paste -sd';' - | sed 's/;/; /g')"
	result note placed "$where, both on the loopback"
	result note rounds "$rounds in random order, seed $seed, $seconds s each after 0.1 s to warm up"
	result note client "echoload, which compares every byte; ratios are of runs of the same round"
	ticks >"$tmp/ticks"
	ours_before=$(ticks_of_ours)
}

# Numbers that others have spoilt should not pass for ours.
tell_disturbances() {
	ours=$(($(ticks_of_ours) - ours_before))
	ticks | cat "$tmp/ticks" - | awk -v ours="$ours" -v cpus="$(nproc)" '
		NR == 1 { busy = $1; steal = $2; all = $3 }
		NR == 2 && $3 > all {
			all = $3 - all
			others = 100 * cpus * ($1 - busy - ours) / all
			if (others < 0)
				others = 0
			steal = 100 * ($2 - steal) / all
			printf "note\tothers\t%.0f%% of a processor used by others meanwhile, ", others
			printf "%.1f%% of all time stolen by the hypervisor\n", steal
			if (others > 5)
				printf "warning\tothers have used %.0f%% of a processor meanwhile\n", others
			if (steal > 1)
				printf "warning\tthe hypervisor has given %.1f%% of the time to others\n", steal
		}' >>"$results"
	test "$server_cpu" != "$client_cpu" ||
		result warning "server and client had to share one processor"
}

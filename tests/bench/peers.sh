# shellcheck shell=sh disable=SC2034,SC2154 # shared with bench.sh
# SPDX-License-Identifier: ISC
# Other servers that can echo, as far as this machine has them.  Each is told to do
# as little else as it can.  What they are good for is something else, so a ratio
# says what an echo costs there, and not which is the better server.
all_peers="nginx haproxy python3 socat ncat xinetd"
programs=$(cd "$(dirname "$0")/peers" && pwd)

# peer_NAME: starts it on $port in the background; room_of_peer is how many
# connections it can have at a time, and forks says that each is a process.

peer_socat() {
	forks=1 room_of_peer=64
	taskset -c "$server_cpu" socat \
		"TCP-LISTEN:$port,bind=127.0.0.1,reuseaddr,fork,backlog=1024,nodelay" PIPE &
}

peer_ncat() {
	forks=1 room_of_peer=64
	taskset -c "$server_cpu" ncat -l -k -m 200 -e /bin/cat 127.0.0.1 "$port" &
}

peer_xinetd() {
	forks=1 room_of_peer=64
	cat >"$tmp/xinetd.conf" <<-EOF
	service echo
	{
		type = INTERNAL UNLISTED
		id = echo-stream
		socket_type = stream
		protocol = tcp
		wait = no
		user = $(id -un)
		bind = 127.0.0.1
		port = $port
		instances = UNLIMITED
		per_source = UNLIMITED
		cps = 1000000 1
	}
	EOF
	taskset -c "$server_cpu" xinetd -dontfork -f "$tmp/xinetd.conf" -pidfile "$tmp/xinetd.pid" &
}

# Its module for JavaScript sends back what a client sends, and needs another server
# to be a proxy of, to which it sends nothing.
peer_nginx() {
	room_of_peer=2000
	modules=$(nginx -V 2>&1 | sed -n 's/.*--modules-path=\([^ ]*\).*/\1/p')
	if [ ! -e "$modules/ngx_stream_js_module.so" ]; then
		why="cannot echo without njs (ngx_stream_js_module.so)"
		return 1
	fi
	cat >"$tmp/nginx.conf" <<-EOF
	load_module $modules/ngx_stream_module.so;
	load_module $modules/ngx_stream_js_module.so;
	daemon off;
	master_process off;
	pid $tmp/nginx.pid;
	error_log stderr error;
	worker_rlimit_nofile 16384;
	events { worker_connections 8192; }
	stream {
		js_path $programs;
		js_import main from echo.js;
		proxy_timeout 1h;
		proxy_buffer_size 64k;
		tcp_nodelay on;
		server {
			listen 127.0.0.1:$port backlog=4096;
			js_filter main.echo;
			proxy_pass unix:$tmp/nginx.sock;
		}
		server {
			listen unix:$tmp/nginx.sock backlog=4096;
			js_preread main.wait;
			preread_timeout 1h;
			return "";
		}
	}
	EOF
	taskset -c "$server_cpu" nginx -p "$tmp" -c "$tmp/nginx.conf" &
}

# Its Lua reads as many bytes as it was told to, or waits; so it takes one at a time.
peer_haproxy() {
	room_of_peer=2000
	cat >"$tmp/haproxy.cfg" <<-EOF
	global
		lua-load $programs/echo.lua
		maxconn 4000
		nbthread 1
		tune.lua.service-timeout 0
	defaults
		mode tcp
		timeout client 1h
	frontend echo
		bind 127.0.0.1:$port backlog 4096
		tcp-request content use-service lua.echo
	EOF
	taskset -c "$server_cpu" haproxy -db -f "$tmp/haproxy.cfg" &
}

peer_python3() {
	room_of_peer=12000
	taskset -c "$server_cpu" python3 "$programs/echo.py" "$port" &
}

# A port that was free just now: one that the kernel has given to a bare loop.
free_port() {
	"$bare" >"$tmp/ready" &
	finder=$!
	read -r port <"$tmp/ready" || die "bare did not start"
	kill $finder
	wait $finder 2>/dev/null
}

# until_it_echoes: 64 bytes and the end, within ten seconds.
until_it_echoes() {
	deadline=$(($(date +%s) + 10))
	until timeout 2 "$crowd" pass 1 "$port" 2>/dev/null; do
		if ! kill -0 "$child" 2>/dev/null || [ "$(date +%s)" -gt $deadline ]; then
			why="did not start: $(tail -n 1 "$tmp/peer.log" | tr '\t' ' ')"
			return 1
		fi
	done
}

# Like subject_start; room is how many connections the case is going to have.
peer_start() { # NAME
	free_port
	"peer_$1" >"$tmp/peer.log" 2>&1 || return 1
	child=$! pid=$!
	servers="$servers $child"
	if [ "$room" -gt "$room_of_peer" ]; then
		why="not with $room connections${forks:+, of which each is a process}"
		return 1
	fi
	until_it_echoes
}

# Of all those that are known the ones that are here, and echo messages of all sizes.
find_peers() {
	room=4 left_out=
	for peer in $all_peers; do
		why='' forks=''
		if ! command -v "$peer" >/dev/null; then
			left_out="$left_out, $peer: not installed"
			continue
		fi
		if peer_start "$peer" &&
			run_echoload 5 "127.0.0.1:$port" -c 4 -n 400 -m 1..3000 -T 2s; then
			peers="$peers peer-$peer"
			result subject "peer-$peer" peer "$peer"
		else
			left_out="$left_out, $peer: $why"
		fi
		subjects_stop
	done
	test -z "$left_out" || result note 'left out' "${left_out#, }"
}

/* SPDX-License-Identifier: ISC */
/*
 * load_help.c -- see load_help.h.
 */
#include <ev.h>
#include <stdio.h>

#include "load_help.h"
#include "tls.h"

static const char help[] =
    "echoload: load for an echo server, with every byte of the echo checked.\n"
    "\n"
    "Usage: echoload [OPTION]... TARGET...\n"
    "       echoload report RUN.json [RUN.json]... -o OUT.html\n"
    "       echoload merge RUN.json RUN.json... -j OUT.json\n"
    "TARGET: HOST:PORT, HOST (port 7), [IPV6]:PORT, tcp://HOST:PORT,\n"
    "        tls://HOST:PORT or unix:/PATH;\n"
    "        of several, each connection takes the next\n"
    "\n"
    "Load (in brackets what holds without the option)\n"
    "  -c, --connections N       connections at a time [50]\n"
    "  -d, --duration TIME       time to measure, as 500ms, 10s, 5m [10s]\n"
    "  -n, --requests N          stop after N requests; with -d: whichever is first\n"
    "  -w, --warmup TIME         run so long before measuring [1s]\n"
    "  -m, --msg-size SIZE       64, 1k, 1..1500, exp:512, choice:64@90,4k@10 or\n"
    "                            file:PATH with a size a line [64]\n"
    "  -p, --pipeline N          messages under way on a connection [1]\n"
    "  -r, --rate RATE           open loop: messages a second over all connections,\n"
    "                            sent when they are due, whatever the server does;\n"
    "                            time counts from when they were due\n"
    "      --rate-per-conn RATE  the same, for each connection\n"
    "      --arrival KIND        uniform, poisson or burst:N [uniform]\n"
    "      --max-inflight N      open loop: so many under way on a connection; more\n"
    "                            wait, and their waiting counts [no limit]\n"
    "      --requests-per-conn N connect again after N requests [never]\n"
    "      --connect-rate RATE   new connections a second, in the ramp [1000]\n"
    "      --think TIME          closed loop: pause before the next request [0]\n"
    "  -t, --threads N           processes that make the load [1]\n"
    "      --mode MODE           rr         request and response [this]\n"
    "                            crr        connect for each request\n"
    "                            stream     bulk, both ways at once\n"
    "                            idle       hold connections, one echo a --think [1s]\n"
    "                            halfclose  send, end, and want all of it back\n"
    "      --seed N              of payload, arrivals and sizes [by chance, printed]\n"
    "      --verify KIND         full, sample:N (one read in N) or length [full]\n"
    "\n"
    "Network\n"
    "  -4, -6                    only IPv4, only IPv6\n"
    "  -B, --source ADDR[,ADDR]  connect from these in turn; also 127.0.0.0/24\n"
    "      --nagle               leave out TCP_NODELAY\n"
    "      --sndbuf, --rcvbuf N  socket buffers, bytes [the kernel's own tuning]\n"
    "      --close fin|rst       rst leaves no TIME_WAIT, but is abnormal [fin]\n"
    "  -T, --timeout TIME        for a request [5s]\n"
    "      --connect-timeout TIME  [5s]\n"
    "      --drain TIME          wait for what is under way at the end [--timeout]\n"
    "\n"
    "TLS (of targets with tls://)\n"
    "      --tls                 of all targets\n"
    "  -k, --insecure            believe whoever answers\n"
    "      --cafile FILE         whom to believe [the system's]\n"
    "      --cert FILE           show this certificate, with its chain\n"
    "      --key FILE            its key [in the same file]\n"
    "      --sni NAME            the server to ask for, and to have a certificate\n"
    "                            [TARGET]\n"
    "      --alpn LIST           protocols to offer, as echo,h2\n"
    "      --tls-min, --tls-max V  1.2 or 1.3 [both]\n"
    "      --ciphers LIST        of TLS 1.2\n"
    "      --ciphersuites LIST   of TLS 1.3\n"
    "      --groups LIST         of the key exchange\n"
    "      --tls-resume WHEN     go on with sessions: on, off or a percentage [off]\n"
    "      --keylog FILE         add the secrets, for Wireshark\n"
    "\n"
    "Output\n"
    "  -j, --json FILE           all of it; - is stdout; echoload-run-1.schema.json\n"
    "      --csv FILE            a row an interval\n"
    "      --hgrm FILE           percentiles, as HdrHistogram's plotters read them\n"
    "      --html FILE           one page with figures\n"
    "  -i, --interval TIME       between lines of progress [1s]\n"
    "      --percentiles LIST    [50,90,99,99.9,99.99]\n"
    "  -q, --quiet               no report on stdout, no progress\n"
    "      --no-progress         no lines while it runs\n"
    "      --color WHEN          auto, always or never [auto]\n"
    "      --label KEY=VALUE     copied into the reports; may be repeated\n"
    "\n"
    "For scripts\n"
    "      --assert EXPR         as 'p99<2ms', 'rate>=100k', 'errors==0'; may be\n"
    "                            repeated\n"
    "      --max-errors N|N%     failures that are tolerated [0]\n"
    "      --strict              numbers that are not to be trusted are a failure\n"
    "      --compare RUN.json    with a run of before\n"
    "      --max-regress PCT     worse by more than this is a failure [5%]\n"
    "  -V, --version             version, and what was built in\n"
    "  -h, --help                this text\n"
    "\n"
    "Exit: 0 good, 1 could not run, 2 command line, 3 wrong bytes, 4 errors or a\n"
    "failed assertion, 5 not to be trusted (--strict), 130 interrupted.\n";

void
load_help_print(void)
{
	fputs(help, stdout);
}

void
load_help_version(void)
{
	printf("echoload %s\nlibev %d.%d\nOpenSSL: %s\n", VERSION, ev_version_major(),
	    ev_version_minor(), tls_version());
}

int
load_help_wrong(const char *option, const char *value, const char *allowed)
{
	fprintf(stderr, "echoload: %s: \"%.64s\" will not do; want %s\n", option, value, allowed);
	return EXIT_WRONG_USE;
}

/* SPDX-License-Identifier: ISC */
/*
 * fuzz_words.c -- any bytes as an address, a duration, a count, a size, a rate.
 *
 * What is refused leaves the value alone; what is taken is within its bounds, and
 * its text, where there is one, means the same.
 *
 * Faults: F101
 */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "fuzz.h"
#include "net.h"
#include "units.h"

#define ADDRS 8

static void
try_address(const char *text)
{
	struct net_addr addrs[ADDRS], again[ADDRS];
	char printed[NET_TEXT];
	const char *why = NULL;
	int i, n = net_parse(text, addrs, ADDRS, &why);

	if (n < 0) {
		must(n == -EINVAL || n == -EADDRNOTAVAIL);
		must(why != NULL && why[0] != '\0');
		return;
	}
	must(n >= 1 && n <= ADDRS);
	for (i = 0; i < n; i++) {
		must(addrs[i].len <= sizeof(addrs[i].un));
		if (addrs[i].sa.sa_family != AF_UNIX)
			must(strtoul(strrchr(text, ':') + 1, NULL, 10) == net_port(&addrs[i]));
		net_print(printed, &addrs[i]);
		must(net_parse(printed, again, ADDRS, &why) == 1);
		again[0].optional = addrs[i].optional;
		must(memcmp(&addrs[i], &again[0], sizeof(again[0])) == 0);
	}
}

static void
try_duration(const char *text)
{
	double seconds = -1, again;
	char printed[UNITS_TEXT];

	if (units_duration(text, &seconds) < 0) {
		must(seconds == -1);
		return;
	}
	must(isfinite(seconds) && seconds >= 0 && seconds <= 11 * 365 * 86400.0);
	units_print_duration(printed, seconds);
	must(units_duration(printed, &again) == 0 && again == seconds);
}

static void
try_count(const char *text, unsigned min, unsigned max)
{
	unsigned count = 4711;
	int rc = units_count(text, min, max, &count);

	if (rc == 0)
		must(count >= min && count <= max);
	else
		must((rc == -EINVAL || rc == -ERANGE) && count == 4711);
}

static void
try_number(const char *text, int (*read)(const char *, double *))
{
	double value = -1;

	if (read(text, &value) == 0)
		must(isfinite(value) && value >= 0);
	else
		must(value == -1);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);

	must(text != NULL);
	if (size > 0)
		memcpy(text, data, size);
	text[size] = '\0';
	try_address(text);
	try_duration(text);
	try_count(text, 0, 65535);
	try_count(text, 1, 4294967295u);
	try_number(text, units_size);
	try_number(text, units_rate);
	free(text);
	return 0;
}

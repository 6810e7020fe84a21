/* SPDX-License-Identifier: ISC */
/*
 * test_access.c -- lists of networks: what they may be, and whom they let in.
 */
#include <stdio.h>
#include <string.h>

#include "access.h"
#include "macros.h"
#include "unit.h"

static struct access lists;

static bool
admits(const char *address)
{
	struct net_addr addr;
	char text[NET_TEXT];
	const char *why;

	snprintf(text, sizeof(text), strchr(address, ':') != NULL ? "[%s]:7" : "%s:7", address);
	assert_int_equal(net_parse(text, &addr, 1, &why), 1);
	net_unmap(&addr);
	return access_admits(&lists, &addr);
}

static void
test_lists(void **state)
{
	static const char *const good[] = { "", " ", ",", "all", "0.0.0.0/0", "::/0", "10.0.0.0/8",
		"10.0.0.0/8,192.0.2.7", " 10.0.0.0/8 ,\t192.0.2.7/32,", "2001:db8::/32 ::1",
		"255.255.255.255", "::ffff:10.0.0.0/104", "128.0.0.0/1", "10.64.0.0/10",
		"2001:db8:8000::/33", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128" };
	static const struct {
		const char *list, *wrong;
	} bad[] = {
		{ "any", "no network" },
		{ "ALL", "no network" },
		{ "10", "no network" },
		{ "10.0.0.0/8;::1", "length is not from 0 to 32" },
		{ "localhost", "no network" },
		{ "10.0.0.0/8, 10.0.0", "no network" },
		{ "::1 10.0.0.256", "no network" },
		{ "[::1]", "no network" },
		{ "all/0", "no network" },
		{ "11111111111111111111111111111111111111111111111111", "no network" },
		{ "/8", "no network" },
		{ "1111:1111:1111:1111:1111:1111:111.111.111.111/1288", "length is" },
		{ "10.0.0.0/", "length is not from 0 to 32" },
		{ "10.0.0.0/33", "length is not from 0 to 32" },
		{ "10.0.0.0/-1", "length is not from 0 to 32" },
		{ "10.0.0.0/255.0.0.0", "length is not from 0 to 32" },
		{ "10.0.0.0/8/8", "length is not from 0 to 32" },
		{ "::/129", "length is not from 0 to 128" },
		{ "10.0.0.1/8", "bits set" },
		{ "10.96.0.0/10", "bits set" },
		{ "0.0.0.1/0", "bits set" },
		{ "::1/127", "bits set" },
		{ "2001:db8:4000::/33", "bits set" },
		{ "::ffff:10.0.0.1/104", "bits set" },
	};
	const char *wrong;
	size_t i;

	(void)state;
	for (i = 0; i < countof(good); i++)
		if ((wrong = access_check(good[i])) != NULL)
			fail_msg("\"%s\" %s", good[i], wrong);
	for (i = 0; i < countof(bad); i++) {
		wrong = access_check(bad[i].list);
		if (wrong == NULL || strstr(wrong, bad[i].wrong) == NULL)
			fail_msg("\"%s\": %s", bad[i].list, wrong != NULL ? wrong : "taken");
	}
}

/* Whom two lists let in, and whom not. */
static const struct {
	const char *allow, *deny, *in[4], *out[4];
} rows[] = {
	{ "", "", { "127.0.0.1", "::1" }, { NULL } },
	{ "10.0.0.0/8", "", { "10.0.0.0", "10.255.255.255", "::ffff:10.1.2.3" },
	    { "11.0.0.0", "9.255.255.255", "::1", "::a00:1" } },
	{ "", "10.0.0.0/8", { "11.0.0.1", "::1" }, { "10.1.1.1", "::ffff:10.1.2.3" } },
	{ "all", "", { "10.1.1.1", "::1" }, { NULL } },
	{ "", "all", { NULL }, { "10.1.1.1", "::1" } },
	/* all but a part; of that part one */
	{ "all, 192.0.2.7", "192.0.2.0/24", { "192.0.2.7", "192.0.3.1", "::1" },
	    { "192.0.2.6", "192.0.2.255" } },
	{ "10.0.0.0/8", "10.1.2.3", { "10.1.2.2" }, { "10.1.2.3", "192.0.2.1" } },
	{ "10.1.2.3", "10.0.0.0/8", { "10.1.2.3" }, { "10.1.2.2", "192.0.2.1" } },
	{ "10.0.0.0/8", "all", { "10.1.2.3" }, { "192.0.2.1", "::1" } },
	/* in both: denied, whichever is written first */
	{ "10.0.0.0/8, 192.0.2.1", "192.0.2.1", { "10.1.1.1" }, { "192.0.2.1" } },
	{ "all", "all", { NULL }, { "192.0.2.1", "::1" } },
	/* each family has its own */
	{ "0.0.0.0/0", "", { "192.0.2.1" }, { "::1" } },
	{ "::/0", "", { "::1" }, { "192.0.2.1", "::ffff:192.0.2.1" } },
	{ "2001:db8::/32", "2001:db8:8000::/33", { "2001:db8:7fff:ffff::" },
	    { "2001:db8:8000::", "2001:db9::", "32.1.13.184" } },
	{ "::ffff:192.0.2.0/120", "", { "192.0.2.255", "::ffff:192.0.2.0" }, { "192.0.3.0" } },
	/* a length within a byte */
	{ "10.64.0.0/10", "", { "10.64.0.0", "10.127.255.255" }, { "10.63.0.0", "10.128.0.0" } },
	{ "128.0.0.0/1", "", { "128.0.0.0", "255.255.255.255" }, { "127.255.255.255" } },
	{ "192.0.2.7", "", { "192.0.2.7" }, { "192.0.2.6", "192.0.2.8" } },
	{ "::1", "", { "::1" }, { "::", "::2", "0.0.0.1" } },
};

static void
test_who_may(void **state)
{
	size_t i, j;

	(void)state;
	for (i = 0; i < countof(rows); i++) {
		assert_int_equal(access_open(&lists, rows[i].allow, rows[i].deny), 0);
		for (j = 0; j < countof(rows[i].in) && rows[i].in[j] != NULL; j++)
			if (!admits(rows[i].in[j]))
				fail_msg("allow \"%s\" deny \"%s\" keeps out %s", rows[i].allow,
				    rows[i].deny, rows[i].in[j]);
		for (j = 0; j < countof(rows[i].out) && rows[i].out[j] != NULL; j++)
			if (admits(rows[i].out[j]))
				fail_msg("allow \"%s\" deny \"%s\" lets in %s", rows[i].allow,
				    rows[i].deny, rows[i].out[j]);
		access_close(&lists);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lists),
		cmocka_unit_test(test_who_may),
	};

	return cmocka_run_group_tests_name("access", tests, NULL, NULL);
}

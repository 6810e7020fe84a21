/* SPDX-License-Identifier: ISC */
/*
 * report.c -- what all reports share: see report.h.
 */
#include <math.h>

#include "macros.h"
#include "report.h"

double
report_rate(const struct report *r)
{
	return figures_rate(r->run);
}

enum run_clock
report_headline(const struct report *r)
{
	return figures_headline(r->run);
}

void
report_print_time(char text[REPORT_TEXT], uint64_t ns)
{
	figures_print_time(text, ns);
}

void
report_print_figure(char text[REPORT_TEXT], struct figure f)
{
	char time[REPORT_TEXT];

	report_print_time(time, f.ns);
	if (!f.known)
		snprintf(text, REPORT_TEXT, "-");
	else
		snprintf(
		    text, REPORT_TEXT, "%s%.*s", f.at_least ? "\u2265" : "", REPORT_TEXT - 8, time);
}

void
report_print_count(char text[REPORT_TEXT], double n)
{
	static const char *const units[] = { "", "k", "M", "G", "T" };
	size_t unit = 0;

	if (n < 9999.5) {
		snprintf(text, REPORT_TEXT, "%.*f", n < 99.95 && n != floor(n), n);
		return;
	}
	while (unit + 1 < countof(units) && n >= 999.5) {
		n /= 1000;
		unit++;
	}
	snprintf(text, REPORT_TEXT, n < 999.5 ? "%.3g%s" : "%.0f%s", n, units[unit]);
}

const char *
report_exit_words(int exit_code)
{
	switch (exit_code) {
	case 0: return "all is well";
	case 1: return "there is no result";
	case 2: return "it was asked for something impossible";
	case 3: return "wrong, lost or extra bytes";
	case 4: return "not what was expected";
	case 5: return "not trustworthy, and --strict";
	case 130:
	case 143: return "interrupted";
	default: return "unknown";
	}
}

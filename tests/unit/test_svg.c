/* SPDX-License-Identifier: ISC */
/*
 * test_svg.c -- shapes that are well-formed, and scales that hold all values.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "svg.h"
#include "unit.h"

static char *text;
static size_t len;
static FILE *out;

static int
begin(void **state)
{
	(void)state;
	out = open_memstream(&text, &len);
	return out == NULL;
}

static int
end(void **state)
{
	(void)state;
	fclose(out);
	free(text);
	return 0;
}

static void
is(const char *expected)
{
	fflush(out);
	assert_string_equal(text, expected);
}

static void
escapes(void **state)
{
	(void)state;
	svg_escape(out, "<a href=\"x\">'&'\x01\n\xc3\xa9");
	is("&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;\xef\xbf\xbd\n\xc3\xa9");
}

static void
hover_and_label(void **state)
{
	(void)state;
	svg_begin(out, 10, 20, "a \"b\"");
	svg_dot(out, "c0", 1, 2, "5 < 6");
	svg_rect(out, "h1", 1, 2, -3, 4, NULL);
	svg_end(out);
	is("<svg viewBox=\"0 0 10 20\" role=\"img\" aria-label=\"a &quot;b&quot;\">\n"
	   "<circle class=\"c0\" cx=\"1.0\" cy=\"2.0\" r=\"3.5\"><title>5 &lt; 6</title></circle>\n"
	   "<rect class=\"h1\" x=\"1.0\" y=\"2.0\" width=\"0.0\" height=\"4.0\"/>\n"
	   "</svg>\n");
}

static void
path(void **state)
{
	(void)state;
	svg_path_begin(out, "line");
	svg_path_to(out, 0, 1);
	svg_path_to(out, 2.25, 3);
	svg_path_end(out);
	is("<path class=\"line\" d=\"M 0.0 1.0 2.2 3.0\"/>\n");
}

static void
linear(void **state)
{
	static const double highs[] = { 0, -1, 1e-9, 0.3, 1, 7, 10, 99.99, 1e5, 3e12, NAN,
		INFINITY };
	struct scale s = { .from = 100, .to = 0 };
	size_t i;

	(void)state;
	for (i = 0; i < countof(highs); i++) {
		scale_linear(&s, highs[i]);
		assert_true(isfinite(s.high) && s.low == 0 && s.high > 0);
		if (isfinite(highs[i]))
			assert_true(s.high >= highs[i]);
		assert_true(scale_at(&s, 0) == 100 && scale_at(&s, s.high) == 0);
		assert_true(scale_at(&s, s.high * 2) == 0 && scale_at(&s, NAN) == 100);
	}
}

static void
logarithmic(void **state)
{
	static const double values[] = { 0, 1, 2, 999, 1000, 41233, 1e12 };
	struct scale s = { .from = 0, .to = 100 };
	size_t i, k;

	(void)state;
	for (i = 0; i < countof(values); i++)
		for (k = i; k < countof(values); k++) {
			scale_log(&s, values[i], values[k]);
			assert_true(s.low >= 1 && s.low <= fmax(1, values[i]));
			assert_true(s.high >= values[k] && s.high > s.low);
			assert_true(scale_at(&s, s.low) == 0 && scale_at(&s, 0) == 0);
			assert_true(fabs(scale_at(&s, sqrt(s.low * s.high)) - 50) < 1e-9);
		}
	scale_log(&s, INFINITY, 0); /* of no values at all */
	assert_true(isfinite(s.low) && isfinite(s.high) && s.high > s.low);
}

static void
tick(char to[SVG_TICK], double value)
{
	snprintf(to, SVG_TICK, "<%g>", value);
}

/* Some ticks, not a forest of them, and their texts escaped. */
static void
ticks(void **state)
{
	static const double highs[] = { 1, 5, 6, 7.3, 12, 95, 100, 1e6 };
	struct scale s = { .from = 100, .to = 0 };
	size_t i, n;
	const char *at;

	(void)state;
	for (i = 0; i < countof(highs); i++) {
		rewind(out);
		scale_linear(&s, highs[i]);
		svg_axis_y(out, &s, 0, 10, tick);
		fflush(out);
		for (n = 0, at = text; (at = strstr(at, "&lt;")) != NULL; at++)
			n++;
		assert_in_range(n, 3, 9);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(escapes, begin, end),
		cmocka_unit_test_setup_teardown(hover_and_label, begin, end),
		cmocka_unit_test_setup_teardown(path, begin, end),
		cmocka_unit_test(linear),
		cmocka_unit_test(logarithmic),
		cmocka_unit_test_setup_teardown(ticks, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

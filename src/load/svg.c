/* SPDX-License-Identifier: ISC */
/*
 * svg.c -- see svg.h.
 */
#include <math.h>
#include <stdarg.h>

#include "svg.h"

void
svg_escape(FILE *out, const char *text)
{
	for (; *text != '\0'; text++)
		switch (*text) {
		case '&': fputs("&amp;", out); break;
		case '<': fputs("&lt;", out); break;
		case '>': fputs("&gt;", out); break;
		case '"': fputs("&quot;", out); break;
		case '\'': fputs("&#39;", out); break;
		default:
			/* Control characters are in no document, not even escaped. */
			if ((unsigned char)*text < 0x20 && *text != '\n' && *text != '\t')
				fputs("\xef\xbf\xbd", out);
			else
				fputc(*text, out);
		}
}

static void
write_hover(FILE *out, const char *element, const char *hover)
{
	if (hover == NULL) {
		fputs("/>\n", out);
		return;
	}
	fputs("><title>", out);
	svg_escape(out, hover);
	fprintf(out, "</title></%s>\n", element);
}

void
svg_begin(FILE *out, double width, double height, const char *label)
{
	fprintf(out, "<svg viewBox=\"0 0 %g %g\" role=\"img\" aria-label=\"", width, height);
	svg_escape(out, label);
	fputs("\">\n", out);
}

void
svg_end(FILE *out)
{
	fputs("</svg>\n", out);
}

void
svg_line(FILE *out, const char *class, double x1, double y1, double x2, double y2)
{
	fprintf(out, "<line class=\"%s\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>\n",
	    class, x1, y1, x2, y2);
}

void
svg_rect(FILE *out, const char *class, double x, double y, double w, double h, const char *hover)
{
	fprintf(out, "<rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"",
	    class, x, y, w > 0 ? w : 0, h > 0 ? h : 0);
	write_hover(out, "rect", hover);
}

void
svg_dot(FILE *out, const char *class, double x, double y, const char *hover)
{
	fprintf(out, "<circle class=\"%s\" cx=\"%.1f\" cy=\"%.1f\" r=\"3.5\"", class, x, y);
	write_hover(out, "circle", hover);
}

void
svg_text(FILE *out, const char *class, const char *anchor, double x, double y, const char *fmt, ...)
{
	char text[512];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	fprintf(out, "<text class=\"%s\" text-anchor=\"%s\" x=\"%.1f\" y=\"%.1f\">", class, anchor,
	    x, y);
	svg_escape(out, text);
	fputs("</text>\n", out);
}

/* "L" goes on from "M", so the first point of a path needs no other letter. */
void
svg_path_begin(FILE *out, const char *class)
{
	fprintf(out, "<path class=\"%s\" d=\"M", class);
}

void
svg_path_to(FILE *out, double x, double y)
{
	fprintf(out, " %.1f %.1f", x, y);
}

void
svg_path_end(FILE *out)
{
	fputs("\"/>\n", out);
}

/* The least of 1, 2, 5, 10, ... that is not below value. */
static double
round_up(double value)
{
	double power = pow(10, floor(log10(value))), digit = value / power;

	return power * (digit <= 1 ? 1 : digit <= 2 ? 2 : digit <= 5 ? 5 : 10);
}

static double
step_of(const struct scale *s)
{
	return round_up((s->high - s->low) / 6);
}

void
scale_linear(struct scale *s, double high)
{
	s->log = false;
	s->low = 0;
	s->high = isfinite(high) && high > 0 ? high * 1.05 : 1;
	s->high = ceil(s->high / step_of(s)) * step_of(s);
}

void
scale_log(struct scale *s, double low, double high)
{
	s->log = true;
	low = isfinite(low) && low >= 1 ? low : 1;
	high = isfinite(high) && high >= low ? high : low;
	s->low = pow(10, floor(log10(low) + 1e-9));
	/* Half a decade where a whole one would be half of the picture. */
	if (low >= 3 * s->low)
		s->low *= 2;
	s->high = round_up(high * 1.02);
	if (s->high < s->low * 5)
		s->high = s->low * 10;
}

double
scale_at(const struct scale *s, double value)
{
	double share;

	if (s->log)
		share = value <= s->low ? 0 : log(value / s->low) / log(s->high / s->low);
	else
		share = (value - s->low) / (s->high - s->low);
	share = !(share > 0) ? 0 : share > 1 ? 1 : share;
	return s->from + share * (s->to - s->from);
}

static void
tick_y(FILE *out, const struct scale *s, double left, double right, svg_tick *tick, double value)
{
	double y = scale_at(s, value);
	char text[SVG_TICK];

	tick(text, value);
	svg_line(out, "grid", left, y, right, y);
	svg_text(out, "tick", "end", left - 6, y + 4, "%s", text);
}

void
svg_axis_y(FILE *out, const struct scale *s, double left, double right, svg_tick *tick)
{
	static const double digits[] = { 1, 2, 5 };
	double decades = s->log ? log10(s->high / s->low) : 0, power, value;
	size_t i;
	int n;

	if (!s->log) {
		double step = step_of(s);

		for (n = 0; (value = s->low + n * step) <= s->high + step / 100; n++)
			tick_y(out, s, left, right, tick, value);
		return;
	}
	for (n = (int)floor(log10(s->low)); (power = pow(10, n)) <= s->high * 1.001; n++)
		for (i = 0; i < (decades > 2.4 ? 1 : countof(digits)); i++) {
			value = power * digits[i];
			if (value >= s->low * 0.999 && value <= s->high * 1.001)
				tick_y(out, s, left, right, tick, value);
		}
}

void
svg_axis_x(FILE *out, const struct scale *s, double top, double bottom, svg_tick *tick)
{
	double step = step_of(s), value;
	int n;

	for (n = 0; (value = s->low + n * step) <= s->high + step / 100; n++) {
		double x = scale_at(s, value);
		char text[SVG_TICK];

		tick(text, value);
		svg_line(out, "grid", x, top, x, bottom);
		svg_text(out, "tick", "middle", x, bottom + 16, "%s", text);
	}
	svg_line(out, "axis", s->from, bottom, s->to, bottom);
}

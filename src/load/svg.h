/* SPDX-License-Identifier: ISC */
/*
 * svg.h -- pictures for a page: shapes, scales, and axes with ticks.
 *
 * Colours are the page's: shapes have classes, "c0" to "c5" for lines and "h1" to
 * "h8" for shades.  All text is escaped here.
 */
#ifndef SVG_H
#define SVG_H

#include <stdbool.h>
#include <stdio.h>

#include "macros.h"

#define SVG_TICK 32 /* bytes for the text at a tick */

/* From values to places, along one axis. */
struct scale {
	double low, high; /* values */
	double from, to;  /* where they are */
	bool log;
};

typedef void svg_tick(char text[SVG_TICK], double value);

/* Text between tags and in quoted attributes. */
void svg_escape(FILE *, const char *text);

/* label is what the picture shows, for those who do not see it. */
void svg_begin(FILE *, double width, double height, const char *label);
void svg_end(FILE *);

/* hover: what is said when pointed at; NULL: nothing. */
void svg_line(FILE *, const char *class, double x1, double y1, double x2, double y2);
void svg_rect(FILE *, const char *class, double x, double y, double w, double h, const char *hover);
void svg_dot(FILE *, const char *class, double x, double y, const char *hover);
/* anchor: "start", "middle", "end" */
void svg_text(FILE *, const char *class, const char *anchor, double x, double y, const char *fmt,
    ...) printflike(6, 7);

/* A line through many points. */
void svg_path_begin(FILE *, const char *class);
void svg_path_to(FILE *, double x, double y); /* the first one: from there */
void svg_path_end(FILE *);

/*
 * Room for all values: from 0 to a round number, or between two powers of ten.
 * There may be none, one or all the same.
 */
void scale_linear(struct scale *, double high);
void scale_log(struct scale *, double low, double high);
double scale_at(const struct scale *, double value); /* kept within the axis */

/* Lines across, and their values beside or below. */
void svg_axis_y(FILE *, const struct scale *, double left, double right, svg_tick *);
void svg_axis_x(FILE *, const struct scale *, double top, double bottom, svg_tick *);

#endif

/* SPDX-License-Identifier: ISC */
/*
 * page.h -- text of labelled lines that are wrapped at 80 columns.
 */
#ifndef PAGE_H
#define PAGE_H

#include <stdbool.h>
#include <stdio.h>

#include "macros.h"

enum page_colour { PAGE_PLAIN, PAGE_GOOD, PAGE_WARN, PAGE_BAD };

struct page {
	FILE *f;
	bool colour;
	unsigned column;
};

/* Columns that text takes, if each character of UTF-8 takes one. */
unsigned page_width(const char *text);

/* Begin a line.  The label stands at the left, and what wraps does not. */
void page_begin(struct page *, const char *label);
/* Begin a line that belongs to the one before, after a dash. */
void page_item(struct page *);
/* Go on with the line. */
void page_say(struct page *, const char *fmt, ...) printflike(2, 3);
void page_paint(struct page *, enum page_colour, const char *fmt, ...) printflike(3, 4);
/* End the line, if there is one. */
void page_end(struct page *);

#endif

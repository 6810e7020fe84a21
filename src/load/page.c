/* SPDX-License-Identifier: ISC */
/*
 * page.c -- see page.h.
 */
#include <stdarg.h>
#include <string.h>

#include "page.h"

#define COLUMNS 80
#define LABEL 13 /* columns */
#define TEXT 2048

static unsigned
width(const char *text, size_t len)
{
	unsigned n = 0;
	size_t i;

	for (i = 0; i < len; i++)
		n += ((unsigned char)text[i] & 0xc0) != 0x80; /* one that goes on */
	return n;
}

unsigned
page_width(const char *text)
{
	return width(text, strlen(text));
}

void
page_end(struct page *p)
{
	if (p->column > 0)
		fputc('\n', p->f);
	p->column = 0;
}

void
page_begin(struct page *p, const char *label)
{
	page_end(p);
	if (label[0] != '\0')
		p->column = (unsigned)fprintf(p->f, "%-*s", LABEL, label);
}

void
page_item(struct page *p)
{
	page_end(p);
	p->column = (unsigned)fprintf(p->f, "%*s- ", LABEL - 2, "");
}

/* So many bytes of a text take no more columns. */
static size_t
fitting(const char *text, size_t len, unsigned columns)
{
	while (width(text, len) > columns)
		len--;
	while (len > 0 && ((unsigned char)text[len] & 0xc0) == 0x80) /* no half of a character */
		len--;
	return len;
}

/* Wrapped where words end; a word that is too long for a line goes on in the next. */
static void
wrap(struct page *p, const char *word)
{
	while (*word != '\0') {
		size_t blanks = strspn(word, " "), len = blanks + strcspn(word + blanks, " ");

		if (p->column > LABEL && p->column + width(word, len) > COLUMNS) {
			fputc('\n', p->f);
			p->column = (unsigned)fprintf(p->f, "%*s", LABEL, "");
			word += blanks;
			len -= blanks;
		}
		if (p->column + width(word, len) > COLUMNS)
			len = fitting(word, len, COLUMNS - p->column);
		fwrite(word, 1, len, p->f);
		p->column += width(word, len);
		word += len;
	}
}

void
page_say(struct page *p, const char *fmt, ...)
{
	char text[TEXT];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	wrap(p, text);
}

void
page_paint(struct page *p, enum page_colour colour, const char *fmt, ...)
{
	static const char *const codes[] = { "", "\033[32m", "\033[33m", "\033[1;31m" };
	bool painted = p->colour && colour != PAGE_PLAIN;
	char text[TEXT];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (painted)
		fputs(codes[colour], p->f);
	wrap(p, text);
	if (painted)
		fputs("\033[0m", p->f);
}

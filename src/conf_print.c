/* SPDX-License-Identifier: ISC */
/*
 * conf_print.c -- settings as text: -T, which conf_read() takes, and --help.
 */
#include <string.h>

#include "conf_table.h"
#include "units.h"

#define WORD "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_"

/*
 * A bare word where that will do.  Else in quotes: single ones if need be, for in
 * those libConfuse leaves everything as it is but \\ and \'.
 */
static void
print_text(FILE *f, const char *text)
{
	const char *p;

	if (text[0] != '\0' && strspn(text, WORD) == strlen(text)) {
		fputs(text, f);
		return;
	}
	if (strpbrk(text, "\"\\$'\n") == NULL) {
		fprintf(f, "\"%s\"", text);
		return;
	}
	putc('\'', f);
	for (p = text; *p != '\0'; p++) {
		if (*p == '\\' || *p == '\'')
			putc('\\', f);
		putc(*p, f);
	}
	putc('\'', f);
}

static void
print_value(FILE *f, const struct setting *s, const void *base)
{
	const void *place = (const char *)base + s->offset;
	char text[UNITS_TEXT];
	unsigned count;

	switch (s->type) {
	case COUNT:
		count = *(const unsigned *)place;
		if (s->word != NULL && count == s->word_is)
			fputs(s->word, f);
		else
			fprintf(f, "%u", count);
		break;
	case SIZE:
		units_print_size(text, *(const unsigned *)place);
		fputs(text, f);
		break;
	case DURATION:
		units_print_duration(text, *(const double *)place);
		fputs(text, f);
		break;
	case CHOICE: fputs(*(const char *const *)place, f); break;
	default: print_text(f, *(char *const *)place);
	}
}

static void
print_all(FILE *f, bool in_section, const void *base)
{
	const struct setting *s;
	size_t i;

	for (i = 0; (s = conf_setting(in_section, i)) != NULL; i++) {
		fprintf(f, in_section ? "\t%-14s = " : "%-15s = ", s->name);
		print_value(f, s, base);
		putc('\n', f);
	}
}

void
conf_print(const struct conf *conf, FILE *f)
{
	size_t i;

	print_all(f, false, conf);
	for (i = 0; i < conf->nlistens; i++) {
		fputs("\nlisten ", f);
		print_text(f, conf->listens[i]->text);
		fputs(" {\n", f);
		print_all(f, true, conf->listens[i]);
		fputs("}\n", f);
	}
}

void
conf_help(FILE *f)
{
	const struct setting *s;
	size_t i;

	for (i = 0; (s = conf_setting(false, i)) != NULL; i++)
		fprintf(f, "  %-15s %-9s  %s\n", s->name, s->preset[0] != '\0' ? s->preset : "\"\"",
		    s->help);
}

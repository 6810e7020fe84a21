/* SPDX-License-Identifier: ISC */
/*
 * sizes.c -- see sizes.h.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sizes.h"
#include "units.h"

#define LINE 64 /* bytes of a line in a file of sizes */

static int
parse_one(const char *text, size_t *size)
{
	double bytes;

	if (units_size(text, &bytes) < 0 || bytes < 1 || bytes > SIZES_MAX)
		return -EINVAL;
	*size = (size_t)bytes;
	return 0;
}

static int
add(struct sizes *s, size_t size, double share)
{
	size_t *choices = realloc(s->choices, (s->n + 1) * sizeof(*choices));
	double *upto;

	if (choices == NULL)
		return -ENOMEM;
	s->choices = choices;
	if ((upto = realloc(s->upto, (s->n + 1) * sizeof(*upto))) == NULL)
		return -ENOMEM;
	s->upto = upto;
	s->choices[s->n] = size;
	s->upto[s->n] = share + (s->n > 0 ? s->upto[s->n - 1] : 0);
	s->n++;
	return 0;
}

static void
normalize(struct sizes *s)
{
	double all = s->upto[s->n - 1];
	size_t i;

	for (i = 0; i < s->n; i++)
		s->upto[i] /= all;
}

/* "64@90,4k@9,1M@1" */
static int
parse_choices(struct sizes *s, char *text)
{
	char *item, *rest = NULL, *at, *end;
	double share;
	size_t size;
	int rc;

	for (item = strtok_r(text, ",", &rest); item != NULL; item = strtok_r(NULL, ",", &rest)) {
		share = 1;
		if ((at = strchr(item, '@')) != NULL) {
			*at = '\0';
			share = strtod(at + 1, &end);
			if (at[1] == '\0' || *end != '\0' || !(share > 0) || !isfinite(share))
				return -EINVAL;
		}
		if (parse_one(item, &size) < 0)
			return -EINVAL;
		if ((rc = add(s, size, share)) < 0)
			return rc;
	}
	return s->n > 0 ? 0 : -EINVAL;
}

static int
read_file(struct sizes *s, const char *path)
{
	FILE *f = fopen(path, "re");
	char line[LINE];
	size_t size;
	int rc = 0;

	if (f == NULL)
		return -errno;
	while (rc == 0 && fgets(line, sizeof(line), f) != NULL) {
		line[strcspn(line, "\r\n")] = '\0';
		if (line[0] == '\0' || line[0] == '#')
			continue;
		rc = parse_one(line, &size) < 0 ? -EINVAL : add(s, size, 1);
	}
	fclose(f);
	return rc == 0 && s->n == 0 ? -EINVAL : rc;
}

static int
parse_range(struct sizes *s, char *text)
{
	char *dots = strstr(text, "..");

	if (dots == NULL) {
		s->kind = SIZES_FIXED;
		if (parse_one(text, &s->low) < 0)
			return -EINVAL;
		s->high = s->low;
		return 0;
	}
	s->kind = SIZES_RANGE;
	*dots = '\0';
	if (parse_one(text, &s->low) < 0 || parse_one(dots + 2, &s->high) < 0 || s->low > s->high)
		return -EINVAL;
	return 0;
}

static int
parse(struct sizes *s, char *text, const char **why)
{
	size_t size;
	int rc;

	if (strncmp(text, "choice:", 7) == 0) {
		s->kind = SIZES_CHOICE;
		*why = "want choice:SIZE@SHARE,SIZE@SHARE as in choice:64@90,4k@9,1M@1";
		if ((rc = parse_choices(s, text + 7)) == 0)
			normalize(s);
		return rc;
	}
	if (strncmp(text, "file:", 5) == 0) {
		s->kind = SIZES_CHOICE;
		if ((rc = read_file(s, text + 5)) == 0)
			normalize(s);
		*why = rc == -EINVAL ? "the file has to have one size a line" : strerror(-rc);
		return rc;
	}
	*why = "want a size from 1 to 64M, as 64, 1k, 1..1500, exp:512, choice: or file:";
	if (strncmp(text, "exp:", 4) == 0) {
		s->kind = SIZES_EXP;
		if (parse_one(text + 4, &size) < 0)
			return -EINVAL;
		s->mean = (double)size;
		return 0;
	}
	return parse_range(s, text);
}

int
sizes_parse(struct sizes *s, const char *text, const char **why)
{
	char *copy = strdup(text);
	int rc;

	*s = (struct sizes){ 0 };
	*why = strerror(ENOMEM);
	if (copy == NULL)
		return -ENOMEM;
	if ((rc = parse(s, copy, why)) < 0)
		sizes_free(s);
	free(copy);
	return rc;
}

void
sizes_free(struct sizes *s)
{
	free(s->choices);
	free(s->upto);
	*s = (struct sizes){ 0 };
}

size_t
sizes_next(const struct sizes *s, struct random *r)
{
	double x;
	size_t i;

	switch (s->kind) {
	case SIZES_RANGE: return s->low + (size_t)(random_unit(r) * (double)(s->high - s->low + 1));
	case SIZES_EXP:
		x = ceil(-log(1 - random_unit(r)) * s->mean);
		return x < 1 ? 1 : x > SIZES_MAX ? SIZES_MAX : (size_t)x;
	case SIZES_CHOICE:
		x = random_unit(r);
		for (i = 0; i + 1 < s->n && x >= s->upto[i]; i++)
			continue;
		return s->choices[i];
	default: return s->low;
	}
}

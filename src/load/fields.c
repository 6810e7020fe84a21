/* SPDX-License-Identifier: ISC */
/*
 * fields.c -- see fields.h.
 */
#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fields.h"

/* How many bytes of valid UTF-8 text begins with; 0 if it is none. */
static size_t
utf8_length(const unsigned char *text)
{
	unsigned long code;
	size_t n, i;

	if (text[0] < 0x80)
		return 1;
	if (text[0] < 0xc2 || text[0] > 0xf4)
		return 0;
	n = text[0] < 0xe0 ? 2 : text[0] < 0xf0 ? 3 : 4;
	code = text[0] & (0xffu >> (n + 1));
	for (i = 1; i < n; i++) {
		if ((text[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (text[i] & 0x3f);
	}
	/* Neither longer than need be, nor half of a pair of UTF-16. */
	if ((n == 3 && code < 0x800) || (n == 4 && (code < 0x10000 || code > 0x10ffff)) ||
	    (code >= 0xd800 && code <= 0xdfff))
		return 0;
	return n;
}

json_t *
fields_text(const char *text)
{
	const unsigned char *from = (const unsigned char *)(text != NULL ? text : "");
	char *clean = malloc(3 * strlen((const char *)from) + 1), *to = clean;
	json_t *string;

	if (clean == NULL)
		return NULL;
	while (*from != '\0') {
		size_t n = utf8_length(from);

		memcpy(to, n > 0 ? (const char *)from : "\xef\xbf\xbd", n > 0 ? n : 3);
		to += n > 0 ? n : 3;
		from += n > 0 ? n : 1;
	}
	*to = '\0';
	string = json_string(clean);
	free(clean);
	return string;
}

json_t *
fields_real(double value)
{
	return json_real(isfinite(value) ? value : 0);
}

static json_t *
save_one(const struct field *f, const void *at)
{
	double seconds;

	switch (f->kind) {
	case FIELD_COUNT: return json_integer((json_int_t) * (const uint64_t *)at);
	case FIELD_UNSIGNED: return json_integer(*(const unsigned *)at);
	case FIELD_INT: return json_integer(*(const int *)at);
	case FIELD_BOOL: return json_boolean(*(const bool *)at);
	case FIELD_REAL: return fields_real(*(const double *)at);
	case FIELD_SECONDS:
		seconds = *(const double *)at;
		return json_integer(isfinite(seconds) ? llround(seconds * 1e9) : 0);
	case FIELD_SHARE: return fields_real(*(const double *)at * 100);
	case FIELD_NAME: return json_string(f->names[*(const int *)at]);
	case FIELD_ARRAY: return fields_text(at);
	case FIELD_STRING: return fields_text(*(const char *const *)at);
	}
	return NULL;
}

void
fields_save(json_t *object, const struct field *f, size_t n, const void *from)
{
	size_t i;

	for (i = 0; i < n; i++)
		json_object_set_new(
		    object, f[i].key, save_one(&f[i], (const char *)from + f[i].offset));
}

/* NULL, or what the value should have been. */
static const char *
load_name(const struct field *f, const json_t *value, void *at)
{
	int i;

	for (i = 0; json_is_string(value) && f->names[i] != NULL; i++)
		if (strcmp(f->names[i], json_string_value(value)) == 0) {
			*(int *)at = i;
			return NULL;
		}
	return "one of the names that are known";
}

static const char *
load_whole(const struct field *f, const json_t *value, void *at)
{
	json_int_t i = json_integer_value(value);

	if (!json_is_integer(value))
		return "a whole number";
	if (f->kind == FIELD_COUNT)
		*(uint64_t *)at = (uint64_t)i;
	else if (f->kind == FIELD_SECONDS)
		*(double *)at = (double)i / 1e9;
	else if (f->kind == FIELD_UNSIGNED && i >= 0 && i <= UINT32_MAX)
		*(unsigned *)at = (unsigned)i;
	else if (f->kind == FIELD_INT && i >= INT32_MIN && i <= INT32_MAX)
		*(int *)at = (int)i;
	else
		return "in its range";
	return NULL;
}

static const char *
load_text(const struct field *f, const json_t *value, void *at)
{
	if (!json_is_string(value))
		return "text";
	if (f->kind == FIELD_STRING)
		*(const char **)at = json_string_value(value);
	else
		snprintf(at, f->size, "%s", json_string_value(value));
	return NULL;
}

static const char *
load_one(const struct field *f, const json_t *value, void *at)
{
	switch (f->kind) {
	case FIELD_COUNT:
	case FIELD_UNSIGNED:
	case FIELD_INT:
	case FIELD_SECONDS: return load_whole(f, value, at);
	case FIELD_BOOL:
		*(bool *)at = json_is_true(value);
		return json_is_boolean(value) ? NULL : "true or false";
	case FIELD_REAL:
	case FIELD_SHARE:
		*(double *)at = json_number_value(value) / (f->kind == FIELD_SHARE ? 100 : 1);
		return json_is_number(value) ? NULL : "a number";
	case FIELD_NAME: return load_name(f, value, at);
	case FIELD_ARRAY:
	case FIELD_STRING: return load_text(f, value, at);
	}
	return "known";
}

int
fields_load(const json_t *object, const char *name, const struct field *f, size_t n, void *to,
    char why[FIELDS_WHY])
{
	size_t i;

	for (i = 0; i < n; i++) {
		const json_t *value = json_object_get(object, f[i].key);
		const char *should;

		if (value == NULL) {
			snprintf(why, FIELDS_WHY, "%s.%s is missing", name, f[i].key);
			return -EINVAL;
		}
		if ((should = load_one(&f[i], value, (char *)to + f[i].offset)) != NULL) {
			snprintf(why, FIELDS_WHY, "%s.%s is not %s", name, f[i].key, should);
			return -EINVAL;
		}
	}
	return 0;
}

const json_t *
fields_object(const json_t *from, const char *key, char why[FIELDS_WHY])
{
	const json_t *value = json_object_get(from, key);

	if (json_is_object(value))
		return value;
	snprintf(why, FIELDS_WHY, "%s %s", key, value == NULL ? "is missing" : "is not an object");
	return NULL;
}

const json_t *
fields_array(const json_t *from, const char *key, char why[FIELDS_WHY])
{
	const json_t *value = json_object_get(from, key);

	if (json_is_array(value))
		return value;
	snprintf(why, FIELDS_WHY, "%s %s", key, value == NULL ? "is missing" : "is not an array");
	return NULL;
}

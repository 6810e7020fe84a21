/* SPDX-License-Identifier: ISC */
/*
 * hist_json.c -- see hist_json.h.
 */
#include <errno.h>
#include <stdio.h>

#include "hist_json.h"
#include "macros.h"

static const struct field fields[] = {
	{ "sub_bucket_bits", FIELD_UNSIGNED, offsetof(struct hist, bits), NULL, 0 },
	{ "count", FIELD_COUNT, offsetof(struct hist, count), NULL, 0 },
	{ "clamped", FIELD_COUNT, offsetof(struct hist, clamped), NULL, 0 },
	{ "min_ns", FIELD_COUNT, offsetof(struct hist, min), NULL, 0 },
	{ "max_ns", FIELD_COUNT, offsetof(struct hist, max), NULL, 0 },
	{ "sum_ns", FIELD_COUNT, offsetof(struct hist, sum), NULL, 0 },
};

json_t *
hist_save(const struct hist *h)
{
	json_t *o = json_pack("{s:s,s:s}", "kind", "loglinear", "unit", "ns");
	json_t *counts = json_array();
	size_t i, n = hist_buckets(h->bits);

	fields_save(o, fields, countof(fields), h);
	if (h->count == 0)
		json_object_set_new(o, "min_ns", json_integer(0));
	for (i = 0; i < n; i++)
		if (h->counts[i] != 0)
			json_array_append_new(counts,
			    json_pack("[I,I,I]", (json_int_t)hist_low(h->bits, i),
				(json_int_t)hist_high(h->bits, i), (json_int_t)h->counts[i]));
	json_object_set_new(o, "counts", counts);
	return o;
}

static int
load_counts(struct hist *h, const json_t *counts)
{
	uint64_t all = 0;
	const json_t *row;
	size_t i, n = hist_buckets(h->bits);

	json_array_foreach(counts, i, row)
	{
		json_int_t low = json_integer_value(json_array_get(row, 0));
		json_int_t high = json_integer_value(json_array_get(row, 1));
		json_int_t count = json_integer_value(json_array_get(row, 2));
		size_t at;

		if (json_array_size(row) != 3 || low < 0 || low >= (json_int_t)HIST_LIMIT ||
		    count <= 0)
			return -EINVAL;
		at = hist_index(h->bits, (uint64_t)low);
		if (at >= n || hist_low(h->bits, at) != (uint64_t)low ||
		    hist_high(h->bits, at) != (uint64_t)high || h->counts[at] != 0)
			return -EINVAL;
		h->counts[at] = (uint64_t)count;
		all += (uint64_t)count;
	}
	return all == h->count ? 0 : -EINVAL;
}

int
hist_load(struct hist *h, const json_t *from, const char *name, char why[FIELDS_WHY])
{
	unsigned bits = h->bits;
	int rc;

	hist_reset(h);
	if ((rc = fields_load(from, name, fields, countof(fields), h, why)) < 0) {
		h->bits = bits;
		return rc;
	}
	if (h->bits != bits) {
		snprintf(why, FIELDS_WHY, "%s.sub_bucket_bits is %u, not %u", name, h->bits, bits);
		h->bits = bits;
		return -EINVAL;
	}
	if (h->count == 0)
		h->min = UINT64_MAX;
	if ((rc = load_counts(h, json_object_get(from, "counts"))) < 0)
		snprintf(why, FIELDS_WHY, "%s does not add up", name);
	return rc;
}

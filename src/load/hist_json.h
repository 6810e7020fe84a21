/* SPDX-License-Identifier: ISC */
/*
 * hist_json.h -- a histogram as a JSON object, and back, without loss.
 */
#ifndef HIST_JSON_H
#define HIST_JSON_H

#include "fields.h"
#include "hist.h"

json_t *hist_save(const struct hist *);

/*
 * Into a histogram of as many bits.  It has to add up, so that no number is made
 * of a document that was cut or edited.  0, or -EINVAL and why.
 */
int hist_load(struct hist *, const json_t *, const char *name, char why[FIELDS_WHY]);

#endif

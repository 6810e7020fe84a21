/* SPDX-License-Identifier: ISC */
/*
 * documents.h -- reports to and from memory and files, for tests.
 */
#ifndef DOCUMENTS_H
#define DOCUMENTS_H

#include "report.h"

typedef int document_writer(const struct report *, FILE *);

/* What a report writes, as text; free() it. */
char *document_text(const struct report *, document_writer *);

/* The name of a new file with this text; document_remove() it. */
char *document_file(const char *text);
void document_remove(char *path);

#endif

/* SPDX-License-Identifier: ISC */
/*
 * documents.c -- see documents.h.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "documents.h"
#include "unit.h"

char *
document_text(const struct report *r, document_writer *write)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	assert_int_equal(write(r, out), 0);
	fclose(out);
	return text;
}

char *
document_file(const char *text)
{
	char *path = strdup("test-document-XXXXXX");
	int fd = mkstemp(path);
	FILE *out;

	assert_true(fd >= 0);
	out = fdopen(fd, "w");
	fputs(text, out);
	fclose(out);
	return path;
}

void
document_remove(char *path)
{
	unlink(path);
	free(path);
}

/* SPDX-License-Identifier: ISC */
/*
 * fuzz_conf.c -- any bytes as a settings file.
 *
 * What is refused is refused with a message, and without one nothing is.  What is
 * taken can be printed, and what was printed is taken again and means the same.
 *
 * Faults: F101
 */
#include <sys/mman.h>
#include <string.h>
#include <unistd.h>

#include "conf.h"
#include "fuzz.h"

struct text {
	char *bytes;
	size_t len;
};

/* Read a file of these bytes.  What it says, all of it. */
static unsigned
read_settings(struct conf *conf, const char *bytes, size_t size, struct text *said)
{
	int fd = memfd_create("settings", MFD_CLOEXEC);
	FILE *err = open_memstream(&said->bytes, &said->len);
	char path[64];
	unsigned errors;

	must(fd >= 0 && err != NULL && write(fd, bytes, size) == (ssize_t)size);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	must(conf_init(conf) == 0);
	errors = conf_read(conf, path, err);
	if (errors == 0 && conf_check(conf, err) != 0)
		errors = 1;
	fclose(err);
	close(fd);
	must((errors == 0) == (said->len == 0));
	must(errors == 0 || said->bytes[said->len - 1] == '\n');
	return errors;
}

static void
print_settings(const struct conf *conf, struct text *to)
{
	FILE *f = open_memstream(&to->bytes, &to->len);

	must(f != NULL);
	conf_print(conf, f);
	fclose(f);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct text said, printed, again;
	struct conf conf;

	if (read_settings(&conf, (const char *)data, size, &said) == 0) {
		print_settings(&conf, &printed);
		conf_free(&conf);
		free(said.bytes);
		must(read_settings(&conf, printed.bytes, printed.len, &said) == 0);
		print_settings(&conf, &again);
		must(
		    printed.len == again.len && memcmp(printed.bytes, again.bytes, again.len) == 0);
		free(printed.bytes);
		free(again.bytes);
	}
	conf_free(&conf);
	free(said.bytes);
	return 0;
}

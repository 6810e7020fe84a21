/* SPDX-License-Identifier: ISC */
/*
 * replay.c -- a fuzz target without a fuzzer: it gets the files of a corpus.
 *
 * Usage: replay_NAME FILE|DIRECTORY...  What it says is TAP; when an input makes
 * the target abort or crash, the name of that input is the last thing it says.
 */
#include <sys/stat.h>
#include <dirent.h>
#include <err.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "fuzz.h"

static char current[4096];
static unsigned replayed;

static void
on_crash(int sig)
{
	static const char words[] = "\nnot ok 1 - replays: it falls over ";

	(void)!write(STDOUT_FILENO, words, sizeof(words) - 1);
	(void)!write(STDOUT_FILENO, current, strlen(current));
	(void)!write(STDOUT_FILENO, "\n", 1);
	signal(sig, SIG_DFL);
	raise(sig);
}

static void
replay_file(const char *path, size_t size)
{
	uint8_t *bytes = malloc(size > 0 ? size : 1);
	FILE *f = fopen(path, "re");

	if (bytes == NULL || f == NULL || fread(bytes, 1, size, f) != size)
		err(1, "%s", path);
	fclose(f);
	snprintf(current, sizeof(current), "%s", path);
	LLVMFuzzerTestOneInput(bytes, size);
	free(bytes);
	replayed++;
}

static void
replay(const char *path)
{
	char name[sizeof(current)];
	struct dirent *entry;
	struct stat st;
	DIR *dir;

	if (stat(path, &st) != 0)
		err(1, "%s", path);
	if (!S_ISDIR(st.st_mode)) {
		replay_file(path, (size_t)st.st_size);
		return;
	}
	if ((dir = opendir(path)) == NULL)
		err(1, "%s", path);
	while ((entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(name, sizeof(name), "%s/%s", path, entry->d_name);
		replay(name);
	}
	closedir(dir);
}

int
main(int argc, char **argv)
{
	static const int crashes[] = { SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL };
	size_t i;
	int arg;

	for (i = 0; i < sizeof(crashes) / sizeof(crashes[0]); i++)
		signal(crashes[i], on_crash);
	for (arg = 1; arg < argc; arg++)
		replay(argv[arg]);
	printf("%s 1 - replays %u inputs\n1..1\n", replayed > 0 ? "ok" : "not ok", replayed);
	return replayed == 0;
}

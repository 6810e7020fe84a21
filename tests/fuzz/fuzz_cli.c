/* SPDX-License-Identifier: ISC */
/*
 * fuzz_cli.c -- any bytes as a command line; a zero byte ends an argument.
 *
 * It ends with one of the codes that the manual names, and whatever it does not do
 * it says.  The command line is real, from main() on; where it would touch the
 * system (files, sockets, another process) a stand-in says no.
 *
 * Faults: F102
 */
int echod_main(int, char **);

/* It is not the main() of this program. */
#define main echod_main
#include "echod.c"
#undef main

#include "fuzz.h"

#undef fuzz_err
#define fuzz_err real_stderr

#define MAX_ARGS 64

unsigned __wrap_conf_read(struct conf *, const char *, FILE *);
int __wrap_sockets_open(
    struct sockets *, const struct conf *, unsigned, const struct sockets *, FILE *);
int __wrap_proc_detach(void);
int __wrap_proc_pid_lock(const char *, pid_t *);
pid_t __wrap_proc_pid_owner(const char *);
void __wrap_proc_clean(void);
void __wrap_proc_close_others(const int *, size_t);
int __wrap_control_ask(const char *);
char **__wrap_title_open(int, char **);
void __wrap_log_error(const char *, ...) printflike(1, 2);

static FILE *real_stderr;
static bool logged;

unsigned
__wrap_conf_read(struct conf *conf, const char *path, FILE *err)
{
	(void)conf;
	if (strcmp(path, "good") == 0)
		return 0;
	fprintf(err, "%s: no\n", path);
	return 1;
}

int
__wrap_sockets_open(struct sockets *sockets, const struct conf *conf, unsigned columns,
    const struct sockets *old, FILE *err)
{
	(void)columns, (void)old;
	must(conf->nlistens > 0 && conf->room > 0);
	*sockets = (struct sockets){ 0 };
	fputs("no\n", err);
	return EX_UNAVAILABLE;
}

int
__wrap_proc_detach(void)
{
	return -EAGAIN;
}

int
__wrap_proc_pid_lock(const char *path, pid_t *owner)
{
	(void)path, (void)owner;
	return -EACCES;
}

pid_t
__wrap_proc_pid_owner(const char *path)
{
	(void)path;
	return -ESRCH;
}

void
__wrap_proc_clean(void)
{
}

void
__wrap_proc_close_others(const int *kept, size_t n)
{
	(void)kept, (void)n;
}

int
__wrap_control_ask(const char *pid_file)
{
	(void)pid_file;
	return -ECONNREFUSED;
}

/* The arguments are not where those of a process are. */
char **
__wrap_title_open(int argc, char **argv)
{
	(void)argc, (void)argv;
	return NULL;
}

void
__wrap_log_error(const char *fmt, ...)
{
	(void)fmt;
	logged = true;
}

static int
run(int argc, char **argv, char **said)
{
	FILE *real_stdout = stdout;
	char *printed = NULL;
	size_t len;
	int rc;

	real_stderr = stderr;
	stdout = open_memstream(&printed, &len);
	stderr = open_memstream(said, &len);
	must(stdout != NULL && stderr != NULL);
	logged = false;
	optind = 0;
	rc = echod_main(argc, argv);
	fclose(stdout);
	fclose(stderr);
	stdout = real_stdout;
	stderr = real_stderr;
	free(printed);
	return rc;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char name[] = "echod";
	char *argv[MAX_ARGS + 2] = { name }, *text = malloc(size + 1), *said = NULL, *p;
	int argc = 1, rc;

	must(text != NULL);
	if (size > 0)
		memcpy(text, data, size);
	text[size] = '\0';
	for (p = text; p < text + size && argc <= MAX_ARGS; p += strlen(p) + 1)
		argv[argc++] = p;
	rc = run(argc, argv, &said);
	must(rc == 0 || rc == EX_USAGE || rc == EX_UNAVAILABLE || rc == EX_OSERR ||
	    rc == EX_NOPERM || rc == EX_CONFIG);
	must(rc == 0 || logged || said[0] != '\0');
	free(said);
	free(text);
	return 0;
}

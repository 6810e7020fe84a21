/* SPDX-License-Identifier: ISC */
/*
 * state.c -- see state.h.
 */
#include <sys/mman.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "state.h"

#define HEAD "echod-state 1"
#define ACCEPTED "accepted"

static void
write_rows(FILE *f, const struct state *s)
{
	size_t i;
	unsigned k;

	for (i = 0; i < s->nrows; i++) {
		const struct state_row *r = &s->rows[i];

		fprintf(f, "row %u %llu %llu %u", r->address, r->dev, r->ino, r->nfds);
		for (k = 0; k < r->nfds; k++)
			fprintf(f, " %d", r->fds[k]);
		fprintf(f, " %s\n", r->section);
	}
}

static void
write_all(FILE *f, const struct state *s)
{
	size_t i;

	fprintf(f, "%s\nbegan %.6f\n", HEAD, s->began);
	fprintf(f, "generation %u %u %u\n", s->generations, s->current, s->nseats);
	fprintf(f, "fds %d %d\n", s->pid_fd, s->control_fd);
	fprintf(f, "table %d %zu\n", s->table_fd, s->slot_size);
	if (s->tickets_fd >= 0)
		fprintf(f, "tickets %d\n", s->tickets_fd);
	write_rows(f, s);
	for (i = 0; i < s->nprocesses; i++) {
		const struct state_process *p = &s->processes[i];

		fprintf(f, "process %ld %u %u %d %u %d %d\n", (long)p->pid, p->index, p->generation,
		    p->channel, p->slot, p->told, p->ready);
	}
}

int
state_write(const struct state *s)
{
	int fd = memfd_create("echod state", MFD_CLOEXEC), copy, rc;
	FILE *f;

	if (fd == -1)
		return -errno;
	copy = dup(fd);
	if (copy == -1 || (f = fdopen(copy, "w")) == NULL) {
		rc = -errno;
		close(copy);
		close(fd);
		return rc;
	}
	write_all(f, s);
	if (fclose(f) != 0) {
		rc = -errno;
		close(fd);
		return rc;
	}
	return fd;
}

/* One more at the end of an array of n.  NULL: no memory. */
static void *
grow(void **array, size_t *n, size_t size)
{
	char *grown = realloc(*array, (*n + 1) * size);

	if (grown == NULL)
		return NULL;
	*array = grown;
	memset(grown + *n * size, 0, size);
	return grown + (*n)++ * size;
}

static int
read_row(struct state *s, const char *p)
{
	struct state_row *r = grow((void **)&s->rows, &s->nrows, sizeof(*s->rows));
	unsigned k;
	int used;

	if (r == NULL)
		return -ENOMEM;
	if (sscanf(p, "%u %llu %llu %u%n", &r->address, &r->dev, &r->ino, &r->nfds, &used) != 4 ||
	    (r->fds = calloc(r->nfds, sizeof(*r->fds))) == NULL)
		return -EINVAL;
	for (k = 0; k < r->nfds; k++) {
		p += used;
		if (sscanf(p, " %d%n", &r->fds[k], &used) != 1)
			return -EINVAL;
	}
	p += used;
	if (*p++ != ' ' || (r->section = strdup(p)) == NULL)
		return -EINVAL;
	return 0;
}

static int
read_process(struct state *s, const char *text)
{
	struct state_process *p = grow(
	    (void **)&s->processes, &s->nprocesses, sizeof(*s->processes));
	int told, ready;
	long pid;

	if (p == NULL)
		return -ENOMEM;
	if (sscanf(text, "%ld %u %u %d %u %d %d", &pid, &p->index, &p->generation, &p->channel,
		&p->slot, &told, &ready) != 7)
		return -EINVAL;
	p->pid = (pid_t)pid;
	p->told = told != 0;
	p->ready = ready != 0;
	return 0;
}

static int
read_line(struct state *s, const char *key, const char *rest)
{
	if (strcmp(key, "began") == 0)
		return sscanf(rest, "%lf", &s->began) == 1 ? 0 : -EINVAL;
	if (strcmp(key, "generation") == 0)
		return sscanf(rest, "%u %u %u", &s->generations, &s->current, &s->nseats) == 3 ?
		    0 :
		    -EINVAL;
	if (strcmp(key, "fds") == 0)
		return sscanf(rest, "%d %d", &s->pid_fd, &s->control_fd) == 2 ? 0 : -EINVAL;
	if (strcmp(key, "table") == 0)
		return sscanf(rest, "%d %zu", &s->table_fd, &s->slot_size) == 2 ? 0 : -EINVAL;
	if (strcmp(key, "tickets") == 0)
		return sscanf(rest, "%d", &s->tickets_fd) == 1 ? 0 : -EINVAL;
	if (strcmp(key, "row") == 0)
		return read_row(s, rest);
	if (strcmp(key, "process") == 0)
		return read_process(s, rest);
	return 0; /* of a later version, which says by HEAD if it matters */
}

static int
read_lines(struct state *s, FILE *f)
{
	char *line = NULL, *space;
	size_t size = 0;
	ssize_t n;
	int rc = -EINVAL;

	if (getline(&line, &size, f) > 0 && strcmp(line, HEAD "\n") == 0)
		rc = 0;
	while (rc == 0 && (n = getline(&line, &size, f)) > 0) {
		line[n - 1] = '\0';
		if ((space = strchr(line, ' ')) == NULL)
			continue;
		*space = '\0';
		rc = read_line(s, line, space + 1);
	}
	free(line);
	return rc;
}

/* A stream of our own on that file, from its beginning. */
static FILE *
open_copy(int fd)
{
	int copy = dup(fd);
	FILE *f;

	if (copy == -1)
		return NULL;
	if ((f = fdopen(copy, "r")) == NULL)
		close(copy);
	else
		rewind(f);
	return f;
}

int
state_read(struct state *s, int fd)
{
	FILE *f = open_copy(fd);
	int rc;

	*s = (struct state){ .pid_fd = -1, .control_fd = -1, .table_fd = -1, .tickets_fd = -1 };
	if (f == NULL)
		return -errno;
	if ((rc = read_lines(s, f)) < 0)
		state_free(s);
	fclose(f);
	return rc;
}

void
state_free(struct state *s)
{
	size_t i;

	for (i = 0; i < s->nrows; i++) {
		free(s->rows[i].fds);
		free(s->rows[i].section);
	}
	free(s->rows);
	free(s->processes);
	*s = (struct state){ 0 };
}

int
state_accept(int fd)
{
	static const char line[] = ACCEPTED "\n";
	ssize_t n = (ssize_t)strlen(line);

	if (lseek(fd, 0, SEEK_END) == -1)
		return -errno;
	return write(fd, line, (size_t)n) == n ? 0 : -errno;
}

bool
state_is_accepted(int fd)
{
	FILE *f = open_copy(fd);
	bool accepted = false;
	char *line = NULL;
	size_t size = 0;

	if (f == NULL)
		return false;
	while (!accepted && getline(&line, &size, f) > 0)
		accepted = strcmp(line, ACCEPTED "\n") == 0;
	free(line);
	fclose(f);
	return accepted;
}

void
state_each_fd(const struct state *s, void (*fn)(int fd, void *arg), void *arg)
{
	size_t i;
	unsigned k;

	if (s->pid_fd >= 0)
		fn(s->pid_fd, arg);
	if (s->control_fd >= 0)
		fn(s->control_fd, arg);
	if (s->table_fd >= 0)
		fn(s->table_fd, arg);
	if (s->tickets_fd >= 0)
		fn(s->tickets_fd, arg);
	for (i = 0; i < s->nrows; i++)
		for (k = 0; k < s->rows[i].nfds; k++)
			fn(s->rows[i].fds[k], arg);
	for (i = 0; i < s->nprocesses; i++)
		fn(s->processes[i].channel, arg);
}

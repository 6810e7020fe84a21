/* SPDX-License-Identifier: ISC */
/*
 * upgrade.c -- see upgrade.h.
 */
#include <sys/stat.h>
#include <sys/wait.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "log.h"
#include "proc.h"
#include "units.h"
#include "upgrade.h"

/* Which address of its section a row has. */
static unsigned
address_of(const struct listening *l)
{
	unsigned i;

	for (i = 0; i + 1 < l->section->naddrs; i++)
		if (l->section->addrs[i].len == l->wanted.len &&
		    memcmp(&l->section->addrs[i].sa, &l->wanted.sa, l->wanted.len) == 0)
			break;
	return i;
}

static int
collect_rows(struct state *s, const struct sockets *sockets)
{
	size_t i;

	if ((s->rows = calloc(sockets->n, sizeof(*s->rows))) == NULL)
		return -ENOMEM;
	for (i = 0; i < sockets->n; i++) {
		const struct listening *l = &sockets->all[i];
		struct state_row *r = &s->rows[s->nrows++];

		r->address = address_of(l);
		r->dev = l->dev;
		r->ino = l->ino;
		r->nfds = l->nfds;
		r->section = strdup(l->section->text);
		if (r->section == NULL || (r->fds = calloc(l->nfds, sizeof(*r->fds))) == NULL)
			return -ENOMEM;
		memcpy(r->fds, l->fds, l->nfds * sizeof(*r->fds));
	}
	return 0;
}

static int
collect_processes(struct state *s, const struct crew *c)
{
	const struct process *p;
	size_t n = 0;

	TAILQ_FOREACH (p, &c->processes, link)
		n++;
	if ((s->processes = calloc(n + 1, sizeof(*s->processes))) == NULL)
		return -ENOMEM;
	TAILQ_FOREACH (p, &c->processes, link)
		s->processes[s->nprocesses++] = (struct state_process){
			.pid = p->pid,
			.index = p->index,
			.generation = p->generation->number,
			.channel = p->channel,
			.slot = p->slot != NULL ? (unsigned)(p->slot - c->table.slots) : 0,
			.told = p->seat == NULL,
			.ready = p->ready != 0,
		};
	return 0;
}

int
upgrade_collect(struct state *s, const struct instance *in, const struct crew *c,
    const struct generation *current, unsigned generations)
{
	*s = (struct state){
		.began = in->began,
		.generations = generations,
		.current = current->number,
		.nseats = current->nseats,
		.pid_fd = in->pid_fd,
		.control_fd = control_fd(&in->control),
		.table_fd = c->table.fd,
		.slot_size = sizeof(*c->table.slots),
		.tickets_fd = in->tickets != NULL ? tickets_fd(in->tickets) : -1,
	};
	if (collect_rows(s, &in->sockets) == 0 && collect_processes(s, c) == 0)
		return 0;
	state_free(s);
	return -ENOMEM;
}

static void
keep_over_exec(int fd, void *keep)
{
	(void)fcntl(fd, F_SETFD, *(const bool *)keep ? 0 : FD_CLOEXEC);
}

static void
name_fd(int fd)
{
	char text[UNITS_TEXT];
	bool yes = true;

	snprintf(text, sizeof(text), "%d", fd);
	(void)setenv(STATE_FD, text, 1);
	keep_over_exec(fd, &yes);
}

static _Noreturn void
be_trial(const struct instance *in, int fd)
{
	bool keep = true;

	proc_let_signals_in();
	name_fd(fd);
	if (in->pid_fd >= 0) /* for upgrade_check */
		keep_over_exec(in->pid_fd, &keep);
	(void)setenv(STATE_TRIAL, "yes", 1);
	activation_pass_on(in->options->activation);
	execv(in->program, in->argv);
	log_error("cannot run %s: %s", in->program, strerror(errno));
	_exit(127);
}

int
upgrade_try(struct upgrade *u, const struct instance *in, const struct state *s)
{
	sigset_t all, before;

	if ((u->fd = state_write(s)) < 0)
		return u->fd;
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	if ((u->trial = fork()) == 0)
		be_trial(in, u->fd);
	sigprocmask(SIG_SETMASK, &before, NULL);
	if (u->trial != -1)
		return 0;
	close(u->fd);
	u->trial = 0;
	return -errno;
}

static bool
is_file(int fd, const char *path)
{
	struct stat held, named;

	if (fd < 0)
		return path[0] == '\0';
	return fstat(fd, &held) == 0 && stat(path, &named) == 0 && held.st_dev == named.st_dev &&
	    held.st_ino == named.st_ino;
}

int
upgrade_check(const struct instance *in, const struct state *s)
{
	const char *path = in->conf->pid_file;

	if (is_file(s->pid_fd, path))
		return 0;
	log_error("pid-file: \"%s\" is not what this instance holds; restart to change it", path);
	return -EINVAL;
}

bool
upgrade_is_good(const struct upgrade *u, int status, char *why, size_t size)
{
	if (WIFSIGNALED(status))
		snprintf(why, size, "it was killed by signal %d, %s", WTERMSIG(status),
		    strsignal(WTERMSIG(status)));
	else if (WEXITSTATUS(status) != 0)
		snprintf(why, size, "it ended with status %d", WEXITSTATUS(status));
	else if (!state_is_accepted(u->fd))
		snprintf(why, size, "it is no echod that can take over");
	else
		return true;
	return false;
}

void
upgrade_end_trial(struct upgrade *u)
{
	close(u->fd);
	u->fd = -1;
	u->trial = 0;
}

int
upgrade_exec(const struct instance *in, const struct state *s)
{
	int rc, fd = state_write(s);
	bool keep = true;

	if (fd < 0)
		return fd;
	state_each_fd(s, keep_over_exec, &keep);
	name_fd(fd);
	activation_pass_on(in->options->activation);
	execv(in->program, in->argv);
	rc = -errno;
	keep = false;
	activation_take_back(in->options->activation);
	state_each_fd(s, keep_over_exec, &keep);
	(void)unsetenv(STATE_FD);
	close(fd);
	return rc;
}

/* The section of that address, which may be one that the settings lack by now. */
static const struct conf_listen *
section_of(struct conf *conf, const char *address)
{
	char why[CONF_WHY];
	struct conf_listen *l;
	size_t i;

	for (i = 0; i < conf->nlistens; i++)
		if (strcmp(conf->listens[i]->text, address) == 0)
			return conf->listens[i];
	if (conf_add_listen(conf, address, why) < 0)
		return NULL;
	l = conf->listens[conf->nlistens - 1];
	l->backlog = conf->backlog;
	l->kernel_buffers = conf->kernel_buffers;
	return l;
}

/* A row of the service manager's, who passed the socket to this program, too. */
static int
resume_passed(struct listening *l, const struct activation *a)
{
	size_t i;

	for (i = 0; i < a->n; i++)
		if (a->all[i].fd == l->fds[0])
			break;
	if (i == a->n)
		return -EBADF;
	l->addr = a->all[i].addr;
	l->passed = true;
	l->kept = 1;
	return 0;
}

static int
resume_row(struct listening *l, struct conf *conf, const struct state_row *r)
{
	bool keep = false;
	unsigned i;

	if ((l->section = section_of(conf, r->section)) == NULL || r->nfds == 0 ||
	    (r->address >= l->section->naddrs && !l->section->passed) ||
	    (l->fds = calloc(r->nfds, sizeof(*l->fds))) == NULL)
		return -EINVAL;
	l->options = sockets_options(l->section);
	memcpy(l->fds, r->fds, r->nfds * sizeof(*l->fds));
	l->nfds = r->nfds;
	if (l->section->passed)
		return resume_passed(l, conf->activation);
	l->wanted = l->addr = l->section->addrs[r->address];
	l->dev = (dev_t)r->dev;
	l->ino = (ino_t)r->ino;
	for (i = 0; i < l->nfds; i++)
		keep_over_exec(l->fds[i], &keep);
	if (net_port(&l->addr) == 0 && l->addr.sa.sa_family != AF_UNIX &&
	    getsockname(l->fds[0], &l->addr.sa, &l->addr.len) != 0)
		return -errno;
	return 0;
}

int
upgrade_resume(struct instance *in, const struct state *s)
{
	bool keep = false;
	size_t i;
	int rc;

	state_each_fd(s, keep_over_exec, &keep);
	in->began = s->began;
	in->pid_fd = s->pid_fd;
	in->conf->nworkers = s->nseats;
	if (s->tickets_fd >= 0) /* of another layout, they are made anew */
		in->tickets = tickets_open_fd(s->tickets_fd);
	instance_use_tickets(in, in->conf);
	if (s->control_fd >= 0 &&
	    (rc = control_open(&in->control, in->conf->pid_file, s->control_fd)) < 0)
		return rc;
	if ((in->sockets.all = calloc(s->nrows + 1, sizeof(*in->sockets.all))) == NULL)
		return -ENOMEM;
	for (i = 0; i < s->nrows; i++) {
		if ((rc = resume_row(&in->sockets.all[i], in->conf, &s->rows[i])) < 0)
			return rc;
		in->sockets.n++;
	}
	return 0;
}

/* The generation that a process is of: the one that serves, or one that drains. */
static struct generation *
generation_of(struct crew *c, struct generation *current, unsigned number)
{
	const struct process *p;

	if (number == current->number)
		return current;
	TAILQ_FOREACH (p, &c->processes, link)
		if (p->generation->number == number)
			return p->generation;
	return crew_generation(c, number, 0, NULL, NULL);
}

int
upgrade_adopt(
    struct crew *c, struct instance *in, const struct state *s, struct generation **current)
{
	bool is_ours = s->slot_size == sizeof(*c->table.slots);
	size_t i;

	if (is_ours)
		crew_take_table(c, s->table_fd);
	else
		close(s->table_fd);
	*current = crew_generation(c, s->current, s->nseats, in->conf, &in->sockets);
	if (*current == NULL)
		return -ENOMEM;
	(*current)->complete = true;
	for (i = 0; i < s->nprocesses; i++) {
		const struct state_process *p = &s->processes[i];
		struct generation *g = generation_of(c, *current, p->generation);

		if (g == NULL ||
		    crew_adopt(g, p->pid, p->index, p->channel, is_ours ? p->slot : 0, p->told,
			p->ready) < 0)
			return -ENOMEM;
	}
	crew_refill(*current);
	return 0;
}

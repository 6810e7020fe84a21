/* SPDX-License-Identifier: ISC */
/*
 * sockets.c -- see sockets.h.
 */
#include <sys/stat.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "log.h"
#include "sockets.h"

#define BIND_TRIES 26 /* half a second in all */
#define BIND_PAUSE_MS 20

static int
exit_code(int error)
{
	switch (error) {
	case -EADDRINUSE:
	case -EADDRNOTAVAIL:
	case -EAFNOSUPPORT:
	case -ENOENT:
	case -ENOTDIR: return EX_UNAVAILABLE;
	case -EACCES:
	case -EPERM: return EX_NOPERM;
	default: return EX_OSERR;
	}
}

static const char *
advice(int error, const struct net_addr *addr)
{
	switch (error) {
	case -EADDRINUSE: return "; 'ss -lp' shows who has it";
	case -EADDRNOTAVAIL: return "; no interface has this address ('ip address' shows them)";
	case -EACCES:
		return addr->sa.sa_family == AF_UNIX ?
		    "; the directory is not ours to write" :
		    "; a port this low needs root or CAP_NET_BIND_SERVICE";
	default: return "";
	}
}

static int
complain(FILE *err, const struct net_addr *addr, int error)
{
	char text[NET_TEXT];

	net_print(text, addr);
	fprintf(err, "cannot listen on %s: %s%s\n", text, strerror(-error), advice(error, addr));
	return exit_code(error);
}

static int
complain_of_passed(FILE *err, const struct conf_listen *l, int error)
{
	if (error == -ENOENT)
		fprintf(err,
		    "cannot listen on %s: no socket of that name was passed to us; a .socket unit "
		    "with FileDescriptorName=%s passes one\n",
		    l->text, l->text + 3);
	else
		fprintf(err, "cannot listen on %s: %s\n", l->text, strerror(-error));
	return exit_code(error);
}

static bool
is_same(const struct net_addr *a, const struct net_addr *b)
{
	return a->len == b->len && memcmp(&a->sa, &b->sa, a->len) == 0;
}

/* Port 0 may stand in several sections, and is another port in each. */
static struct listening *
find(const struct sockets *sockets, const struct listening *s)
{
	size_t i;

	for (i = 0; sockets != NULL && i < sockets->n; i++)
		if (s->passed || sockets->all[i].passed) {
			if (sockets->all[i].passed && s->passed &&
			    sockets->all[i].fds[0] == s->fds[0])
				return &sockets->all[i];
		} else if (is_same(&sockets->all[i].wanted, &s->wanted) &&
		    (net_port(&s->wanted) != 0 ||
			strcmp(sockets->all[i].section->text, s->section->text) == 0))
			return &sockets->all[i];
	return NULL;
}

static int
listen_first(struct listening *s)
{
	struct stat st;

	if ((s->fds[0] = net_listen(&s->addr, &s->options)) < 0)
		return s->fds[0];
	s->nfds = 1;
	if (s->addr.sa.sa_family == AF_UNIX && stat(s->addr.un.sun_path, &st) == 0) {
		s->dev = st.st_dev;
		s->ino = st.st_ino;
	}
	return 0;
}

static void
keep(struct listening *s, const struct listening *old, unsigned columns)
{
	s->kept = s->nfds = old->nfds < columns ? old->nfds : columns;
	memcpy(s->fds, old->fds, s->kept * sizeof(*s->fds));
	s->addr = old->addr;
	s->dev = old->dev;
	s->ino = old->ino;
}

/* What is new in a row; what is kept stays open. */
static void
close_new(struct listening *s)
{
	while (s->nfds > s->kept)
		close(s->fds[--s->nfds]);
	if (s->kept == 0)
		net_unlink(&s->addr, s->dev, s->ino);
	free(s->fds);
}

static int
open_row(struct listening *s, const struct sockets *old, unsigned columns)
{
	const struct listening *before = find(old, s);
	int rc, fd;

	if (s->addr.sa.sa_family == AF_UNIX)
		columns = 1;
	if ((s->fds = calloc(columns, sizeof(*s->fds))) == NULL)
		return -ENOMEM;
	if (before != NULL) {
		keep(s, before, columns);
	} else if ((rc = listen_first(s)) < 0) {
		free(s->fds);
		return rc;
	}
	while (s->nfds < columns) {
		if ((fd = net_join(s->fds[0], &s->addr, &s->options)) < 0) {
			close_new(s);
			return fd;
		}
		s->fds[s->nfds++] = fd;
		/* Nothing is to wait in what may yet come to nothing. */
		if (s->kept > 0)
			(void)net_choose(s->fds[0], s->kept);
	}
	return 0;
}

struct net_options
sockets_options(const struct conf_listen *l)
{
	return (struct net_options){
		.backlog = (int)l->backlog,
		.bounded = strcmp(l->kernel_buffers, "bounded") == 0,
	};
}

static bool
may_be_missing(const struct listening *s, int error)
{
	return s->addr.optional && (error == -EAFNOSUPPORT || error == -EADDRNOTAVAIL);
}

/* Sockets of the service manager's; those of one name are a section. */
static int
open_passed(struct sockets *sockets, const struct activation *a, const struct conf_listen *l,
    const struct sockets *old)
{
	const struct passed *p = NULL;
	size_t first = sockets->n;
	int rc;

	while ((p = activation_next(a, l->text + 3, p)) != NULL) {
		struct listening *s = &sockets->all[sockets->n];

		*s = (struct listening){
			.section = l,
			.addr = p->addr,
			.options = sockets_options(l),
			.passed = true,
			.nfds = 1,
			.kept = 1,
		};
		if ((s->fds = calloc(1, sizeof(*s->fds))) == NULL)
			return -ENOMEM;
		sockets->n++;
		s->fds[0] = p->fd;
		if (find(old, s) == NULL &&
		    (rc = net_adopt(p->fd, s->addr.sa.sa_family, &s->options)) < 0)
			return rc;
	}
	return sockets->n > first ? 0 : -ENOENT;
}

/* Those that no section asks for: whoever connects there would wait for good. */
static void
warn_of_strays(const struct conf *conf)
{
	const struct activation *a = conf->activation;
	char text[NET_TEXT];
	size_t i, j;

	for (i = 0; i < a->n; i++) {
		for (j = 0; j < conf->nlistens; j++)
			if (conf->listens[j]->passed &&
			    strcmp(conf->listens[j]->text + 3, a->all[i].name) == 0)
				break;
		if (j < conf->nlistens)
			continue;
		net_print(text, &a->all[i].addr);
		log_warn("the socket on %s was passed as \"%.64s\", but nothing listens on it: "
			 "there is no listen \"fd:%.64s\"",
		    text, a->all[i].name, a->all[i].name);
	}
}

/* All addresses of one section.  Port 0 is any, but the same for all of them. */
static int
open_section(struct sockets *sockets, const struct conf_listen *l, unsigned columns,
    const struct sockets *old)
{
	size_t i, first = sockets->n;
	int rc;

	for (i = 0; i < l->naddrs; i++) {
		struct listening *s = &sockets->all[sockets->n];

		*s = (struct listening){
			.section = l,
			.wanted = l->addrs[i],
			.addr = l->addrs[i],
			.options = sockets_options(l),
		};
		if (sockets->n > first && net_port(&s->addr) == 0)
			net_set_port(&s->addr, net_port(&sockets->all[first].addr));
		if ((rc = open_row(s, old, columns)) == 0)
			sockets->n++;
		else if (!may_be_missing(s, rc))
			return rc;
	}
	return sockets->n > first ? 0 : -EAFNOSUPPORT;
}

/*
 * Another may have the port that we were given before: try another.  Or somebody
 * is about to let go of the address, say the workers of an instance that was
 * killed: try again.
 */
static int
try_section(struct sockets *sockets, const struct conf_listen *l, unsigned columns,
    const struct sockets *old)
{
	const struct timespec pause = { .tv_nsec = BIND_PAUSE_MS * 1000000 };
	size_t before = sockets->n;
	int tries, rc;

	for (tries = 1; (rc = open_section(sockets, l, columns, old)) == -EADDRINUSE; tries++) {
		if (tries == BIND_TRIES)
			break;
		while (sockets->n > before)
			close_new(&sockets->all[--sockets->n]);
		if (net_port(&l->addrs[0]) != 0)
			nanosleep(&pause, NULL);
	}
	return rc;
}

int
sockets_open(struct sockets *sockets, const struct conf *conf, unsigned columns,
    const struct sockets *old, FILE *err)
{
	size_t i, n;
	int rc;

	*sockets = (struct sockets){ 0 };
	for (i = n = 0; i < conf->nlistens; i++)
		n += conf->listens[i]->naddrs;
	n += conf->activation->n;
	if ((sockets->all = calloc(n + 1, sizeof(*sockets->all))) == NULL) {
		fprintf(err, "no memory for %zu listening sockets\n", n);
		return EX_OSERR;
	}
	if (columns == 0 || strcmp(conf->accept, "shared") == 0)
		columns = 1;
	for (i = 0; i < conf->nlistens; i++) {
		const struct conf_listen *l = conf->listens[i];

		rc = l->passed ? open_passed(sockets, conf->activation, l, old) :
				 try_section(sockets, l, columns, old);
		if (rc < 0) {
			rc = l->passed ? complain_of_passed(err, l, rc) :
					 complain(err, &sockets->all[sockets->n].addr, rc);
			sockets_abandon(sockets);
			return rc;
		}
	}
	warn_of_strays(conf);
	return 0;
}

void
sockets_abandon(struct sockets *sockets)
{
	while (sockets->n > 0)
		close_new(&sockets->all[--sockets->n]);
	free(sockets->all);
	sockets->all = NULL;
}

/* Of a row of old, hand over to s what it kept; s is NULL if there is no such row. */
static void
hand_over(struct listening *old, struct listening *s)
{
	unsigned i;

	if (s != NULL) {
		for (i = 0; i < s->nfds; i++)
			(void)net_tune(s->fds[i], s->addr.sa.sa_family, &s->options);
		if (s->addr.sa.sa_family != AF_UNIX)
			(void)net_choose(s->fds[0], s->nfds < old->nfds ? s->nfds : 0);
		for (i = 0; i < s->kept; i++)
			old->fds[i] = -1;
		s->kept = s->passed ? 1 : 0;
	}
	for (i = 0; i < old->nfds; i++)
		if (old->fds[i] >= 0 && old->addr.sa.sa_family != AF_UNIX && !old->passed)
			(void)net_retire(old->fds[i]);
	if (s == NULL)
		net_unlink(&old->addr, old->dev, old->ino);
}

void
sockets_succeed(struct sockets *sockets, struct sockets *old, struct sockets *gone)
{
	size_t i;

	for (i = 0; i < old->n; i++)
		hand_over(&old->all[i], find(sockets, &old->all[i]));
	*gone = *old;
	gone->borrowed = true; /* the paths are gone already, or have another owner */
	*old = (struct sockets){ 0 };
}

bool
sockets_any_open(const struct sockets *gone)
{
	size_t i;
	unsigned k;

	for (i = 0; i < gone->n; i++)
		for (k = 0; k < gone->all[i].nfds; k++)
			if (gone->all[i].fds[k] >= 0)
				return true;
	return false;
}

void
sockets_borrow(struct sockets *sockets, unsigned column)
{
	unsigned i, mine;
	size_t n;

	for (n = 0; n < sockets->n; n++) {
		struct listening *s = &sockets->all[n];

		mine = column % s->nfds;
		for (i = 0; i < s->nfds; i++)
			if (i != mine)
				close(s->fds[i]);
		s->fds[0] = s->fds[mine];
		s->nfds = 1;
	}
	sockets->borrowed = true;
}

static void
close_row(struct listening *s, bool unlink)
{
	while (s->nfds > 0)
		if (s->fds[--s->nfds] >= 0 && !s->passed)
			close(s->fds[s->nfds]);
	if (unlink)
		net_unlink(&s->addr, s->dev, s->ino);
	free(s->fds);
}

void
sockets_close(struct sockets *sockets)
{
	while (sockets->n > 0)
		close_row(&sockets->all[--sockets->n], !sockets->borrowed);
	free(sockets->all);
	sockets->all = NULL;
}

static bool
has_fd(const struct sockets *sockets, int fd)
{
	size_t i;
	unsigned k;

	for (i = 0; i < sockets->n; i++)
		for (k = 0; k < sockets->all[i].nfds; k++)
			if (sockets->all[i].fds[k] == fd)
				return true;
	return false;
}

void
sockets_drop_others(struct sockets *sockets, const struct sockets *mine)
{
	size_t i;
	unsigned k;

	for (i = 0; i < sockets->n; i++)
		for (k = 0; k < sockets->all[i].nfds; k++)
			if (!sockets->all[i].passed && !has_fd(mine, sockets->all[i].fds[k]))
				close(sockets->all[i].fds[k]);
}

/*
 * In one go, so that a reader who wants but the first line may be gone for the
 * second.
 */
int
sockets_report(const struct sockets *sockets, int fd)
{
	char text[NET_TEXT], *lines = NULL;
	size_t i, len;
	FILE *f = open_memstream(&lines, &len);
	int rc;

	if (f == NULL)
		return -errno;
	for (i = 0; i < sockets->n; i++) {
		net_print(text, &sockets->all[i].addr);
		fprintf(f, "%s\n", text);
	}
	/* In one write: whoever reads may take one line and go. */
	rc = fclose(f) == 0 && write(fd, lines, len) == (ssize_t)len ? 0 : -errno;
	free(lines);
	return rc;
}

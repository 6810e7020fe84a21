/* SPDX-License-Identifier: ISC */
/*
 * sockets.c -- see sockets.h.
 */
#include <sys/stat.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "log.h"
#include "sockets.h"

#define PORT_TRIES 16 /* to find a port that is free on all addresses */

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
complain(const struct net_addr *addr, int error)
{
	char text[NET_TEXT];

	net_print(text, addr);
	log_error("cannot listen on %s: %s%s", text, strerror(-error), advice(error, addr));
	return exit_code(error);
}

static int
open_one(struct listening *s)
{
	struct stat st;

	if ((s->fd = net_listen(&s->addr, &s->options)) < 0)
		return s->fd;
	if (s->addr.sa.sa_family == AF_UNIX && stat(s->addr.un.sun_path, &st) == 0) {
		s->dev = st.st_dev;
		s->ino = st.st_ino;
	}
	return 0;
}

static void
close_one(struct listening *s)
{
	close(s->fd);
	net_unlink(&s->addr, s->dev, s->ino);
}

static bool
may_be_missing(const struct listening *s, int error)
{
	return s->addr.optional && (error == -EAFNOSUPPORT || error == -EADDRNOTAVAIL);
}

/* All addresses of one section.  Port 0 is any, but the same for all of them. */
static int
open_section(struct sockets *sockets, const struct conf_listen *l)
{
	size_t i, first = sockets->n;
	int rc;

	for (i = 0; i < l->naddrs; i++) {
		struct listening *s = &sockets->all[sockets->n];

		*s = (struct listening){
			.addr = l->addrs[i],
			.options = {
				.backlog = (int)l->backlog,
				.bounded = strcmp(l->kernel_buffers, "bounded") == 0,
			},
		};
		if (sockets->n > first && net_port(&s->addr) == 0)
			net_set_port(&s->addr, net_port(&sockets->all[first].addr));
		if ((rc = open_one(s)) == 0)
			sockets->n++;
		else if (!may_be_missing(s, rc))
			return rc;
	}
	return sockets->n > first ? 0 : -EAFNOSUPPORT;
}

int
sockets_open(struct sockets *sockets, const struct conf *conf)
{
	size_t i, n;
	int tries, rc;

	*sockets = (struct sockets){ 0 };
	for (i = n = 0; i < conf->nlistens; i++)
		n += conf->listens[i]->naddrs;
	if ((sockets->all = calloc(n, sizeof(*sockets->all))) == NULL) {
		log_error("no memory for %zu listening sockets", n);
		return EX_OSERR;
	}
	for (i = 0; i < conf->nlistens; i++) {
		const struct conf_listen *l = conf->listens[i];
		size_t before = sockets->n;

		for (tries = 1; (rc = open_section(sockets, l)) == -EADDRINUSE; tries++) {
			/* Another may have the port that we were given before. */
			if (net_port(&l->addrs[0]) != 0 || l->naddrs == 1 || tries == PORT_TRIES)
				break;
			while (sockets->n > before)
				close_one(&sockets->all[--sockets->n]);
		}
		if (rc < 0) {
			rc = complain(&sockets->all[sockets->n].addr, rc);
			sockets_close(sockets);
			return rc;
		}
	}
	return 0;
}

void
sockets_close(struct sockets *sockets)
{
	while (sockets->n > 0)
		close_one(&sockets->all[--sockets->n]);
	free(sockets->all);
	sockets->all = NULL;
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

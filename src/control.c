/* SPDX-License-Identifier: ISC */
/*
 * control.c -- see control.h.
 */
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "control.h"

static int
set_path(struct sockaddr_un *addr, const char *pid_file)
{
	size_t size = sizeof(addr->sun_path);

	*addr = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (snprintf(addr->sun_path, size, "%s.reload", pid_file) >= (int)size)
		return -ENAMETOOLONG;
	return 0;
}

/* Only for the same user, and root. */
static int
bind_privately(int fd, const struct sockaddr_un *addr)
{
	mode_t before = umask(0177);
	int rc = bind(fd, (const struct sockaddr *)addr, sizeof(*addr)) == 0 ? 0 : -errno;

	umask(before);
	return rc;
}

int
control_open(struct control *c, const char *pid_file, int fd)
{
	struct sockaddr_un addr;
	struct stat st;
	int rc;

	c->io.fd = -1;
	if ((rc = set_path(&addr, pid_file)) < 0)
		return rc;
	memcpy(c->path, addr.sun_path, sizeof(c->path));
	if (fd < 0) {
		if ((fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) == -1)
			return -errno;
		unlink(addr.sun_path); /* a predecessor's, for the pid file is ours */
		rc = bind_privately(fd, &addr);
		if (rc == 0 && listen(fd, CONTROL_ASKERS) != 0)
			rc = -errno;
	}
	if (rc == 0 && stat(c->path, &st) == 0) {
		c->dev = st.st_dev;
		c->ino = st.st_ino;
	}
	if (rc < 0)
		close(fd);
	else
		c->io.fd = fd;
	return rc;
}

int
control_fd(const struct control *c)
{
	return c->io.fd;
}

void
control_forget(struct control *c)
{
	while (c->nasking > 0)
		close(c->asking[--c->nasking]);
	while (c->nserved > 0)
		close(c->served[--c->nserved]);
	if (c->io.fd >= 0)
		close(c->io.fd);
	c->io.fd = -1;
}

void
control_close(struct control *c)
{
	struct stat st;

	if (c->io.fd < 0)
		return;
	if (c->loop != NULL)
		ev_io_stop(c->loop, &c->io);
	if (lstat(c->path, &st) == 0 && st.st_dev == c->dev && st.st_ino == c->ino)
		unlink(c->path);
	control_forget(c);
}

static void
on_readable(struct ev_loop *loop, ev_io *io, int revents)
{
	struct control *c = io->data;
	int fd;

	(void)loop, (void)revents;
	if ((fd = accept4(io->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) == -1)
		return;
	if (c->nasking == CONTROL_ASKERS) {
		close(fd);
		return;
	}
	c->asking[c->nasking++] = fd;
	c->on_ask(c);
}

void
control_start(
    struct control *c, struct ev_loop *loop, void (*on_ask)(struct control *), void *owner)
{
	c->loop = loop;
	c->on_ask = on_ask;
	c->owner = owner;
	if (c->io.fd < 0)
		return;
	ev_io_init(&c->io, on_readable, c->io.fd, EV_READ);
	c->io.data = c;
	ev_io_start(loop, &c->io);
}

void
control_begin(struct control *c)
{
	memcpy(c->served, c->asking, sizeof(c->served));
	c->nserved = c->nasking;
	c->nasking = 0;
}

/* It fits into the socket's buffer, or who does not read it loses the rest. */
void
control_end(struct control *c, int exit_code, const char *text)
{
	while (c->nserved > 0) {
		int fd = c->served[--c->nserved];

		dprintf(fd, "%s", text);
		dprintf(fd, "exit %d\n", exit_code);
		close(fd);
	}
}

/* Print all lines but the last, which has the code. */
static int
read_answer(FILE *f)
{
	char *line = NULL;
	size_t size = 0;
	int code = -1;

	while (getline(&line, &size, f) > 0)
		if (sscanf(line, "exit %d", &code) != 1)
			fputs(line, stderr);
	free(line);
	if (code >= 0)
		return code;
	fputs("echod: the instance ended, was replaced, or was busy before it could tell; "
	      "see its log\n",
	    stderr);
	return EX_UNAVAILABLE;
}

int
control_ask(const char *pid_file)
{
	struct sockaddr_un addr;
	FILE *f;
	int fd, rc;

	if ((rc = set_path(&addr, pid_file)) < 0)
		return rc;
	if ((fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) == -1)
		return -errno;
	if (connect(fd, (struct sockaddr *)&addr, sizeof(addr)) != 0 ||
	    (f = fdopen(fd, "r")) == NULL) {
		rc = -errno;
		close(fd);
		return rc;
	}
	rc = read_answer(f);
	fclose(f);
	return rc;
}

/* SPDX-License-Identifier: ISC */
/*
 * activation.c -- see activation.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifdef HAVE_LIBSYSTEMD
#include <systemd/sd-daemon.h>
#endif

#include "activation.h"
#include "notify.h"
#include "units.h"

int
activation_check(const char *name, const char **why)
{
	*why = "this echod was built without libsystemd";
	if (!notify_built_in())
		return -EINVAL;
	*why = "want fd:NAME, the name of a socket passed to us, see FileDescriptorName=";
	return name[0] == '\0' || strchr(name, ':') != NULL ? -EINVAL : 0;
}

#ifdef HAVE_LIBSYSTEMD

static int
look_at(struct passed *p, char *why, size_t size)
{
	int flags, rc = sd_is_socket(p->fd, AF_UNSPEC, SOCK_STREAM, 1);

	if (rc <= 0) {
		snprintf(why, size,
		    "descriptor %d, passed as \"%.64s\", is not a stream socket that listens "
		    "(in a .socket unit: ListenStream=, and not Accept=yes)",
		    p->fd, p->name);
		return rc < 0 ? rc : -EINVAL;
	}
	p->addr.len = sizeof(p->addr.un);
	if (getsockname(p->fd, &p->addr.sa, &p->addr.len) != 0 ||
	    (flags = fcntl(p->fd, F_GETFL)) == -1 ||
	    fcntl(p->fd, F_SETFL, flags | O_NONBLOCK) == -1) {
		rc = -errno;
		snprintf(why, size, "descriptor %d, passed as \"%.64s\": %s", p->fd, p->name,
		    strerror(-rc));
		return rc;
	}
	return 0;
}

int
activation_open(struct activation *a, char *why, size_t size)
{
	int i, n, rc;

	*a = (struct activation){ 0 };
	if ((n = sd_listen_fds_with_names(1, &a->names)) < 0) {
		snprintf(why, size, "LISTEN_FDS: %s", strerror(-n));
		return n;
	}
	if (n == 0)
		return 0;
	if (n > ACTIVATION_MOST) {
		activation_close(a);
		snprintf(
		    why, size, "%d sockets were passed, and %d are the most", n, ACTIVATION_MOST);
		return -E2BIG;
	}
	if ((a->all = calloc((size_t)n, sizeof(*a->all))) == NULL) {
		activation_close(a);
		snprintf(why, size, "no memory for %d passed sockets", n);
		return -ENOMEM;
	}
	for (i = 0; i < n; i++) {
		a->all[i].fd = SD_LISTEN_FDS_START + i;
		a->all[i].name = a->names[i];
		if ((rc = look_at(&a->all[i], why, size)) < 0) {
			activation_close(a);
			return rc;
		}
	}
	a->n = (size_t)n;
	return 0;
}

#else

int
activation_open(struct activation *a, char *why, size_t size)
{
	(void)why, (void)size;
	*a = (struct activation){ 0 };
	return 0;
}

#endif

void
activation_pass_on(const struct activation *a)
{
	char text[UNITS_TEXT], *names = NULL;
	size_t i, size;
	FILE *f;

	if (a->n == 0 || (f = open_memstream(&names, &size)) == NULL)
		return;
	for (i = 0; i < a->n; i++) {
		fprintf(f, "%s%s", i > 0 ? ":" : "", a->all[i].name);
		(void)fcntl(a->all[i].fd, F_SETFD, 0);
	}
	fclose(f);
	(void)setenv("LISTEN_FDNAMES", names, 1);
	free(names);
	snprintf(text, sizeof(text), "%zu", a->n);
	(void)setenv("LISTEN_FDS", text, 1);
	snprintf(text, sizeof(text), "%ld", (long)getpid());
	(void)setenv("LISTEN_PID", text, 1);
}

void
activation_take_back(const struct activation *a)
{
	size_t i;

	for (i = 0; i < a->n; i++)
		(void)fcntl(a->all[i].fd, F_SETFD, FD_CLOEXEC);
	(void)unsetenv("LISTEN_FDNAMES");
	(void)unsetenv("LISTEN_FDS");
	(void)unsetenv("LISTEN_PID");
}

void
activation_close(struct activation *a)
{
	char **name;

	for (name = a->names; name != NULL && *name != NULL; name++)
		free(*name);
	free(a->names);
	free(a->all);
	*a = (struct activation){ 0 };
}

const struct passed *
activation_next(const struct activation *a, const char *name, const struct passed *p)
{
	for (p = p == NULL ? a->all : p + 1; p != NULL && p < a->all + a->n; p++)
		if (strcmp(p->name, name) == 0)
			return p;
	return NULL;
}

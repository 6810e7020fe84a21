/* SPDX-License-Identifier: ISC */
/*
 * stream.c -- a stream in the clear.
 */
#include <sys/socket.h>
#include <errno.h>

#include "stream.h"

static ssize_t
plain_read(struct stream *s, void *buf, size_t len)
{
	return io_recv(&s->io, buf, len);
}

static ssize_t
plain_write(struct stream *s, const void *buf, size_t len)
{
	return io_send(&s->io, buf, len);
}

static int
plain_finish(struct stream *s)
{
	return shutdown(s->io.fd, SHUT_WR) == 0 ? 0 : -errno;
}

static void
plain_destroy(struct stream *s)
{
	(void)s;
}

static const struct stream_ops plain = {
	.name = "tcp",
	.read = plain_read,
	.write = plain_write,
	.finish = plain_finish,
	.destroy = plain_destroy,
};

int
stream_open(struct stream *s, struct reactor *r, int fd, io_fn *fn)
{
	*s = (struct stream){ .ops = &plain, .read_needs = IO_READ, .write_needs = IO_WRITE };
	return io_open(&s->io, r, fd, fn);
}

void
stream_close(struct stream *s)
{
	s->ops->destroy(s);
	io_close(&s->io);
}

void
stream_strip(struct stream *s)
{
	s->ops->destroy(s);
	s->ops = &plain;
	s->read_needs = IO_READ;
	s->write_needs = IO_WRITE;
}

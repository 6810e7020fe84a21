/* SPDX-License-Identifier: ISC */
/*
 * stream.h -- a socket that one can read and write.
 *
 * A stream is an io with a say in what its bytes look like on the wire.  In the
 * clear they look as they are; what else there is comes in by another struct
 * stream_ops, and nobody above has to know.
 */
#ifndef STREAM_H
#define STREAM_H

#include "reactor.h"

struct stream;

struct stream_ops {
	const char *name;
	ssize_t (*read)(struct stream *, void *, size_t);
	ssize_t (*write)(struct stream *, const void *, size_t);
	int (*finish)(struct stream *);
	void (*destroy)(struct stream *);
};

struct stream {
	struct io io;
	const struct stream_ops *ops;
	/*
	 * What to want after a read or a write said -EAGAIN.  The only place
	 * that knows that encryption may turn the directions round.
	 */
	unsigned char read_needs, write_needs;
};

/* As io_open(): on failure, -errno, the descriptor is still the caller's. */
int stream_open(struct stream *, struct reactor *, int fd, io_fn *);
void stream_close(struct stream *);

/* > 0, 0 = the peer has ended, -EAGAIN, -errno */
static inline ssize_t
stream_read(struct stream *s, void *buf, size_t len)
{
	return s->ops->read(s, buf, len);
}

/* > 0, -EAGAIN, -errno.  After -EAGAIN go on with the same bytes. */
static inline ssize_t
stream_write(struct stream *s, const void *buf, size_t len)
{
	return s->ops->write(s, buf, len);
}

/* Tell the peer that nothing more will come; reading goes on.  0, -errno. */
static inline int
stream_finish(struct stream *s)
{
	return s->ops->finish(s);
}

#endif

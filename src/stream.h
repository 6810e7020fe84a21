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

#include <errno.h>

#include "reactor.h"

/*
 * What a read or a handshake may say besides what sockets say, as -errno.  Cut: the
 * peer has ended without the goodbye that its wire format asks for, so what came may
 * not be all.  Barren: too many records in a row that bring nothing.
 */
#define STREAM_CUT ENODATA
#define STREAM_BARREN ENOTEMPTY

struct stream;
struct tls_state;

struct stream_ops {
	const char *name;
	ssize_t (*read)(struct stream *, void *, size_t);
	ssize_t (*write)(struct stream *, const void *, size_t);
	int (*finish)(struct stream *);
	void (*destroy)(struct stream *);
	/* NULL where the wire format has no such thing. */
	int (*handshake)(struct stream *);
	int (*goodbye)(struct stream *);
};

struct stream {
	struct io io;
	const struct stream_ops *ops;
	/*
	 * What to want after a read or a write said -EAGAIN.  The only place
	 * that knows that encryption may turn the directions round.
	 */
	unsigned char read_needs, write_needs;
	struct tls_state *tls; /* of stream_tls.c */
};

/* As io_open(): on failure, -errno, the descriptor is still the caller's. */
int stream_open(struct stream *, struct reactor *, int fd, io_fn *);
void stream_close(struct stream *);

/*
 * From now on in the clear, whatever it was: for one whose encryption has failed,
 * to read and drop what its peer still sends.
 */
void stream_strip(struct stream *);

/*
 * Before the first read and write, where the wire format has a handshake: 0 when it
 * is done, -EAGAIN (want read_needs, whatever it is), -errno.
 */
static inline int
stream_handshake(struct stream *s)
{
	return s->ops->handshake(s);
}

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

/*
 * Tell the peer that nothing more will come; reading goes on.  0, -EAGAIN (want
 * write_needs, and call again), -errno.
 */
static inline int
stream_finish(struct stream *s)
{
	return s->ops->finish(s);
}

/*
 * To a peer that has ended, before closing: what the wire format wants to be said
 * last, if anything.  Returns as stream_finish().
 */
static inline int
stream_goodbye(struct stream *s)
{
	return s->ops->goodbye != NULL ? s->ops->goodbye(s) : 0;
}

#endif

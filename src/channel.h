/* SPDX-License-Identifier: ISC */
/*
 * channel.h -- a line between a supervisor and one worker.
 *
 * A pair of sockets, one message a byte and perhaps a descriptor.  It is the
 * leash, too: when one side is gone, however it went, the other reads its end.
 */
#ifndef CHANNEL_H
#define CHANNEL_H

enum channel_message {
	CHANNEL_READY = 'R',    /* worker: accepts */
	CHANNEL_DRAINING = 'D', /* worker: does not accept any more */
	CHANNEL_LOG = 'L',      /* supervisor: log to this descriptor from now on */
};

/* Both non-blocking and close-on-exec.  0 or -errno. */
int channel_open(int *supervisor, int *worker);

/* fd: -1 for none; it stays the caller's.  0 or -errno. */
int channel_send(int channel, enum channel_message, int fd);

/* The next message, and in *fd what came with it or -1; 0 at the end, -errno. */
int channel_receive(int channel, int *fd);

#endif

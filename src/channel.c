/* SPDX-License-Identifier: ISC */
/*
 * channel.c -- see channel.h.  Descriptors travel as unix(7) says, SCM_RIGHTS.
 */
#include <sys/socket.h>
#include <errno.h>
#include <string.h>

#include "channel.h"

union control {
	struct cmsghdr head; /* for its alignment */
	char bytes[CMSG_SPACE(sizeof(int))];
};

int
channel_open(int *supervisor, int *worker)
{
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds) != 0)
		return -errno;
	*supervisor = fds[0];
	*worker = fds[1];
	return 0;
}

int
channel_send(int channel, enum channel_message message, int fd)
{
	char byte = (char)message;
	struct iovec part = { &byte, 1 };
	union control control = { 0 };
	struct msghdr m = { .msg_iov = &part, .msg_iovlen = 1 };
	struct cmsghdr *head;

	if (fd >= 0) {
		m.msg_control = control.bytes;
		m.msg_controllen = sizeof(control.bytes);
		head = CMSG_FIRSTHDR(&m);
		head->cmsg_level = SOL_SOCKET;
		head->cmsg_type = SCM_RIGHTS;
		head->cmsg_len = CMSG_LEN(sizeof(fd));
		memcpy(CMSG_DATA(head), &fd, sizeof(fd));
	}
	return sendmsg(channel, &m, MSG_NOSIGNAL) == 1 ? 0 : -errno;
}

int
channel_receive(int channel, int *fd)
{
	char byte = 0;
	struct iovec part = { &byte, 1 };
	union control control = { 0 };
	struct msghdr m = {
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes),
	};
	struct cmsghdr *head;
	ssize_t n;

	*fd = -1;
	if ((n = recvmsg(channel, &m, MSG_CMSG_CLOEXEC)) <= 0)
		return n == 0 ? 0 : -errno;
	head = CMSG_FIRSTHDR(&m);
	if (head != NULL && head->cmsg_level == SOL_SOCKET && head->cmsg_type == SCM_RIGHTS)
		memcpy(fd, CMSG_DATA(head), sizeof(*fd));
	return byte;
}

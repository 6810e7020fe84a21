/* SPDX-License-Identifier: ISC */
/*
 * stats.c -- see stats.h.
 */
#include <sys/mman.h>
#include <sys/stat.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "stats.h"

void
stats_opened(struct stats *s)
{
	s->active++;
	if (s->active > s->peak)
		s->peak = s->active;
}

void
stats_closed(struct stats *s)
{
	s->active--;
}

static uint64_t
failed_handshakes(const struct stats *s)
{
	uint64_t sum = 0;
	size_t i;

	for (i = 0; i < HANDSHAKE_REASONS; i++)
		sum += s->tls_failed[i];
	return sum;
}

#define TLS_TEXT (STATS_TEXT / 2) /* which leaves enough for the rest, and gcc sees it */

/* Nothing, where there was no TLS. */
static void
print_tls(char text[TLS_TEXT], const struct stats *s)
{
	uint64_t failed = failed_handshakes(s);

	text[0] = '\0';
	if (s->tls_full + s->tls_resumed + failed == 0)
		return;
	snprintf(text, TLS_TEXT,
	    ", TLS full %" PRIu64 ", resumed %" PRIu64 ", unfinished %" PRIu64 " (not TLS %" PRIu64
	    ", nothing shared %" PRIu64 ", certificate %" PRIu64 ", by the peer %" PRIu64
	    ", left %" PRIu64 ", slow %" PRIu64 ", oversized %" PRIu64 ", broken %" PRIu64
	    "), cut %" PRIu64 ", floods %" PRIu64,
	    s->tls_full, s->tls_resumed, failed, s->tls_failed[HANDSHAKE_NOT_TLS],
	    s->tls_failed[HANDSHAKE_UNSHARED], s->tls_failed[HANDSHAKE_CERTIFICATE],
	    s->tls_failed[HANDSHAKE_REFUSED], s->tls_failed[HANDSHAKE_LEFT],
	    s->tls_failed[HANDSHAKE_SLOW], s->tls_failed[HANDSHAKE_OVERSIZED],
	    s->tls_failed[HANDSHAKE_BROKEN], s->tls_cut, s->tls_floods);
}

void
stats_add(struct stats *to, const struct stats *from)
{
	/* All of it is uint64_t, so that none can be forgotten here. */
	const uint64_t *more = (const uint64_t *)from;
	uint64_t *sum = (uint64_t *)to;
	size_t i;

	for (i = 0; i < sizeof(*to) / sizeof(*sum); i++)
		sum[i] += more[i];
}

void
stats_print(char text[STATS_TEXT], const struct stats *s, double seconds)
{
	char tls[TLS_TEXT];
	uint64_t refused = 0;
	size_t i;

	for (i = 0; i < REFUSED_REASONS; i++)
		refused += s->refused[i];
	print_tls(tls, s);
	snprintf(text, STATS_TEXT,
	    "connections %" PRIu64 " (peak %" PRIu64 "), bytes in %" PRIu64 ", bytes out %" PRIu64
	    ", refused %" PRIu64 " (memory %" PRIu64 ", backend %" PRIu64 ", source %" PRIu64
	    ", rate %" PRIu64 ", denied %" PRIu64 "), reset %" PRIu64 ", failed %" PRIu64
	    ", idle %" PRIu64 ", stalled %" PRIu64 ", aged %" PRIu64 ", drained %" PRIu64
	    ", rests %" PRIu64 ", pauses %" PRIu64 "%s, seconds %.3f",
	    s->accepted, s->peak, s->bytes_in, s->bytes_out, refused, s->refused[REFUSED_MEMORY],
	    s->refused[REFUSED_BACKEND], s->refused[REFUSED_SOURCE], s->refused[REFUSED_RATE],
	    s->refused[REFUSED_DENIED], s->reset, s->failed, s->idle, s->stalled, s->aged,
	    s->drained, s->rests, s->pauses, tls, seconds);
}

static int
map(struct stats_table *t, int fd, size_t n)
{
	void *at = mmap(NULL, n * sizeof(*t->slots), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	if (at == MAP_FAILED)
		return -errno;
	*t = (struct stats_table){ fd, at, n };
	return 0;
}

int
stats_table_open(struct stats_table *t, size_t n)
{
	int rc, fd = memfd_create("echod statistics", MFD_CLOEXEC);

	if (fd == -1)
		return -errno;
	rc = ftruncate(fd, (off_t)(n * sizeof(*t->slots))) == 0 ? map(t, fd, n) : -errno;
	if (rc < 0)
		close(fd);
	return rc;
}

int
stats_table_attach(struct stats_table *t, int fd)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return -errno;
	return map(t, fd, (size_t)st.st_size / sizeof(*t->slots));
}

void
stats_table_close(struct stats_table *t)
{
	if (t->slots == NULL)
		return;
	munmap(t->slots, t->n * sizeof(*t->slots));
	close(t->fd);
	t->slots = NULL;
}

/* SPDX-License-Identifier: ISC */
/*
 * tls_none.c -- in place of all of TLS, in a build without OpenSSL.
 *
 * The settings refuse tls = on then, so of what is here only the first two are ever
 * called.
 */
#include <errno.h>
#include <unistd.h>

#include "stream_tls.h"
#include "tickets.h"
#include "tls.h"
#include "tls_connect.h"

bool
tls_is_built_in(void)
{
	return false;
}

const char *
tls_version(void)
{
	return "not built in, so there is no TLS";
}

struct tls_server *
tls_server_new(const struct tls_server_settings *s, tls_complain_fn *complain, void *arg)
{
	(void)s;
	complain(arg, "tls", "was left out of this build");
	return NULL;
}

void
tls_server_free(struct tls_server *server)
{
	(void)server;
}

void
tls_server_use_tickets(struct tls_server *server, struct tickets *tickets)
{
	(void)server, (void)tickets;
}

time_t
tls_server_end(const struct tls_server *server)
{
	(void)server;
	return 0;
}

int
tls_server_broken_link(const struct tls_server *server)
{
	(void)server;
	return 0;
}

struct ssl_st *
tls_accept(struct tls_server *server)
{
	(void)server;
	return NULL;
}

int
stream_open_tls(struct stream *s, struct reactor *r, int fd, struct ssl_st *ssl, io_fn *fn)
{
	(void)s, (void)r, (void)fd, (void)ssl, (void)fn;
	return -ENOTSUP;
}

void
stream_tls_drop(struct ssl_st *ssl)
{
	(void)ssl;
}

bool
stream_tls_resumed(const struct stream *s)
{
	(void)s;
	return false;
}

enum stats_handshake
stream_tls_failure(const struct stream *s, const char **words)
{
	(void)s;
	*words = tls_version();
	return HANDSHAKE_BROKEN;
}

void
stream_tls_agreed(const struct stream *s, struct stream_tls_agreed *agreed)
{
	(void)s;
	*agreed = (struct stream_tls_agreed){ 0 };
}

void
stream_tls_describe(char text[STREAM_TLS_TEXT], const struct stream *s)
{
	(void)s;
	text[0] = '\0';
}

struct tls_connector *
tls_connector_new(const struct tls_connector_settings *s, tls_complain_fn *complain, void *arg)
{
	(void)s;
	complain(arg, "tls", "was left out of this build");
	return NULL;
}

void
tls_connector_free(struct tls_connector *c)
{
	(void)c;
}

struct ssl_st *
tls_connect(struct tls_connector *c, unsigned place, const char *name, bool resume)
{
	(void)c, (void)place, (void)name, (void)resume;
	return NULL;
}

struct tickets *
tickets_open(void)
{
	errno = ENOTSUP;
	return NULL;
}

struct tickets *
tickets_open_fd(int fd)
{
	close(fd);
	errno = ENOTSUP;
	return NULL;
}

int
tickets_fd(const struct tickets *t)
{
	(void)t;
	return -1;
}

int
tickets_rotate(struct tickets *t)
{
	(void)t;
	return -ENOTSUP;
}

double
tickets_due(const struct tickets *t)
{
	(void)t;
	return TICKETS_SECONDS;
}

void
tickets_close(struct tickets *t)
{
	(void)t;
}

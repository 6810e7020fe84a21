/* SPDX-License-Identifier: ISC */
/*
 * log.c -- see log.h.
 *
 * A daemon must not stop because nobody reads its log: a line is written only
 * if the descriptor would take it now.  PIPE_BUF is the longest write that
 * poll(2) promises for when it says POLLOUT on a pipe, and so the longest line.
 */
#include <sys/stat.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "log.h"

#define LIMIT_SECONDS 10

static struct {
	enum log_level level;
	int fd;
	char *path; /* NULL unless the log is a file */
	bool syslog;
	unsigned lost; /* lines that could not be written */
	bool torn;     /* the last one was written in part */
} out = { .level = LEVEL_INFO, .fd = STDERR_FILENO };

const char *const log_levels[] = { "error", "warn", "info", "debug", NULL };

static const int priorities[] = { LOG_ERR, LOG_WARNING, LOG_INFO, LOG_DEBUG };

static int
open_file(const char *path)
{
	int fd = open(path,
	    O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK, 0640);

	return fd == -1 ? -errno : fd;
}

int
log_open(const char *where)
{
	char *path = NULL;
	int fd = STDERR_FILENO;

	if (strncmp(where, "file:", 5) == 0) {
		if ((fd = open_file(where + 5)) < 0)
			return fd;
		if ((path = strdup(where + 5)) == NULL) {
			close(fd);
			return -ENOMEM;
		}
	}
	log_close();
	out.syslog = strcmp(where, "syslog") == 0;
	if (out.syslog)
		openlog("echod", LOG_PID | LOG_NDELAY, LOG_DAEMON);
	out.fd = fd;
	out.path = path;
	return 0;
}

int
log_reopen(void)
{
	int fd;

	if (out.path == NULL)
		return 0;
	if ((fd = open_file(out.path)) < 0)
		return fd;
	log_move(fd);
	return 0;
}

bool
log_is_syslog(void)
{
	return out.syslog;
}

int
log_fd(void)
{
	return out.path != NULL ? out.fd : -1;
}

void
log_move(int fd)
{
	if (out.path != NULL) {
		close(out.fd);
		out.fd = fd;
	} else {
		close(fd);
	}
}

void
log_close(void)
{
	if (out.syslog)
		closelog();
	if (out.path != NULL)
		close(out.fd);
	free(out.path);
	out.path = NULL;
	out.syslog = false;
	out.fd = STDERR_FILENO;
}

void
log_set_level(enum log_level level)
{
	out.level = level;
}

/* Peers and files may put anything into a message: escape what is not text. */
static size_t
escape(char *to, size_t size, const char *from)
{
	size_t n = 0;

	for (; *from != '\0' && n + 5 < size; from++) {
		unsigned char c = (unsigned char)*from;

		if (c >= ' ' && c != 0x7f)
			to[n++] = (char)c;
		else
			n += (size_t)snprintf(to + n, size - n, "\\x%02x", c);
	}
	to[n] = '\0';
	return n;
}

static bool
put(const char *line, size_t len)
{
	struct pollfd p = { .fd = out.fd, .events = POLLOUT };
	ssize_t n;

	if (poll(&p, 1, 0) != 1 || (p.revents & POLLOUT) == 0)
		return false;
	if ((n = write(out.fd, line, len)) > 0)
		out.torn = n < (ssize_t)len;
	return n == (ssize_t)len;
}

/*
 * Whether what is written to stderr is read by the journal (systemd.exec(5)): it
 * was when we were started, and stderr is still the same.
 */
static bool
is_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	unsigned long long dev, ino;
	struct stat st;

	return stream != NULL && sscanf(stream, "%llu:%llu", &dev, &ino) == 2 &&
	    fstat(STDERR_FILENO, &st) == 0 && st.st_dev == dev && st.st_ino == ino;
}

/*
 * "2026-11-21T07:39:26.123Z echod[4711] warn: ".  The journal has all of this
 * anyway, and takes the level from what sd-daemon(3) puts before a line.
 */
static size_t
put_head(char *line, size_t size, enum log_level level)
{
	struct timespec ts;
	struct tm tm;
	size_t n;

	if (out.fd == STDERR_FILENO && is_journal())
		return (size_t)snprintf(line, size, "<%d>", priorities[level]);
	clock_gettime(CLOCK_REALTIME, &ts);
	gmtime_r(&ts.tv_sec, &tm);
	n = strftime(line, size, "%Y-%m-%dT%H:%M:%S", &tm);
	n += (size_t)snprintf(line + n, size - n, ".%03ldZ echod[%ld] %s: ", ts.tv_nsec / 1000000,
	    (long)getpid(), log_levels[level]);
	return n;
}

static void
write_line(enum log_level level, const char *text)
{
	char line[PIPE_BUF];
	size_t n;

	if (out.torn && !put("\n", 1)) {
		out.lost++;
		return;
	}
	if (out.lost > 0) {
		n = put_head(line, sizeof(line), LEVEL_WARN);
		n += (size_t)snprintf(
		    line + n, sizeof(line) - n, "log: %u lines were lost\n", out.lost);
		if (!put(line, n)) {
			out.lost++;
			return;
		}
		out.lost = 0;
	}
	n = put_head(line, sizeof(line), level);
	n += escape(line + n, sizeof(line) - n - 1, text);
	line[n++] = '\n';
	if (!put(line, n))
		out.lost++;
}

static printflike(2, 0) void log_va(enum log_level level, const char *fmt, va_list ap)
{
	char text[PIPE_BUF / 4], escaped[PIPE_BUF];
	int err = errno; /* a log line changes nothing for its caller */

	if (level <= out.level) {
		vsnprintf(text, sizeof(text), fmt, ap);
		if (out.syslog) {
			escape(escaped, sizeof(escaped), text);
			syslog(priorities[level], "%s", escaped);
		} else {
			write_line(level, text);
		}
	}
	errno = err;
}

#define DEFINE_LEVEL(name, level) \
	void name(const char *fmt, ...) \
	{ \
		va_list ap; \
\
		va_start(ap, fmt); \
		log_va(level, fmt, ap); \
		va_end(ap); \
	}

DEFINE_LEVEL(log_error, LEVEL_ERROR)
DEFINE_LEVEL(log_warn, LEVEL_WARN)
DEFINE_LEVEL(log_info, LEVEL_INFO)
DEFINE_LEVEL(log_debug, LEVEL_DEBUG)

static printflike(3, 0) void log_limited(
    enum log_level level, struct log_limit *limit, const char *fmt, va_list ap)
{
	void (*write)(const char *, ...) = level == LEVEL_WARN ? log_warn : log_info;
	char text[PIPE_BUF / 4];
	long long next = atomic_load(&limit->next);
	struct timespec now;
	unsigned held;

	clock_gettime(CLOCK_MONOTONIC, &now);
	if ((next != 0 && now.tv_sec < next) ||
	    !atomic_compare_exchange_strong(&limit->next, &next, now.tv_sec + LIMIT_SECONDS)) {
		atomic_fetch_add(&limit->held, 1);
		return;
	}
	held = atomic_exchange(&limit->held, 0);
	vsnprintf(text, sizeof(text), fmt, ap);
	if (held > 0)
		write("%s (and %u times more since the last such line)", text, held);
	else
		write("%s", text);
}

#define DEFINE_LIMITED(name, level) \
	void name(struct log_limit *limit, const char *fmt, ...) \
	{ \
		va_list ap; \
\
		va_start(ap, fmt); \
		log_limited(level, limit, fmt, ap); \
		va_end(ap); \
	}

DEFINE_LIMITED(log_warn_limited, LEVEL_WARN)
DEFINE_LIMITED(log_info_limited, LEVEL_INFO)

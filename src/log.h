/* SPDX-License-Identifier: ISC */
/*
 * log.h -- four levels, to stderr, syslog or a file.
 *
 * The log is the one global of the program.  Floors 0 to 3 do not write to it:
 * they return what went wrong, and the floors above know what it means.
 */
#ifndef LOG_H
#define LOG_H

#include <stdatomic.h>
#include <stdbool.h>

#include "macros.h"

enum log_level { LEVEL_ERROR, LEVEL_WARN, LEVEL_INFO, LEVEL_DEBUG };

/* The names of the levels, as users write them; NULL ends the list. */
extern const char *const log_levels[];

/*
 * A message that may come in floods keeps one of these, zeroed at first.  It may be in
 * memory that processes share: then it is written once for all of them.
 */
struct log_limit {
	atomic_llong next; /* seconds; silent until then */
	atomic_uint held;  /* how many have not been written */
};

/*
 * From now on log to "stderr", "syslog" or "file:PATH".  Until it is called
 * the log is stderr.  Returns 0 or -errno; then the log stays what it was.
 */
int log_open(const char *where);

/* Open the file again by its name, as after a rotation.  0 or -errno. */
int log_reopen(void);

bool log_is_syslog(void);

/* The descriptor of the log file, -1 if the log is none. */
int log_fd(void);

/* Write to fd, which is taken over, where it was a file until now. */
void log_move(int fd);
void log_close(void);
void log_set_level(enum log_level);

/*
 * One line, written with one system call that never blocks.  What cannot be
 * written is counted, and the count is logged when writing works again.
 * Bytes that are not printable come out as \xHH.
 */
void log_error(const char *fmt, ...) printflike(1, 2);
void log_warn(const char *fmt, ...) printflike(1, 2);
void log_info(const char *fmt, ...) printflike(1, 2);
void log_debug(const char *fmt, ...) printflike(1, 2);

/* The same, at most once in ten seconds for each limit. */
void log_warn_limited(struct log_limit *, const char *fmt, ...) printflike(2, 3);
void log_info_limited(struct log_limit *, const char *fmt, ...) printflike(2, 3);

#endif

/* SPDX-License-Identifier: ISC */
/* For cppcheck, which does not look into the system's headers: <sys/queue.h>. */
#define TAILQ_FOREACH(item, head, field) \
	for ((item) = (head)->tqh_first; (item) != NULL; (item) = (item)->field.tqe_next)

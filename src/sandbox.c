/* SPDX-License-Identifier: ISC */
/*
 * sandbox.c -- see sandbox.h.
 *
 * The list below is what a worker does from the time that it is ready until its
 * end, and what the C library, libev and OpenSSL do for it, in the variants that
 * other versions of them prefer.  Nothing is denied quietly: what is not on the list
 * was not foreseen, and a worker that does it is not to be trusted any more.
 *
 * The kernel does not end it at once, but sends a signal in place of the call (a
 * trap), so that the handler can leave word of what it was.  A handler that somebody
 * else has put there gains nothing: the call is not made in any case.
 */
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "landlock.h"
#include "macros.h"
#include "sandbox.h"

/* libseccomp's macros leave out what a comparison does not need. */
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

#ifndef SYS_SECCOMP
#define SYS_SECCOMP 1 /* of si_code */
#endif

/* Whoever builds may have asked for it without configure's knowing. */
#ifdef __has_feature
#if __has_feature(address_sanitizer) || __has_feature(memory_sanitizer) || \
    __has_feature(thread_sanitizer)
#define HAS_SANITIZER
#endif
#endif
#if defined SANITIZED || defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
#define HAS_SANITIZER
#endif

static const int calls[] = {
	/* the echo, and the log */
	SCMP_SYS(recv), SCMP_SYS(recvfrom), SCMP_SYS(recvmsg), SCMP_SYS(read), SCMP_SYS(readv),
	SCMP_SYS(send), SCMP_SYS(sendto), SCMP_SYS(sendmsg), SCMP_SYS(write), SCMP_SYS(writev),
	SCMP_SYS(accept4), SCMP_SYS(shutdown), SCMP_SYS(close), SCMP_SYS(getsockopt),
	SCMP_SYS(getsockname), SCMP_SYS(getpeername),
	/* waiting, on all backends; libev makes its epoll set anew if it has gone wrong */
	SCMP_SYS(epoll_wait), SCMP_SYS(epoll_pwait), SCMP_SYS(epoll_pwait2), SCMP_SYS(epoll_ctl),
	SCMP_SYS(epoll_create), SCMP_SYS(epoll_create1), SCMP_SYS(poll), SCMP_SYS(ppoll),
	SCMP_SYS(ppoll_time64), SCMP_SYS(select), SCMP_SYS(_newselect), SCMP_SYS(pselect6),
	SCMP_SYS(pselect6_time64), SCMP_SYS(nanosleep), SCMP_SYS(clock_nanosleep),
	SCMP_SYS(clock_nanosleep_time64), SCMP_SYS(restart_syscall), SCMP_SYS(sched_yield),
	/* time, where it is not to be had without a system call */
	SCMP_SYS(clock_gettime), SCMP_SYS(clock_gettime64), SCMP_SYS(clock_getres),
	SCMP_SYS(gettimeofday), SCMP_SYS(time),
	/* memory; mmap and mprotect are below */
	SCMP_SYS(brk), SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(madvise),
	/* signals */
	SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigreturn),
	SCMP_SYS(sigreturn), SCMP_SYS(sigaltstack),
	/* oneself, and the libraries' locks and randomness */
	SCMP_SYS(getpid), SCMP_SYS(gettid), SCMP_SYS(getrandom), SCMP_SYS(futex),
	SCMP_SYS(futex_time64), SCMP_SYS(rseq), SCMP_SYS(sysinfo), SCMP_SYS(exit),
	SCMP_SYS(exit_group),
	/* what the C library asks of a descriptor before it reads, writes or leaves it */
	SCMP_SYS(lseek), SCMP_SYS(_llseek), SCMP_SYS(fstat), SCMP_SYS(fstat64),
	/* what strace puts in place of a call that it does not let through */
	-1
};

/* What is allowed with some arguments only. */
struct rule {
	int call;
	unsigned nargs;
	struct scmp_arg_cmp args[2];
};

static int *note;

/* What is asked for is not done; leave word, and then die of the same signal. */
static void
on_forbidden(int signum, siginfo_t *info, void *context)
{
	(void)context;
	if (info->si_code == SYS_SECCOMP)
		*note = info->si_syscall + 1;
	raise(signum); /* SA_RESETHAND: nobody handles it any more */
}

static int
watch_forbidden(int *forbidden)
{
	struct sigaction action = { .sa_sigaction = on_forbidden,
		.sa_flags = (int)(SA_SIGINFO | SA_RESETHAND | SA_NODEFER) };
	sigset_t this;

	note = forbidden;
	sigemptyset(&this);
	sigaddset(&this, SIGSYS);
	if (sigaction(SIGSYS, &action, NULL) != 0 || sigprocmask(SIG_UNBLOCK, &this, NULL) != 0)
		return -errno;
	return 0;
}

static int
add(scmp_filter_ctx filter, uint32_t action, const struct rule *rules, size_t n)
{
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < n; i++)
		rc = seccomp_rule_add_array(
		    filter, action, rules[i].call, rules[i].nargs, rules[i].args);
	return rc;
}

static int
allow_with_arguments(scmp_filter_ctx filter)
{
	scmp_datum_t me = (scmp_datum_t)getpid();
	const struct rule rules[] = {
		/* memory that is not for instructions */
		{ SCMP_SYS(mmap), 1, { SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0) } },
		{ SCMP_SYS(mmap2), 1, { SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0) } },
		{ SCMP_SYS(mprotect), 1, { SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0) } },
		/* net_accepted() */
		{ SCMP_SYS(setsockopt), 2,
		    { SCMP_A1(SCMP_CMP_EQ, SOL_SOCKET), SCMP_A2(SCMP_CMP_EQ, SO_SNDBUF) } },
		/* libev, of descriptors that it has made or suspects */
		{ SCMP_SYS(fcntl), 1, { SCMP_A1(SCMP_CMP_EQ, F_GETFD) } },
		{ SCMP_SYS(fcntl), 1, { SCMP_A1(SCMP_CMP_EQ, F_SETFD) } },
		{ SCMP_SYS(fcntl), 1, { SCMP_A1(SCMP_CMP_EQ, F_GETFL) } },
		{ SCMP_SYS(fcntl), 1, { SCMP_A1(SCMP_CMP_EQ, F_SETFL) } },
		{ SCMP_SYS(fcntl64), 1, { SCMP_A1(SCMP_CMP_EQ, F_GETFD) } },
		{ SCMP_SYS(fcntl64), 1, { SCMP_A1(SCMP_CMP_EQ, F_SETFD) } },
		{ SCMP_SYS(fcntl64), 1, { SCMP_A1(SCMP_CMP_EQ, F_GETFL) } },
		{ SCMP_SYS(fcntl64), 1, { SCMP_A1(SCMP_CMP_EQ, F_SETFL) } },
		/* fstat(), as it is called since glibc 2.33 */
		{ SCMP_SYS(newfstatat), 1,
		    { SCMP_A3(SCMP_CMP_MASKED_EQ, AT_EMPTY_PATH, AT_EMPTY_PATH) } },
		/* abort(), and nobody else */
		{ SCMP_SYS(tgkill), 1, { SCMP_A0(SCMP_CMP_EQ, me) } },
		{ SCMP_SYS(tkill), 1, { SCMP_A0(SCMP_CMP_EQ, me) } },
	};

	return add(filter, SCMP_ACT_ALLOW, rules, countof(rules));
}

/*
 * When the log daemon was started again, syslog(3) has to connect to it, and fails
 * if it cannot.  Datagrams are all it needs: a stream would reach services of this
 * host that do what they are told.
 */
static int
allow_syslog(scmp_filter_ctx filter)
{
	const struct rule dgram = { SCMP_SYS(socket), 2,
		{ SCMP_A0(SCMP_CMP_EQ, AF_UNIX),
		    SCMP_A1(SCMP_CMP_EQ, SOCK_DGRAM | SOCK_CLOEXEC) } };
	const struct rule stream = { SCMP_SYS(socket), 2,
		{ SCMP_A0(SCMP_CMP_EQ, AF_UNIX),
		    SCMP_A1(SCMP_CMP_EQ, SOCK_STREAM | SOCK_CLOEXEC) } };
	const struct rule connect = { .call = SCMP_SYS(connect) };
	int rc;

	if ((rc = add(filter, SCMP_ACT_ALLOW, &dgram, 1)) < 0 ||
	    (rc = add(filter, SCMP_ACT_ERRNO(EACCES), &stream, 1)) < 0)
		return rc;
	return add(filter, SCMP_ACT_ALLOW, &connect, 1);
}

/*
 * Nothing foreign runs in here that could spy on us by timing, and what kernels
 * before 5.16 do against that slows down everything (SSB).
 */
static int
set_attributes(scmp_filter_ctx filter)
{
	int rc;

	if ((rc = seccomp_attr_set(filter, SCMP_FLTATR_API_SYSRAWRC, 1)) < 0 ||
	    (rc = seccomp_attr_set(filter, SCMP_FLTATR_API_TSKIP, 1)) < 0)
		return rc;
	(void)seccomp_attr_set(filter, SCMP_FLTATR_CTL_SSB, 1);
	(void)seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	return 0;
}

static int
load_list(bool syslog)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_TRAP);
	size_t i;
	int rc;

	if (filter == NULL)
		return -ENOMEM;
	rc = set_attributes(filter);
	for (i = 0; rc == 0 && i < countof(calls); i++)
		rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i], 0);
	if (rc == 0)
		rc = allow_with_arguments(filter);
	if (rc == 0 && syslog)
		rc = allow_syslog(filter);
	if (rc == 0)
		rc = seccomp_load(filter);
	seccomp_release(filter);
	return rc;
}

/*
 * The C library reads the zone's file when it first needs it, and where TZ is not set
 * it looks at the file each time to see whether it has changed.
 */
static void
know_time_zone(void)
{
	(void)setenv("TZ", ":/etc/localtime", 0);
	tzset();
}

int
sandbox_enter(bool syslog, int *forbidden)
{
	int rc, landlock;

	know_time_zone();
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return -errno;
	if ((landlock = landlock_enter()) < 0)
		return landlock;
	if ((rc = watch_forbidden(forbidden)) < 0 || (rc = load_list(syslog)) < 0)
		return rc;
	return landlock;
}

/* valgrind and its like run us inside of a program that needs more calls than we. */
const char *
sandbox_lacks(void)
{
#if defined HAS_SANITIZER
	return "needs a build without sanitizers";
#elif defined COVERAGE
	return "needs a build that does not count coverage";
#else
	const char *preload = getenv("LD_PRELOAD");

	return preload != NULL && strstr(preload, "/vgpreload_") != NULL ?
	    "does not work under valgrind" :
	    NULL;
#endif
}

void
sandbox_version(char text[SANDBOX_TEXT])
{
	const struct scmp_version *v = seccomp_version();

	snprintf(text, SANDBOX_TEXT, "%u.%u.%u", v->major, v->minor, v->micro);
}

void
sandbox_describe(char text[SANDBOX_TEXT], int forbidden)
{
	char *name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, forbidden - 1);

	snprintf(text, SANDBOX_TEXT, "%.32s (system call %d)", name != NULL ? name : "unknown",
	    forbidden - 1);
	free(name);
}

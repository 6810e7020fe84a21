/* SPDX-License-Identifier: ISC */
/*
 * probe.c -- tries what a confined service must not be able to do, and says of each
 * attempt, a line each, "what: done" or "what: " and the name of the error.
 *
 * It runs in the place of echod, in its unit.
 */
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void
say(const char *what, int rc)
{
	printf("%s: %s\n", what, rc >= 0 ? "done" : strerrorname_np(errno));
}

static int
make(const char *path)
{
	return open(path, O_WRONLY | O_CREAT, 0700);
}

/* In a child, whose exit status is the error. */
static int
run(const char *path)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		execl(path, path, (char *)NULL);
		_exit(errno);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return -1;
	errno = WEXITSTATUS(status);
	return errno == 0 ? 0 : -1;
}

static int
copy_of_true(const char *path)
{
	char buf[65536];
	int from = open("/bin/true", O_RDONLY), to = make(path);
	ssize_t n;

	if (to < 0)
		return -1;
	while ((n = read(from, buf, sizeof(buf))) > 0)
		if (write(to, buf, (size_t)n) != n)
			return -1;
	close(from);
	return close(to);
}

/* Somewhere it may write to. */
static int
run_own(const char *path)
{
	if (copy_of_true(path) < 0)
		return -1;
	return run(path);
}

static int
new_user_namespace(void)
{
	pid_t pid = fork();
	int status;

	if (pid == 0)
		_exit(unshare(CLONE_NEWUSER) == 0 ? 0 : errno);
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return -1;
	errno = WEXITSTATUS(status);
	return errno == 0 ? 0 : -1;
}

static int
reach(int type, unsigned short port, int (*call)(int, const struct sockaddr *, socklen_t))
{
	struct sockaddr_in in = { .sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr = { htonl(INADDR_LOOPBACK) } };
	int fd = socket(AF_INET, type, 0);

	return fd < 0 ? -1 : call(fd, (struct sockaddr *)&in, sizeof(in));
}

static int
writable_code(void)
{
	return mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		   0) == MAP_FAILED ?
	    -1 :
	    0;
}

/* Of processes that are not ours. */
static int
others(void)
{
	DIR *dir = opendir("/proc");
	struct dirent *e;
	int n = 0;

	while ((e = readdir(dir)) != NULL)
		n += atoi(e->d_name) > 0 && atoi(e->d_name) != getpid();
	closedir(dir);
	errno = ENOENT;
	return n > 0 ? 0 : -1;
}

static void
say_capabilities(void)
{
	char line[256];
	FILE *f = fopen("/proc/self/status", "r");

	while (f != NULL && fgets(line, sizeof(line), f) != NULL)
		if (strncmp(line, "Cap", 3) == 0 || strncmp(line, "NoNewPrivs", 10) == 0)
			fputs(line, stdout);
	fclose(f);
}

static const char *
in_runtime(const char *name)
{
	static char path[4096];

	snprintf(path, sizeof(path), "%s/%s", getenv("RUNTIME_DIRECTORY"), name);
	return path;
}

int
main(void)
{
	say("write to /etc", make("/etc/probe"));
	say("write to /usr", make("/usr/probe"));
	say("write to /var/lib", make("/var/lib/probe"));
	say("write to /run", make("/run/probe"));
	say("write to the runtime directory", make(in_runtime("probe")));
	say("write to an open directory", make("/srv/open/probe"));
	say("write to a /tmp", make("/tmp/probe"));
	say("netlink socket", socket(AF_NETLINK, SOCK_RAW, 0));
	say("packet socket", socket(AF_PACKET, SOCK_RAW, 0));
	say("internet socket", socket(AF_INET, SOCK_STREAM, 0));
	say("connect to port 7007", reach(SOCK_STREAM, 7007, connect));
	say("bind port 80", reach(SOCK_STREAM, 80, bind));
	say("run a program", run("/bin/true"));
	say("run what it wrote to /tmp", run_own("/tmp/program"));
	say("run what it wrote to /var/tmp", run_own("/var/tmp/program"));
	say("run what it wrote to /dev/shm", run_own("/dev/shm/program"));
	say("run what it wrote to the runtime directory", run_own(in_runtime("program")));
	say("writable code", writable_code());
	say("set a user id on a file", chmod("/tmp/program", 04755));
	say("user namespace", new_user_namespace());
	say("see other processes", others());
	say("signal process 1", kill(1, 0));
	say("kernel messages", open("/dev/kmsg", O_RDONLY));
	say("read the machine's settings", open("/proc/sys/kernel/hostname", O_RDONLY));
	say("change them", open("/proc/sys/net/core/somaxconn", O_WRONLY));
	say("read root's files", open("/root", O_RDONLY));
	say_capabilities();
	return 0;
}

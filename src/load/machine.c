/* SPDX-License-Identifier: ISC */
/*
 * machine.c -- see machine.h.
 */
#include <sys/utsname.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "machine.h"
#include "macros.h"

#define LOOKS 2000 /* at the clock, to learn what one costs */
#define TRIALS 5   /* the least of which counts: the others were disturbed */
#define LINE 512

static FILE *
open_under(const char *root, const char *path)
{
	char name[PATH_MAX];

	if ((size_t)snprintf(name, sizeof(name), "%s%s", root, path) >= sizeof(name))
		return NULL;
	return fopen(name, "re");
}

/* The first line of a file, or "". */
static void
read_word(const char *root, const char *path, char *word, size_t size)
{
	FILE *f = open_under(root, path);

	word[0] = '\0';
	if (f == NULL)
		return;
	if (fgets(word, (int)size, f) == NULL)
		word[0] = '\0';
	word[strcspn(word, "\n")] = '\0';
	fclose(f);
}

static uint64_t
look(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static unsigned
measure_clock(void)
{
	uint64_t best = UINT64_MAX;
	int trial, i;

	for (trial = 0; trial < TRIALS; trial++) {
		uint64_t begin = look(), end = begin;

		for (i = 0; i < LOOKS; i++)
			end = look();
		if (end - begin < best)
			best = end - begin;
	}
	return (unsigned)(best / LOOKS);
}

/* Ours, which may be fewer than the machine has; *first is one of them. */
static unsigned
count_cpus(unsigned *first)
{
	cpu_set_t set;
	unsigned i;

	*first = 0;
	if (sched_getaffinity(0, sizeof(set), &set) != 0)
		return 0;
	for (i = 0; i < CPU_SETSIZE; i++)
		if (CPU_ISSET(i, &set)) {
			*first = i;
			break;
		}
	return (unsigned)CPU_COUNT(&set);
}

/* Clock ticks of all processors since the machine was started. */
static void
read_steal(const char *root, uint64_t *steal, uint64_t *all)
{
	FILE *f = open_under(root, "/proc/stat");
	unsigned long long t[8]; /* user nice system idle iowait irq softirq steal */
	size_t i;

	*steal = *all = 0;
	if (f == NULL)
		return;
	if (fscanf(f, "cpu %llu %llu %llu %llu %llu %llu %llu %llu", &t[0], &t[1], &t[2], &t[3],
		&t[4], &t[5], &t[6], &t[7]) == (int)countof(t)) {
		for (i = 0; i < countof(t); i++)
			*all += t[i];
		*steal = t[7];
	}
	fclose(f);
}

static bool
read_throttled(const char *root, const char *path, uint64_t *periods)
{
	FILE *f = open_under(root, path);
	unsigned long long n;
	char line[LINE];
	bool found = false;

	if (f == NULL)
		return false;
	while (!found && fgets(line, sizeof(line), f) != NULL) {
		found = sscanf(line, "nr_throttled %llu", &n) == 1;
		if (found)
			*periods = n;
	}
	fclose(f);
	return found;
}

/* Whether "cpu" is among the controllers of version 1, as in "cpu,cpuacct". */
static bool
has_cpu(const char *controllers)
{
	size_t len;

	for (; *controllers != '\0'; controllers += len + (controllers[len] == ',')) {
		len = strcspn(controllers, ",");
		if (len == 3 && strncmp(controllers, "cpu", 3) == 0)
			return true;
	}
	return false;
}

/* The cpu.stat of one line of /proc/self/cgroup, "NUMBER:CONTROLLERS:PATH". */
static bool
throttled_in(const char *root, char *line, uint64_t *periods)
{
	char *controllers = strchr(line, ':'), *group, path[LINE + 64];

	if (controllers == NULL || (group = strchr(++controllers, ':')) == NULL)
		return false;
	*group++ = '\0';
	if (controllers[0] == '\0') /* version 2 */
		snprintf(path, sizeof(path), "/sys/fs/cgroup%s/cpu.stat", group);
	else if (has_cpu(controllers))
		snprintf(path, sizeof(path), "/sys/fs/cgroup/%s%s/cpu.stat", controllers, group);
	else
		return false;
	return read_throttled(root, path, periods);
}

static uint64_t
count_throttled(const char *root)
{
	FILE *f = open_under(root, "/proc/self/cgroup");
	uint64_t periods = 0;
	char line[LINE];

	if (f == NULL)
		return 0;
	while (fgets(line, sizeof(line), f) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		if (throttled_in(root, line, &periods))
			break;
	}
	fclose(f);
	return periods;
}

void
machine_begin_under(struct machine *m, const char *root)
{
	struct utsname names;
	char path[96];
	unsigned cpu;

	*m = (struct machine){ .root = root, .loopback = m->loopback };
	if (uname(&names) == 0)
		snprintf(m->kernel, sizeof(m->kernel), "%.63s", names.release);
	m->cpus = count_cpus(&cpu);
	m->clock_cost = measure_clock();
	read_word(root, "/sys/devices/system/clocksource/clocksource0/current_clocksource",
	    m->clocksource, sizeof(m->clocksource));
	snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%u/cpufreq/scaling_governor", cpu);
	read_word(root, path, m->governor, sizeof(m->governor));
	read_steal(root, &m->steal_then, &m->all_then);
	m->throttled_then = count_throttled(root);
}

void
machine_begin(struct machine *m)
{
	machine_begin_under(m, "");
}

void
machine_end(struct machine *m)
{
	uint64_t steal, all, throttled = count_throttled(m->root);

	read_steal(m->root, &steal, &all);
	m->steal = 0;
	if (all > m->all_then && steal > m->steal_then)
		m->steal = (double)(steal - m->steal_then) / (double)(all - m->all_then);
	m->throttled = throttled > m->throttled_then ? throttled - m->throttled_then : 0;
}

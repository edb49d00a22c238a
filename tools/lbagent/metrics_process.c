// SPDX-License-Identifier: GPL-2.0
/* What Prometheus' own clients tell of their process, by the same names. */
#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "metrics.h"
#include "series.h"

/* Of /proc/self/stat, behind the name: it has blanks and parentheses in it. */
struct stat_line {
	unsigned long long user, system, start;	/* ticks */
	unsigned long long virtual;		/* bytes */
	long long resident;			/* pages */
};

static bool read_text(const char *path, char *text, size_t size)
{
	FILE *f = fopen(path, "re");
	size_t len;

	if (!f)
		return false;
	len = fread(text, 1, size - 1, f);
	fclose(f);
	text[len] = 0;
	return len > 0;
}

static bool read_stat(struct stat_line *st)
{
	char text[1024], *end;

	if (!read_text("/proc/self/stat", text, sizeof(text)))
		return false;
	end = strrchr(text, ')');
	return end && sscanf(end + 1,
			     " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu %*d %*d %*d %*d %*d %*d %llu %llu %lld",
			     &st->user, &st->system, &st->start, &st->virtual,
			     &st->resident) == 5;
}

/* When the machine was booted, in seconds since 1970. */
static bool read_boot(unsigned long long *boot)
{
	char line[256];
	bool found = false;
	FILE *f = fopen("/proc/stat", "re");

	if (!f)
		return false;
	/* Other lines can be longer; their rest does not begin like that. */
	while (!found && fgets(line, sizeof(line), f))
		found = sscanf(line, "btime %llu", boot) == 1;
	fclose(f);
	return found;
}

static unsigned int count_files(void)
{
	DIR *dir = opendir("/proc/self/fd");
	const struct dirent *entry;
	unsigned int n = 0;

	if (!dir)
		return 0;
	while ((entry = readdir(dir)))
		n += *entry->d_name != '.';
	closedir(dir);
	return n - 1;	/* that of the directory itself */
}

static void put(FILE *f, const char *name, const char *type, const char *help,
		double value)
{
	series_family(f, name, type, help);
	series_put(f, name, NULL, value);
}

static void put_stat(FILE *f, const struct stat_line *st)
{
	const double tick = sysconf(_SC_CLK_TCK);
	unsigned long long boot;

	put(f, "process_cpu_seconds_total", "counter",
	    "Total user and system CPU time spent in seconds.",
	    (st->user + st->system) / tick);
	put(f, "process_resident_memory_bytes", "gauge",
	    "Resident memory size in bytes.",
	    (double)st->resident * sysconf(_SC_PAGESIZE));
	put(f, "process_virtual_memory_bytes", "gauge",
	    "Virtual memory size in bytes.", st->virtual);
	if (read_boot(&boot))
		put(f, "process_start_time_seconds", "gauge",
		    "Start time of the process since unix epoch in seconds.",
		    boot + st->start / tick);
}

void metrics_put_process(FILE *f)
{
	struct stat_line st;
	struct rlimit files;

	if (read_stat(&st))
		put_stat(f, &st);
	put(f, "process_open_fds", "gauge", "Number of open file descriptors.",
	    count_files());
	if (!getrlimit(RLIMIT_NOFILE, &files))
		put(f, "process_max_fds", "gauge",
		    "Maximum number of open file descriptors.",
		    files.rlim_cur);
}

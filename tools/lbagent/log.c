// SPDX-License-Identifier: GPL-2.0
#include "log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

/* Where in this file something was said is of no use to anybody. */
#define SD_JOURNAL_SUPPRESS_LOCATION
#include <systemd/sd-journal.h>

static int level = LOG_INFO;

void log_level(int priority)
{
	level = priority;
}

bool log_wanted(int priority)
{
	return priority <= level;
}

/* systemd.exec(5): DEVICE:INODE of the stream that it has connected. */
static bool to_journal(void)
{
	const char *env = getenv("JOURNAL_STREAM");
	unsigned long long dev, ino;
	struct stat st;

	return env && sscanf(env, "%llu:%llu", &dev, &ino) == 2 &&
	       !fstat(2, &st) && st.st_dev == dev && st.st_ino == ino;
}

static void print(int priority, const char *text)
{
	static const char *const words[] = {
		"emergency", "alert", "critical", "error", "warning", "notice",
		"info", "debug",
	};

	fprintf(stderr, "lbagent: %s: %s\n", words[priority & 7], text);
}

void log_say(int priority, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	if (!log_wanted(priority))
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (to_journal())
		sd_journal_send("MESSAGE=%s", text, "PRIORITY=%i", priority,
				NULL);
	else
		print(priority, text);
}

void log_service(int priority, const char *ns, const char *name,
		 const char *sentence)
{
	if (!log_wanted(priority))
		return;
	if (to_journal())
		sd_journal_send("MESSAGE=%s", sentence, "PRIORITY=%i", priority,
				"KUBERNETES_NAMESPACE=%s", ns,
				"KUBERNETES_SERVICE=%s", name, NULL);
	else
		print(priority, sentence);
}

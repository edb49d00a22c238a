/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LBAGENT_LOG_H
#define LBAGENT_LOG_H

#include <stdbool.h>
#include <syslog.h>

/*
 * What the administrator reads: to the journal with fields if standard error
 * goes there, else to standard error as a line.
 */

/* Up to which priority; LOG_INFO at first. */
void log_level(int priority);
bool log_wanted(int priority);

void log_say(int priority, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* About the Service NS/NAME: fields KUBERNETES_NAMESPACE and _SERVICE. */
void log_service(int priority, const char *ns, const char *name,
		 const char *sentence);

#endif

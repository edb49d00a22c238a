/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LBAGENT_MODULE_H
#define LBAGENT_MODULE_H

#include <systemd/sd-event.h>

#include "klb.h"

/* Whether the klb module is there, and what others do to it. */
struct module;

/* None of these may free the module. */
struct module_ops {
	/* It is there, or another one now: nothing that was known is true. */
	void (*up)(void *arg);
	void (*down)(const char *why, void *arg);
	/* Somebody else has changed something, or it may be so. */
	void (*changed)(void *arg);
};

/* Looks for it at once, in the loop. NULL with a sentence. */
struct module *module_new(sd_event *event, const struct module_ops *ops,
			  void *arg, struct klb_err *err);
void module_free(struct module *m);

/* For requests; they may fail at any time with -ENOENT if it is not there. */
struct klb *module_klb(struct module *m);
bool module_is_up(const struct module *m);
/* Takes the news that have come, which else waits for the loop's next turn. */
void module_poll(struct module *m);

#endif

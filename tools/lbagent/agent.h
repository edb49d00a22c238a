/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LBAGENT_AGENT_H
#define LBAGENT_AGENT_H

#include <systemd/sd-event.h>

#include "conf.h"

/* The daemon: watches an apiserver and keeps the module in step with it. */
struct agent;

/*
 * Begins at once, in the loop; @conf must outlive it. NULL with a sentence,
 * which is about what cannot get better by waiting.
 */
struct agent *agent_new(sd_event *event, const struct conf *conf,
			struct klb_err *err);
void agent_free(struct agent *a);

/*
 * Takes away what lbagent has made: services of its mark, settings, routes,
 * klb0, filters. 0 or -errno with a sentence, and what could go is gone.
 */
int agent_cleanup(sd_event *event, const struct conf *conf,
		  struct klb_err *err);

#endif

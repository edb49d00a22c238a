/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LBAGENT_AGENT_H
#define LBAGENT_AGENT_H

#include <stdio.h>

#include <systemd/sd-event.h>

#include "conf.h"
#include "plan.h"

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
 * The same, but changes nothing: calls back when what is wanted and what the
 * module has are known. To be freed like any.
 */
typedef void (*agent_look_cb)(const struct kube_plan *plan, void *arg);
struct agent *agent_look(sd_event *event, const struct conf *conf,
			 agent_look_cb look, void *arg, struct klb_err *err);

/*
 * Prints, as commands of lbctl, what the module has and shall have: lines
 * begin with a space where the two agree, - for what it has alone and + for
 * what it lacks. 0 or -errno with a sentence.
 */
int agent_dump(sd_event *event, const struct conf *conf, FILE *f,
	       struct klb_err *err);

/*
 * Takes away what lbagent has made: services of its mark, settings, routes,
 * klb0, filters. 0 or -errno with a sentence, and what could go is gone.
 */
int agent_cleanup(sd_event *event, const struct conf *conf,
		  struct klb_err *err);

#endif

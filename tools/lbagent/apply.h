/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LBAGENT_APPLY_H
#define LBAGENT_APPLY_H

#include <systemd/sd-event.h>

#include "backoff.h"
#include "klb.h"
#include "plan.h"

/*
 * Takes the requests of a plan, and the settings of the network namespace, to
 * the module: the first change at once, those that follow together.
 */
struct apply;

struct apply_conf {
	uint64_t gap_us;	/* between the begins of two rounds, at least */
	uint64_t slice_us;	/* after so long others have their turn */
	uint64_t changed_us;	/* what others did is looked at so much later */
	uint64_t resync_us;	/* what the module has is read so often; 0: never */
	struct backoff_conf refused;
	bool look_only;		/* reads what the module has, changes nothing */
};

extern const struct apply_conf apply_default;

struct apply_ops {
	/* The module is there, or (@why) it is not. */
	void (*module)(bool up, const char *why, void *arg);
	/*
	 * A round begins: what is wanted goes into the plan now. -ENOMEM: is
	 * called again later.
	 */
	int (*prepare)(void *arg);
	/* @c is NULL for settings of the network namespace. */
	void (*refused)(const struct kube_change *c, const char *sentence,
			void *arg);
	/* A round is over; @done: nothing is left but what was refused. */
	void (*round)(bool done, uint64_t took_us, void *arg);
};

/* All that it is given must outlive it. NULL with a sentence. */
struct apply *apply_new(sd_event *event, struct kube_plan *plan,
			const struct apply_conf *conf,
			const struct apply_ops *ops, void *arg,
			struct klb_err *err);
void apply_free(struct apply *a);

/* There is something to do. Until the first call nothing is changed. */
void apply_soon(struct apply *a);
/* Takes over what the settings shall be; those that it has not stay. */
void apply_net(struct apply *a, struct klb_net *net);

#endif

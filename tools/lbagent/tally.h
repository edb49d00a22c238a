/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LBAGENT_TALLY_H
#define LBAGENT_TALLY_H

#include "metrics.h"
#include "plan.h"
#include "store.h"
#include "trigger.h"

/* What changes, and what of it the module does not have yet, in metrics. */
struct tally {
	struct metrics *metrics;
	struct triggers triggers;
	double services, slices;	/* changes that wait */
};

/* @metrics must outlive it. */
void tally_init(struct tally *t, struct metrics *metrics);
void tally_fini(struct tally *t);
/* @object is NULL for one that is gone. Other kinds do not count. */
void tally_change(struct tally *t, int kind, const json_t *object);
/* The module has all that @plan wants, as far as it lets itself. */
void tally_round(struct tally *t, const struct kube_plan *plan);

#endif

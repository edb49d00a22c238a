/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LBAGENT_RULES_H
#define LBAGENT_RULES_H

#include "dests.h"
#include "handle.h"

/*
 * Makes the rules those that the tables of @dests need, which is sorted: of
 * lbagent's, others go. What was done is added to @changes. 0 or -errno with a
 * sentence in k->err.
 */
int rules_apply(struct klb *k, const struct dests *dests,
		unsigned int *changes);

#endif

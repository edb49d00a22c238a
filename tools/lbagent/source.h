/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LBAGENT_SOURCE_H
#define LBAGENT_SOURCE_H

#include <stdbool.h>

#include "conf.h"

/* What this host's packets to services come from; length 0: it chooses. */
struct source {
	struct klb_addr addr4, addr6;
};

/*
 * What @conf says; else an address of this host that lies in @pods, those of
 * this node, and is of a network as a bridge of pods has one.
 */
void source_find(const struct conf *conf, const struct klb_prefixes *pods,
		 struct source *source);
bool source_equal(const struct source *a, const struct source *b);

#endif

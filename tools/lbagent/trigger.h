/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LBAGENT_TRIGGER_H
#define LBAGENT_TRIGGER_H

#include <stdint.h>

#include <jansson.h>

#include "metrics.h"

/*
 * How long it takes from a change in the cluster to the module
 * (kubeproxy_network_programming_duration_seconds): EndpointSlices say when
 * what they are about happened.
 */
struct triggers {
	double since;		/* what happened before is nobody's delay */
	double *v;		/* seconds since 1970 */
	size_t n, room;
};

void triggers_init(struct triggers *t);
void triggers_free(struct triggers *t);
/* @slice was put. Without memory, or beyond a bound, it is not counted. */
void triggers_add(struct triggers *t, const json_t *slice);
/* The module has all of it now. */
void triggers_done(struct triggers *t, struct metrics *m);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LBAGENT_NODE_HEALTH_H
#define LBAGENT_NODE_HEALTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "metrics.h"
#include "serves.h"

/*
 * Whether this node does what the API server says, as kube-proxy answers it at
 * port 10256: /healthz and /livez (1.7).
 */
struct node_health;

/* How late a change may be: 2 x syncPeriod of kube-proxy's default. */
#define NODE_HEALTH_TIMEOUT_US	60000000

/*
 * @failed is that of struct serves_ops, with @arg. Requests are counted in @m,
 * as are the times of the two calls below. @m must outlive it. NULL: no memory.
 */
struct node_health *node_health_new(sd_event *event, struct metrics *m,
				    uint64_t timeout_us,
				    void (*failed)(const char *why, void *arg),
				    void *arg);
void node_health_free(struct node_health *n);
/* As serves_listen(). */
int node_health_listen(struct node_health *n, const struct klb_ap *at,
		       size_t n_at);

/* Something has changed that the module does not know yet. */
void node_health_queued(struct node_health *n);
/* The module has all that was queued. */
void node_health_done(struct node_health *n);
/* kube_node.leaving: /healthz is bad, so that balancers turn away. */
void node_health_leaving(struct node_health *n, bool leaving);

/* Nothing is late. The node may be leaving. */
bool node_health_is_good(const struct node_health *n);

#endif

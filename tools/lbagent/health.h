/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LBAGENT_HEALTH_H
#define LBAGENT_HEALTH_H

#include <stdbool.h>
#include <stddef.h>

#include <systemd/sd-event.h>

#include "desired.h"
#include "serves.h"

/*
 * Health checks of Services (1.7): a load balancer asks healthCheckNodePort of
 * each node whether it has endpoints of the Service.
 */
struct health;

struct health_ops {
	/* Whether lbagent keeps up with the API server; the node aside. */
	bool (*proxy_healthy)(void *arg);
	/*
	 * Not all of the Service's checks are answered: the sentence of an
	 * event FailedToStartServiceHealthcheck. As serves_ops.failed().
	 */
	void (*failed)(const char *ns, const char *name, const char *why,
		       void *arg);
};

/* @ops must outlive it. NULL: no memory. */
struct health *health_new(sd_event *event, const struct health_ops *ops,
			  void *arg);
void health_free(struct health *h);

/*
 * Where checks are answered from now on: this host's addresses for NodePorts,
 * or zeroes of either family for all of that. Who asks by a family that the
 * Service has is told the number of its endpoints of that; nobody listens in
 * the other one. -ENOMEM.
 */
int health_listen(struct health *h, const struct klb_addr *addrs, size_t n);

/*
 * What kube_health_of() has found out. Of two Services with one port the first
 * has it until it is dropped. -ENOMEM.
 */
int health_put(struct health *h, const char *ns, const char *name,
	       const struct kube_health *health);
/* A Service that has none may be dropped, too. */
void health_drop(struct health *h, const char *ns, const char *name);

#endif

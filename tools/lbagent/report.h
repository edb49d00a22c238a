/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LBAGENT_REPORT_H
#define LBAGENT_REPORT_H

#include <systemd/sd-event.h>

#include "conf.h"
#include "metrics.h"
#include "store.h"

/* What lbagent tells those that ask: probes, load balancers, Prometheus. */
struct report;

struct report_ops {
	/* An address cannot be listened at; it is tried again. */
	void (*failed)(const char *sentence, void *arg);
	/* The health checks of a Service cannot. */
	void (*unchecked)(const char *ns, const char *name,
			  const char *sentence, void *arg);
};

/* @metrics, @conf and @ops must outlive it. NULL: no memory. */
struct report *report_new(sd_event *event, const struct conf *conf,
			  struct metrics *metrics,
			  const struct report_ops *ops, void *arg);
void report_free(struct report *r);

/* What is touched, and in the end done; as node_health's. */
void report_queued(struct report *r);
void report_done(struct report *r);
/*
 * The node, or this host's addresses, may be otherwise; NULL: not known.
 * -ENOMEM.
 */
int report_node(struct report *r, const struct kube_node *node);
/* A Service or its slices have changed. -ENOMEM. */
int report_service(struct report *r, const struct kube_entry *e);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LBAGENT_METRICS_H
#define LBAGENT_METRICS_H

#include <stdio.h>

/*
 * What lbagent counts of itself. Names, help and buckets are kube-proxy's
 * where the meaning is; lbagent does both address families at once, so most
 * have no label ip_family.
 */
struct metrics;

enum metric {
	METRIC_SYNC,			/* seconds, a round of changes */
	METRIC_SYNC_TIME,		/* when the last one ended well */
	METRIC_QUEUED_TIME,		/* when the last one was wanted */
	METRIC_PROGRAMMING,		/* seconds, from the cluster to here */
	METRIC_ENDPOINT_CHANGES,
	METRIC_ENDPOINT_PENDING,
	METRIC_SERVICE_CHANGES,
	METRIC_SERVICE_PENDING,
	METRIC_NO_LOCAL_INTERNAL4,	/* ServicePorts with a policy Local */
	METRIC_NO_LOCAL_INTERNAL6,	/* and no endpoint here */
	METRIC_NO_LOCAL_EXTERNAL4,
	METRIC_NO_LOCAL_EXTERNAL6,
	METRIC_HEALTHZ_GOOD,
	METRIC_HEALTHZ_BAD,
	METRIC_LIVEZ_GOOD,
	METRIC_LIVEZ_BAD,
	METRIC_KERNEL_REFUSALS,		/* requests that klb refused */
	METRIC_REPAIRS,			/* what others had changed in klb */
	METRIC_WATCH_SERVICES,		/* failures of watches */
	METRIC_WATCH_SLICES,
	METRIC_WATCH_NODES,
	METRIC_OBJECTS_REFUSED,
	METRIC_CONFLICTS,		/* now: claims that somebody else has */
	METRIC_DEVICES,			/* now: with klb's filters */
	METRIC_DEVICE_FAILURES,
	METRICS,
};

/* NULL: no memory. */
struct metrics *metrics_new(void);
void metrics_free(struct metrics *m);

/* Counters and gauges. */
void metrics_add(struct metrics *m, enum metric id, double n);
/* Gauges. Times are in seconds since 1970. */
void metrics_set(struct metrics *m, enum metric id, double value);
void metrics_set_now(struct metrics *m, enum metric id);
/* Histograms. */
void metrics_observe(struct metrics *m, enum metric id, double seconds);

/* Memory, time and files of this process. */
void metrics_put_process(FILE *f);
/* All of @m in Prometheus' format. */
void metrics_put(const struct metrics *m, FILE *f);

#endif

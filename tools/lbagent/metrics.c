// SPDX-License-Identifier: GPL-2.0
#include "metrics.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "series.h"

enum type { COUNTER, GAUGE, HISTOGRAM };

static const char *const type_names[] = { "counter", "gauge", "histogram" };

/* @n buckets, each @by higher or (if @grows) larger than the one before. */
struct run {
	double first, by;
	bool grows;
	unsigned int n;
};

/* Those of kube-proxy. A run without buckets is the last. */
static const struct run sync_runs[] = {
	{ 0.001, 2, true, 15 }, { .n = 0 },
};

static const struct run programming_runs[] = {
	{ 0.25, 0.25, false, 2 }, { 1, 1, false, 59 }, { 60, 5, false, 12 },
	{ 120, 30, false, 7 }, { .n = 0 },
};

#define BUCKETS	80	/* of the largest histogram */

/* Those of one name stand together: the first has its help. */
struct what {
	const char *name, *labels, *help;
	enum type type;
	const struct run *runs;
};

#define PROXY	"kubeproxy_"
#define SYNC	PROXY "sync_proxy_rules_"

static const struct what whats[METRICS] = {
	[METRIC_SYNC] = {
		SYNC "duration_seconds", NULL,
		"SyncProxyRules latency in seconds", HISTOGRAM, sync_runs,
	},
	[METRIC_SYNC_TIME] = {
		SYNC "last_timestamp_seconds", NULL,
		"The last time proxy rules were successfully synced", GAUGE,
	},
	[METRIC_QUEUED_TIME] = {
		SYNC "last_queued_timestamp_seconds", NULL,
		"The last time a sync of proxy rules was queued", GAUGE,
	},
	[METRIC_PROGRAMMING] = {
		PROXY "network_programming_duration_seconds", NULL,
		"In Cluster Network Programming Latency in seconds", HISTOGRAM,
		programming_runs,
	},
	[METRIC_ENDPOINT_CHANGES] = {
		SYNC "endpoint_changes_total", NULL,
		"Cumulative proxy rules Endpoint changes", COUNTER,
	},
	[METRIC_ENDPOINT_PENDING] = {
		SYNC "endpoint_changes_pending", NULL,
		"Pending proxy rules Endpoint changes", GAUGE,
	},
	[METRIC_SERVICE_CHANGES] = {
		SYNC "service_changes_total", NULL,
		"Cumulative proxy rules Service changes", COUNTER,
	},
	[METRIC_SERVICE_PENDING] = {
		SYNC "service_changes_pending", NULL,
		"Pending proxy rules Service changes", GAUGE,
	},
	[METRIC_NO_LOCAL_INTERNAL4] = {
		SYNC "no_local_endpoints_total",
		"traffic_policy=\"internal\",ip_family=\"IPv4\"",
		"Number of services with a Local traffic policy and no endpoints",
		GAUGE,
	},
	[METRIC_NO_LOCAL_INTERNAL6] = {
		SYNC "no_local_endpoints_total",
		"traffic_policy=\"internal\",ip_family=\"IPv6\"", NULL, GAUGE,
	},
	[METRIC_NO_LOCAL_EXTERNAL4] = {
		SYNC "no_local_endpoints_total",
		"traffic_policy=\"external\",ip_family=\"IPv4\"", NULL, GAUGE,
	},
	[METRIC_NO_LOCAL_EXTERNAL6] = {
		SYNC "no_local_endpoints_total",
		"traffic_policy=\"external\",ip_family=\"IPv6\"", NULL, GAUGE,
	},
	[METRIC_HEALTHZ_GOOD] = {
		PROXY "proxy_healthz_total", "code=\"200\"",
		"Cumulative proxy healthz HTTP status", COUNTER,
	},
	[METRIC_HEALTHZ_BAD] = {
		PROXY "proxy_healthz_total", "code=\"503\"", NULL, COUNTER,
	},
	[METRIC_LIVEZ_GOOD] = {
		PROXY "proxy_livez_total", "code=\"200\"",
		"Cumulative proxy livez HTTP status", COUNTER,
	},
	[METRIC_LIVEZ_BAD] = {
		PROXY "proxy_livez_total", "code=\"503\"", NULL, COUNTER,
	},
	[METRIC_KERNEL_REFUSALS] = {
		"lbagent_kernel_refusals_total", NULL,
		"Changes that the klb module refused", COUNTER,
	},
	[METRIC_REPAIRS] = {
		"lbagent_repairs_total", NULL,
		"Things of lbagent's that somebody else had changed and that were put back",
		COUNTER,
	},
	[METRIC_WATCH_SERVICES] = {
		"lbagent_watch_failures_total", "resource=\"services\"",
		"Lists and watches of the API server that failed", COUNTER,
	},
	[METRIC_WATCH_SLICES] = {
		"lbagent_watch_failures_total", "resource=\"endpointslices\"",
		NULL, COUNTER,
	},
	[METRIC_WATCH_NODES] = {
		"lbagent_watch_failures_total", "resource=\"nodes\"", NULL,
		COUNTER,
	},
	[METRIC_OBJECTS_REFUSED] = {
		"lbagent_objects_refused_total", NULL,
		"Objects of the API server that made no sense and were left out",
		COUNTER,
	},
	[METRIC_CONFLICTS] = {
		"lbagent_conflicts", NULL,
		"Addresses and ports that a Service wants and another one has",
		GAUGE,
	},
	[METRIC_DEVICES] = {
		"lbagent_devices", NULL,
		"Network devices that klb is attached to by lbagent", GAUGE,
	},
	[METRIC_DEVICE_FAILURES] = {
		"lbagent_device_failures_total", NULL,
		"Attempts to set up a network device that failed", COUNTER,
	},
};

struct metrics {
	double values[METRICS];		/* of a histogram: the sum */
	/* By metric; of each value only the lowest bucket that it is in. */
	struct {
		uint64_t buckets[BUCKETS + 1];
	} *histograms;
};

struct metrics *metrics_new(void)
{
	struct metrics *m = calloc(1, sizeof(*m));

	if (!m)
		return NULL;
	m->histograms = calloc(METRICS, sizeof(*m->histograms));
	if (m->histograms)
		return m;
	free(m);
	return NULL;
}

void metrics_free(struct metrics *m)
{
	if (!m)
		return;
	free(m->histograms);
	free(m);
}

void metrics_add(struct metrics *m, enum metric id, double n)
{
	m->values[id] += n;
}

void metrics_set(struct metrics *m, enum metric id, double value)
{
	m->values[id] = value;
}

void metrics_set_now(struct metrics *m, enum metric id)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	metrics_set(m, id, now.tv_sec + now.tv_nsec / 1e9);
}

/* Upper bounds in order. Returns their number. */
static unsigned int bounds_of(const struct run *run, double bounds[BUCKETS])
{
	unsigned int i, n = 0;
	double bound;

	for (; run->n; run++) {
		bound = run->first;
		for (i = 0; i < run->n && n < BUCKETS; i++) {
			bounds[n++] = bound;
			bound = run->grows ? bound * run->by : bound + run->by;
		}
	}
	return n;
}

void metrics_observe(struct metrics *m, enum metric id, double seconds)
{
	unsigned int i, n;
	double bounds[BUCKETS];

	n = bounds_of(whats[id].runs, bounds);
	for (i = 0; i < n && seconds > bounds[i]; i++)
		;
	m->histograms[id].buckets[i]++;
	m->values[id] += seconds;
}

static void put_histogram(const struct metrics *m, enum metric id, FILE *f)
{
	const struct what *w = &whats[id];
	double bounds[BUCKETS];
	uint64_t sum = 0;
	unsigned int i, n;

	n = bounds_of(w->runs, bounds);
	for (i = 0; i < n; i++) {
		sum += m->histograms[id].buckets[i];
		fprintf(f, "%s_bucket{le=\"%g\"} %" PRIu64 "\n", w->name,
			bounds[i], sum);
	}
	sum += m->histograms[id].buckets[n];
	fprintf(f, "%s_bucket{le=\"+Inf\"} %" PRIu64 "\n%s_sum ", w->name, sum,
		w->name);
	series_number(f, m->values[id]);
	fprintf(f, "\n%s_count %" PRIu64 "\n", w->name, sum);
}

void metrics_put(const struct metrics *m, FILE *f)
{
	const struct what *w;
	enum metric i;

	for (i = 0; i < METRICS; i++) {
		w = &whats[i];
		if (w->help)
			series_family(f, w->name, type_names[w->type], w->help);
		if (w->type == HISTOGRAM)
			put_histogram(m, i, f);
		else
			series_put(f, w->name, w->labels, m->values[i]);
	}
}

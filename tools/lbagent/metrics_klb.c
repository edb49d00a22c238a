// SPDX-License-Identifier: GPL-2.0
#include "metrics_klb.h"

#include <string.h>

#include "series.h"

static void put(FILE *f, const char *name, const char *type, const char *help,
		uint64_t value)
{
	series_family(f, name, type, help);
	series_put_u64(f, name, NULL, value);
}

void metrics_put_net(const struct klb_net *net, FILE *f)
{
	struct series_labels labels = { 0 };

	series_label(&labels, "version", net->version);
	series_family(f, "klb_info", "gauge", "The klb module that is loaded");
	series_put_u64(f, "klb_info", labels.text, 1);
	put(f, "klb_conns", "gauge", "Connections that klb tracks",
	    net->conns);
	put(f, "klb_conns_max", "gauge", "Connections that klb may track",
	    net->conn_max);
	put(f, "klb_buckets", "gauge", "Buckets of the table of connections",
	    net->buckets);
	put(f, "klb_chain_max", "gauge",
	    "Nodes in the longest chain of that table; a connection has two", net->chain_max);
	put(f, "klb_services", "gauge", "Services that klb has",
	    net->services);
	put(f, "klb_evicted_total", "counter",
	    "Connections that made room for others", net->evicted);
	put(f, "klb_events_lost_total", "counter",
	    "Events about connections that nobody could be told",
	    net->events_lost);
}

static bool is_name(const char *s)
{
	return *s && !s[strspn(s, "abcdefghijklmnopqrstuvwxyz_0123456789")];
}

int metrics_put_counter(const struct klb_counter *counter, void *arg)
{
	char name[sizeof(counter->name) + sizeof("klb__total")];

	snprintf(name, sizeof(name), "klb_%s_total", counter->name);
	if (is_name(counter->name))
		put(arg, name, "counter", counter->doc, counter->value);
	return 0;
}

int metrics_put_klb(struct klb *k, FILE *f)
{
	struct klb_net net;
	int rc;

	rc = klb_net_get(k, &net);
	put(f, "klb_up", "gauge", "Whether the klb module answers", !rc);
	if (!rc)
		metrics_put_net(&net, f);
	klb_net_free(&net);
	if (!rc)
		rc = klb_stats_dump(k, metrics_put_counter, f);
	return rc;
}

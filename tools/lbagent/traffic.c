// SPDX-License-Identifier: GPL-2.0
/* Traffic of services and endpoints, as series with labels. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "desired.h"
#include "metrics_klb.h"
#include "series.h"

enum { CONNS, CONNS_TOTAL, PACKETS, BYTES, NAMES };

static const struct {
	const char *name, *type, *help;
} names[2][NAMES] = {
	{
		{ "klb_service_conns", "gauge",
		  "Connections of the service now" },
		{ "klb_service_conns_total", "counter",
		  "Connections that the service has had" },
		{ "klb_service_packets_total", "counter",
		  "Packets of the service; in is from clients" },
		{ "klb_service_bytes_total", "counter",
		  "Bytes of the service, network header included" },
	}, {
		{ "klb_endpoint_conns", "gauge",
		  "Connections of the service's endpoint now" },
		{ "klb_endpoint_conns_total", "counter",
		  "Connections that the service's endpoint has had" },
		{ "klb_endpoint_packets_total", "counter",
		  "Packets of the service's endpoint; in is from clients" },
		{ "klb_endpoint_bytes_total", "counter",
		  "Bytes of the service's endpoint, network header included" },
	},
};

/* Series of one name, as they come. */
struct part {
	FILE *f;
	char *text;
	size_t len;
};

struct traffic {
	size_t most;		/* of endpoints that are told */
	size_t n_endpoints;
	struct part parts[2][NAMES];
};

struct traffic *traffic_new(size_t endpoints)
{
	struct traffic *t = calloc(1, sizeof(*t));
	struct part *p;
	size_t i;

	if (!t)
		return NULL;
	t->most = endpoints;
	for (i = 0; i < 2 * NAMES; i++) {
		p = &t->parts[i / NAMES][i % NAMES];
		p->f = open_memstream(&p->text, &p->len);
		if (!p->f) {
			traffic_free(t);
			return NULL;
		}
	}
	return t;
}

void traffic_free(struct traffic *t)
{
	struct part *p;
	size_t i;

	if (!t)
		return;
	for (i = 0; i < 2 * NAMES; i++) {
		p = &t->parts[i / NAMES][i % NAMES];
		if (p->f)
			fclose(p->f);
		free(p->text);
	}
	free(t);
}

/* kube/NS/NAME:PORT, or whatever else somebody has called it. */
static void label_names(struct series_labels *labels, const char *name)
{
	const size_t mark = strlen(KUBE_MARK);
	char text[sizeof(((struct klb_service *)0)->name)];
	char *slash, *colon;

	snprintf(text, sizeof(text), "%s", name);
	slash = strncmp(text, KUBE_MARK, mark) ? NULL :
		strchr(text + mark, '/');
	if (!slash) {
		series_label(labels, "namespace", "");
		series_label(labels, "service", text);
		series_label(labels, "port", "");
		return;
	}
	*slash++ = 0;
	colon = strchr(slash, ':');
	if (colon)
		*colon++ = 0;
	series_label(labels, "namespace", text + mark);
	series_label(labels, "service", slash);
	series_label(labels, "port", colon ? colon : "");
}

static void put_both(struct part *p, const char *name,
		     const struct series_labels *labels, uint64_t in,
		     uint64_t out)
{
	struct series_labels l = *labels;

	series_label(&l, "direction", "in");
	series_put_u64(p->f, name, l.text, in);
	l = *labels;
	series_label(&l, "direction", "out");
	series_put_u64(p->f, name, l.text, out);
}

static void put_one(struct traffic *t, int kind,
		    const struct series_labels *labels, uint32_t conns,
		    uint64_t conns_total, const struct klb_traffic *is)
{
	struct part *p = t->parts[kind];

	series_put_u64(p[CONNS].f, names[kind][CONNS].name, labels->text,
		       conns);
	series_put_u64(p[CONNS_TOTAL].f, names[kind][CONNS_TOTAL].name,
		       labels->text, conns_total);
	put_both(&p[PACKETS], names[kind][PACKETS].name, labels,
		 is->packets_in, is->packets_out);
	put_both(&p[BYTES], names[kind][BYTES].name, labels, is->bytes_in,
		 is->bytes_out);
}

int traffic_add(const struct klb_service *svc, void *arg)
{
	struct series_labels labels = { 0 }, l;
	const struct klb_endpoint *ep;
	char text[KLB_ADDR_TEXT];
	struct traffic *t = arg;
	size_t i;

	label_names(&labels, svc->name);
	series_label(&labels, "protocol", klb_proto_name(svc->proto));
	series_label(&labels, "address", klb_ap_format(&svc->ap, text));
	put_one(t, 0, &labels, svc->conns, svc->conns_total, &svc->traffic);
	t->n_endpoints += svc->n_endpoints;
	for (i = 0; t->n_endpoints <= t->most && i < svc->n_endpoints; i++) {
		ep = &svc->endpoints[i];
		l = labels;
		series_label(&l, "endpoint", klb_ap_format(&ep->ap, text));
		put_one(t, 1, &l, ep->conns, ep->conns_total, &ep->traffic);
	}
	return 0;
}

static int put_part(struct traffic *t, int kind, int i, FILE *f)
{
	struct part *p = &t->parts[kind][i];
	int rc = fclose(p->f) ? -ENOMEM : 0;

	p->f = NULL;
	if (rc || !p->len)
		return rc;
	series_family(f, names[kind][i].name, names[kind][i].type,
		      names[kind][i].help);
	fwrite(p->text, 1, p->len, f);
	return 0;
}

/* All endpoints or none: some of them would be sums that are too small. */
int traffic_put(struct traffic *t, FILE *f)
{
	int kinds = t->n_endpoints <= t->most ? 2 : 1, kind, i, rc = 0;

	for (kind = 0; kind < kinds; kind++) {
		for (i = 0; i < NAMES && !rc; i++)
			rc = put_part(t, kind, i, f);
	}
	series_family(f, "klb_endpoints", "gauge",
		      "Endpoints of all services together");
	series_put_u64(f, "klb_endpoints", NULL, t->n_endpoints);
	return rc;
}

// SPDX-License-Identifier: GPL-2.0
#include "traffic.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "desired.h"
#include "series.h"

enum { SERVICE, ENDPOINT, KINDS };
enum { CONNS, CONNS_TOTAL, PACKETS, BYTES, NAMES };

static const struct name {
	const char *name, *type, *help;
} names[KINDS][NAMES] = {
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

/* What there is to tell of one. */
struct row {
	STAILQ_ENTRY(row) link;
	uint32_t conns;
	uint64_t conns_total;
	struct klb_traffic is;
	char labels[];
};

STAILQ_HEAD(rows, row);

struct traffic {
	size_t most;		/* of endpoints that are told */
	size_t n_endpoints;
	struct rows rows[KINDS];
	/* what comes next */
	int kind, name;
	const struct row *row;	/* NULL: the first */
};

struct traffic *traffic_new(size_t endpoints)
{
	struct traffic *t = calloc(1, sizeof(*t));
	int kind;

	if (!t)
		return NULL;
	t->most = endpoints;
	for (kind = 0; kind < KINDS; kind++)
		STAILQ_INIT(&t->rows[kind]);
	return t;
}

static void forget(struct rows *rows)
{
	struct row *row;

	while ((row = STAILQ_FIRST(rows))) {
		STAILQ_REMOVE_HEAD(rows, link);
		free(row);
	}
}

void traffic_free(struct traffic *t)
{
	int kind;

	if (!t)
		return;
	for (kind = 0; kind < KINDS; kind++)
		forget(&t->rows[kind]);
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

static int add(struct rows *rows, const struct series_labels *labels,
	       uint32_t conns, uint64_t conns_total,
	       const struct klb_traffic *is)
{
	struct row *row = malloc(sizeof(*row) + labels->len + 1);

	if (!row)
		return -ENOMEM;
	row->conns = conns;
	row->conns_total = conns_total;
	row->is = *is;
	memcpy(row->labels, labels->text, labels->len + 1);
	STAILQ_INSERT_TAIL(rows, row, link);
	return 0;
}

static int add_endpoint(struct traffic *t, const struct series_labels *of,
			const struct klb_endpoint *ep)
{
	struct series_labels labels = *of;
	char text[KLB_ADDR_TEXT];

	series_label(&labels, "endpoint", klb_ap_format(&ep->ap, text));
	return add(&t->rows[ENDPOINT], &labels, ep->conns, ep->conns_total,
		   &ep->traffic);
}

/* All endpoints or none: some of them would be sums that are too small. */
int traffic_add(const struct klb_service *svc, void *arg)
{
	struct series_labels labels = { 0 };
	char text[KLB_ADDR_TEXT];
	struct traffic *t = arg;
	size_t i;
	int rc;

	label_names(&labels, svc->name);
	series_label(&labels, "protocol", klb_proto_name(svc->proto));
	series_label(&labels, "address", klb_ap_format(&svc->ap, text));
	rc = add(&t->rows[SERVICE], &labels, svc->conns, svc->conns_total,
		 &svc->traffic);
	t->n_endpoints += svc->n_endpoints;
	if (t->n_endpoints > t->most) {
		forget(&t->rows[ENDPOINT]);
		return rc;
	}
	for (i = 0; !rc && i < svc->n_endpoints; i++)
		rc = add_endpoint(t, &labels, &svc->endpoints[i]);
	return rc;
}

static void put_both(const char *name, const struct row *row, uint64_t in,
		     uint64_t out, FILE *f)
{
	fprintf(f, "%s{%s,direction=\"in\"} %" PRIu64 "\n", name, row->labels,
		in);
	fprintf(f, "%s{%s,direction=\"out\"} %" PRIu64 "\n", name,
		row->labels, out);
}

static void put_row(const struct row *row, int what, const char *name, FILE *f)
{
	switch (what) {
	case CONNS:
		series_put_u64(f, name, row->labels, row->conns);
		break;
	case CONNS_TOTAL:
		series_put_u64(f, name, row->labels, row->conns_total);
		break;
	case PACKETS:
		put_both(name, row, row->is.packets_in, row->is.packets_out, f);
		break;
	case BYTES:
		put_both(name, row, row->is.bytes_in, row->is.bytes_out, f);
		break;
	}
}

/* The row that is next, and in front of the first the family. */
static void put_next(struct traffic *t, FILE *f)
{
	const struct name *n = &names[t->kind][t->name];

	if (!t->row) {
		t->row = STAILQ_FIRST(&t->rows[t->kind]);
		if (!t->row)
			return;
		series_family(f, n->name, n->type, n->help);
	}
	put_row(t->row, t->name, n->name, f);
	t->row = STAILQ_NEXT(t->row, link);
}

bool traffic_next(struct traffic *t, FILE *f)
{
	if (t->kind == KINDS)
		return false;
	put_next(t, f);
	if (t->row)
		return true;
	if (++t->name < NAMES)
		return true;
	t->name = 0;
	if (++t->kind < KINDS)
		return true;
	series_family(f, "klb_endpoints", "gauge",
		      "Endpoints of all services together");
	series_put_u64(f, "klb_endpoints", NULL, t->n_endpoints);
	return false;
}

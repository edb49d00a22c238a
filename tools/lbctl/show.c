// SPDX-License-Identifier: GPL-2.0
#include "show.h"

#include <stdlib.h>
#include <string.h>

#include "token.h"

static void show_ap(struct out *o, const struct klb_ap *ap, const char *key)
{
	char text[KLB_ADDR_TEXT];

	out_word(o, key, klb_ap_format(ap, text));
	out_str(o, OUT_JSON, "addr", klb_addr_format(&ap->addr, text));
	out_num(o, OUT_JSON, "port", ap->port);
}

void show_key(struct out *o, const struct klb_service *svc)
{
	out_word(o, "proto", klb_proto_name(svc->proto));
	out_str(o, OUT_JSON, "proto", klb_proto_name(svc->proto));
	show_ap(o, &svc->ap, "addr");
}

static void show_name(struct out *o, const char *name)
{
	char text[TOKEN_QUOTED(sizeof(((struct klb_service *)0)->name))];

	out_str(o, OUT_JSON, "name", name);
	out_str(o, OUT_TEXT, "name",
		*name ? token_quote(name, text, sizeof(text)) : "");
}

/* In text a default is not worth the room, but keeps its column's place. */
static void show_tunable(struct out *o, const char *key, const char *json_key,
			 uint32_t value)
{
	out_num(o, OUT_JSON, json_key, value);
	if (value)
		out_num(o, OUT_TEXT, key, value);
	else
		out_str(o, OUT_TEXT, key, "");
}

/* In text the first word is the default. */
static void show_word(struct out *o, const char *key, const char *const *names,
		      uint8_t value)
{
	out_str(o, OUT_JSON, key, klb_name(names, value));
	out_str(o, OUT_TEXT, key, value ? klb_name(names, value) : "");
}

static void show_name_of(struct out *o, const char *key, const char *name)
{
	char text[TOKEN_QUOTED(KLB_POOL_NAME_MAX + 1)];

	if (*name)
		out_str(o, OUT_JSON, key, name);
	else
		out_null(o, key);
	out_str(o, OUT_TEXT, key,
		*name ? token_quote(name, text, sizeof(text)) : "");
}

/* A list of words, in text with commas as it is configured. */
struct list {
	struct out *o;
	FILE *f;
	char *text;
	size_t size;
	const char *key;
};

static void list_begin(struct list *l, struct out *o, const char *key)
{
	l->o = o;
	l->key = key;
	l->text = NULL;
	l->f = o->json ? NULL : open_memstream(&l->text, &l->size);
	if (o->json)
		json_open(&o->js, key, '[');
}

static void list_word(struct list *l, const char *word)
{
	if (l->o->json)
		json_string(&l->o->js, NULL, word);
	else if (l->f)
		fprintf(l->f, "%s%s", ftell(l->f) ? "," : "", word);
}

static void list_end(struct list *l)
{
	if (l->o->json) {
		json_close(&l->o->js);
		return;
	}
	if (l->f && !fclose(l->f))
		out_str(l->o, OUT_TEXT, l->key, l->text);
	free(l->text);
}

void show_prefixes(struct out *o, const char *key,
		   const struct klb_prefixes *list)
{
	char text[KLB_PREFIX_TEXT];
	struct list l;
	size_t i;

	list_begin(&l, o, key);
	for (i = 0; i < list->n; i++)
		list_word(&l, klb_prefix_format(&list->v[i], text));
	list_end(&l);
}

/* More than these would fill the screen of a person. */
#define SOURCES_SHOWN	4

/* An event has their number alone. */
static void show_sources(struct out *o, const struct klb_service *svc)
{
	size_t n = svc->sources.n ? svc->sources.n : svc->sources_told;
	char text[32];

	if (o->json && svc->sources_told && !svc->sources.n) {
		out_num(o, OUT_JSON, "sources", n);
	} else if (o->json || (n == svc->sources.n && n <= SOURCES_SHOWN)) {
		show_prefixes(o, "source", &svc->sources);
	} else {
		snprintf(text, sizeof(text), "%zu prefixes", n);
		out_str(o, OUT_TEXT, "source", text);
	}
}

static void show_secondary(struct out *o, const struct klb_service *svc)
{
	char text[KLB_ADDR_TEXT];
	struct list l;
	size_t i;

	list_begin(&l, o, "secondary");
	for (i = 0; i < svc->n_secondary; i++)
		list_word(&l, klb_addr_format(&svc->secondary[i], text));
	list_end(&l);
}

void show_config(struct out *o, const struct klb_service *svc)
{
	show_key(o, svc);
	show_name(o, svc->name);
	out_str(o, OUT_BOTH, "scheduler",
		klb_name(klb_scheduler_names, svc->scheduler));
	out_str(o, OUT_BOTH, "forward",
		klb_name(klb_forward_names, svc->forward));
	show_word(o, "masquerade", klb_masquerade_names, svc->masquerade);
	show_word(o, "empty", klb_empty_names, svc->empty);
	show_tunable(o, "affinity", "affinity", svc->affinity);
	show_name_of(o, "share", svc->share);
	show_sources(o, svc);
	show_name_of(o, "snat", svc->pool);
	show_secondary(o, svc);
	show_tunable(o, "timeout", "timeout", svc->timeout);
	show_tunable(o, "maglev-size", "maglev_size", svc->maglev_size);
	show_tunable(o, "seed", "seed", svc->seed);
}

static void show_traffic(struct out *o, const struct klb_traffic *t)
{
	out_count(o, OUT_BOTH, "packets", t->packets_in + t->packets_out);
	out_bytes(o, OUT_BOTH, "bytes", t->bytes_in + t->bytes_out);
	out_num(o, OUT_JSON, "packets_in", t->packets_in);
	out_num(o, OUT_JSON, "bytes_in", t->bytes_in);
	out_num(o, OUT_JSON, "packets_out", t->packets_out);
	out_num(o, OUT_JSON, "bytes_out", t->bytes_out);
}

void show_endpoint_config(struct out *o, const struct klb_endpoint *ep)
{
	show_ap(o, &ep->ap, "endpoint");
	out_num(o, OUT_BOTH, "weight", ep->weight);
	out_str(o, OUT_BOTH, "state",
		klb_name(klb_endpoint_state_names, ep->state));
	show_word(o, "scope", klb_scope_names, ep->scope);
}

void show_endpoint(struct out *o, const struct klb_endpoint *ep)
{
	show_endpoint_config(o, ep);
	out_num(o, OUT_BOTH, "conns", ep->conns);
	out_num(o, OUT_JSON, "conns_total", ep->conns_total);
	show_traffic(o, &ep->traffic);
}

void show_service(struct out *o, const struct klb_service *svc)
{
	size_t i;

	show_config(o, svc);
	out_num(o, OUT_JSON, "maglev_slots", svc->maglev_slots);
	out_num(o, OUT_BOTH, "conns", svc->conns);
	out_num(o, OUT_JSON, "conns_total", svc->conns_total);
	show_traffic(o, &svc->traffic);
	out_list(o, "endpoints");
	for (i = 0; i < svc->n_endpoints; i++) {
		out_row(o);
		show_endpoint(o, &svc->endpoints[i]);
		out_row_end(o);
	}
	out_list_end(o);
}

static void show_peer(struct out *o, const char *key, const struct klb_ap *ap)
{
	char text[KLB_ADDR_TEXT];

	if (ap->addr.len)
		out_str(o, OUT_BOTH, key, klb_ap_format(ap, text));
	else
		out_null(o, key);
}

static void show_conn_key(struct out *o, const struct klb_conn *conn)
{
	out_word(o, "proto", klb_proto_name(conn->proto));
	out_str(o, OUT_JSON, "proto", klb_proto_name(conn->proto));
	show_peer(o, "client", &conn->client);
	show_peer(o, "vip", &conn->vip);
	show_peer(o, "endpoint", &conn->endpoint);
	show_peer(o, "snat", &conn->snat);
	out_str(o, OUT_BOTH, "state",
		klb_name(klb_conn_state_names, conn->state));
}

static void show_conn_traffic(struct out *o, const struct klb_traffic *t)
{
	out_num(o, OUT_JSON, "packets_in", t->packets_in);
	out_num(o, OUT_JSON, "bytes_in", t->bytes_in);
	out_num(o, OUT_JSON, "packets_out", t->packets_out);
	out_num(o, OUT_JSON, "bytes_out", t->bytes_out);
	out_count(o, OUT_TEXT, "packets", t->packets_in + t->packets_out);
	out_bytes(o, OUT_TEXT, "bytes", t->bytes_in + t->bytes_out);
}

void show_conn(struct out *o, const struct klb_conn *conn)
{
	show_conn_key(o, conn);
	out_num(o, OUT_BOTH, "expires", conn->expires / 1000);
	show_conn_traffic(o, &conn->traffic);
}

void show_conn_event(struct out *o, const struct klb_event *event)
{
	bool end = event->type == KLB_EVENT_CONN_END;

	show_conn_key(o, &event->conn);
	if (end) {
		out_str(o, OUT_BOTH, "reason",
			klb_name(klb_conn_end_names, event->end));
		show_conn_traffic(o, &event->conn.traffic);
	} else {
		out_num(o, OUT_BOTH, "expires", event->conn.expires / 1000);
	}
	out_num(o, OUT_JSON, "lost", event->lost);
}

void show_net(struct out *o, const struct klb_net *net)
{
	out_num(o, OUT_TEXT, "conn-max", net->conn_max);
	out_num(o, OUT_JSON, "conn_max", net->conn_max);
	out_bool(o, OUT_TEXT, "veth-peer", net->veth_peer);
	out_bool(o, OUT_JSON, "veth_peer", net->veth_peer);
	show_prefixes(o, "pods", &net->pods);
	show_prefixes(o, "nodeports", &net->nodeports);
	show_prefixes(o, "guard", &net->guard);
	out_bool(o, OUT_BOTH, "echo", net->echo);
	out_num(o, OUT_TEXT, "gue-port", net->gue_port);
	out_num(o, OUT_JSON, "gue_port", net->gue_port);
	out_num(o, OUT_BOTH, "conns", net->conns);
	out_num(o, OUT_BOTH, "buckets", net->buckets);
	out_num(o, OUT_JSON, "chain_max", net->chain_max);
	out_num(o, OUT_TEXT, "chain-max", net->chain_max);
	out_num(o, OUT_BOTH, "services", net->services);
	out_num(o, OUT_JSON, "events_lost", net->events_lost);
	if (net->events_lost)
		out_num(o, OUT_TEXT, "events-lost", net->events_lost);
	if (net->evicted)
		out_num(o, OUT_TEXT, "evicted", net->evicted);
	out_num(o, OUT_JSON, "evicted", net->evicted);
	out_str(o, OUT_BOTH, "version", net->version);
}

void show_pool(struct out *o, const struct klb_pool *pool)
{
	char first[KLB_ADDR_TEXT], last[KLB_ADDR_TEXT];
	char text[2 * KLB_ADDR_TEXT + 16];

	klb_addr_format(&pool->first, first);
	klb_addr_format(&pool->last, last);
	out_word(o, "pool", pool->name);
	out_str(o, OUT_JSON, "name", pool->name);
	out_str(o, OUT_JSON, "first", first);
	out_str(o, OUT_JSON, "last", last);
	out_num(o, OUT_JSON, "port_low", pool->port_low);
	out_num(o, OUT_JSON, "port_high", pool->port_high);
	snprintf(text, sizeof(text), "%s-%s", first, last);
	out_word(o, "addrs", klb_addr_cmp(&pool->first, &pool->last) ? text :
								      first);
	snprintf(text, sizeof(text), "%u-%u", pool->port_low, pool->port_high);
	out_str(o, OUT_TEXT, "ports", text);
}

static void show_hook(struct out *o, const struct klb_dev *dev,
		      uint32_t hook, const char *name)
{
	if (!(dev->hooks & hook))
		return;
	out_word(o, name, name);
	if (o->json)
		json_string(&o->js, NULL, name);
}

void show_dev(struct out *o, const struct klb_dev *dev)
{
	out_word(o, "dev", dev->name);
	out_str(o, OUT_JSON, "dev", dev->name);
	out_num(o, OUT_BOTH, "ifindex", dev->ifindex);
	out_list(o, "hooks");
	show_hook(o, dev, KLB_DEV_HOOK_INGRESS, "ingress");
	show_hook(o, dev, KLB_DEV_HOOK_EGRESS, "egress");
	out_list_end(o);
}

// SPDX-License-Identifier: GPL-2.0
#include "report.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "health.h"
#include "node_health.h"
#include "ownaddr.h"
#include "scrape.h"

#define LISTEN_MAX	64

struct addrs {
	struct klb_addr v[LISTEN_MAX];
	size_t n;
};

struct report {
	const struct conf *conf;
	const struct report_ops *ops;
	void *arg;
	struct scrape_conf scrape_conf;
	struct node_health *node_health;
	struct scrape *scrape;
	struct health *health;
	struct addrs addrs;	/* where it listens */
};

static void on_failed(const char *why, void *arg)
{
	struct report *r = arg;

	r->ops->failed(why, r->arg);
}

static void on_unchecked(const char *ns, const char *name, const char *why,
			 void *arg)
{
	struct report *r = arg;

	r->ops->unchecked(ns, name, why, r->arg);
}

static bool is_healthy(void *arg)
{
	const struct report *r = arg;

	return node_health_is_good(r->node_health);
}

static int start(struct report *r, sd_event *event, struct metrics *metrics)
{
	static const struct health_ops health_ops = {
		.proxy_healthy = is_healthy, .failed = on_unchecked,
	};
	const struct conf *c = r->conf;

	r->node_health = node_health_new(event, metrics, NODE_HEALTH_TIMEOUT_US,
					 on_failed, r);
	r->scrape = scrape_new(event, metrics, &r->scrape_conf, on_failed, r);
	r->health = health_new(event, &health_ops, r);
	if (!r->node_health || !r->scrape || !r->health)
		return -ENOMEM;
	if (c->healthz.port && node_health_listen(r->node_health, &c->healthz, 1))
		return -ENOMEM;
	if (c->metrics.port && scrape_listen(r->scrape, &c->metrics, 1))
		return -ENOMEM;
	return report_node(r, NULL);
}

struct report *report_new(sd_event *event, const struct conf *conf,
			  struct metrics *metrics,
			  const struct report_ops *ops, void *arg)
{
	struct report *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	*r = (struct report){
		.conf = conf, .ops = ops, .arg = arg,
		.scrape_conf.endpoints = SCRAPE_ENDPOINTS,
	};
	if (!start(r, event, metrics))
		return r;
	report_free(r);
	return NULL;
}

void report_free(struct report *r)
{
	if (!r)
		return;
	if (r->health)
		health_free(r->health);
	if (r->scrape)
		scrape_free(r->scrape);
	if (r->node_health)
		node_health_free(r->node_health);
	free(r);
}

void report_queued(struct report *r)
{
	node_health_queued(r->node_health);
}

void report_done(struct report *r)
{
	node_health_done(r->node_health);
}

/* ---- 1.7: health checks are answered where NodePorts are */

static void add(struct addrs *list, const struct klb_addr *a)
{
	if (a->len && list->n < LISTEN_MAX)
		list->v[list->n++] = *a;
}

struct among {
	const struct klb_prefixes *prefixes;
	struct addrs *list;
};

static int add_own(const struct ownaddr *own, void *arg)
{
	const struct among *among = arg;

	if (kube_prefixes_have(among->prefixes, &own->addr))
		add(among->list, &own->addr);
	return 0;
}

/* 1.5: a family that no prefix is given of has all its addresses. */
static void add_all(const struct klb_prefixes *among, uint8_t len,
		    struct addrs *list)
{
	const struct klb_addr all = { .len = len };
	size_t i;

	for (i = 0; i < among->n; i++) {
		if (among->v[i].addr.len == len)
			return;
	}
	add(list, &all);
}

static void find_addrs(const struct report *r, const struct kube_node *node,
		       struct addrs *list)
{
	const struct kube_settings *s = &r->conf->settings;
	struct among among = { .prefixes = &s->nodeports, .list = list };

	memset(list, 0, sizeof(*list));
	if (s->nodeports_primary && node) {
		add(list, &node->addr4);
		add(list, &node->addr6);
	} else if (!s->nodeports_primary) {
		add_all(&s->nodeports, 4, list);
		add_all(&s->nodeports, 16, list);
		/* what cannot be told is found at the next look */
		if (s->nodeports.n)
			(void)ownaddr_walk(add_own, &among);
	}
}

static int listen_for_checks(struct report *r, const struct kube_node *node)
{
	struct addrs list;
	int rc;

	find_addrs(r, node, &list);
	if (!memcmp(&list, &r->addrs, sizeof(list)))
		return 0;
	rc = health_listen(r->health, list.v, list.n);
	if (!rc)
		r->addrs = list;
	return rc;
}

int report_node(struct report *r, const struct kube_node *node)
{
	node_health_leaving(r->node_health, node && node->leaving);
	return listen_for_checks(r, node);
}

int report_service(struct report *r, const struct kube_entry *e)
{
	const struct kube_slice *const *slices =
		(const struct kube_slice *const *)e->slices;
	struct kube_health health;
	int rc = 0;

	if (e->svc)
		rc = kube_health_of(e->svc, slices, e->n_slices,
				    &r->conf->settings, &health);
	if (rc < 0)
		return rc;
	if (rc)
		return health_put(r->health, e->ns, e->name, &health);
	health_drop(r->health, e->ns, e->name);
	return 0;
}

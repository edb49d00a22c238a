// SPDX-License-Identifier: GPL-2.0
/*
 * What the module shall have for a Service. The numbers are those of the
 * project's facts about Kubernetes, section 1; 1.2 and 1.3 are in select.c.
 * What klb cannot say as kube-proxy does is in Documentation/decisions.md,
 * "lbagent".
 */
#include "desired.h"

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "select.h"

/* One port of a Service in one family. */
struct work {
	const struct kube_service *svc;
	const struct kube_port *port;
	const struct kube_node *node;
	const struct kube_settings *settings;
	struct klb_addr cluster;
	struct kube_picks picks;
	struct kube_claims *claims;
};

/* 1.1: another proxy's, headless or without an address yet, ExternalName. */
bool kube_is_ours(const struct kube_service *svc,
		  const struct kube_settings *settings)
{
	const char *want = settings->proxy_name, *name = svc->proxy_name;

	if (want ? !name || strcmp(want, name) : !!name)
		return false;
	return svc->n_cluster && !svc->external_name;
}

/* What does not fit ends in a hash of all of it. */
static void fit(char *to, size_t size, const char *text)
{
	uint64_t hash = 0xcbf29ce484222325;	/* FNV-1a */
	const char *c;

	if (strlen(text) < size) {
		memcpy(to, text, strlen(text) + 1);
		return;
	}
	for (c = text; *c; c++)
		hash = (hash ^ (uint8_t)*c) * 0x100000001b3;
	snprintf(to, size, "%.*s+%016llx", (int)size - 18, text,
		 (unsigned long long)hash);
}

/* NS/NAME:PORT is a ServicePort; the colon goes if the port has no name. */
static void put_names(const struct work *w, struct klb_service *out)
{
	char text[sizeof(KUBE_MARK) + 3 * (KUBE_LABEL_MAX + 1)];
	const size_t mark = strlen(KUBE_MARK);

	snprintf(text, sizeof(text), KUBE_MARK "%s/%s%s%s", w->svc->ns,
		 w->svc->name, *w->port->name ? ":" : "", w->port->name);
	fit(out->name, sizeof(out->name), text);
	/* 1.6: all frontends of a ServicePort share the memory */
	out->affinity = w->svc->affinity;
	if (out->affinity)
		fit(out->share, sizeof(out->share), text + mark);
}

static bool detects_local(const struct work *w)
{
	return w->settings->pods_of_node ? w->node && w->node->pods.n :
					   w->settings->pods.n;
}

/*
 * 1.4: ClusterIP: who is not a local pod, if they can be told. External with
 * Cluster: everybody, as the endpoint may be on another node, and so may a
 * client that is a pod. External with Local: 1.4 (b), this host's processes,
 * which may get any endpoint of the cluster. Hairpin is the module's business.
 */
static uint8_t masquerade(const struct work *w, bool external)
{
	if (external)
		return w->svc->external_local ? KLB_MASQUERADE_HOST :
						KLB_MASQUERADE_ALWAYS;
	if (w->settings->masquerade_all)
		return KLB_MASQUERADE_ALWAYS;
	return detects_local(w) ? KLB_MASQUERADE_OUTSIDE : KLB_MASQUERADE_NEVER;
}

/*
 * 1.4: who may get the endpoint; -1 is nobody. External with Local: local pods
 * (a) and this host (b) have the cluster list, all others (c) the local one.
 */
static int scope_of(const struct work *w, const struct kube_pick *p,
		    bool external)
{
	if (!external)
		return (w->svc->internal_local ? p->local : p->cluster) ?
		       KLB_SCOPE_ALL : -1;
	if (!w->svc->external_local)
		return p->cluster ? KLB_SCOPE_ALL : -1;
	if (p->cluster)
		return p->local ? KLB_SCOPE_ALL : KLB_SCOPE_INSIDE;
	return p->local ? KLB_SCOPE_OUTSIDE : -1;
}

/*
 * 1.4: no endpoint anywhere is REJECT; a policy Local without an endpoint here
 * is DROP, so that a balancer in front does not take the node for dead.
 */
static uint8_t empty(const struct work *w, bool external)
{
	bool local = external ? w->svc->external_local : w->svc->internal_local;

	return w->picks.any && local && !w->picks.n_local ? KLB_EMPTY_DROP :
							    KLB_EMPTY_REJECT;
}

/*
 * 1.8: flows of UDP stay with an endpoint as long as it serves, chosen or not:
 * removed they would move. Those of TCP outlive their endpoint anyway.
 */
static bool is_kept(const struct work *w, const struct kube_pick *p)
{
	return w->port->proto == IPPROTO_UDP && p->flags & KUBE_EP_SERVING;
}

static int put_endpoints(const struct work *w, bool external,
			 struct klb_service *out)
{
	struct klb_endpoint ep;
	size_t i;
	int scope, rc = 0;

	for (i = 0; i < w->picks.n && !rc; i++) {
		scope = scope_of(w, &w->picks.v[i], external);
		if (scope < 0 && !is_kept(w, &w->picks.v[i]))
			continue;
		klb_endpoint_init(&ep);
		ep.ap = w->picks.v[i].ap;
		if (scope < 0)
			ep.state = KLB_ENDPOINT_STATE_DRAIN;
		else
			ep.scope = scope;
		ep.has = KLB_ENDPOINT_HAS_WEIGHT | KLB_ENDPOINT_HAS_STATE |
			 KLB_ENDPOINT_HAS_SCOPE;
		rc = klb_service_add_endpoint(out, &ep);
	}
	return rc;
}

static const struct klb_addr *address_of_node(const struct work *w)
{
	if (!w->node)
		return NULL;
	return w->cluster.len == 4 ? &w->node->addr4 : &w->node->addr6;
}

static int put_source(struct klb_service *out, const struct klb_addr *addr)
{
	struct klb_prefix p = { .addr = *addr, .len = addr->len * 8 };

	return addr->len ? klb_prefixes_add(&out->sources, &p) : 0;
}

/*
 * 1.5: who lets in the node lets in its processes. Their address may be the
 * VIP, if this host has it, or the one by which klb0 has them reach services.
 */
static int put_host(const struct work *w, struct klb_service *out)
{
	const struct klb_addr *own = address_of_node(w);
	size_t i;
	int rc;

	for (i = 0; own && own->len && i < out->sources.n; i++) {
		if (!kube_prefix_has(&out->sources.v[i], own))
			continue;
		rc = put_source(out, &out->ap.addr);
		return rc ? rc : put_source(out, out->ap.addr.len == 4 ?
					    &w->settings->source4 :
					    &w->settings->source6);
	}
	return 0;
}

/* 1.5: of the family; a Service without one of this family lets in all. */
static int put_sources(const struct work *w, struct klb_service *out)
{
	const struct klb_prefixes *ranges = &w->svc->ranges;
	size_t i;
	int rc = 0;

	for (i = 0; i < ranges->n && !rc; i++) {
		if (ranges->v[i].addr.len == out->ap.addr.len)
			rc = klb_prefixes_add(&out->sources, &ranges->v[i]);
	}
	if (!rc)
		rc = put_host(w, out);
	klb_prefixes_uniq(&out->sources);
	return rc;
}

struct frontend {
	struct klb_ap ap;
	enum kube_rank rank;
	bool external;
};

static int put_frontend(const struct work *w, const struct frontend *f)
{
	struct kube_claim claim = {
		.rank = f->rank, .created = w->svc->created,
		.svc = {
			.proto = w->port->proto, .ap = f->ap,
			.scheduler = KLB_SCHEDULER_MAGLEV,
			.forward = KLB_FORWARD_NAT,
			.masquerade = masquerade(w, f->external),
			.empty = empty(w, f->external),
		},
	};
	int rc;

	put_names(w, &claim.svc);
	rc = put_endpoints(w, f->external, &claim.svc);
	/* 1.5: only LB VIPs have source ranges */
	if (!rc && f->rank == KUBE_RANK_BALANCER)
		rc = put_sources(w, &claim.svc);
	if (!rc)
		rc = kube_claims_add(w->claims, &claim);
	if (rc)
		klb_service_free(&claim.svc);
	return rc;
}

static int put_all(const struct work *w, const struct kube_addrs *addrs,
		   enum kube_rank rank)
{
	struct frontend f = {
		.ap.port = w->port->port, .rank = rank, .external = true,
	};
	size_t i;
	int rc = 0;

	for (i = 0; i < addrs->n && !rc; i++) {
		f.ap.addr = addrs->v[i];
		if (f.ap.addr.len == w->cluster.len)
			rc = put_frontend(w, &f);
	}
	return rc;
}

/* 1.5: any address of this host; "net set nodeports" says which ones. */
static int put_node_port(const struct work *w)
{
	struct frontend f = {
		.ap = { .addr.len = w->cluster.len, .port = w->port->node_port },
		.rank = KUBE_RANK_CLUSTER, .external = true,
	};

	return f.ap.port ? put_frontend(w, &f) : 0;
}

static int put_cluster(const struct work *w)
{
	struct frontend f = {
		.ap = { .addr = w->cluster, .port = w->port->port },
		.rank = KUBE_RANK_CLUSTER,
	};

	return put_frontend(w, &f);
}

static int put_frontends(const struct work *w)
{
	int rc = put_cluster(w);

	if (!rc)
		rc = put_node_port(w);
	if (!rc)
		rc = put_all(w, &w->svc->balancer, KUBE_RANK_BALANCER);
	if (!rc && w->settings->external_ips)
		rc = put_all(w, &w->svc->external, KUBE_RANK_EXTERNAL);
	return rc;
}

static bool has_family(const struct kube_addrs *addrs, uint8_t len)
{
	size_t i;

	for (i = 0; i < addrs->n; i++) {
		if (addrs->v[i].len == len)
			return true;
	}
	return false;
}

/* 1.3: ExternallyAccessible, UsesClusterEndpoints, UsesLocalEndpoints */
static struct kube_uses uses_of(const struct work *w)
{
	const struct kube_service *svc = w->svc;
	bool external = w->port->node_port ||
			has_family(&svc->balancer, w->cluster.len) ||
			(w->settings->external_ips &&
			 has_family(&svc->external, w->cluster.len));

	return (struct kube_uses) {
		.cluster = !svc->internal_local || external,
		.local = svc->internal_local ||
			 (svc->external_local && external),
	};
}

int kube_desired(const struct kube_service *svc,
		 const struct kube_slice *const *slices, size_t n_slices,
		 const struct kube_node *node,
		 const struct kube_settings *settings,
		 struct kube_claims *claims)
{
	struct work w = {
		.svc = svc, .node = node, .settings = settings,
		.claims = claims,
	};
	struct kube_uses uses;
	size_t i, k;
	int rc = 0;

	if (!kube_is_ours(svc, settings))
		return 0;
	/* 1.5: each family is as a proxy of its own */
	for (i = 0; i < svc->n_cluster; i++) {
		for (k = 0; k < svc->n_ports && !rc; k++) {
			w.cluster = svc->cluster[i];
			w.port = &svc->ports[k];
			rc = kube_picks_merge(&w.picks, w.port, w.cluster.len,
					      node ? node->zone : "", slices,
					      n_slices);
			if (rc)
				break;
			uses = uses_of(&w);
			kube_picks_categorize(&w.picks, &uses);
			rc = put_frontends(&w);
			kube_picks_free(&w.picks);
		}
	}
	return rc;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * Which endpoints there are, and who may get which: sections 1.2 and 1.3 of
 * the project's facts about Kubernetes, rule by rule.
 */
#include "select.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void kube_picks_free(struct kube_picks *picks)
{
	free(picks->v);
	memset(picks, 0, sizeof(*picks));
}

static bool make_room(struct kube_picks *picks, size_t more)
{
	size_t room = 2 * picks->room + more;
	struct kube_pick *v;

	if (!more || picks->n + more <= picks->room)
		return true;
	v = realloc(picks->v, room * sizeof(*v));
	if (!v)
		return false;
	picks->v = v;
	picks->room = room;
	return true;
}

/* 0 if the slice does not know the zone. */
static uint64_t zone_bit(const struct kube_slice *slice, const char *zone)
{
	size_t i;

	for (i = 0; *zone && i < slice->n_zones; i++) {
		if (!strcmp(slice->zones[i], zone))
			return 1ull << i;
	}
	return 0;
}

static bool add_slice(struct kube_picks *picks, const struct kube_slice *slice,
		      uint16_t port, const char *zone)
{
	uint64_t bit = zone_bit(slice, zone);
	const struct kube_endpoint *ep;
	struct kube_pick *pick;
	size_t i;

	if (!make_room(picks, slice->n_endpoints))
		return false;
	for (i = 0; i < slice->n_endpoints; i++) {
		ep = &slice->endpoints[i];
		pick = &picks->v[picks->n++];
		memset(pick, 0, sizeof(*pick));
		pick->ap.addr.len = slice->addr_len;
		memcpy(pick->ap.addr.b, ep->addr, slice->addr_len);
		pick->ap.port = port;
		pick->flags = ep->flags;
		pick->zone_hints = ep->zones;
		pick->for_zone = ep->zones & bit;
	}
	return true;
}

/* Those of this node first: the first of a kind stays. */
static int pick_cmp(const void *a, const void *b)
{
	const struct kube_pick *x = a, *y = b;
	int rc = klb_ap_cmp(&x->ap, &y->ap);

	return rc ? rc : (y->flags & KUBE_EP_LOCAL) -
			 (x->flags & KUBE_EP_LOCAL);
}

/* 1.2: the same in two slices is one, that of this node if they differ. */
static void unite(struct kube_picks *picks)
{
	struct kube_pick *v = picks->v;
	size_t i, n = 0;

	/* glibc's is a merge sort: what is equal stays in the slices' order */
	if (picks->n)
		qsort(v, picks->n, sizeof(*v), pick_cmp);
	for (i = 0; i < picks->n; i++) {
		if (!n || klb_ap_cmp(&v[n - 1].ap, &v[i].ap))
			v[n++] = v[i];
	}
	picks->n = n;
}

/* 1.2: the number is the slice's, the name must be the service's. */
int kube_picks_merge(struct kube_picks *picks, const struct kube_port *port,
		     uint8_t addr_len, const char *zone,
		     const struct kube_slice *const *slices, size_t n_slices)
{
	const struct kube_port *p;
	size_t i, k;

	memset(picks, 0, sizeof(*picks));
	for (i = 0; i < n_slices; i++) {
		for (k = 0; k < slices[i]->n_ports; k++) {
			p = &slices[i]->ports[k];
			if (slices[i]->addr_len != addr_len ||
			    p->proto != port->proto ||
			    strcmp(p->name, port->name))
				continue;
			if (!add_slice(picks, slices[i], p->port, zone)) {
				kube_picks_free(picks);
				return -ENOMEM;
			}
		}
	}
	unite(picks);
	return 0;
}

enum topology { TOPOLOGY_NONE, TOPOLOGY_NODE, TOPOLOGY_ZONE };

/*
 * 1.3: all or nothing. Every ready endpoint has a hint of the kind, and one of
 * them is for us; hints for nodes go before hints for zones.
 */
static enum topology topology_of(const struct kube_picks *picks)
{
	bool all_node = true, all_zone = true;
	bool for_node = false, for_zone = false;
	const struct kube_pick *p;
	size_t i;

	for (i = 0; i < picks->n; i++) {
		p = &picks->v[i];
		if (!(p->flags & KUBE_EP_READY))
			continue;
		all_node &= !!(p->flags & KUBE_EP_NODE_HINTS);
		for_node |= !!(p->flags & KUBE_EP_FOR_NODE);
		all_zone &= p->zone_hints;
		for_zone |= p->for_zone;
	}
	if (all_node && for_node)
		return TOPOLOGY_NODE;
	return all_zone && for_zone ? TOPOLOGY_ZONE : TOPOLOGY_NONE;
}

static bool passes(const struct kube_pick *p, enum topology topology)
{
	switch (topology) {
	case TOPOLOGY_NODE:
		return p->flags & KUBE_EP_FOR_NODE;
	case TOPOLOGY_ZONE:
		return p->for_zone;
	default:
		return true;
	}
}

static bool is_last_resort(const struct kube_pick *p)
{
	const uint8_t both = KUBE_EP_SERVING | KUBE_EP_TERMINATING;

	return (p->flags & both) == both;
}

/*
 * 1.3: cluster list: ready ones that pass the topology's filter; if there are
 * none, all that serve and terminate.
 */
static void list_cluster(struct kube_picks *picks)
{
	enum topology topology = topology_of(picks);
	struct kube_pick *p;
	size_t i, n = 0;

	for (i = 0; i < picks->n; i++) {
		p = &picks->v[i];
		p->cluster = p->flags & KUBE_EP_READY && passes(p, topology);
		n += p->cluster;
	}
	for (i = 0; i < picks->n && !n; i++)
		picks->v[i].cluster = is_last_resort(&picks->v[i]);
}

/* 1.3: local list: the same of this node, never by hints. */
static void list_local(struct kube_picks *picks)
{
	struct kube_pick *p;
	size_t i, n = 0;

	for (i = 0; i < picks->n; i++) {
		p = &picks->v[i];
		p->local = p->flags & KUBE_EP_READY && p->flags & KUBE_EP_LOCAL;
		n += p->local;
	}
	picks->n_local = n;
	for (i = 0; i < picks->n && !n; i++) {
		p = &picks->v[i];
		p->local = p->flags & KUBE_EP_LOCAL && is_last_resort(p);
		picks->n_local += p->local;
	}
}

void kube_picks_categorize(struct kube_picks *picks,
			   const struct kube_uses *uses)
{
	const struct kube_pick *p;
	size_t i;

	/* 1.3: hasAnyEndpoints */
	for (i = 0; i < picks->n && !picks->any; i++) {
		p = &picks->v[i];
		picks->any = p->flags & KUBE_EP_READY || is_last_resort(p);
	}
	if (uses->cluster)
		list_cluster(picks);
	if (uses->local)
		list_local(picks);
}

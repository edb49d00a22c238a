// SPDX-License-Identifier: GPL-2.0
#include "unclaimed.h"

#include <errno.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>

#include "grow.h"
#include "neigh.h"
#include "object.h"
#include "ownaddr.h"
#include "route.h"
#include "rtnews.h"

/*
 * Who takes an address over says so; for those who do not it is asked for
 * again. Those that somebody has are not: as soon as a packet finds nobody there
 * the kernel tells.
 */
#define ASK_AGAIN_US	60000000
/* The kernel knows 1,024 neighbours of a family by default, and has other uses. */
#define ASKED_MAX	512

/* An address of a balancer. */
struct spot {
	struct klb_prefix at;
	int ifindex;	/* of its network; 0: this host has none that it is in */
	bool unclaimed;
};

struct net {
	struct klb_addr own;
	struct klb_prefix in;
	int ifindex;
};

struct unclaimed {
	struct klb *k;
	const char *device;
	unclaimed_cb cb;
	void *arg;
	struct rtnews *news;
	sd_event_source *timer;
	struct spot *v;		/* sorted by address */
	size_t n;
	bool remembers;		/* the routes from before it was started */
};

static int cmp(const void *va, const void *vb)
{
	const struct spot *a = va, *b = vb;

	return klb_addr_cmp(&a->at.addr, &b->at.addr);
}

static struct spot *find(const struct unclaimed *u,
			 const struct klb_addr *addr)
{
	const struct spot key = { .at.addr = *addr };

	return u->n ? bsearch(&key, u->v, u->n, sizeof(key), cmp) : NULL;
}

/* What cannot be asked is as it was. */
static void ask(struct unclaimed *u, const struct spot *s)
{
	(void)neigh_ask(u->k, s->ifindex, &s->at.addr);
}

/* ---- networks */

struct nets {
	const char *without;
	struct net *v;
	size_t n, room;
};

/* With all of its bits an address is a network of this host alone. */
static int add_net(const struct ownaddr *own, void *arg)
{
	struct net net = { .own = own->addr, .in = { own->addr, own->len } };
	struct nets *nets = arg;
	struct net *v;

	if (nets->without && !strcmp(own->device, nets->without))
		return 0;
	v = klb_grow(nets->v, nets->n, &nets->room, sizeof(*v));
	if (!v)
		return -ENOMEM;
	nets->v = v;
	kube_prefix_cut(&net.in);
	net.ifindex = if_nametoindex(own->device);
	v[nets->n++] = net;
	return 0;
}

/* Its own addresses this host reaches by itself. */
static int net_of(const struct nets *nets, const struct klb_addr *addr)
{
	const struct net *best = NULL;
	size_t i;

	for (i = 0; i < nets->n; i++) {
		const struct net *net = &nets->v[i];

		if (!klb_addr_cmp(&net->own, addr))
			return 0;
		if (kube_prefix_has(&net->in, addr) &&
		    (!best || best->in.len < net->in.len))
			best = net;
	}
	return best ? best->ifindex : 0;
}

static bool place(struct unclaimed *u, const struct nets *nets)
{
	bool changed = false;
	size_t i, asked = 0;

	for (i = 0; i < u->n; i++) {
		struct spot *s = &u->v[i];
		int ifindex = asked < ASKED_MAX ? net_of(nets, &s->at.addr) : 0;

		asked += !!ifindex;
		if (s->ifindex == ifindex)
			continue;
		changed |= s->unclaimed;
		*s = (struct spot){ .at = s->at, .ifindex = ifindex };
		if (ifindex)
			ask(u, s);
	}
	return changed;
}

void unclaimed_look(struct unclaimed *u)
{
	struct nets nets = { .without = u->device };

	if (u->n && !ownaddr_walk(add_net, &nets) && place(u, &nets))
		u->cb(u->arg);
	free(nets.v);
}

/* ---- what the kernel knows */

/* Of those who went on without lbagent. */
static int see_route(const struct route *route, void *arg)
{
	struct spot *s = find(arg, &route->to.addr);

	if (s && s->at.len == route->to.len && s->ifindex)
		s->unclaimed = true;
	return 0;
}

static int see_neigh(const struct neigh *neigh, void *arg)
{
	const bool silent = neigh->is == NEIGH_SILENT;
	struct unclaimed *u = arg;
	struct spot *s = find(u, &neigh->addr);

	if (!s || s->ifindex != neigh->ifindex || neigh->is == NEIGH_UNKNOWN ||
	    s->unclaimed == silent)
		return 0;
	s->unclaimed = silent;
	u->cb(u->arg);
	return 0;
}

/* What cannot be seen now is told when it changes, or at the next look. */
static void see_all(struct unclaimed *u)
{
	(void)neigh_dump(u->k, see_neigh, u);
}

static int on_news(const struct nlmsghdr *nlh, void *arg)
{
	struct unclaimed *u = arg;
	struct neigh neigh;

	if (!nlh)
		see_all(u);
	else if (u->n && neigh_parse(nlh, &neigh))
		see_neigh(&neigh, u);
	return 0;
}

/* An address that is known to be there is not asked for, and nothing told. */
static int on_timer(sd_event_source *source, uint64_t usec, void *arg)
{
	struct unclaimed *u = arg;
	bool any = false;
	size_t i;

	for (i = 0; i < u->n; i++) {
		if (!u->v[i].unclaimed)
			continue;
		any = true;
		ask(u, &u->v[i]);
	}
	if (any)
		see_all(u);
	sd_event_source_set_time_relative(source, ASK_AGAIN_US);
	return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

static void remember(struct unclaimed *u)
{
	u->remembers = !route_dump(u->k, see_route, u);
	see_all(u);
}

int unclaimed_set(struct unclaimed *u, const struct klb_prefixes *vips)
{
	struct spot *v = calloc(vips->n + 1, sizeof(*v));
	const struct spot *old;
	size_t i;

	if (!v)
		return -ENOMEM;
	for (i = 0; i < vips->n; i++) {
		old = find(u, &vips->v[i].addr);
		v[i] = old ? *old : (struct spot){ .at = vips->v[i] };
	}
	free(u->v);
	u->v = v;
	u->n = vips->n;
	unclaimed_look(u);
	if (!u->remembers)
		remember(u);
	return 0;
}

int unclaimed_list(const struct unclaimed *u, struct klb_prefixes *out)
{
	size_t i;
	int rc = 0;

	for (i = 0; i < u->n && !rc; i++) {
		if (u->v[i].unclaimed)
			rc = klb_prefixes_add(out, &u->v[i].at);
	}
	return rc;
}

int unclaimed_new(struct unclaimed **out, sd_event *event, struct klb *k,
		  const char *device, unclaimed_cb cb, void *arg,
		  struct klb_err *err)
{
	static const int groups[] = { RTNLGRP_NEIGH, RTNLGRP_NONE };
	struct unclaimed *u = calloc(1, sizeof(*u));
	int rc;

	if (!u)
		return klb_err_set(err, -ENOMEM, "out of memory");
	*u = (struct unclaimed){
		.k = k, .device = device, .cb = cb, .arg = arg,
	};
	rc = rtnews_new(&u->news, event, groups, NULL, on_news, u, err);
	if (!rc && sd_event_add_time_relative(event, &u->timer, CLOCK_MONOTONIC,
					      ASK_AGAIN_US, 0, on_timer, u) < 0)
		rc = klb_err_set(err, -ENOMEM, "out of memory");
	if (rc)
		unclaimed_free(u);
	else
		*out = u;
	return rc;
}

void unclaimed_free(struct unclaimed *u)
{
	if (!u)
		return;
	sd_event_source_disable_unref(u->timer);
	rtnews_free(u->news);
	free(u->v);
	free(u);
}

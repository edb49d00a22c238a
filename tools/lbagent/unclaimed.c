// SPDX-License-Identifier: GPL-2.0
#include "unclaimed.h"

#include <errno.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>

#include "grow.h"
#include "neigh.h"
#include "onlink.h"
#include "ownaddr.h"
#include "route.h"
#include "rtnews.h"

/*
 * Who takes an address over says so; for those who do not it is asked for
 * again: soon at first, as who does not answer may have been cut off for a
 * moment, then more and more seldom. Those that somebody has are not asked for:
 * as soon as a packet finds nobody there the kernel tells.
 */
#define FIRST_GAP_US	2000000
#define LAST_GAP_US	60000000
/* The kernel knows 1,024 neighbours of a family by default, and has other uses. */
#define ASKED_MAX	512

/* An address of a balancer. */
struct spot {
	struct klb_prefix at;
	int ifindex;	/* of its network; 0: this host has none that it is in */
	bool unclaimed;
	bool own;	/* the host's, who reaches it by itself */
	bool pinned;	/* by an administrator, and not to be asked for */
	bool fresh;	/* not asked for so far */
	bool routed;	/* from before, and it is not known what is wanted */
	uint64_t next, gap;	/* when it is asked for again */
};

struct unclaimed {
	sd_event *event;
	struct klb *k;
	const char *device;
	unclaimed_cb cb;
	void *arg;
	struct rtnews *news;
	sd_event_source *timer;
	struct spot *v;		/* sorted by address */
	size_t n, room;
	bool told;		/* unclaimed_set() was called */
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
static void ask(struct unclaimed *u, struct spot *s)
{
	s->fresh = false;
	if (!s->pinned)
		(void)neigh_ask(u->k, s->ifindex, &s->at.addr);
}

static uint64_t now_us(const struct unclaimed *u)
{
	uint64_t t = 0;

	sd_event_now(u->event, CLOCK_MONOTONIC, &t);
	return t;
}

/* For the one that is to be asked for first. */
static void arm(struct unclaimed *u)
{
	uint64_t next = UINT64_MAX;
	size_t i;

	for (i = 0; i < u->n; i++) {
		if (u->v[i].unclaimed && u->v[i].next < next)
			next = u->v[i].next;
	}
	sd_event_source_set_time(u->timer, next);
	sd_event_source_set_enabled(u->timer, next < UINT64_MAX ?
				    SD_EVENT_ONESHOT : SD_EVENT_OFF);
}

static void give_up(struct unclaimed *u, struct spot *s)
{
	s->unclaimed = true;
	s->gap = FIRST_GAP_US;
	s->next = now_us(u) + s->gap;
	arm(u);
}

/* ---- what the kernel knows */

static int see_neigh(const struct neigh *neigh, void *arg)
{
	const bool silent = neigh->is == NEIGH_SILENT;
	struct unclaimed *u = arg;
	struct spot *s = find(u, &neigh->addr);

	if (!s || s->ifindex != neigh->ifindex)
		return 0;
	s->pinned = neigh->is == NEIGH_PINNED;
	/* Nobody knows when others asked. */
	if (neigh->is == NEIGH_UNKNOWN || s->unclaimed == silent ||
	    (silent && s->fresh))
		return 0;
	s->unclaimed = silent;
	if (silent)
		give_up(u, s);
	u->cb(u->arg);
	return 0;
}

/*
 * Routes to what somebody has, before it is known what is wanted at all: the API
 * server may be behind the very address.
 */
static void take_back(struct unclaimed *u)
{
	const int ifindex = u->told ? 0 : if_nametoindex(u->device);
	size_t i;

	for (i = 0; i < u->n && ifindex; i++) {
		struct spot *s = &u->v[i];
		const struct route route = { .to = s->at, .ifindex = ifindex };

		if (!s->routed || s->unclaimed)
			continue;
		s->routed = false;
		(void)route_del(u->k, &route);
	}
}

/* What cannot be seen now is told when it changes, or at the next look. */
static void see_all(struct unclaimed *u)
{
	(void)neigh_dump(u->k, see_neigh, u);
	/* not before: it takes the socket that the dump comes by */
	take_back(u);
}

static int on_news(const struct nlmsghdr *nlh, void *arg)
{
	struct unclaimed *u = arg;
	struct neigh neigh;

	if (!nlh) {
		see_all(u);
	} else if (u->n && neigh_parse(nlh, &neigh)) {
		see_neigh(&neigh, u);
		take_back(u);
	}
	return 0;
}

/* An address that is known to be there is not asked for, and nothing told. */
static int on_timer(sd_event_source *source, uint64_t usec, void *arg)
{
	struct unclaimed *u = arg;
	const uint64_t now = now_us(u);
	size_t i;

	see_all(u);
	for (i = 0; i < u->n; i++) {
		struct spot *s = &u->v[i];

		if (!s->unclaimed || s->next > now)
			continue;
		ask(u, s);
		s->gap = s->gap < LAST_GAP_US / 2 ? s->gap * 2 : LAST_GAP_US;
		s->next = now + s->gap;
	}
	arm(u);
	return 0;
}

void unclaimed_again(struct unclaimed *u, int ifindex)
{
	size_t i;

	for (i = 0; i < u->n; i++) {
		if (u->v[i].ifindex != ifindex)
			continue;
		u->v[i].next = 0;
		u->v[i].gap = FIRST_GAP_US;
	}
	arm(u);
}

/* ---- where they are */

/* What klb's device has nobody answers for in a network. */
static int mark_own(const struct ownaddr *own, void *arg)
{
	const struct unclaimed *u = arg;
	struct spot *s = find(u, &own->addr);

	if (s && strcmp(own->device, u->device))
		s->own = true;
	return 0;
}

static bool place(struct unclaimed *u, const struct onlinks *nets)
{
	bool changed = false;
	size_t i, asked = 0;

	for (i = 0; i < u->n; i++) {
		struct spot *s = &u->v[i];
		int ifindex = s->own || asked == ASKED_MAX ? 0 :
			      onlinks_find(nets, &s->at.addr);

		asked += !!ifindex;
		if (s->ifindex == ifindex)
			continue;
		changed |= s->unclaimed;
		*s = (struct spot){
			.at = s->at, .own = s->own, .ifindex = ifindex,
			.fresh = ifindex,
		};
	}
	return changed;
}

/* Those that are pinned are to be known before. */
static void ask_fresh(struct unclaimed *u)
{
	bool any = false;
	size_t i;

	for (i = 0; i < u->n; i++)
		any |= u->v[i].fresh;
	if (!any)
		return;
	see_all(u);
	for (i = 0; i < u->n; i++) {
		if (u->v[i].fresh)
			ask(u, &u->v[i]);
	}
}

void unclaimed_look(struct unclaimed *u)
{
	struct onlinks nets = { 0 };
	size_t i;

	if (!u->n)
		return;
	for (i = 0; i < u->n; i++)
		u->v[i].own = false;
	if (!ownaddr_walk(mark_own, u) &&
	    !onlinks_read(u->k, u->device, &nets) && place(u, &nets))
		u->cb(u->arg);
	onlinks_free(&nets);
	ask_fresh(u);
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
	u->told = true;
	unclaimed_look(u);
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

/* ---- what was before */

static int recall_one(const struct route *route, void *arg)
{
	struct unclaimed *u = arg;
	struct spot *v;

	if (route->to.len != route->to.addr.len * 8)
		return 0;
	v = klb_grow(u->v, u->n, &u->room, sizeof(*v));
	if (!v)
		return -ENOMEM;
	u->v = v;
	v[u->n++] = (struct spot){ .at = route->to };
	return 0;
}

/*
 * Routes that are there keep processes' connections while it is not known what
 * is wanted. What cannot be told is asked for like a new one.
 */
static void recall(struct unclaimed *u)
{
	size_t i;

	(void)route_dump(u->k, ROUTE_PROTOCOL, recall_one, u);
	if (u->n)
		qsort(u->v, u->n, sizeof(*u->v), cmp);
	unclaimed_look(u);
	for (i = 0; i < u->n; i++) {
		struct spot *s = &u->v[i];

		s->routed = s->ifindex;
		if (s->ifindex && !s->pinned)
			give_up(u, s);
	}
	see_all(u);
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
		.event = sd_event_ref(event), .k = k, .device = device,
		.cb = cb, .arg = arg,
	};
	rc = rtnews_new(&u->news, event, groups, NULL, on_news, u, err);
	if (!rc && sd_event_add_time(event, &u->timer, CLOCK_MONOTONIC,
				     UINT64_MAX, 0, on_timer, u) < 0)
		rc = klb_err_set(err, -ENOMEM, "out of memory");
	if (rc) {
		unclaimed_free(u);
		return rc;
	}
	recall(u);
	*out = u;
	return 0;
}

void unclaimed_free(struct unclaimed *u)
{
	if (!u)
		return;
	sd_event_source_disable_unref(u->timer);
	rtnews_free(u->news);
	sd_event_unref(u->event);
	free(u->v);
	free(u);
}

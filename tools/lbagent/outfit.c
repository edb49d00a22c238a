// SPDX-License-Identifier: GPL-2.0
#include "outfit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "devaddr.h"
#include "grow.h"
#include "route.h"

enum state {
	MISSING,
	OTHERWISE,	/* ours, and not as it is to be */
	THERE,
};

/* What is there of what is wanted, and what else is there of ours. */
struct found {
	const struct outfit *o;
	int ifindex;
	enum state *states;	/* of the addresses, or of the routes */
	struct route *strays;
	size_t n_strays, room;
};

static int addr_cmp(const void *a, const void *b)
{
	return klb_addr_cmp(a, b);
}

static int prefix_cmp(const void *a, const void *b)
{
	return klb_prefix_cmp(a, b);
}

static void sort_addrs(struct outfit *o)
{
	size_t i, n = 0;

	if (o->n_addrs)
		qsort(o->addrs, o->n_addrs, sizeof(*o->addrs), addr_cmp);
	for (i = 0; i < o->n_addrs; i++) {
		if (!n || klb_addr_cmp(&o->addrs[n - 1], &o->addrs[i]))
			o->addrs[n++] = o->addrs[i];
	}
	o->n_addrs = n;
}

int outfit_copy(struct outfit *to, const struct outfit *from)
{
	struct outfit o = { .src4 = from->src4, .src6 = from->src6 };

	o.addrs = calloc(from->n_addrs + 1, sizeof(*o.addrs));
	if (!o.addrs || klb_prefixes_copy(&o.routes, &from->routes)) {
		outfit_free(&o);
		return -ENOMEM;
	}
	o.n_addrs = from->n_addrs;
	if (o.n_addrs)
		memcpy(o.addrs, from->addrs, o.n_addrs * sizeof(*o.addrs));
	sort_addrs(&o);
	klb_prefixes_uniq(&o.routes);
	outfit_free(to);
	*to = o;
	return 0;
}

void outfit_free(struct outfit *o)
{
	klb_prefixes_free(&o->routes);
	free(o->addrs);
	memset(o, 0, sizeof(*o));
}

static const struct klb_prefix *find_route(const struct outfit *o,
					   const struct klb_prefix *to)
{
	return o->routes.n ? bsearch(to, o->routes.v, o->routes.n, sizeof(*to),
				     prefix_cmp) : NULL;
}

bool outfit_has_route(const struct outfit *o, const struct klb_prefix *to)
{
	return find_route(o, to);
}

static int keep_stray(struct found *f, const struct route *route)
{
	struct route *v = klb_grow(f->strays, f->n_strays, &f->room,
				   sizeof(*v));

	if (!v)
		return -ENOMEM;
	f->strays = v;
	v[f->n_strays++] = *route;
	return 0;
}

/* An address that is not ours serves as well. */
static int see_addr(const struct devaddr *devaddr, void *arg)
{
	const struct route stray = { .to.addr = devaddr->addr };
	struct found *f = arg;
	const struct klb_addr *wanted;

	wanted = f->o->n_addrs ? bsearch(&devaddr->addr, f->o->addrs,
					 f->o->n_addrs, sizeof(*wanted),
					 addr_cmp) : NULL;
	if (wanted)
		f->states[wanted - f->o->addrs] = THERE;
	else if (devaddr->protocol == ROUTE_PROTOCOL)
		return keep_stray(f, &stray);
	return 0;
}

static int add_addrs(struct klb *k, const struct found *f,
		     unsigned int *changes)
{
	const struct outfit *o = f->o;
	size_t i;
	int rc = 0;

	for (i = 0; i < o->n_addrs && !rc; i++) {
		if (f->states[i] == THERE)
			continue;
		rc = devaddr_add(k, f->ifindex, &o->addrs[i]);
		*changes += !rc;
	}
	return rc;
}

/* New ones first: the routes of IPv4 go with the last address. */
static int change_addrs(struct klb *k, struct found *f, unsigned int *changes)
{
	int rc = add_addrs(k, f, changes);
	size_t i;

	for (i = 0; i < f->n_strays && !rc; i++) {
		rc = devaddr_del(k, f->ifindex, &f->strays[i].to.addr);
		*changes += !rc;
	}
	return rc;
}

static struct route wanted_route(const struct found *f, size_t i)
{
	const struct klb_prefix *to = &f->o->routes.v[i];

	return (struct route){
		.to = *to, .ifindex = f->ifindex, .protocol = ROUTE_PROTOCOL,
		.src = to->addr.len == 4 ? f->o->src4 : f->o->src6,
	};
}

static int see_route(const struct route *route, void *arg)
{
	struct found *f = arg;
	const struct klb_prefix *to = find_route(f->o, &route->to);
	struct route want;
	enum state *state;

	if (!to)
		return keep_stray(f, route);
	state = &f->states[to - f->o->routes.v];
	if (*state != MISSING)
		return keep_stray(f, route);
	want = wanted_route(f, to - f->o->routes.v);
	*state = route->ifindex == want.ifindex &&
		 !klb_addr_cmp(&route->src, &want.src) ? THERE : OTHERWISE;
	return 0;
}

static int tell_route(struct klb *k, int rc, const struct route *route)
{
	const struct klb_err err = k->err;
	char text[KLB_PREFIX_TEXT];

	klb_prefix_format(&route->to, text);
	if (rc == -EEXIST)
		return klb_err_set(&k->err, rc,
				   "there is a route to %s already, and it is somebody else's",
				   text);
	return klb_err_set(&k->err, rc, "no route to %s: %.400s", text,
			   err.text);
}

static int del_strays(struct klb *k, const struct found *f,
		      unsigned int *changes)
{
	size_t i;
	int rc = 0;

	for (i = 0; i < f->n_strays && !rc; i++) {
		rc = route_del(k, &f->strays[i]);
		*changes += !rc;
	}
	return rc;
}

static int change_routes(struct klb *k, struct found *f, unsigned int *changes)
{
	int rc, failed = del_strays(k, f, changes);
	struct klb_err err = k->err;
	struct route route;
	size_t i;

	for (i = 0; i < f->o->routes.n; i++) {
		if (f->states[i] == THERE)
			continue;
		route = wanted_route(f, i);
		rc = route_add(k, &route, f->states[i] == OTHERWISE);
		*changes += !rc;
		if (!rc)
			continue;
		failed = tell_route(k, rc, &route);
		err = k->err;
	}
	k->err = err;
	return failed;
}

static int apply(struct klb *k, struct found *f, bool routes,
		 unsigned int *changes)
{
	int rc;

	f->states = calloc(f->o->n_addrs + f->o->routes.n + 1,
			   sizeof(*f->states));
	if (!f->states)
		return klb_err_set(&k->err, -ENOMEM, "out of memory");
	rc = routes ? route_dump(k, ROUTE_PROTOCOL, see_route, f) :
		      devaddr_dump(k, f->ifindex, see_addr, f);
	if (!rc)
		rc = routes ? change_routes(k, f, changes) :
			      change_addrs(k, f, changes);
	free(f->states);
	free(f->strays);
	return rc;
}

int outfit_apply(struct klb *k, int ifindex, const struct outfit *o,
		 unsigned int *changes)
{
	struct found addrs = { .o = o, .ifindex = ifindex };
	struct found routes = { .o = o, .ifindex = ifindex };
	int rc = apply(k, &addrs, false, changes);

	/* A source has to be there before the route that names it. */
	return rc ? rc : apply(k, &routes, true, changes);
}

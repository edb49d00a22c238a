// SPDX-License-Identifier: GPL-2.0
#include "onlink.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>

#include "grow.h"
#include "object.h"
#include "route.h"

struct onlink {
	struct klb_prefix in;
	uint32_t metric;
	int ifindex;
};

struct reading {
	int without;
	struct onlinks *out;
};

/* With all of its bits it is an address, and no network. */
static int add(const struct route *route, void *arg)
{
	struct reading *r = arg;
	struct onlinks *o = r->out;
	struct onlink *v;

	if (!route->direct || route->ifindex == r->without ||
	    route->to.len == route->to.addr.len * 8)
		return 0;
	v = klb_grow(o->v, o->n, &o->room, sizeof(*v));
	if (!v)
		return -ENOMEM;
	o->v = v;
	v[o->n++] = (struct onlink){
		route->to, route->metric, route->ifindex,
	};
	return 0;
}

int onlinks_read(struct klb *k, const char *without, struct onlinks *out)
{
	struct reading r = {
		.without = without ? if_nametoindex(without) : 0, .out = out,
	};
	int rc;

	memset(out, 0, sizeof(*out));
	rc = route_dump(k, RTPROT_KERNEL, add, &r);
	return rc ? rc : route_dump(k, RTPROT_RA, add, &r);
}

void onlinks_free(struct onlinks *o)
{
	free(o->v);
	memset(o, 0, sizeof(*o));
}

/* As the kernel chooses: the longest prefix, the lowest metric, the first. */
int onlinks_find(const struct onlinks *o, const struct klb_addr *addr)
{
	const struct onlink *best = NULL;
	size_t i;

	for (i = 0; i < o->n; i++) {
		const struct onlink *l = &o->v[i];

		if (!kube_prefix_has(&l->in, addr))
			continue;
		if (!best || best->in.len < l->in.len ||
		    (best->in.len == l->in.len && best->metric > l->metric))
			best = l;
	}
	return best ? best->ifindex : 0;
}

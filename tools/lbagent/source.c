// SPDX-License-Identifier: GPL-2.0
#include "source.h"

#include "object.h"
#include "ownaddr.h"

struct search {
	const struct klb_prefixes *pods;
	struct source *source;
};

/*
 * Of the node's pods, as a bridge of pods has one: every pod can answer it.
 * flannel's own is a single address, and none of a network's hosts.
 */
static int look_at(const struct ownaddr *own, void *arg)
{
	const struct search *s = arg;
	struct klb_addr *to;

	if (!kube_prefixes_have(s->pods, &own->addr) ||
	    own->len == own->addr.len * 8)
		return 0;
	to = own->addr.len == 4 ? &s->source->addr4 : &s->source->addr6;
	if (!to->len)
		*to = own->addr;
	return 0;
}

void source_find(const struct conf *conf, const struct klb_prefixes *pods,
		 struct source *source)
{
	struct search s = { .pods = pods, .source = source };

	source->addr4 = conf->source4;
	source->addr6 = conf->source6;
	/* what cannot be told is found at the next look */
	(void)ownaddr_walk(look_at, &s);
}

bool source_equal(const struct source *a, const struct source *b)
{
	return !klb_addr_cmp(&a->addr4, &b->addr4) &&
	       !klb_addr_cmp(&a->addr6, &b->addr6);
}

// SPDX-License-Identifier: GPL-2.0
/* What all Services have in common: settings of the network namespace. */
#include <string.h>

#include "desired.h"

static int add_primary(const struct klb_addr *addr, struct klb_prefixes *list)
{
	struct klb_prefix p = { .addr = *addr, .len = addr->len * 8 };

	return addr->len ? klb_prefixes_add(list, &p) : 0;
}

static int add_all(uint8_t len, struct klb_prefixes *list)
{
	struct klb_prefix p = { .addr.len = len };
	size_t i;

	for (i = 0; i < list->n; i++) {
		if (list->v[i].addr.len == len)
			return 0;
	}
	return klb_prefixes_add(list, &p);
}

/* An empty list would be all addresses; nobody has this one. */
static int add_none(struct klb_prefixes *list)
{
	static const struct klb_prefix none = { .addr.len = 4, .len = 32 };

	return klb_prefixes_add(list, &none);
}

/* Until the node's addresses are known NodePorts are nowhere. */
static int put_primary(const struct kube_node *node, struct klb_net *net)
{
	int rc = node ? add_primary(&node->addr4, &net->nodeports) : 0;

	if (!rc && node)
		rc = add_primary(&node->addr6, &net->nodeports);
	return rc || net->nodeports.n ? rc : add_none(&net->nodeports);
}

/* 1.5: a family that no prefix is given of has all its addresses. */
static int put_nodeports(const struct kube_settings *settings,
			 const struct kube_node *node, struct klb_net *net)
{
	int rc;

	if (settings->nodeports_primary)
		return put_primary(node, net);
	rc = klb_prefixes_copy(&net->nodeports, &settings->nodeports);
	if (rc || !net->nodeports.n)
		return rc;
	rc = add_all(4, &net->nodeports);
	return rc ? rc : add_all(16, &net->nodeports);
}

int kube_net_desired(const struct kube_settings *settings,
		     const struct kube_node *node, struct klb_net *net)
{
	const struct klb_prefixes *pods = &settings->pods;
	int rc = 0;

	memset(net, 0, sizeof(*net));
	net->has = KLB_NET_HAS_PODS | KLB_NET_HAS_NODEPORTS |
		   KLB_NET_HAS_GUARD;
	/* 1.4: detect-local; until the node is known nobody is inside */
	if (settings->pods_of_node)
		pods = node ? &node->pods : NULL;
	if (pods)
		rc = klb_prefixes_copy(&net->pods, pods);
	if (!rc)
		rc = put_nodeports(settings, node, net);
	/* 1.4: klb rejects what kube-proxy drops: no Service in ServiceCIDRs */
	if (!rc)
		rc = klb_prefixes_copy(&net->guard, &settings->services);
	klb_prefixes_sort(&net->pods);
	klb_prefixes_sort(&net->nodeports);
	klb_prefixes_sort(&net->guard);
	return rc;
}

// SPDX-License-Identifier: GPL-2.0
#include "object.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "field.h"

#define ZONE	"topology.kubernetes.io/zone"
#define LEAVING	"ToBeDeletedByClusterAutoscaler"

static int no_memory(struct klb_err *err)
{
	return klb_err_set(err, -ENOMEM, "out of memory");
}

void kube_node_free(struct kube_node *node)
{
	if (!node)
		return;
	klb_prefixes_free(&node->pods);
	free(node->name);
	free(node->zone);
	free(node);
}

/* The first internal address of a family is the primary one, else external. */
static void take_addrs(const json_t *list, const char *type,
		       struct kube_node *node)
{
	struct klb_addr addr, *primary;
	const json_t *entry;
	size_t i;

	for (i = 0; i < json_array_size(list); i++) {
		entry = json_array_get(list, i);
		if (strcmp(field_word(entry, "type"), type) ||
		    !kube_addr_parse(field_text(entry, "address"), &addr))
			continue;
		primary = addr.len == 4 ? &node->addr4 : &node->addr6;
		if (!primary->len)
			*primary = addr;
	}
}

static bool take_pods(const json_t *spec, struct kube_node *node)
{
	const json_t *list = field(spec, "podCIDRs");
	size_t i, n = json_array_size(list);
	struct klb_prefix p;

	if (!n && kube_prefix_parse(field_text(spec, "podCIDR"), &p))
		return !klb_prefixes_add(&node->pods, &p);
	for (i = 0; i < n; i++) {
		if (kube_prefix_parse(json_string_value(json_array_get(list, i)),
				      &p) &&
		    klb_prefixes_add(&node->pods, &p))
			return false;
	}
	return true;
}

static bool is_leaving(const json_t *obj)
{
	const json_t *list = field(field(obj, "spec"), "taints");
	size_t i;

	if (field(field(obj, "metadata"), "deletionTimestamp"))
		return true;
	for (i = 0; i < json_array_size(list); i++) {
		if (!strcmp(field_word(json_array_get(list, i), "key"),
			    LEAVING))
			return true;
	}
	return false;
}

static int take(const json_t *obj, struct kube_node *node, struct klb_err *err)
{
	const json_t *addrs = field(field(obj, "status"), "addresses");
	const char *name, *zone = field_label(obj, ZONE);
	bool failed = false;
	int rc;

	rc = kube_meta_parse(obj, NULL, &name, err);
	if (rc)
		return rc;
	node->name = field_dup(name, &failed);
	node->zone = field_dup(zone ? zone : "", &failed);
	node->leaving = is_leaving(obj);
	take_addrs(addrs, "InternalIP", node);
	take_addrs(addrs, "ExternalIP", node);
	if (failed || !take_pods(field(obj, "spec"), node))
		return no_memory(err);
	return 0;
}

int kube_node_parse(const json_t *obj, struct kube_node **node,
		    struct klb_err *err)
{
	int rc;

	*node = calloc(1, sizeof(**node));
	if (!*node)
		return no_memory(err);
	rc = take(obj, *node, err);
	if (rc) {
		kube_node_free(*node);
		*node = NULL;
	}
	return rc;
}

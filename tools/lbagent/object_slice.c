// SPDX-License-Identifier: GPL-2.0
#include "object.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "field.h"

#define OWNER		"kubernetes.io/service-name"
#define HEADLESS	"service.kubernetes.io/headless"

/* Of the API. */
#define PORTS_MAX	100
#define ENDPOINTS_MAX	1000

static int no_memory(struct klb_err *err)
{
	return klb_err_set(err, -ENOMEM, "out of memory");
}

void kube_slice_free(struct kube_slice *slice)
{
	size_t i;

	if (!slice)
		return;
	for (i = 0; i < slice->n_ports; i++)
		free(slice->ports[i].name);
	for (i = 0; i < slice->n_zones; i++)
		free(slice->zones[i]);
	free(slice->ports);
	free(slice->zones);
	free(slice->endpoints);
	free(slice->owner);
	free(slice->ns);
	free(slice->name);
	free(slice);
}

/* 1.2: without a service it is nobody's; 1.1: headless it is not for us. */
static int take_meta(const json_t *obj, struct kube_slice *slice,
		     struct klb_err *err)
{
	const char *ns, *name, *owner = field_label(obj, OWNER);
	bool failed = false;
	int rc;

	rc = kube_meta_parse(obj, &ns, &name, err);
	if (rc)
		return rc;
	if (field_label(obj, HEADLESS) || (owner && !*owner))
		owner = NULL;
	slice->ns = field_dup(ns, &failed);
	slice->name = field_dup(name, &failed);
	slice->owner = field_dup(owner, &failed);
	return failed ? no_memory(err) : 0;
}

/* 1.2: FQDN is ignored. */
static int take_family(const json_t *obj, struct kube_slice *slice,
		       struct klb_err *err)
{
	const char *type = field_word(obj, "addressType");

	if (!strcmp(type, "IPv4"))
		slice->addr_len = 4;
	else if (!strcmp(type, "IPv6"))
		slice->addr_len = 16;
	else if (strcmp(type, "FQDN"))
		return klb_err_set(err, -EINVAL,
				   "endpointslice %s/%s: addressType: unknown \"%.64s\"",
				   slice->ns, slice->name, type);
	return 0;
}

/* 1.2: without a name or a number a port is ignored; nil is TCP. */
static bool take_port(const json_t *obj, struct kube_slice *slice)
{
	struct kube_port *port = &slice->ports[slice->n_ports];
	const char *name = field_text(obj, "name");
	int proto = kube_proto_parse(obj);
	bool failed = false;
	long number = 0;

	if (!name || strlen(name) > KUBE_LABEL_MAX || proto < 0 ||
	    !field_int(obj, "port", 1, 65535, &number) || !number)
		return true;
	port->name = field_dup(name, &failed);
	port->proto = proto;
	port->port = number;
	slice->n_ports += !failed;
	return !failed;
}

static bool take_ports(const json_t *list, struct kube_slice *slice)
{
	size_t i, n = json_array_size(list);
	bool ok;

	if (!n)
		return true;
	slice->ports = calloc(n, sizeof(*slice->ports));
	ok = slice->ports;
	for (i = 0; i < n && ok; i++)
		ok = take_port(json_array_get(list, i), slice);
	return ok;
}

/* The bit of a zone; the one behind all others is for those without room. */
static bool zone_bit(struct kube_slice *slice, const char *zone, uint64_t *bit)
{
	bool failed = false;
	char **zones;
	size_t i;

	for (i = 0; i < slice->n_zones; i++) {
		if (!strcmp(slice->zones[i], zone))
			break;
	}
	*bit = 1ull << i;
	if (i < slice->n_zones || i == KUBE_SLICE_ZONES)
		return true;
	zones = realloc(slice->zones, (i + 1) * sizeof(*zones));
	if (!zones)
		return false;
	slice->zones = zones;
	zones[i] = field_dup(zone, &failed);
	slice->n_zones += !failed;
	return !failed;
}

static bool take_hints(const json_t *hints, const char *node,
		       struct kube_slice *slice, struct kube_endpoint *ep)
{
	const json_t *list = field(hints, "forNodes");
	const char *name;
	uint64_t bit = 0;
	size_t i;

	for (i = 0; i < json_array_size(list); i++) {
		name = field_word(json_array_get(list, i), "name");
		ep->flags |= KUBE_EP_NODE_HINTS;
		if (!strcmp(name, node))
			ep->flags |= KUBE_EP_FOR_NODE;
	}
	list = field(hints, "forZones");
	for (i = 0; i < json_array_size(list); i++) {
		name = field_word(json_array_get(list, i), "name");
		if (!zone_bit(slice, name, &bit))
			return false;
		ep->zones |= bit;
	}
	return true;
}

/* 1.2: nil is ready, serving, not terminating. */
static uint8_t conditions(const json_t *c)
{
	return (field_bool(c, "ready", true) ? KUBE_EP_READY : 0) |
	       (field_bool(c, "serving", true) ? KUBE_EP_SERVING : 0) |
	       (field_bool(c, "terminating", false) ? KUBE_EP_TERMINATING : 0);
}

/* 1.2: only the first address. One that cannot be is no endpoint. */
static bool take_endpoint(const json_t *obj, const char *node,
			  struct kube_slice *slice)
{
	struct kube_endpoint *ep = &slice->endpoints[slice->n_endpoints];
	const json_t *list = field(obj, "addresses");
	const char *text = json_string_value(json_array_get(list, 0));
	struct klb_addr addr;

	if (!kube_addr_parse(text, &addr) || addr.len != slice->addr_len)
		return true;
	memcpy(ep->addr, addr.b, addr.len);
	ep->flags = conditions(field(obj, "conditions"));
	if (!strcmp(field_word(obj, "nodeName"), node))
		ep->flags |= KUBE_EP_LOCAL;
	slice->n_endpoints++;
	return take_hints(field(obj, "hints"), node, slice, ep);
}

static bool take_endpoints(const json_t *list, const char *node,
			   struct kube_slice *slice)
{
	size_t i, n = slice->addr_len ? json_array_size(list) : 0;
	bool ok;

	if (!n)
		return true;
	slice->endpoints = calloc(n, sizeof(*slice->endpoints));
	ok = slice->endpoints;
	for (i = 0; i < n && ok; i++)
		ok = take_endpoint(json_array_get(list, i), node, slice);
	return ok;
}

static int take(const json_t *obj, const char *node, struct kube_slice *slice,
		struct klb_err *err)
{
	const json_t *ports = field(obj, "ports");
	const json_t *endpoints = field(obj, "endpoints");
	int rc;

	rc = take_meta(obj, slice, err);
	if (!rc)
		rc = take_family(obj, slice, err);
	if (rc)
		return rc;
	if (json_array_size(ports) > PORTS_MAX ||
	    json_array_size(endpoints) > ENDPOINTS_MAX)
		return klb_err_set(err, -EINVAL,
				   "endpointslice %s/%s: more than %d ports or %d endpoints",
				   slice->ns, slice->name, PORTS_MAX,
				   ENDPOINTS_MAX);
	if (!take_ports(ports, slice) ||
	    !take_endpoints(endpoints, node, slice))
		return no_memory(err);
	return 0;
}

int kube_slice_parse(const json_t *obj, const char *node,
		     struct kube_slice **slice, struct klb_err *err)
{
	int rc;

	*slice = calloc(1, sizeof(**slice));
	if (!*slice)
		return no_memory(err);
	rc = take(obj, node, *slice, err);
	if (rc) {
		kube_slice_free(*slice);
		*slice = NULL;
	}
	return rc;
}

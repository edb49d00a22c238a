/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LBAGENT_OBJECT_H
#define LBAGENT_OBJECT_H

#include <jansson.h>

#include "addr.h"
#include "prefix.h"

/*
 * What is kept of Kubernetes' objects: that which decides about services, and
 * no JSON. The API server has validated what it sends. What it would not have
 * let pass, and a mistake about which would lead packets astray, is refused
 * with a sentence; a lesser one is as if it were not there.
 */

/* The longest of the names that are DNS labels: all that klb looks at. */
#define KUBE_LABEL_MAX	63

struct kube_port {
	char *name;		/* "" if it has none */
	uint8_t proto;		/* IPPROTO_... */
	uint16_t port;
	uint16_t node_port;	/* 0 is none */
};

struct kube_addrs {
	struct klb_addr *v;
	size_t n;
};

struct kube_service {
	char *ns, *name;
	char *uid;		/* NULL if it does not say */
	uint32_t round;		/* the store's */
	char *proxy_name;	/* NULL: no such label */
	int64_t created;	/* seconds; INT64_MAX if it does not say */
	bool external_name;	/* the type */
	bool load_balancer;	/* likewise */
	bool internal_local;	/* internalTrafficPolicy */
	bool external_local;	/* externalTrafficPolicy */
	uint16_t health_port;	/* 0 is none */
	uint32_t affinity;	/* seconds, 0 is none */
	struct kube_port *ports;
	size_t n_ports;
	struct klb_addr cluster[2];	/* of different families */
	size_t n_cluster;
	struct kube_addrs balancer;	/* status, ipMode VIP */
	struct kube_addrs external;
	struct klb_prefixes ranges;	/* loadBalancerSourceRanges */
};

#define KUBE_EP_READY		0x01
#define KUBE_EP_SERVING		0x02
#define KUBE_EP_TERMINATING	0x04
#define KUBE_EP_LOCAL		0x08	/* of this node */
#define KUBE_EP_NODE_HINTS	0x10
#define KUBE_EP_FOR_NODE	0x20	/* one of them is this node */

/* There can be a million: an address has the length that the slice says. */
struct kube_endpoint {
	uint64_t zones;		/* hints, bits of the slice's zones; 0: none */
	uint8_t addr[16];
	uint8_t flags;
};

/* A hint for a zone behind these is a hint for a zone of somebody else. */
#define KUBE_SLICE_ZONES	63

struct kube_slice {
	char *ns, *name;
	uint32_t round;
	char *owner;		/* the service's name; NULL: of no use */
	uint8_t addr_len;	/* 4, 16, 0 for others */
	struct kube_port *ports;	/* those that can be used */
	size_t n_ports;
	char **zones;
	size_t n_zones;
	struct kube_endpoint *endpoints;
	size_t n_endpoints;
};

struct kube_node {
	char *name;
	char *zone;		/* "" if it has none */
	struct klb_prefixes pods;	/* podCIDRs */
	struct klb_addr addr4, addr6;	/* primary ones; length 0 if none */
	bool leaving;		/* being deleted, or tainted as about to be */
};

/*
 * 0 and an object to be freed, -EINVAL or -ENOMEM and a sentence. With a service
 * there is one, or an empty one, of what is left out of it. @node is the
 * name of this node, and all that a slice's endpoints remember of theirs.
 */
int kube_service_parse(const json_t *obj, struct kube_service **svc,
		       struct klb_err *err);
int kube_slice_parse(const json_t *obj, const char *node,
		     struct kube_slice **slice, struct klb_err *err);
int kube_node_parse(const json_t *obj, struct kube_node **node,
		    struct klb_err *err);
/* Namespace (NULL: of an object that has none) and name alone; not copied. */
int kube_meta_parse(const json_t *obj, const char **ns, const char **name,
		    struct klb_err *err);

void kube_service_free(struct kube_service *svc);
void kube_slice_free(struct kube_slice *slice);
void kube_node_free(struct kube_node *node);

/* Could be that of a service or an endpoint; others are nobody's or the host's. */
bool kube_addr_parse(const char *text, struct klb_addr *addr);
/* As the API server does, bits behind the length are cut off. */
bool kube_prefix_parse(const char *text, struct klb_prefix *p);
/* TCP if there is none; -1 if it is another one. */
int kube_proto_parse(const json_t *obj);
/* None is set behind its length then. */
void kube_prefix_cut(struct klb_prefix *p);
bool kube_prefix_has(const struct klb_prefix *p, const struct klb_addr *addr);
/* One of them does. */
bool kube_prefixes_have(const struct klb_prefixes *list,
			const struct klb_addr *addr);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KLB_SERVICE_H
#define KLB_SERVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/klb.h>

#include "addr.h"
#include "attr.h"
#include "endpoint.h"
#include "prefix.h"

struct klb;

/* Which settings are given; a request names only those. */
#define KLB_SERVICE_HAS_NAME		0x0001
#define KLB_SERVICE_HAS_SCHEDULER	0x0002
#define KLB_SERVICE_HAS_FORWARD		0x0004
#define KLB_SERVICE_HAS_TIMEOUT		0x0008
#define KLB_SERVICE_HAS_MAGLEV_SIZE	0x0010
#define KLB_SERVICE_HAS_SEED		0x0020
#define KLB_SERVICE_HAS_ENDPOINTS	0x0040	/* the list, even if empty */
#define KLB_SERVICE_HAS_MASQUERADE	0x0080
#define KLB_SERVICE_HAS_EMPTY		0x0100
#define KLB_SERVICE_HAS_AFFINITY	0x0200
#define KLB_SERVICE_HAS_SHARE		0x0400
#define KLB_SERVICE_HAS_POOL		0x0800
#define KLB_SERVICE_HAS_SOURCES		0x1000	/* as that of endpoints */
#define KLB_SERVICE_HAS_SECONDARY	0x2000	/* likewise */

struct klb_service {
	/* the key */
	uint8_t proto;		/* IPPROTO_... */
	struct klb_ap ap;

	uint32_t has;
	char name[256];
	uint8_t scheduler;	/* enum klb_scheduler */
	uint8_t forward;	/* enum klb_forward */
	uint32_t timeout;	/* seconds, 0 is the default of the protocol */
	uint32_t maglev_size;	/* 0 is automatic */
	uint32_t seed;
	uint8_t masquerade;	/* enum klb_masquerade */
	uint8_t empty;		/* enum klb_empty */
	uint32_t affinity;	/* seconds, 0 is none */
	char share[KLB_POOL_NAME_MAX + 1];
	char pool[KLB_POOL_NAME_MAX + 1];
	struct klb_addr secondary[KLB_SECONDARY_MAX];
	size_t n_secondary;
	struct klb_prefixes sources;
	uint32_t sources_told;	/* by the kernel; the list may not be there */

	struct klb_endpoint *endpoints;
	size_t n_endpoints;
	size_t room;

	bool more;		/* of a dump: the rest of the endpoints follows */
	uint32_t conns;
	uint32_t maglev_slots;
	uint64_t conns_total;
	struct klb_traffic traffic;
};

/* A value other than 0 ends the walk. What @svc points to is not kept. */
typedef int (*klb_service_cb)(const struct klb_service *svc, void *arg);

void klb_service_free(struct klb_service *svc);
/* With lists of its own. -ENOMEM. */
int klb_service_copy(struct klb_service *to, const struct klb_service *from);
/* Appends a copy of @ep. */
int klb_service_add_endpoint(struct klb_service *svc,
			     const struct klb_endpoint *ep);
bool klb_service_same_key(const struct klb_service *a,
			  const struct klb_service *b);

size_t klb_service_room(const struct klb_service *svc);
int klb_service_put_key(struct nl_msg *msg, const struct klb_service *key);
int klb_service_put(struct nl_msg *msg, const struct klb_service *svc);
/* Sources and endpoints are appended to those that @svc has, all else is
 * overwritten.
 */
int klb_service_parse(struct klb_attrs attrs, struct klb_service *svc);

int klb_service_new(struct klb *k, const struct klb_service *svc);
int klb_service_set(struct klb *k, const struct klb_service *svc);
int klb_service_del(struct klb *k, const struct klb_service *key);
int klb_service_flush(struct klb *k);
int klb_service_get(struct klb *k, const struct klb_service *key,
		    klb_service_cb cb, void *arg);
int klb_service_dump(struct klb *k, klb_service_cb cb, void *arg);

#endif

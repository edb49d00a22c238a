/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KLB_ENDPOINT_H
#define KLB_ENDPOINT_H

#include <stdbool.h>
#include <stdint.h>

#include "addr.h"
#include "attr.h"

struct klb;
struct klb_service;

/* Which settings are given; a request names only those. */
#define KLB_ENDPOINT_HAS_WEIGHT	0x1
#define KLB_ENDPOINT_HAS_STATE	0x2
#define KLB_ENDPOINT_HAS_SCOPE	0x4

#define KLB_ENDPOINT_WEIGHT_DEFAULT	1

struct klb_endpoint {
	struct klb_ap ap;
	uint16_t weight;
	uint8_t state;		/* enum klb_endpoint_state */
	uint8_t scope;		/* enum klb_scope */
	uint8_t has;
	uint32_t conns;
	uint64_t conns_total;
	struct klb_traffic traffic;
};

/* Room that one endpoint needs in a request, at most. */
#define KLB_ENDPOINT_ROOM	64

/* With the defaults of an endpoint that is added. */
void klb_endpoint_init(struct klb_endpoint *ep);
int klb_endpoint_put(struct nl_msg *msg, int type,
		     const struct klb_endpoint *ep);
void klb_endpoint_parse(struct klb_attrs attrs, struct klb_endpoint *ep);

/* Of @key only the key is looked at. */
int klb_endpoint_add(struct klb *k, const struct klb_service *key,
		     const struct klb_endpoint *ep);
int klb_endpoint_set(struct klb *k, const struct klb_service *key,
		     const struct klb_endpoint *ep);
int klb_endpoint_del(struct klb *k, const struct klb_service *key,
		     const struct klb_endpoint *ep);

#endif

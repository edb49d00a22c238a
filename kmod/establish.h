/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KLB_ESTABLISH_H
#define KLB_ESTABLISH_H

#include <linux/types.h>
#include <linux/klb_reason.h>

#include "conn.h"

struct klb_net;
struct klb_pkt;
struct klb_route;
struct klb_service;

/* What becomes of a client's packet that has no connection. */
struct klb_choice {
	struct klb_endpoint *ep;
	struct klb_route *rt;		/* to the endpoint */
	bool fullnat;			/* by the service, or for a hairpin */
};

/* False: it is to be dropped for @reason. RCU held, changes nothing. */
bool klb_choose(struct klb_net *kn, const struct klb_service *svc,
		const struct klb_tuple *t, struct klb_choice *choice,
		enum klb_reason *reason);

/* A connection for the packet in hand. */
struct klb_new {
	struct klb_conn *conn;
	enum klb_reason reason;		/* why there is none */
	bool stateless;
	/* Room for one that lasts as long as the packet, if there was none
	 * for a real one. Its sides follow it as they do elsewhere.
	 */
	struct klb_conn passing;
	u8 sides[2 * sizeof(struct klb_side)];
};

bool klb_establish(struct klb_net *kn, struct klb_service *svc,
		   const struct klb_pkt *pkt, struct klb_new *new);
bool klb_establish_answer(struct klb_net *kn, const struct klb_pkt *pkt,
			  struct klb_new *new);

#endif

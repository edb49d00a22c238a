/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KLB_DIRECT_H
#define KLB_DIRECT_H

#include <linux/klb_reason.h>
#include <linux/types.h>

#include "conn.h"
#include "netns.h"
#include "parse.h"
#include "route.h"

/* Connections whose endpoint gets packets as the client sent them and answers
 * it directly (encap.h). The reply's tuple is the original one reversed, so
 * answers that do come by are translated into themselves, as any other's.
 */

/* Whether an endpoint can be reached so. False: *@reason says why not. */
bool klb_direct_possible(const struct klb_net *kn, const struct klb_tuple *t,
			 const struct klb_route *rt, enum klb_reason *reason);

/* A packet of the client, to the endpoint by @rt. @passing: the connection is
 * for this packet only. RCU and BH held, skb->data at the network header; the
 * reason is counted.
 */
enum klb_verdict klb_translate_direct(struct klb_net *kn, struct sk_buff *skb,
				      u8 hook, struct klb_conn *conn,
				      struct klb_route *rt, bool passing);

/* What somebody has to tell the endpoint of @conn, about what it has sent to
 * the client: it goes the way of the client's packets. Counted for @reason if
 * nothing stops it.
 */
enum klb_verdict klb_direct_send_on(struct klb_net *kn, struct sk_buff *skb,
				    u8 hook, const struct klb_conn *conn,
				    struct klb_route *rt,
				    enum klb_reason reason);

#endif

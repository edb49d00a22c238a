/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KLB_SOURCE_H
#define KLB_SOURCE_H

#include <linux/jiffies.h>

#include "endpoint.h"

struct klb_conn;
struct klb_net;
struct klb_pool;

/* Gives a new connection, whose sides are set, a source that the endpoint sees
 * for which the reply's tuple is nobody else's: of @pool, or without one
 * another port of the address that it has. @fullnat: that address is not the
 * client's. 0; -EADDRINUSE: none was found; else as klb_conn_insert().
 */
int klb_source_insert(struct klb_net *kn, struct klb_conn *conn,
		      const struct klb_pool *pool, bool fullnat);

/* Whether no source for the endpoint was found a moment ago. */
static inline bool klb_source_used_up(const struct klb_endpoint *ep)
{
	u32 at = READ_ONCE(ep->used_up);

	return at && (u32)jiffies - at < HZ;
}

#endif

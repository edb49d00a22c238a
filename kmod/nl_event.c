// SPDX-License-Identifier: GPL-2.0
/* Begin and end of connections, told to who listens. */
#include "conn.h"

#include "netlink.h"
#include "netns.h"

#define EVENT_ROOM	320

static bool listened_to(struct klb_net *kn)
{
	return genl_has_listeners(&klb_nl_family, kn->net, KLB_NLGRP_CONN);
}

static int put_event(struct sk_buff *skb, struct klb_net *kn,
		     const struct klb_conn *conn, bool end)
{
	struct klb_conn_info info;

	klb_conn_info(conn, &info);
	return klb_nl_put_conn(skb, &info) ?:
	       (end ? nla_put_u8(skb, KLB_A_CONN_END,
				 klb_conn_ended_by(conn)) : 0) ?:
	       nla_put_u64_64bit(skb, KLB_A_CONN_LOST,
				 atomic64_read(&kn->conns.events_lost),
				 KLB_A_CONN_PAD);
}

static struct sk_buff *event(struct klb_net *kn, const struct klb_conn *conn,
			     bool end, gfp_t gfp)
{
	struct sk_buff *skb = genlmsg_new(EVENT_ROOM, gfp);
	void *hdr;

	if (!skb)
		return NULL;
	hdr = genlmsg_put(skb, 0, 0, &klb_nl_family, 0,
			  end ? KLB_CMD_CONN_END_NTF : KLB_CMD_CONN_BEGIN_NTF);
	if (WARN_ON_ONCE(!hdr || put_event(skb, kn, conn, end))) {
		nlmsg_free(skb);
		return NULL;
	}
	genlmsg_end(skb, hdr);
	return skb;
}

static void tell(struct klb_net *kn, const struct klb_conn *conn, bool end);

/* Who joins now and asks for events either is seen here, or asks later. */
static void stop(struct klb_net *kn)
{
	WRITE_ONCE(kn->conns.tell, NULL);
	smp_mb(); /* see above */
	if (listened_to(kn))
		WRITE_ONCE(kn->conns.tell, tell);
}

/* A connection that was just made, with BH off, and may have died since; or, at
 * its @end, in process context and with klb_net.lock held.
 */
static void tell(struct klb_net *kn, const struct klb_conn *conn, bool end)
{
	gfp_t gfp = (end ? GFP_KERNEL : GFP_ATOMIC) | __GFP_NOWARN;
	struct sk_buff *skb;

	if (!listened_to(kn)) {
		stop(kn);
		return;
	}
	skb = event(kn, conn, end, gfp);
	if (!skb || genlmsg_multicast_netns(&klb_nl_family, kn->net, skb, 0,
					    KLB_NLGRP_CONN, gfp) == -ENOBUFS)
		atomic64_inc(&kn->conns.events_lost);
}

int klb_nl_conn_listen_doit(struct sk_buff *skb, struct genl_info *info)
{
	WRITE_ONCE(klb_net(genl_info_net(info))->conns.tell, tell);
	return 0;
}

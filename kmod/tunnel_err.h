/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KLB_TUNNEL_ERR_H
#define KLB_TUNNEL_ERR_H

#include <linux/types.h>

struct klb_net;
struct sk_buff;

/* ICMP errors about packets that klb has sent in a header of its own
 * (encap.h). They come to this host, where nobody else knows of those.
 */

/* Whether an error, whose own checksum is right, is about such a packet of a
 * connection. @at: offset of that packet within the error, which skb->data is
 * the network header of. @mtu: that it tells, which then is the path's; 0 if
 * it tells none. RCU and BH held.
 */
bool klb_tunnel_error(struct klb_net *kn, struct sk_buff *skb,
		      unsigned int at, u32 mtu);

#endif

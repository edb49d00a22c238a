/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KLB_TUNNEL_ERR_H
#define KLB_TUNNEL_ERR_H

#include <linux/types.h>

struct klb_net;
struct klb_route;
struct sk_buff;

/* ICMP errors about packets that klb has sent in a header of its own
 * (encap.h). They come to this host, where nobody else knows of those.
 */

/* The way of the packet that an error is about, as far as what it quotes says;
 * NULL: it is no such packet of a connection. @at: offset of that within the
 * error, which skb->data is the network header of. @proto: what the outer
 * packet carries. RCU and BH held.
 */
const struct klb_route *klb_tunnel_quoted(struct klb_net *kn,
					  const struct sk_buff *skb,
					  unsigned int at, u8 *proto);

/* @mtu, which such an error tells, becomes that of the way @rt, if its checksum
 * is right: the caller has looked. Without memory it does not.
 */
void klb_tunnel_learn(struct klb_net *kn, const struct sk_buff *skb,
		      unsigned int at, const struct klb_route *rt, u8 proto,
		      u32 mtu);

#endif

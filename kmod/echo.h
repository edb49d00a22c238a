/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KLB_ECHO_H
#define KLB_ECHO_H

#include "parse.h"

struct klb_net;

/* Whether klb answers echo requests that are sent to an address: that of a
 * service, but not of this host, which answers itself. RCU held.
 */
bool klb_echo_wants(struct klb_net *kn, u8 family, const union klb_addr *dst);

/* An echo request to such an address becomes the reply, and is sent. @l4: offset
 * of its ICMP header, @end: that of what the link layer has padded. The reason is
 * counted.
 */
enum klb_verdict klb_echo(struct klb_net *kn, struct sk_buff *skb, u8 hook,
			  u8 family, u16 l4, u32 end);

#endif

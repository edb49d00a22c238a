/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KLB_REJECT_H
#define KLB_REJECT_H

#include <linux/types.h>

struct klb_net;
struct klb_pkt;

/* Tells the sender of @pkt that nobody listens there, as the address that it
 * was sent to would: with a RST of TCP, an ABORT to an INIT of SCTP, a message
 * of ICMP of all else. The packet is as it came in, and stays the caller's.
 * False: no answer is due, or none can be sent. RCU and BH held.
 */
bool klb_reject(struct klb_net *kn, const struct klb_pkt *pkt);

#endif

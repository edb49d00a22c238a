// SPDX-License-Identifier: GPL-2.0
#include "nat.h"

/* A whole-packet sum (CHECKSUM_COMPLETE) sees every word that has changed.
 * IPv4: the header's own checksum evens its changes out, the ports are
 * evened out by the transport checksum, which is left with the addresses.
 * IPv6: the addresses are evened out too, only the hop limit is left.
 */
static void fix_complete(struct sk_buff *skb, const struct klb_side *from,
			 bool hop)
{
	if (skb->ip_summed != CHECKSUM_COMPLETE)
		return;
	if (from->family == AF_INET)
		skb->csum = csum_sub(skb->csum,
				     (__force __wsum)(u32)from->addr_delta);
	else if (hop)
		skb->csum = csum_sub(skb->csum, (__force __wsum)htons(1));
}

static void sum_tcp(struct sk_buff *skb, struct tcphdr *th,
		    const struct klb_side *from, bool hop)
{
	if (skb->ip_summed == CHECKSUM_PARTIAL) {
		th->check = klb_csum_apply_partial(th->check,
						   from->addr_delta);
		return;
	}
	th->check = klb_csum_apply(th->check, from->l4_delta);
	fix_complete(skb, from, hop);
}

static void sum_udp(struct sk_buff *skb, struct udphdr *uh,
		    const struct klb_side *from, bool hop)
{
	/* The checksum to be filled in may be that of a packet inside. */
	if (skb->ip_summed == CHECKSUM_PARTIAL &&
	    skb_checksum_start(skb) == (void *)uh) {
		uh->check = klb_csum_apply_partial(uh->check,
						   from->addr_delta);
	} else if (uh->check) {
		uh->check = klb_csum_apply(uh->check, from->l4_delta);
		if (!uh->check)
			uh->check = CSUM_MANGLED_0;
		fix_complete(skb, from, hop);
	} else if (skb->ip_summed == CHECKSUM_COMPLETE) {
		/* no checksum that would even out the ports */
		skb->ip_summed = CHECKSUM_NONE;
	}
}

void klb_nat_summed(struct sk_buff *skb, unsigned int l4,
		    const struct klb_side *from, bool hop)
{
	if (from->proto == IPPROTO_TCP)
		sum_tcp(skb, (void *)skb->data + l4, from, hop);
	else
		sum_udp(skb, (void *)skb->data + l4, from, hop);
}

/* Addresses are none of its business: where the ports stay, so does the CRC. */
void klb_nat_sctp(struct sk_buff *skb, unsigned int l4, unsigned int len,
		  u32 ports)
{
	u32 *at = (void *)skb->data + l4;
	__le32 *crc = (void *)at + KLB_SCTP_CRC_AT;
	u32 diff = *at ^ ports;

	if (skb->ip_summed == CHECKSUM_COMPLETE)
		skb->ip_summed = CHECKSUM_NONE;
	if (!diff)
		return;
	*at = ports;
	if (skb->ip_summed != CHECKSUM_PARTIAL)
		*crc ^= klb_crc32c_delta(diff, len);
}

// SPDX-License-Identifier: GPL-2.0
#include "sctp_edit.h"

#include <linux/skbuff.h>
#include <net/checksum.h>

static const void *peek(const void *packet, unsigned int at, unsigned int len,
			void *room)
{
	return skb_header_pointer(packet, at, len, room);
}

/* Nothing is pulled: a GSO packet has the chunks in its list of fragments, and
 * would not be the same any more.
 */
bool klb_sctp_look_at(const struct klb_pkt *pkt, struct klb_sctp_look *look)
{
	const struct klb_sctp_packet p = { .packet = pkt->skb, .peek = peek };

	return klb_sctp_read(look, &p, pkt->l4, pkt->len);
}

static u8 *packet_at(const struct klb_pkt *pkt)
{
	return pkt->skb->data + pkt->l4;
}

static bool checksum_right(const struct klb_pkt *pkt)
{
	const u8 *packet = packet_at(pkt);
	__le32 crc;

	if (pkt->skb->ip_summed == CHECKSUM_PARTIAL)
		return true;
	memcpy(&crc, packet + KLB_SCTP_CRC_AT, sizeof(crc));
	return crc == klb_sctp_checksum(packet, pkt->len - pkt->l4);
}

static void checksum_anew(struct klb_pkt *pkt)
{
	u8 *packet = packet_at(pkt);
	__le32 crc;

	if (pkt->skb->ip_summed == CHECKSUM_PARTIAL)
		return;
	crc = klb_sctp_checksum(packet, pkt->len - pkt->l4);
	memcpy(packet + KLB_SCTP_CRC_AT, &crc, sizeof(crc));
	if (pkt->skb->ip_summed == CHECKSUM_COMPLETE)
		pkt->skb->ip_summed = CHECKSUM_NONE;
}

/* All bytes linear, ours, and room for @more. */
static bool make_room(struct sk_buff *skb, u32 more)
{
	if (skb_linearize(skb))
		return false;
	if (!skb_cloned(skb) && skb_tailroom(skb) >= more)
		return true;
	return !pskb_expand_head(skb, 0, more, GFP_ATOMIC);
}

static void set_len(struct klb_pkt *pkt, u32 len)
{
	struct sk_buff *skb = pkt->skb;
	struct iphdr *ip = klb_ip(pkt);
	__be16 total = htons(len);

	if (len > skb->len)
		skb_put(skb, len - skb->len);
	else
		__skb_trim(skb, len);
	pkt->len = len;
	if (pkt->t.family == AF_INET6) {
		klb_ip6(pkt)->payload_len =
			htons(len - sizeof(struct ipv6hdr));
		return;
	}
	csum_replace2(&ip->check, ip->tot_len, total);
	ip->tot_len = total;
}

bool klb_sctp_edit_packet(struct klb_pkt *pkt, const struct klb_sctp_look *look,
			  const struct klb_sctp_edit *e,
			  enum klb_reason *reason)
{
	u32 at = pkt->l4 + KLB_SCTP_HDR_LEN, room = klb_sctp_edit_room(e), len;

	*reason = KLB_REASON_MALFORMED;
	if (skb_is_gso(pkt->skb))
		return false;
	*reason = KLB_REASON_NO_MEMORY;
	/* and for the padding of the last parameter, if that is not there */
	if (!make_room(pkt->skb, room + 3))
		return false;
	*reason = KLB_REASON_MALFORMED;
	len = klb_sctp_edit_len(e, pkt->skb->data + at, look->chunk_len);
	if (!len || at + ALIGN(len, 4) > U16_MAX)
		return false;
	if (len == look->chunk_len && !e->n)
		return true;
	*reason = KLB_REASON_SCTP_CRC;
	if (!checksum_right(pkt))
		return false;
	klb_sctp_edit(e, pkt->skb->data + at, look->chunk_len);
	set_len(pkt, at + ALIGN(len, 4));
	checksum_anew(pkt);
	return true;
}

// SPDX-License-Identifier: GPL-2.0
/* What stands in packets: klb_parse(), and that the short ways of the hot path
 * see the same.
 */
#include "fuzz_klb.h"
#include "parse.h"

static bool same_tuple(const struct klb_pkt *a, const struct klb_pkt *b)
{
	u8 family = a->t.family;

	return family == b->t.family && a->t.proto == b->t.proto &&
	       a->t.ports.both == b->t.ports.both &&
	       klb_addr_equal(family, &a->t.src, &b->t.src) &&
	       klb_addr_equal(family, &a->t.dst, &b->t.dst) &&
	       a->l4 == b->l4 && a->tcp_flags == b->tcp_flags &&
	       a->len == b->len;
}

/* As klb_glance() asks before. */
static bool plain(struct klb_pkt *pkt)
{
	const struct sk_buff *skb = pkt->skb;
	const struct iphdr *ip = (void *)skb->data;

	if (skb->protocol == htons(ETH_P_IPV6))
		return klb_parse_plain6(pkt);
	return skb->protocol == htons(ETH_P_IP) && skb_headlen(skb) >= 28 &&
	       skb->data[0] == 0x45 &&
	       !(ip->frag_off & htons(IP_MF | IP_OFFSET)) &&
	       klb_parse_plain4(pkt);
}

static void look_at(struct klb_pkt *pkt)
{
	struct sk_buff *skb = pkt->skb;
	unsigned int least = pkt->t.proto == IPPROTO_UDP ? 8 :
			     pkt->t.proto == IPPROTO_TCP ? 20 : 8;

	fuzz_must(pkt->l4 + least <= skb_headlen(skb));
	fuzz_must(skb->data[0] >> 4 == (pkt->t.family == AF_INET ? 4 : 6));
	if (pkt->fragment || !klb_parse_check(pkt))
		return;
	fuzz_must(pkt->len == skb->len || skb_is_gso(skb));
	fuzz_must(pkt->l4 + least <= pkt->len);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct klb_pkt pkt = {}, fast = {};
	bool was_plain;

	fast.skb = fuzz_skb(data, size);
	pkt.skb = fuzz_skb(data, size);
	if (!pkt.skb)
		return 0;
	was_plain = plain(&fast);
	if (klb_parse(&pkt)) {
		if (was_plain)
			fuzz_must(same_tuple(&pkt, &fast));
		look_at(&pkt);
	} else {
		fuzz_must(!was_plain);
	}
	if (was_plain)
		look_at(&fast);
	fuzz_skb_free(pkt.skb);
	fuzz_skb_free(fast.skb);
	return 0;
}

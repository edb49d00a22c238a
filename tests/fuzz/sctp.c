// SPDX-License-Identifier: GPL-2.0
/* SCTP: an edited INIT can be read again and says the same but for addresses,
 * a CRC follows what is changed, and who has a wrong tag changes nothing.
 *
 * The first byte of an input says which of the three the rest is for.
 */
#include "fuzz_klb.h"
#include "sctp_edit.h"

#define ADDRS_MAX	4
#define PARAMS_MAX	64

/* Bit by bit, as RFC 9260, appendix A has it. */
static u32 crc_of(const u8 *p, u32 len, u32 crc)
{
	int i;

	while (len--) {
		crc ^= *p++;
		for (i = 0; i < 8; i++)
			crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78 : 0);
	}
	return crc;
}

/* Checksums */

static void crc(struct fuzz_input *in)
{
	u32 old, new, diff, n = in->size;
	__le32 before, after;
	u8 *p;

	if (n < 4 + KLB_SCTP_HDR_LEN)
		return;
	new = fuzz_take(in, 4);
	n -= 4;
	p = malloc(n);
	memcpy(p, in->data, n);
	fuzz_must(klb_crc32c(new, p, n) == crc_of(p, n, new));
	before = klb_sctp_checksum(p, n);
	memcpy(&old, p, 4);
	diff = old ^ new;
	memcpy(p, &new, 4);
	after = klb_sctp_checksum(p, n);
	fuzz_must((before ^ after) == klb_crc32c_delta(diff, n));
	free(p);
}

/* States */

static bool known_state(u8 state)
{
	switch (state) {
	case KLB_CONN_STATE_COOKIE_WAIT:
	case KLB_CONN_STATE_COOKIE_ECHOED:
	case KLB_CONN_STATE_ESTABLISHED:
	case KLB_CONN_STATE_SHUTDOWN:
	case KLB_CONN_STATE_SHUTDOWN_ACK:
	case KLB_CONN_STATE_CLOSE:
		return true;
	}
	return false;
}

static enum klb_dir take_look(struct fuzz_input *in, struct klb_sctp_look *look)
{
	u32 x = fuzz_take(in, 2);

	/* few tags, so that they fit at times */
	*look = (struct klb_sctp_look){
		.tag = x & 7, .init_tag = 1 + (x >> 3 & 7),
		.event = (x >> 6 & 15) % KLB_SCTP_EVENTS,
		.reflected = x >> 10 & 1, .heartbeat = x >> 11 & 1,
	};
	return x >> 15;
}

static void states(struct fuzz_input *in,
		   bool (*next)(struct klb_sctp_tags *tags, u8 *state,
				enum klb_dir dir,
				const struct klb_sctp_look *look))
{
	struct klb_sctp_tags tags = {}, before;
	struct klb_sctp_look look;
	enum klb_dir dir;
	u8 state, was;

	take_look(in, &look);
	state = klb_sctp_first(&tags, &look);
	if (!state)
		return;
	while (in->size) {
		dir = take_look(in, &look);
		before = tags;
		was = state;
		if (!next(&tags, &state, dir, &look)) {
			fuzz_must(state == was);
			fuzz_must(!memcmp(&tags, &before, sizeof(tags)));
		}
		fuzz_must(known_state(state));
		fuzz_must(klb_sctp_timeout(state, 0));
		/* an INIT alone ends nothing and makes nothing */
		if (look.event == KLB_SCTP_INIT)
			fuzz_must(state == was &&
				  !memcmp(tags.tag, before.tag,
					  sizeof(tags.tag)));
		if (state == KLB_CONN_STATE_ESTABLISHED && was != state)
			fuzz_must(tags.tag[0] || tags.tag[1]);
	}
}

/* INIT and INIT ACK */

struct params {
	u32 n;
	u32 sum[PARAMS_MAX];	/* of a parameter that is no address */
};

/* What a chunk says beside addresses, and how many there are of them that are
 * not of @keep nor any of @e.
 */
static u32 read_params(struct params *p, const u8 *chunk, u32 len)
{
	u32 at, size, others = 0;
	u16 type;

	p->n = 0;
	for (at = KLB_SCTP_INIT_LEN; at + 4 <= len; at += ALIGN(size, 4)) {
		type = get_unaligned_be16(chunk + at);
		size = get_unaligned_be16(chunk + at + 2);
		fuzz_must(size >= 4 && size <= len - at);
		if (type == 5 || type == 6)
			others++;
		else if (p->n < PARAMS_MAX)
			p->sum[p->n++] = crc_of(chunk + at, size, ~0);
	}
	return others;
}

static void expect_addrs(const struct klb_sctp_edit *e, const u8 *old,
			 u32 old_len, const u8 *chunk, u32 len)
{
	static union klb_addr now[1024], had[1024];
	u32 n, kept = 0, i;

	n = klb_sctp_addrs(chunk, len, e->family, now, ARRAY_SIZE(now));
	fuzz_must(n >= e->n);
	for (i = 0; i < e->n; i++)
		fuzz_must(klb_addr_equal(e->family, &now[i], &e->addrs[i]));
	if (e->keep) {
		kept = klb_sctp_addrs(old, old_len, e->keep, had,
				      ARRAY_SIZE(had));
		n = klb_sctp_addrs(chunk, len, e->keep, now, ARRAY_SIZE(now));
		i = e->keep == e->family ? e->n : 0;
		fuzz_must(n == kept + i || n == ARRAY_SIZE(now));
		for (n = 0; n < kept && n + i < ARRAY_SIZE(now); n++)
			fuzz_must(klb_addr_equal(e->keep, &had[n],
						 &now[n + i]));
	}
	n = klb_sctp_addrs(chunk, len, AF_INET, now, ARRAY_SIZE(now)) +
	    klb_sctp_addrs(chunk, len, AF_INET6, now, ARRAY_SIZE(now));
	fuzz_must(n == e->n + kept || n >= ARRAY_SIZE(now));
}

static u8 *copy_of(const struct sk_buff *skb)
{
	u8 *p = malloc(skb->len);

	fuzz_must(!skb_copy_bits(skb, 0, p, skb->len));
	return p;
}

static bool crc_right(const u8 *p, u32 len)
{
	u32 sum = crc_of(p, 8, ~0);
	u8 none[4] = {};

	sum = crc_of(none, 4, sum);
	sum = __cpu_to_le32(~crc_of(p + 12, len - 12, sum));
	return !memcmp(&sum, p + 8, 4);
}

/* @old: the packet before */
static void expect_edited(const struct klb_pkt *pkt, const u8 *old, u32 old_len,
			  const struct klb_sctp_look *look,
			  const struct klb_sctp_edit *e)
{
	u32 at = pkt->l4 + KLB_SCTP_HDR_LEN;
	struct klb_pkt again = { .skb = pkt->skb };
	struct klb_sctp_look now;
	struct params was, is;
	u8 *p;

	fuzz_must(klb_parse(&again) && klb_parse_check(&again));
	fuzz_must(again.len == pkt->len && pkt->len == pkt->skb->len);
	fuzz_must(again.l4 == pkt->l4);
	fuzz_must(klb_sctp_look_at(&again, &now));
	fuzz_must(now.tag == look->tag && now.init_tag == look->init_tag &&
		  now.event == look->event);
	p = copy_of(pkt->skb);
	read_params(&was, old + at, look->chunk_len);
	read_params(&is, p + at, now.chunk_len);
	fuzz_must(was.n == is.n && !memcmp(was.sum, is.sum, 4 * is.n));
	expect_addrs(e, old + at, look->chunk_len, p + at, now.chunk_len);
	if (pkt->t.family == AF_INET)
		fuzz_must(fuzz_same_sum(fuzz_sum(p, pkt->l4, 0),
					fuzz_sum(old, pkt->l4, 0)));
	if (pkt->skb->ip_summed != CHECKSUM_PARTIAL &&
	    crc_right(old + pkt->l4, old_len - pkt->l4))
		fuzz_must(crc_right(p + pkt->l4, pkt->len - pkt->l4));
	free(p);
}

static void edit_packet(struct klb_pkt *pkt, const struct klb_sctp_look *look,
			const struct klb_sctp_edit *e)
{
	u8 *old = copy_of(pkt->skb), *now;
	u32 len = pkt->len;
	enum klb_reason reason;

	if (klb_sctp_edit_packet(pkt, look, e, &reason)) {
		expect_edited(pkt, old, len, look, e);
	} else {
		fuzz_must(reason == KLB_REASON_MALFORMED ||
			  reason == KLB_REASON_SCTP_CRC);
		now = copy_of(pkt->skb);
		fuzz_must(pkt->len == len && !memcmp(old, now, len));
		free(now);
	}
	free(old);
}

/* As if whoever sent it had the right one. */
static void fix_crc(struct klb_pkt *pkt)
{
	__le32 sum;

	skb_linearize(pkt->skb);
	sum = klb_sctp_checksum(pkt->skb->data + pkt->l4, pkt->len - pkt->l4);
	memcpy(pkt->skb->data + pkt->l4 + KLB_SCTP_CRC_AT, &sum, 4);
}

static void packet(struct fuzz_input *in)
{
	union klb_addr addrs[ADDRS_MAX] = {};
	struct klb_sctp_edit e = { .addrs = addrs };
	struct klb_sctp_look look;
	struct klb_pkt pkt = {};
	u8 flags = fuzz_take(in, 1);
	int i;

	e.n = flags & 3;
	e.family = flags & 4 ? AF_INET6 : AF_INET;
	e.keep = flags & 8 ? flags & 16 ? AF_INET6 : AF_INET : 0;
	for (i = 0; i < e.n; i++)
		memset(&addrs[i], 0x80 + i, klb_addr_len(e.family));
	pkt.skb = fuzz_skb(in->data, in->size);
	if (!pkt.skb)
		return;
	pkt.skb->ip_summed = flags & 32 ? CHECKSUM_PARTIAL : CHECKSUM_NONE;
	pkt.skb->cloned = flags & 64;
	if (klb_parse(&pkt) && pkt.t.proto == IPPROTO_SCTP && !pkt.fragment &&
	    klb_parse_check(&pkt) && klb_sctp_look_at(&pkt, &look)) {
		fuzz_must(look.event < KLB_SCTP_EVENTS);
		if (flags & 128)
			fix_crc(&pkt);
		if (look.event == KLB_SCTP_INIT ||
		    look.event == KLB_SCTP_INIT_ACK)
			edit_packet(&pkt, &look, &e);
	}
	fuzz_skb_free(pkt.skb);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct fuzz_input in = { .data = data, .size = size };
	u8 what = fuzz_take(&in, 1);

	switch (what & 3) {
	case 0:
		crc(&in);
		break;
	case 1:
		states(&in, what & 4 ? klb_sctp_next_alone : klb_sctp_next);
		break;
	default:
		packet(&in);
	}
	return 0;
}

// SPDX-License-Identifier: GPL-2.0
/* Incremental checksums against the kernel's own sums over whole packets. */
#include <kunit/test.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/module.h>
#include <linux/prandom.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/checksum.h>
#include <net/ip.h>
#include <net/ip6_checksum.h>

#include "../../kmod/csum.h"

#define ROUNDS		2000
#define PAYLOAD_MAX	64

/* ---- folding ---- */

/* 16-bit one's complement has two zeroes: 0 comes of nothing but 0. */
static u16 fold_slowly(u32 sum)
{
	return sum ? (sum - 1) % 0xffff + 1 : 0;
}

static void fold_bounds(struct kunit *test)
{
	static const u32 sums[] = {
		0, 1, 0xfffe, 0xffff, 0x10000, 0x10001, 0x1fffd, 0x1fffe,
		0x1ffff, 0x20000, 0x2fffd, 0x2ffff, 0x7fffffff, 0x80000000,
		0xfffe0000, 0xfffe0001, 0xfffeffff, 0xffff0000, 0xffff0001,
		0xfffffffe, 0xffffffff,
	};
	int i;

	for (i = 0; i < ARRAY_SIZE(sums); i++)
		KUNIT_EXPECT_EQ(test, klb_csum_fold(sums[i]),
				fold_slowly(sums[i]));
}

static void fold_many(struct kunit *test)
{
	u32 sum, wrong = 0;

	/* an odd step meets other low bits every time */
	for (sum = 0; sum < 0xffffe000; sum += 4093)
		wrong += klb_csum_fold(sum) != fold_slowly(sum);
	KUNIT_EXPECT_EQ(test, wrong, 0);
}

static void fold64_equals_fold(struct kunit *test)
{
	struct rnd_state rnd;
	int i;

	prandom_seed_state(&rnd, 8);
	for (i = 0; i < ROUNDS; i++) {
		u16 w[4];
		u64 all;

		prandom_bytes_state(&rnd, w, sizeof(w));
		if (i & 1)
			memset(w, i & 2 ? 0xff : 0, i % 9);
		memcpy(&all, w, sizeof(all));
		KUNIT_ASSERT_EQ(test, klb_csum_fold64(all),
				fold_slowly((u32)w[0] + w[1] + w[2] + w[3]));
	}
	KUNIT_EXPECT_EQ(test, klb_csum_fold64(0), 0);
	KUNIT_EXPECT_EQ(test, klb_csum_fold64(~0ULL), 0xffff);
}

/* ---- deltas ---- */

static u16 sum_of(const void *data, int words)
{
	const u16 *w = data;
	u32 sum = 0;

	while (words-- > 0)
		sum += *w++;
	return klb_csum_fold(sum);
}

/* Of @words words, each alone, what klb_csum_delta() says of their sums. */
static u16 delta_by_words(const u16 *from, const u16 *to, int words)
{
	u32 sum = 0;

	while (words-- > 0)
		sum += (u16)~*from++ + *to++;
	return klb_csum_fold(sum);
}

static void delta_of_nothing(struct kunit *test)
{
	/* a change to the same is never the zero that means nothing */
	KUNIT_EXPECT_EQ(test, klb_csum_delta(0x1234, 0x1234), 0xffff);
	KUNIT_EXPECT_EQ(test, klb_csum_delta(0, 0), 0xffff);
	KUNIT_EXPECT_EQ(test, klb_csum_delta(0xffff, 0xffff), 0xffff);
}

static void delta_extremes(struct kunit *test)
{
	/* 0xffff is a zero too: nothing has changed */
	KUNIT_EXPECT_EQ(test, klb_csum_delta(0, 0xffff), 0xffff);
	KUNIT_EXPECT_EQ(test, klb_csum_delta(0xffff, 0), 0);
}

static void delta_of_sums(struct kunit *test)
{
	struct rnd_state rnd;
	u16 from[18], to[18];
	int i;

	prandom_seed_state(&rnd, 1);
	for (i = 0; i < ROUNDS; i++) {
		u16 there, back, a, b;

		prandom_bytes_state(&rnd, from, sizeof(from));
		prandom_bytes_state(&rnd, to, sizeof(to));
		a = sum_of(from, 18);
		b = sum_of(to, 18);
		there = klb_csum_delta(a, b);
		back = klb_csum_delta(b, a);
		KUNIT_ASSERT_EQ(test, there, delta_by_words(from, to, 18));
		KUNIT_ASSERT_EQ(test, klb_csum_fold((u32)there + back), 0xffff);
	}
}

/* ---- packets ---- */

struct packet {
	union {
		struct iphdr ip;
		struct ipv6hdr ip6;
	};
	union {
		struct {
			__be16 source, dest;
		};
		struct tcphdr th;
		struct udphdr uh;
	};
	u8 payload[PAYLOAD_MAX];
};

static const struct kind {
	const char *name;
	u8 family, proto;
} kinds[] = {
	{ "TCP over IPv4", AF_INET, IPPROTO_TCP },
	{ "UDP over IPv4", AF_INET, IPPROTO_UDP },
	{ "TCP over IPv6", AF_INET6, IPPROTO_TCP },
	{ "UDP over IPv6", AF_INET6, IPPROTO_UDP },
};

KUNIT_ARRAY_PARAM_DESC(kind, kinds, name);

static int l4_len(const struct kind *k, int payload)
{
	/* the payload of UDP begins where TCP's header still goes on */
	return (k->proto == IPPROTO_TCP ? sizeof(struct tcphdr) :
					  sizeof(struct udphdr)) + payload;
}

static __sum16 *check_of(const struct kind *k, struct packet *p)
{
	return k->proto == IPPROTO_TCP ? &p->th.check : &p->uh.check;
}

static __sum16 pseudo(const struct kind *k, const struct packet *p, int len,
		      __wsum sum)
{
	if (k->family == AF_INET)
		return csum_tcpudp_magic(p->ip.saddr, p->ip.daddr, len,
					 k->proto, sum);
	return csum_ipv6_magic(&p->ip6.saddr, &p->ip6.daddr, len, k->proto,
			       sum);
}

/* What the transport checksum has to be. */
static __sum16 full_check(const struct kind *k, struct packet *p, int len)
{
	__sum16 *check = check_of(k, p), was = *check, sum;

	*check = 0;
	sum = pseudo(k, p, len, csum_partial(&p->th, len, 0));
	*check = was;
	return sum;
}

/* As it stands in a packet: UDP has no zero. */
static __sum16 wire(const struct kind *k, __sum16 check)
{
	if (k->proto == IPPROTO_UDP && !check)
		return CSUM_MANGLED_0;
	return check;
}

static void fill_random(const struct kind *k, struct packet *p, int payload,
			struct rnd_state *rnd)
{
	prandom_bytes_state(rnd, p, sizeof(*p));
	if (k->family == AF_INET) {
		p->ip.ihl = 5;
		ip_send_check(&p->ip);
	}
	*check_of(k, p) = wire(k, full_check(k, p, l4_len(k, payload)));
}

/* Addresses and ports, as a connection knows them. */
struct rewrite {
	union {
		struct {
			__be32 saddr, daddr;
		};
		struct in6_addr addr6[2];
	};
	__be16 ports[2];
};

static int addr_words(const struct kind *k)
{
	return k->family == AF_INET ? 4 : 16;
}

static void *addrs_of(const struct kind *k, struct packet *p)
{
	return k->family == AF_INET ? (void *)&p->ip.saddr :
				      (void *)&p->ip6.saddr;
}

static u16 addr_delta(const struct kind *k, struct packet *p,
		      const struct rewrite *r)
{
	return klb_csum_delta(sum_of(addrs_of(k, p), addr_words(k)),
			      sum_of(r->addr6, addr_words(k)));
}

static u16 l4_delta(const struct kind *k, struct packet *p,
		    const struct rewrite *r)
{
	return klb_csum_fold(addr_delta(k, p, r) +
			     klb_csum_delta(sum_of(&p->source, 2),
					    sum_of(r->ports, 2)));
}

static void apply_rewrite(const struct kind *k, struct packet *p,
			  const struct rewrite *r)
{
	memcpy(addrs_of(k, p), r->addr6, addr_words(k) * 2);
	p->source = r->ports[0];
	p->dest = r->ports[1];
}

/* Every so often nothing but a bit changes, or nothing at all. */
static void choose_rewrite(const struct kind *k, struct packet *p,
			   struct rewrite *r, struct rnd_state *rnd)
{
	u32 dice = prandom_u32_state(rnd) % 8;

	prandom_bytes_state(rnd, r, sizeof(*r));
	if (dice > 2)
		return;
	memcpy(r->addr6, addrs_of(k, p), addr_words(k) * 2);
	r->ports[0] = p->source;
	r->ports[1] = p->dest;
	if (dice)
		r->ports[1] ^= htons(1 << prandom_u32_state(rnd) % 16);
	if (dice == 2)
		r->saddr ^= htonl(0x80000000);
}

/* RFC 1624 done right gives the very bits that summing afresh gives. */
static void apply_equals_recomputation(struct kunit *test)
{
	const struct kind *k = test->param_value;
	struct rnd_state rnd;
	int i;

	prandom_seed_state(&rnd, 2);
	for (i = 0; i < ROUNDS; i++) {
		int payload = prandom_u32_state(&rnd) % (PAYLOAD_MAX - 12);
		struct packet p;
		struct rewrite r;
		__sum16 check;

		fill_random(k, &p, payload, &rnd);
		choose_rewrite(k, &p, &r, &rnd);
		check = klb_csum_apply(*check_of(k, &p), l4_delta(k, &p, &r));
		apply_rewrite(k, &p, &r);
		KUNIT_ASSERT_EQ(test, (__force u16)check,
				(__force u16)full_check(k, &p,
							l4_len(k, payload)));
	}
}

static void ip_header_equals_recomputation(struct kunit *test)
{
	const struct kind *k = &kinds[0];
	struct rnd_state rnd;
	int i;

	prandom_seed_state(&rnd, 3);
	for (i = 0; i < ROUNDS; i++) {
		struct packet p;
		struct rewrite r;
		__sum16 check;

		fill_random(k, &p, 0, &rnd);
		choose_rewrite(k, &p, &r, &rnd);
		check = klb_csum_apply(p.ip.check, addr_delta(k, &p, &r));
		apply_rewrite(k, &p, &r);
		ip_send_check(&p.ip);
		KUNIT_ASSERT_EQ(test, (__force u16)check,
				(__force u16)p.ip.check);
	}
}

/* The header's own TTL going down by one, from every TTL. */
static void ttl_equals_recomputation(struct kunit *test)
{
	const u16 delta = (__force u16)htons(0xfeff);
	struct rewrite r;
	struct rnd_state rnd;
	struct packet p;
	int ttl;

	prandom_seed_state(&rnd, 4);
	for (ttl = 1; ttl < 256; ttl++) {
		__sum16 check;

		fill_random(&kinds[0], &p, 0, &rnd);
		p.ip.ttl = ttl;
		ip_send_check(&p.ip);
		check = klb_csum_apply(p.ip.check, delta);
		p.ip.ttl--;
		ip_send_check(&p.ip);
		KUNIT_ASSERT_EQ(test, (__force u16)check,
				(__force u16)p.ip.check);
		/* and with the addresses in one step */
		choose_rewrite(&kinds[0], &p, &r, &rnd);
		p.ip.ttl++;
		ip_send_check(&p.ip);
		check = klb_csum_apply(p.ip.check, (u32)delta +
				       addr_delta(&kinds[0], &p, &r));
		apply_rewrite(&kinds[0], &p, &r);
		p.ip.ttl--;
		ip_send_check(&p.ip);
		KUNIT_ASSERT_EQ(test, (__force u16)check,
				(__force u16)p.ip.check);
	}
}

/* A port that makes the transport checksum 0. */
static void make_zero(const struct kind *k, const struct packet *p, int len,
		      struct rewrite *r)
{
	struct packet q = *p;

	r->ports[1] = 0;
	apply_rewrite(k, &q, r);
	/* the checksum without the word is the word that makes it zero */
	r->ports[1] = (__force __be16)full_check(k, &q, len);
}

/* Comes out as 0, which UDP has to write as 0xffff, and goes on from there. */
static void zero_result(struct kunit *test)
{
	const struct kind *k = test->param_value;
	struct rnd_state rnd;
	int i;

	prandom_seed_state(&rnd, 5);
	for (i = 0; i < ROUNDS; i++) {
		int len = l4_len(k, 16);
		struct packet p;
		struct rewrite r;
		__sum16 check;

		fill_random(k, &p, 16, &rnd);
		prandom_bytes_state(&rnd, &r, sizeof(r));
		make_zero(k, &p, len, &r);
		check = klb_csum_apply(*check_of(k, &p), l4_delta(k, &p, &r));
		apply_rewrite(k, &p, &r);
		KUNIT_ASSERT_EQ(test, (__force u16)check, 0);
		KUNIT_ASSERT_EQ(test, (__force u16)full_check(k, &p, len), 0);

		*check_of(k, &p) = wire(k, check);
		prandom_bytes_state(&rnd, &r, sizeof(r));
		check = klb_csum_apply(*check_of(k, &p), l4_delta(k, &p, &r));
		apply_rewrite(k, &p, &r);
		KUNIT_ASSERT_EQ(test, (__force u16)check,
				(__force u16)full_check(k, &p, len));
	}
}

/* CHECKSUM_PARTIAL: the field holds the sum of the pseudo header, and whoever
 * sends the packet adds the rest.
 */
static void partial_is_finished_right(struct kunit *test)
{
	const struct kind *k = test->param_value;
	struct rnd_state rnd;
	int i;

	prandom_seed_state(&rnd, 6);
	for (i = 0; i < ROUNDS; i++) {
		int payload = prandom_u32_state(&rnd) % (PAYLOAD_MAX - 12);
		int len = l4_len(k, payload);
		struct packet p;
		struct rewrite r;
		__sum16 *check = check_of(k, &p);

		fill_random(k, &p, payload, &rnd);
		*check = ~pseudo(k, &p, len, 0);
		choose_rewrite(k, &p, &r, &rnd);
		*check = klb_csum_apply_partial(*check, addr_delta(k, &p, &r));
		apply_rewrite(k, &p, &r);
		KUNIT_ASSERT_EQ(test, (__force u16)*check,
				(__force u16)~pseudo(k, &p, len, 0));
		*check = csum_fold(csum_partial(&p.th, len, 0));
		KUNIT_ASSERT_EQ(test, (__force u16)*check,
				(__force u16)full_check(k, &p, len));
	}
}

/* There and back again leaves the packet as it was. */
static void reply_undoes_request(struct kunit *test)
{
	const struct kind *k = test->param_value;
	struct rnd_state rnd;
	int i;

	prandom_seed_state(&rnd, 7);
	for (i = 0; i < ROUNDS; i++) {
		struct packet p;
		struct rewrite r, undo;
		__sum16 was, check;

		fill_random(k, &p, 0, &rnd);
		was = *check_of(k, &p);
		choose_rewrite(k, &p, &r, &rnd);
		memcpy(undo.addr6, addrs_of(k, &p), addr_words(k) * 2);
		undo.ports[0] = p.source;
		undo.ports[1] = p.dest;
		check = wire(k, klb_csum_apply(was, l4_delta(k, &p, &r)));
		apply_rewrite(k, &p, &r);
		check = wire(k, klb_csum_apply(check, l4_delta(k, &p, &undo)));
		KUNIT_ASSERT_EQ(test, (__force u16)check, (__force u16)was);
	}
}

static struct kunit_case csum_cases[] = {
	KUNIT_CASE(fold_bounds),
	KUNIT_CASE(fold_many),
	KUNIT_CASE(fold64_equals_fold),
	KUNIT_CASE(delta_of_nothing),
	KUNIT_CASE(delta_extremes),
	KUNIT_CASE(delta_of_sums),
	KUNIT_CASE_PARAM(apply_equals_recomputation, kind_gen_params),
	KUNIT_CASE(ip_header_equals_recomputation),
	KUNIT_CASE(ttl_equals_recomputation),
	KUNIT_CASE_PARAM(zero_result, kind_gen_params),
	KUNIT_CASE_PARAM(partial_is_finished_right, kind_gen_params),
	KUNIT_CASE_PARAM(reply_undoes_request, kind_gen_params),
	{}
};

static struct kunit_suite csum_suite = {
	.name = "klb_csum",
	.test_cases = csum_cases,
};

kunit_test_suite(csum_suite);

MODULE_DESCRIPTION("KUnit tests of klb's incremental checksums");
MODULE_LICENSE("GPL");

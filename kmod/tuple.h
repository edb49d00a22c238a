/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KLB_TUPLE_H
#define KLB_TUPLE_H

#include <linux/in6.h>
#include <linux/siphash.h>
#include <linux/string.h>
#include <linux/types.h>

/* An address of either family; the family is known from elsewhere. IPv4 uses
 * the first four bytes, the others are zero wherever an address is stored.
 */
union klb_addr {
	__be32 ip;
	struct in6_addr in6;
	u64 w[2];
};

/* Source and destination port as they stand in a TCP or UDP header. */
union klb_ports {
	struct {
		__be16 src, dst;
	};
	u32 both;
};

/* What a packet says about where it comes from and where it goes. IPv4
 * leaves all but the first four bytes of src and dst unset.
 */
struct klb_tuple {
	union klb_addr src, dst;
	union klb_ports ports;
	u8 proto;
	u8 family;	/* AF_INET or AF_INET6 */
};

static inline unsigned int klb_addr_len(u8 family)
{
	return family == AF_INET ? sizeof(__be32) : sizeof(struct in6_addr);
}

static inline bool klb_addr_equal(u8 family, const union klb_addr *a,
				  const union klb_addr *b)
{
	if (family == AF_INET)
		return a->ip == b->ip;
	return a->w[0] == b->w[0] && a->w[1] == b->w[1];
}

static inline bool klb_addr_any(u8 family, const union klb_addr *a)
{
	if (family == AF_INET)
		return !a->ip;
	return !(a->w[0] | a->w[1]);
}

static inline union klb_ports klb_ports_reverse(union klb_ports p)
{
	union klb_ports r = { .src = p.dst, .dst = p.src };

	return r;
}

void klb_addr_copy(u8 family, union klb_addr *to, const union klb_addr *from);
int klb_addr_cmp(u8 family, const union klb_addr *a, const union klb_addr *b);
void klb_tuple_reverse(struct klb_tuple *to, const struct klb_tuple *from);

/* SipHash-1-3 over whole 64-bit words, inlined because every packet of a
 * service pays for it. Aumasson and Bernstein, "SipHash: a fast short-input
 * PRF", 2012; one compression and three finalisation rounds as in the
 * kernel's hsiphash. The length is no part of it: it is fixed by the family.
 */
struct klb_sip {
	u64 v0, v1, v2, v3;
};

static __always_inline void klb_sip_init(struct klb_sip *s,
					 const siphash_key_t *key)
{
	s->v0 = SIPHASH_CONST_0 ^ key->key[0];
	s->v1 = SIPHASH_CONST_1 ^ key->key[1];
	s->v2 = SIPHASH_CONST_2 ^ key->key[0];
	s->v3 = SIPHASH_CONST_3 ^ key->key[1];
}

static __always_inline void klb_sip_add(struct klb_sip *s, u64 word)
{
	s->v3 ^= word;
	SIPHASH_PERMUTATION(s->v0, s->v1, s->v2, s->v3);
	s->v0 ^= word;
}

static __always_inline u64 klb_sip_end(struct klb_sip *s)
{
	s->v2 ^= 0xff;
	SIPHASH_PERMUTATION(s->v0, s->v1, s->v2, s->v3);
	SIPHASH_PERMUTATION(s->v0, s->v1, s->v2, s->v3);
	SIPHASH_PERMUTATION(s->v0, s->v1, s->v2, s->v3);
	return s->v0 ^ s->v1 ^ s->v2 ^ s->v3;
}

static __always_inline u64 klb_hash4(const siphash_key_t *key, __be32 src,
				     __be32 dst, u32 ports, u8 proto)
{
	struct klb_sip s;

	klb_sip_init(&s, key);
	klb_sip_add(&s, (__force u32)src | (u64)(__force u32)dst << 32);
	klb_sip_add(&s, ports | (u64)proto << 32);
	return klb_sip_end(&s);
}

static __always_inline u64 klb_hash6(const siphash_key_t *key,
				     const union klb_addr *src,
				     const union klb_addr *dst, u32 ports,
				     u8 proto)
{
	struct klb_sip s;

	klb_sip_init(&s, key);
	klb_sip_add(&s, src->w[0]);
	klb_sip_add(&s, src->w[1]);
	klb_sip_add(&s, dst->w[0]);
	klb_sip_add(&s, dst->w[1]);
	klb_sip_add(&s, ports | (u64)proto << 32);
	return klb_sip_end(&s);
}

static __always_inline u64 klb_tuple_hash(const siphash_key_t *key,
					  const struct klb_tuple *t)
{
	if (t->family == AF_INET)
		return klb_hash4(key, t->src.ip, t->dst.ip, t->ports.both,
				 t->proto);
	return klb_hash6(key, &t->src, &t->dst, t->ports.both, t->proto);
}

#endif

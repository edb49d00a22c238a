/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KLB_TUPLE_H
#define KLB_TUPLE_H

#include <linux/bitops.h>
#include <linux/in6.h>
#include <linux/string.h>
#include <linux/socket.h>
#include <linux/types.h>

#include "csum.h"
#include "hash.h"

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
	return (union klb_ports){ .both = rol32(p.both, 16) };
}

/* Sum of a stored address, see csum.h. */
static inline u16 klb_addr_sum(const union klb_addr *a)
{
	return klb_csum_fold((u32)klb_csum_fold64(a->w[0]) +
			     klb_csum_fold64(a->w[1]));
}

/* The first word of a stored IPv4 address. */
static inline u64 klb_addr_word4(const union klb_addr *a)
{
	u64 word = (__force u32)a->ip;

	return IS_ENABLED(CONFIG_CPU_BIG_ENDIAN) ? word << 32 : word;
}

/* Stores an address as a whole: of IPv4 only the first four bytes of @from are
 * read, and the rest of @to is zeroed.
 */
static inline void klb_addr_copy(u8 family, union klb_addr *to,
				 const union klb_addr *from)
{
	if (family == AF_INET) {
		to->w[0] = 0;
		to->w[1] = 0;
		to->ip = from->ip;
	} else {
		*to = *from;
	}
}

int klb_addr_cmp(u8 family, const union klb_addr *a, const union klb_addr *b);
void klb_tuple_reverse(struct klb_tuple *to, const struct klb_tuple *from);

/* A tuple in words, as they lie in struct klb_side: to compare and to hash.
 * An array would not live in registers.
 */
struct klb_key {
	u64 s0, s1, d0, d1;	/* source, destination; IPv4: s0 has both */
	u64 id;			/* ports, protocol, family */
};

static __always_inline u64 klb_key_id(union klb_ports ports, u8 proto,
				      u8 family)
{
	if (IS_ENABLED(CONFIG_CPU_BIG_ENDIAN))
		return (u64)ports.both << 32 | (u32)proto << 24 |
		       (u32)family << 16;
	return ports.both | (u64)(proto | family << 8) << 32;
}

static __always_inline u64 klb_key_addrs4(__be32 from, __be32 to)
{
	u64 src = (__force u32)from, dst = (__force u32)to;

	return IS_ENABLED(CONFIG_CPU_BIG_ENDIAN) ? src << 32 | dst :
						   src | dst << 32;
}

static __always_inline void klb_key_set(struct klb_key *key,
					const struct klb_tuple *t, u8 family)
{
	key->id = klb_key_id(t->ports, t->proto, family);
	if (family == AF_INET) {
		key->s0 = klb_key_addrs4(t->src.ip, t->dst.ip);
		return;
	}
	key->s0 = t->src.w[0];
	key->s1 = t->src.w[1];
	key->d0 = t->dst.w[0];
	key->d1 = t->dst.w[1];
}

static __always_inline u32 klb_key_hash(const struct klb_hash_key *secret,
					u8 family, const struct klb_key *key)
{
	return family == AF_INET ?
	       klb_hash4(secret, key->s0, key->id) :
	       klb_hash6(secret, key->s0, key->s1, key->d0, key->d1, key->id);
}

static __always_inline u32 klb_tuple_hash(const struct klb_hash_key *secret,
					  const struct klb_tuple *t)
{
	struct klb_key key;

	klb_key_set(&key, t, t->family);
	return klb_key_hash(secret, t->family, &key);
}

#endif

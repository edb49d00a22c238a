/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KLB_FRAG_TABLE_H
#define KLB_FRAG_TABLE_H

#include <linux/list.h>
#include <linux/rbtree.h>
#include <linux/siphash.h>
#include <linux/skbuff.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

#include "frag_head.h"
#include "tuple.h"

struct klb_net;

/* Fragments that wait for the rest of their datagram. All of a namespace take
 * KLB_FRAG_BYTES at most: the oldest datagram makes room for a new one, so that
 * a flood takes from the time that each may wait, and nothing else.
 */
#define KLB_FRAG_BYTES		(4 << 20)
#define KLB_FRAG_DATAGRAMS	4096
#define KLB_FRAG_EACH		1536	/* 64 KiB at the least MTU of IPv4 */
#define KLB_FRAG_LASTS		(5 * HZ)
#define KLB_FRAG_BITS		8

/* What fragments of one datagram have in common. Compared as a whole. */
struct klb_frag_key {
	union klb_addr src, dst;
	u32 id;
	u32 ifindex;	/* if it was not for this host; 0 else */
	u8 family;
	u8 proto;	/* IPv4 */
	u8 hook;	/* enum klb_hook */
	u8 zero[5];	/* no padding */
};

enum klb_frag_state {
	KLB_FRAG_WAITS,		/* whether it is ours is not known or it is */
	KLB_FRAG_PASSES,	/* nobody's of klb's */
	KLB_FRAG_REFUSED,	/* it contradicts itself */
};

struct klb_datagram {
	struct hlist_node node;
	struct list_head age;	/* klb_frags.age, oldest first */
	struct klb_frag_key key;
	unsigned long born;	/* jiffies */
	struct rb_root frags;	/* by place, through skb->rbnode */
	u32 n;			/* of them */
	u32 bytes;		/* of memory, of them */
	u32 got;		/* bytes of payload that have come */
	u32 len;		/* bytes of payload there are, 0: not known */
	u32 max;		/* length of the largest */
	u32 max_df;		/* of the largest that has DF */
	u8 ecn;			/* bit for each ECN field seen */
	u8 state;		/* enum klb_frag_state */
};

struct klb_frags {
	spinlock_t lock;	/* of all; packets and work */
	struct hlist_head head[1 << KLB_FRAG_BITS];
	struct list_head age;
	u32 n;			/* datagrams */
	u32 bytes;		/* of memory */
	siphash_key_t secret;
	struct delayed_work work;
	struct klb_net *kn;
};

/* In the control block of a fragment that waits, whose list pointers and
 * device are overwritten.
 */
struct klb_frag_cb {
	u32 from, to;
	u32 ifindex;
	u16 hlen;
	u16 names;
};

static inline struct klb_frag_cb *klb_frag_cb(struct sk_buff *skb)
{
	BUILD_BUG_ON(sizeof(struct klb_frag_cb) > sizeof(skb->cb));
	return (void *)skb->cb;
}

void klb_frags_init(struct klb_net *kn);
/* No packet comes any more. */
void klb_frags_exit(struct klb_net *kn);

/* Packets: RCU and BH as in the receive path. */

/* Whether a fragment is of a datagram that is nobody's of klb's. If @bystander
 * this is one that says so: those that have waited are left in *@waited, in
 * order, linked by skb->next.
 */
bool klb_frag_passes(struct klb_net *kn, const struct klb_frag_key *key,
		     const struct klb_frag_head *h, bool bystander,
		     struct sk_buff **waited);

enum klb_frag_fate {
	KLB_FRAG_KEPT,		/* it waits: the caller forgets it */
	KLB_FRAG_PASS,		/* as klb_frag_passes() */
	KLB_FRAG_INVALID,
	KLB_FRAG_NO_ROOM,
	KLB_FRAG_WHOLE,		/* the datagram is *@d, with @skb in it */
};

enum klb_frag_fate klb_frag_keep(struct klb_net *kn,
				 const struct klb_frag_key *key,
				 const struct klb_frag_head *h,
				 struct sk_buff *skb, struct klb_datagram **d);

/* All fragments in order, linked by skb->next. */
struct sk_buff *klb_frag_unlink_all(struct klb_datagram *d);

#endif

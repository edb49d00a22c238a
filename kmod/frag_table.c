// SPDX-License-Identifier: GPL-2.0
#include "frag_table.h"

#include <linux/jiffies.h>
#include <linux/klb_reason.h>
#include <linux/random.h>
#include <linux/slab.h>

#include "netns.h"

#define GC_INTERVAL	HZ

static struct hlist_head *head_of(struct klb_frags *f,
				  const struct klb_frag_key *key)
{
	u64 hash = siphash(key, sizeof(*key), &f->secret);

	BUILD_BUG_ON(offsetofend(struct klb_frag_key, zero) != sizeof(*key));
	return &f->head[hash & (ARRAY_SIZE(f->head) - 1)];
}

static struct klb_datagram *find(struct klb_frags *f,
				 const struct klb_frag_key *key)
{
	struct klb_datagram *d;

	hlist_for_each_entry(d, head_of(f, key), node)
		if (!memcmp(&d->key, key, sizeof(*key)))
			return d;
	return NULL;
}

struct sk_buff *klb_frag_unlink_all(struct klb_datagram *d)
{
	struct sk_buff *list = NULL, **tail = &list, *skb;
	struct rb_node *node;

	while ((node = rb_first(&d->frags))) {
		skb = rb_to_skb(node);
		rb_erase(node, &d->frags);
		skb->prev = NULL;
		skb->dev = NULL;
		*tail = skb;
		tail = &skb->next;
	}
	*tail = NULL;
	d->n = 0;
	return list;
}

/* Under the lock. Its fragments are the caller's. */
static void unlist(struct klb_frags *f, struct klb_datagram *d)
{
	hlist_del(&d->node);
	list_del(&d->age);
	f->n--;
	f->bytes -= sizeof(*d) + d->bytes;
}

/* Under the lock: the fragments are dropped for @reason. */
static void purge(struct klb_frags *f, struct klb_datagram *d,
		  enum klb_reason reason)
{
	struct sk_buff *skb, *next;

	f->bytes -= d->bytes;
	d->bytes = 0;
	skb_list_walk_safe(klb_frag_unlink_all(d), skb, next) {
		klb_count(f->kn->stats, skb, reason);
		skb_mark_not_on_list(skb);
		kfree_skb(skb);
	}
}

static void forget(struct klb_frags *f, struct klb_datagram *d)
{
	purge(f, d, KLB_REASON_FRAG_LOST);
	unlist(f, d);
	kfree(d);
}

static struct klb_datagram *oldest(struct klb_frags *f)
{
	return list_first_entry_or_null(&f->age, struct klb_datagram, age);
}

/* Under the lock: for @bytes more. */
static void make_room(struct klb_frags *f, u32 bytes)
{
	struct klb_datagram *d;

	while ((f->bytes + bytes > KLB_FRAG_BYTES ||
		f->n >= KLB_FRAG_DATAGRAMS) && (d = oldest(f)))
		forget(f, d);
}

static struct klb_datagram *begin(struct klb_frags *f,
				  const struct klb_frag_key *key)
{
	struct klb_datagram *d = kzalloc(sizeof(*d), GFP_ATOMIC |
						     __GFP_NOWARN);

	if (!d)
		return NULL;
	d->key = *key;
	d->born = jiffies;
	d->frags = RB_ROOT;
	hlist_add_head(&d->node, head_of(f, key));
	list_add_tail(&d->age, &f->age);
	f->n++;
	f->bytes += sizeof(*d);
	queue_delayed_work(system_unbound_wq, &f->work, GC_INTERVAL);
	return d;
}

/* Under the lock: counts one in that is not kept, and forgets what has passed
 * as a whole.
 */
static void pass(struct klb_frags *f, struct klb_datagram *d,
		 const struct klb_frag_head *h)
{
	d->got += h->to - h->from;
	if (!h->more)
		d->len = h->to;
	if (d->len && d->got >= d->len)
		forget(f, d);
}

/* Whether what is known of a datagram contradicts a first fragment that is not
 * ours: there is another, or it was refused.
 */
static bool contradicts(const struct klb_datagram *d)
{
	struct rb_node *first = rb_first(&d->frags);

	return d->state == KLB_FRAG_REFUSED ||
	       (first && !klb_frag_cb(rb_to_skb(first))->from);
}

bool klb_frag_passes(struct klb_net *kn, const struct klb_frag_key *key,
		     const struct klb_frag_head *h, bool bystander,
		     struct sk_buff **waited)
{
	struct klb_frags *f = &kn->frags;
	struct klb_datagram *d;
	bool passes;

	*waited = NULL;
	spin_lock(&f->lock);
	d = find(f, key);
	bystander &= !d || !contradicts(d);
	passes = bystander;
	if (!d && bystander) {
		make_room(f, sizeof(*d));
		d = begin(f, key);
	}
	if (d && bystander) {
		d->state = KLB_FRAG_PASSES;
		*waited = klb_frag_unlink_all(d);
		f->bytes -= d->bytes;
		d->bytes = 0;
	}
	if (d && d->state == KLB_FRAG_PASSES) {
		passes = true;
		pass(f, d, h);
	}
	spin_unlock(&f->lock);
	return passes;
}

/* The place among the others. False: it is taken, or beyond the end. */
static bool link_in(struct klb_datagram *d, const struct klb_frag_head *h,
		    struct sk_buff *skb)
{
	struct rb_node **at = &d->frags.rb_node, *parent = NULL;

	while (*at) {
		const struct klb_frag_cb *cb;

		parent = *at;
		cb = klb_frag_cb(rb_to_skb(parent));
		if (h->to <= cb->from)
			at = &parent->rb_left;
		else if (h->from >= cb->to)
			at = &parent->rb_right;
		else
			return false;
	}
	rb_link_node(&skb->rbnode, parent, at);
	rb_insert_color(&skb->rbnode, &d->frags);
	return true;
}

/* Whether it says the same about the datagram's length as the others. */
static bool length_fits(struct klb_datagram *d, const struct klb_frag_head *h)
{
	struct rb_node *last = rb_last(&d->frags);

	if (d->len)
		return h->more ? h->to <= d->len : h->to == d->len;
	return h->more || !last ||
	       klb_frag_cb(rb_to_skb(last))->to <= h->to;
}

static void account(struct klb_frags *f, struct klb_datagram *d,
		    const struct klb_frag_head *h, const struct sk_buff *skb)
{
	d->n++;
	d->bytes += skb->truesize;
	f->bytes += skb->truesize;
	d->got += h->to - h->from;
	if (!h->more)
		d->len = h->to;
	d->max = max(d->max, h->len);
	if (h->df)
		d->max_df = max(d->max_df, h->len);
	d->ecn |= 1 << h->ecn;
}

/* Whether what has come already has the same place and length: a copy. */
static bool is_copy(const struct klb_datagram *d, const struct klb_frag_head *h)
{
	const struct rb_node *at = d->frags.rb_node;
	const struct klb_frag_cb *cb;

	while (at) {
		cb = klb_frag_cb(rb_to_skb(at));
		if (h->from == cb->from)
			return h->to == cb->to;
		at = h->from < cb->from ? at->rb_left : at->rb_right;
	}
	return false;
}

/* RFC 5722: of a datagram with an overlap nothing is used. A copy of what is
 * there is no overlap.
 */
static enum klb_frag_fate add(struct klb_frags *f, struct klb_datagram *d,
			      const struct klb_frag_head *h,
			      struct sk_buff *skb)
{
	struct klb_frag_cb *cb = klb_frag_cb(skb);
	u32 ifindex = skb->dev->ifindex;

	if (d->state == KLB_FRAG_REFUSED || is_copy(d, h))
		return KLB_FRAG_INVALID;
	if (d->n >= KLB_FRAG_EACH || !length_fits(d, h) ||
	    !link_in(d, h, skb)) {
		d->state = KLB_FRAG_REFUSED;
		purge(f, d, KLB_REASON_FRAG_INVALID);
		return KLB_FRAG_INVALID;
	}
	cb->from = h->from;
	cb->to = h->to;
	cb->ifindex = ifindex;
	cb->hlen = h->hlen;
	cb->names = h->names;
	account(f, d, h, skb);
	if (!d->len || d->got != d->len)
		return KLB_FRAG_KEPT;
	unlist(f, d);
	return KLB_FRAG_WHOLE;
}

enum klb_frag_fate klb_frag_keep(struct klb_net *kn,
				 const struct klb_frag_key *key,
				 const struct klb_frag_head *h,
				 struct sk_buff *skb, struct klb_datagram **d)
{
	enum klb_frag_fate fate = KLB_FRAG_NO_ROOM;
	struct klb_frags *f = &kn->frags;

	spin_lock(&f->lock);
	make_room(f, sizeof(**d) + skb->truesize);
	*d = find(f, key) ?: begin(f, key);
	if (*d && (*d)->state == KLB_FRAG_PASSES) {
		fate = KLB_FRAG_PASS;
		pass(f, *d, h);
	} else if (*d) {
		fate = add(f, *d, h, skb);
	}
	spin_unlock(&f->lock);
	return fate;
}

static void gc(struct work_struct *work)
{
	struct klb_frags *f = container_of(to_delayed_work(work),
					   struct klb_frags, work);
	struct klb_datagram *d;

	spin_lock_bh(&f->lock);
	while ((d = oldest(f)) &&
	       time_after(jiffies, d->born + KLB_FRAG_LASTS))
		forget(f, d);
	if (d)
		queue_delayed_work(system_unbound_wq, &f->work, GC_INTERVAL);
	spin_unlock_bh(&f->lock);
}

void klb_frags_init(struct klb_net *kn)
{
	struct klb_frags *f = &kn->frags;
	int i;

	spin_lock_init(&f->lock);
	for (i = 0; i < ARRAY_SIZE(f->head); i++)
		INIT_HLIST_HEAD(&f->head[i]);
	INIT_LIST_HEAD(&f->age);
	get_random_bytes(&f->secret, sizeof(f->secret));
	INIT_DELAYED_WORK(&f->work, gc);
	f->kn = kn;
}

void klb_frags_exit(struct klb_net *kn)
{
	struct klb_frags *f = &kn->frags;
	struct klb_datagram *d;

	cancel_delayed_work_sync(&f->work);
	spin_lock_bh(&f->lock);
	while ((d = oldest(f)))
		forget(f, d);
	spin_unlock_bh(&f->lock);
}

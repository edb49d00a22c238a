/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KLB_AFFINITY_H
#define KLB_AFFINITY_H

#include <linux/atomic.h>
#include <linux/list.h>
#include <linux/siphash.h>
#include <linux/spinlock.h>
#include <linux/types.h>

#include "sched.h"

struct klb_net;
struct klb_steps;

#define KLB_AFFINITY_LOCKS	64	/* power of two */

/* Which endpoint each client had last: one entry for a client of a service, or
 * of all services that share a name. Looked at and written by new connections
 * of services with an affinity only, each under the lock of its bucket: two at
 * the same time agree. When there are as many as there may be, a new one takes
 * the place of the one in its bucket that would be forgotten first.
 */
struct klb_affinity_table {
	struct hlist_head *head;	/* [mask + 1], NULL until needed */
	u32 mask;
	u32 max;			/* entries */
	u32 swept;			/* next bucket; gc only */
	atomic_t count;
	siphash_key_t key;
	u64 ids;			/* given out; klb_net.lock */
	spinlock_t locks[KLB_AFFINITY_LOCKS];
};

void klb_affinity_init(struct klb_net *kn);
/* Packets do not come any more. */
void klb_affinity_exit(struct klb_net *kn);

/* klb_net.lock held. Makes the table, with the first service that needs it. */
int klb_affinity_start(struct klb_net *kn);
/* A new memory, or the one of all who share a name. Never 0. */
u64 klb_affinity_id(struct klb_net *kn, const char *share);

/* klb_sched_pick() with a memory. */
struct klb_pick klb_affinity_pick(struct klb_service *svc,
				  const struct klb_tuple *t,
				  enum klb_client client,
				  struct klb_steps *peek);

/* Forgets a part of what is too old. Process context. */
void klb_affinity_gc(struct klb_net *kn);

#endif

// SPDX-License-Identifier: GPL-2.0
#include "snat_port.h"

#include <linux/kernel.h>
#include <linux/minmax.h>

/* Primes beyond 65536 divide no range of ports, so that steps of any of them
 * meet every port before they meet one again. With a start and a stride of
 * its own each connection probes like a random one (double hashing, Knuth
 * 6.4), where neighbours in one order would queue up behind each other.
 */
static const u32 strides[] = {
	104729, 224737, 350377, 479909, 611953, 746773, 882377, 1020379,
};

/**
 * klb_port_walk_init() - begin an order of ports
 * @w: the walk
 * @set: the ports; low is not more than high, likewise of those left out
 * @seed: each gives an order; any bits
 */
void klb_port_walk_init(struct klb_port_walk *w, const struct klb_port_set *set,
			u32 seed)
{
	u32 from = max(set->omit_low, set->low);
	u32 to = min(set->omit_high, set->high);

	w->low = set->low;
	w->gap_at = from - set->low;
	w->gap = from > to ? 0 : to - from + 1;
	w->n = set->high - set->low + 1 - w->gap;
	w->left = w->n;
	if (!w->n)
		return;
	w->at = reciprocal_scale(seed, w->n);
	w->stride = strides[seed % ARRAY_SIZE(strides)] % w->n;
}

void klb_port_walk_skip(struct klb_port_walk *w, u32 n)
{
	n = min(n, w->left);
	if (!n)
		return;
	w->left -= n;
	w->at = (w->at + (u64)n * w->stride) % w->n;
}

u16 klb_port_walk_next(struct klb_port_walk *w)
{
	u16 port;

	if (!w->left)
		return 0;
	port = w->low + w->at;
	if (w->at >= w->gap_at)
		port += w->gap;
	w->left--;
	w->at += w->stride;
	if (w->at >= w->n)
		w->at -= w->n;
	return port;
}

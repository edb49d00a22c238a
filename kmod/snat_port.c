// SPDX-License-Identifier: GPL-2.0
#include "snat_port.h"

#include <linux/kernel.h>

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
 * @low: least port
 * @high: greatest port, not less than @low
 * @seed: each gives an order; any bits
 */
void klb_port_walk_init(struct klb_port_walk *w, u16 low, u16 high, u32 seed)
{
	w->low = low;
	w->n = high - low + 1;
	w->at = reciprocal_scale(seed, w->n);
	w->stride = strides[seed % ARRAY_SIZE(strides)] % w->n;
	w->left = w->n;
}

u16 klb_port_walk_next(struct klb_port_walk *w)
{
	u16 port = w->low + w->at;

	if (!w->left)
		return 0;
	w->left--;
	w->at += w->stride;
	if (w->at >= w->n)
		w->at -= w->n;
	return port;
}

/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KLB_STATS_H
#define KLB_STATS_H

#include <stdint.h>

#include "attr.h"

struct klb;

struct klb_counter {
	char name[64];
	char doc[256];
	uint64_t value;
};

typedef int (*klb_counter_cb)(const struct klb_counter *counter, void *arg);

void klb_counter_parse(struct klb_attrs attrs, struct klb_counter *counter);
int klb_stats_dump(struct klb *k, klb_counter_cb cb, void *arg);

#endif

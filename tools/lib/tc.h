/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KLB_TC_H
#define KLB_TC_H

#include <stdbool.h>
#include <stdint.h>

#include "handle.h"

/* The values are the parents that rtnetlink knows the hooks by. */
enum klb_tc_hook {
	KLB_TC_HOOK_INGRESS = 0xfffffff2,
	KLB_TC_HOOK_EGRESS = 0xfffffff3,
};

enum klb_tc_kind {
	KLB_TC_NONE,
	KLB_TC_CLSACT,
	KLB_TC_INGRESS,
};

struct klb_tc_qdisc {
	int ifindex;
	enum klb_tc_kind kind;
	bool shared;		/* a filter block is bound to it */
};

/* The filters of one hook of one device. */
struct klb_tc_filters {
	int ifindex;
	uint32_t parent;
	uint16_t klb_prio;	/* of a filter of klb, 0 if there is none */
	uint16_t klb_proto;	/* network byte order */
	uint32_t klb_chain;
	bool made_qdisc;	/* one of klb's says so */
	unsigned int others;	/* messages about filters of other kinds */
	uint16_t free_prio;	/* the lowest one not in use, 0 if none is */
	uint8_t used[65536 / 8];
};

/* The qdisc that holds ingress and egress filters of the device. */
int klb_tc_qdisc(struct klb *k, int ifindex, struct klb_tc_qdisc *qdisc);
/* *@made: it was not there before. */
int klb_tc_clsact_add(struct klb *k, int ifindex, bool *made);
int klb_tc_clsact_del(struct klb *k, int ifindex);

int klb_tc_filters(struct klb *k, int ifindex, enum klb_tc_hook hook,
		   struct klb_tc_filters *filters);
/* Who made the qdisc cannot be seen by it; the filter's handle tells if it was
 * made for klb (@made_qdisc).
 */
int klb_tc_filter_add(struct klb *k, int ifindex, enum klb_tc_hook hook,
		      uint16_t prio, bool made_qdisc);
/* Removes the filter of klb that @filters tells. */
int klb_tc_filter_del(struct klb *k, int ifindex, enum klb_tc_hook hook,
		      const struct klb_tc_filters *filters);

/* How the two dumps read a message; here for their tests. */
int klb_tc_take_qdisc(const struct nlmsghdr *nlh, void *qdisc);
int klb_tc_take_filter(const struct nlmsghdr *nlh, void *filters);

#endif

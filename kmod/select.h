/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KLB_SELECT_H
#define KLB_SELECT_H

#include <linux/klb_reason.h>

#include "establish.h"

struct klb_steps;

/* Whether the service is for this client at all. Under RCU. */
bool klb_may_come(const struct klb_service *svc, const struct klb_tuple *t,
		  struct klb_steps *peek);

/* What becomes of a new connection, whatever the service: klb_choose() for
 * those that are not plain. False: it is to be dropped for *@reason, and c->ep
 * may be NULL. RCU and BH held.
 *
 * The endpoint may be counted one connection more, c->counted: what is counted
 * in turn becomes the connection's (KLB_CONN_COUNTED), or is given back by
 * klb_unselect() if there is no connection after all.
 */
bool klb_select(struct klb_net *kn, struct klb_service *svc,
		const struct klb_tuple *t, struct klb_choice *c,
		enum klb_reason *reason);
/* The same, only asked: nothing is remembered, counted or used up. @steps: told
 * what decided; may be NULL.
 */
bool klb_select_peek(struct klb_net *kn, struct klb_service *svc,
		     const struct klb_tuple *t, struct klb_choice *c,
		     enum klb_reason *reason, struct klb_steps *steps);

static __always_inline void klb_unselect(const struct klb_choice *c)
{
	if (c->counted)
		klb_sched_end(c->ep);
}

#endif

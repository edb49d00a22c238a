/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KLB_SELECT_H
#define KLB_SELECT_H

#include <linux/klb_reason.h>

#include "establish.h"

/* What becomes of a new connection, whatever the service: klb_choose() for
 * those that are not plain. @hook: enum klb_hook, where the packet is. False:
 * it is to be dropped for *@reason, and c->ep may be NULL. RCU and BH held.
 */
bool klb_select(struct klb_net *kn, const struct klb_service *svc,
		const struct klb_tuple *t, u8 hook, struct klb_choice *c,
		enum klb_reason *reason);

#endif

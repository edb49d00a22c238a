/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KLB_RTNL_H
#define KLB_RTNL_H

#include <stddef.h>

#include "handle.h"

/* A request with the fixed part @head; NULL and k->err if it cannot be made. */
struct nl_msg *klb_rt_request(struct klb *k, int type, int flags,
			      const void *head, size_t len);
/* The next two free @msg; @put_rc is what filling it came to. */
int klb_rt_do(struct klb *k, struct nl_msg *msg, int put_rc);
/* As klb_dump(). */
int klb_rt_dump(struct klb *k, struct nl_msg *msg, int put_rc, klb_msg_cb cb,
		void *arg);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KLB_EXTACK_H
#define KLB_EXTACK_H

#include <linux/netlink.h>
#include <stdbool.h>
#include <stdint.h>

#include "err.h"

/* What the kernel says at the end of a request (NLMSG_ERROR, NLMSG_DONE). */
struct klb_extack {
	int error;		/* 0 or -errno */
	char text[256];		/* empty if there is none */
	bool has_offset;
	uint32_t offset;	/* of the attribute at fault, in the request */
	bool has_missing;
	uint32_t missing;	/* type of the attribute that is missing */
	uint32_t missing_nest;	/* offset of the nest it is missing in, or 0 */
};

/* -EBADMSG if not even the error number is there. */
int klb_extack_parse(const struct nlmsghdr *nlh, struct klb_extack *ack);

/* The sentence for a person; @req is what was sent, for attribute names. */
void klb_extack_text(const struct klb_extack *ack, const struct nlmsghdr *req,
		     bool genl, struct klb_err *err);

#endif

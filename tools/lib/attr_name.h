/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KLB_ATTR_NAME_H
#define KLB_ATTR_NAME_H

#include <linux/netlink.h>
#include <stdint.h>

/*
 * Names, as in klb.yaml, of the attributes of a request of the klb family.
 * NULL if nothing is known under that number or at that place.
 */
const char *klb_attr_name_at(const struct nlmsghdr *req, uint32_t offset);
const char *klb_attr_name_missing(const struct nlmsghdr *req, uint32_t type,
				  uint32_t nest_offset);

#endif

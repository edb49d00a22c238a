// SPDX-License-Identifier: GPL-2.0
#include "netlink.h"

#include <linux/string.h>

/* What the protocol can say and the module not yet do. Who builds one of these
 * deletes its line here, and nothing else has to change in the control plane.
 */

#define ANY	(-1)	/* the attribute is there */
#define SET	(-2)	/* and is neither zero nor empty */

struct gap {
	int type;
	int value;	/* of an attribute of one byte, or one of the above */
	const char *why;
};

static const struct gap service_gaps[] = {
	{ KLB_A_SERVICE_POOL, SET, "pools are not supported" },
	{}
};

static const struct gap endpoint_gaps[] = {
	{}
};

static const struct gap net_gaps[] = {
	{}
};

static bool in_gap(const struct nlattr *attr, const struct gap *gap)
{
	switch (gap->value) {
	case ANY:
		return true;
	case SET:
		return memchr_inv(nla_data(attr), 0, nla_len(attr));
	default:
		return nla_get_u8(attr) == gap->value;
	}
}

static int refuse_gaps(struct nlattr **attrs, const struct gap *gap,
		       struct netlink_ext_ack *extack)
{
	for (; gap->why; gap++) {
		const struct nlattr *attr = attrs[gap->type];

		if (!attr || !in_gap(attr, gap))
			continue;
		NL_SET_BAD_ATTR(extack, attr);
		extack->_msg = gap->why;
		return -EOPNOTSUPP;
	}
	return 0;
}

/* 0, or -EOPNOTSUPP and a sentence about the first thing that is not there. */

int klb_nl_unsupported_service(struct nlattr **attrs,
			       struct netlink_ext_ack *extack)
{
	return refuse_gaps(attrs, service_gaps, extack);
}

int klb_nl_unsupported_endpoint(struct nlattr **attrs,
				struct netlink_ext_ack *extack)
{
	return refuse_gaps(attrs, endpoint_gaps, extack);
}

int klb_nl_unsupported_net(struct nlattr **attrs,
			   struct netlink_ext_ack *extack)
{
	return refuse_gaps(attrs, net_gaps, extack);
}

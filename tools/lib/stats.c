// SPDX-License-Identifier: GPL-2.0
#include "stats.h"

#include <linux/klb.h>
#include <string.h>

#include "handle.h"

struct walk {
	klb_counter_cb cb;
	void *arg;
};

void klb_counter_parse(struct klb_attrs attrs, struct klb_counter *c)
{
	struct nlattr *nla;
	int rem;

	memset(c, 0, sizeof(*c));
	klb_for_each_attr(nla, attrs, rem) {
		switch (nla_type(nla)) {
		case KLB_A_COUNTER_NAME:
			klb_get_text(nla, c->name, sizeof(c->name));
			break;
		case KLB_A_COUNTER_DOC:
			klb_get_text(nla, c->doc, sizeof(c->doc));
			break;
		case KLB_A_COUNTER_VALUE:
			klb_get_u64(nla, &c->value);
			break;
		}
	}
}

static int stats_msg(const struct nlmsghdr *nlh, void *arg)
{
	const struct walk *w = arg;
	struct klb_counter counter;
	struct klb_attrs attrs;
	struct nlattr *nla;
	int rem, rc;

	rc = klb_attrs_of(nlh, &attrs);
	if (rc)
		return rc;
	klb_for_each_attr(nla, attrs, rem) {
		if (nla_type(nla) != KLB_A_STATS_COUNTER)
			continue;
		klb_counter_parse(klb_attrs_nested(nla), &counter);
		rc = w->cb(&counter, w->arg);
		if (rc)
			return rc;
	}
	return 0;
}

int klb_stats_dump(struct klb *k, klb_counter_cb cb, void *arg)
{
	struct nl_msg *msg = klb_dump_request(k, KLB_CMD_STATS_GET, 0);
	struct walk w = { cb, arg };

	return klb_dump(k, msg, 0, stats_msg, &w);
}

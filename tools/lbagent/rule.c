// SPDX-License-Identifier: GPL-2.0
#include "rule.h"

#include <errno.h>
#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <string.h>

#include "route.h"
#include "rtnl.h"

bool rule_of_table(uint32_t table, struct rule *rule)
{
	*rule = (struct rule){ .proto = table >> 16, .port = table };
	return table == rule_table(rule->proto, rule->port);
}

static bool is_u32(const struct nlattr *nla, uint32_t value)
{
	return nla && nla_len(nla) >= 4 && nla_get_u32(nla) == value;
}

static bool is_u8(const struct nlattr *nla, uint8_t value)
{
	return nla && nla_len(nla) >= 1 && nla_get_u8(nla) == value;
}

/* The rest of it follows from the table. */
bool rule_parse(const struct nlmsghdr *nlh, struct rule *rule)
{
	const struct fib_rule_hdr *hdr = NLMSG_DATA(nlh);
	struct nlattr *tb[FRA_MAX + 1];

	if (nlh->nlmsg_type != RTM_NEWRULE && nlh->nlmsg_type != RTM_DELRULE)
		return false;
	if (nlmsg_parse((struct nlmsghdr *)nlh, sizeof(*hdr), tb, FRA_MAX,
			NULL) < 0)
		return false;
	if (!is_u8(tb[FRA_PROTOCOL], ROUTE_PROTOCOL) ||
	    !is_u32(tb[FRA_PRIORITY], RULE_PRIORITY) || !tb[FRA_TABLE] ||
	    nla_len(tb[FRA_TABLE]) < 4 ||
	    !rule_of_table(nla_get_u32(tb[FRA_TABLE]), rule))
		return false;
	rule->family = hdr->family;
	return hdr->family == AF_INET || hdr->family == AF_INET6;
}

struct walk {
	rule_cb cb;
	void *arg;
};

static int take(const struct nlmsghdr *nlh, void *arg)
{
	const struct walk *w = arg;
	struct rule rule;

	return rule_parse(nlh, &rule) ? w->cb(&rule, w->arg) : 0;
}

/* A kernel that has no rules of the family has none of ours. */
static int dump_family(struct klb *k, uint8_t family, struct walk *w)
{
	const struct fib_rule_hdr hdr = { .family = family };
	struct nl_msg *msg = klb_rt_request(k, RTM_GETRULE, NLM_F_DUMP, &hdr,
					    sizeof(hdr));
	int rc = klb_rt_dump(k, msg, 0, take, w);

	return rc == -EAFNOSUPPORT || rc == -EOPNOTSUPP ? 0 : rc;
}

int rule_dump(struct klb *k, rule_cb cb, void *arg)
{
	struct walk w = { cb, arg };
	int rc = dump_family(k, AF_INET, &w);

	return rc ? rc : dump_family(k, AF_INET6, &w);
}

static int put(struct nl_msg *msg, const struct rule *rule)
{
	const struct fib_rule_port_range ports = { rule->port, rule->port };
	int rc;

	rc = nla_put_u32(msg, FRA_TABLE, rule_table(rule->proto, rule->port));
	if (!rc)
		rc = nla_put_u32(msg, FRA_PRIORITY, RULE_PRIORITY);
	if (!rc)
		rc = nla_put_u8(msg, FRA_PROTOCOL, ROUTE_PROTOCOL);
	if (!rc)
		rc = nla_put_u8(msg, FRA_IP_PROTO, rule->proto);
	if (!rc)
		rc = nla_put(msg, FRA_DPORT_RANGE, sizeof(ports), &ports);
	return rc;
}

static int send_rule(struct klb *k, int type, int flags,
		     const struct rule *rule)
{
	const struct fib_rule_hdr hdr = {
		.family = rule->family, .action = FR_ACT_TO_TBL,
	};
	struct nl_msg *msg = klb_rt_request(k, type, flags, &hdr, sizeof(hdr));

	return klb_rt_do(k, msg, msg ? put(msg, rule) : 0);
}

int rule_add(struct klb *k, const struct rule *rule)
{
	return send_rule(k, RTM_NEWRULE, NLM_F_CREATE | NLM_F_EXCL, rule);
}

int rule_del(struct klb *k, const struct rule *rule)
{
	int rc = send_rule(k, RTM_DELRULE, 0, rule);

	return rc == -ENOENT ? 0 : rc;
}

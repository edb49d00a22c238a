// SPDX-License-Identifier: GPL-2.0
#include "pool.h"

#include <errno.h>
#include <string.h>

#include "handle.h"

int klb_pool_put(struct nl_msg *msg, const struct klb_pool *pool)
{
	if (nla_put_string(msg, KLB_A_POOL_NAME, pool->name) ||
	    klb_put_addr(msg, KLB_A_POOL_FIRST, &pool->first) ||
	    klb_put_addr(msg, KLB_A_POOL_LAST, &pool->last) ||
	    klb_put_port(msg, KLB_A_POOL_PORT_LOW, pool->port_low) ||
	    klb_put_port(msg, KLB_A_POOL_PORT_HIGH, pool->port_high))
		return -EMSGSIZE;
	return 0;
}

static void take_attr(const struct nlattr *nla, struct klb_pool *pool)
{
	switch (nla_type(nla)) {
	case KLB_A_POOL_NAME:
		return klb_get_text(nla, pool->name, sizeof(pool->name));
	case KLB_A_POOL_FIRST:
		return klb_get_addr(nla, &pool->first);
	case KLB_A_POOL_LAST:
		return klb_get_addr(nla, &pool->last);
	case KLB_A_POOL_PORT_LOW:
		return klb_get_port(nla, &pool->port_low);
	case KLB_A_POOL_PORT_HIGH:
		return klb_get_port(nla, &pool->port_high);
	}
}

void klb_pool_parse(struct klb_attrs attrs, struct klb_pool *pool)
{
	struct nlattr *nla;
	int rem;

	memset(pool, 0, sizeof(*pool));
	klb_for_each_attr(nla, attrs, rem)
		take_attr(nla, pool);
}

int klb_pool_add(struct klb *k, const struct klb_pool *pool)
{
	struct nl_msg *msg = klb_request(k, KLB_CMD_POOL_NEW, 192);
	int rc = msg ? klb_pool_put(msg, pool) : 0;

	return klb_do(k, msg, rc, NULL, NULL);
}

int klb_pool_del(struct klb *k, const char *name)
{
	struct nl_msg *msg = klb_request(k, KLB_CMD_POOL_DEL, 128);
	int rc = 0;

	if (msg && nla_put_string(msg, KLB_A_POOL_NAME, name))
		rc = -EMSGSIZE;
	return klb_do(k, msg, rc, NULL, NULL);
}

struct told {
	klb_pool_cb cb;
	void *arg;
};

static int pool_msg(const struct nlmsghdr *nlh, void *arg)
{
	const struct told *told = arg;
	struct klb_attrs attrs;
	struct klb_pool pool;
	int rc;

	rc = klb_attrs_of(nlh, &attrs);
	if (rc)
		return rc;
	klb_pool_parse(attrs, &pool);
	return told->cb(&pool, told->arg);
}

int klb_pool_dump(struct klb *k, klb_pool_cb cb, void *arg)
{
	struct nl_msg *msg = klb_dump_request(k, KLB_CMD_POOL_GET, 0);
	struct told told = { .cb = cb, .arg = arg };

	return klb_dump(k, msg, 0, pool_msg, &told);
}

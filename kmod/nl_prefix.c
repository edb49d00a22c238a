// SPDX-License-Identifier: GPL-2.0
#include "prefix.h"

#include <linux/mm.h>
#include <linux/sort.h>

#include "netlink.h"

/* An attribute with a prefix is an address and a byte with its length. */

static bool has_bits_behind(const struct klb_prefix *p)
{
	const u8 *bytes = (const u8 *)&p->addr;
	unsigned int i = p->len / 8, size = klb_addr_len(p->family);

	if (i < size && bytes[i++] & 0xff >> p->len % 8)
		return true;
	for (; i < size; i++)
		if (bytes[i])
			return true;
	return false;
}

/**
 * klb_nl_prefix() - read one prefix
 * @attr: the attribute
 * @p: written as a whole
 * @extack: gets a sentence if something is wrong
 *
 * Return: 0 or -EINVAL.
 */
int klb_nl_prefix(const struct nlattr *attr, struct klb_prefix *p,
		  struct netlink_ext_ack *extack)
{
	int size = nla_len(attr) - 1;

	if (size != sizeof(p->addr.ip) && size != sizeof(p->addr.in6))
		return klb_nl_refuse(extack, attr,
				     "a prefix is an address of 4 or 16 bytes and a byte, its length");
	memset(p, 0, sizeof(*p));
	p->family = size == sizeof(p->addr.ip) ? AF_INET : AF_INET6;
	memcpy(&p->addr, nla_data(attr), size);
	p->len = *((const u8 *)nla_data(attr) + size);
	if (p->len > size * 8)
		return klb_nl_refuse(extack, attr,
				     "the length of a prefix is at most 32 (IPv4) or 128 (IPv6)");
	if (has_bits_behind(p))
		return klb_nl_refuse(extack, attr,
				     "an address has bits behind the length of its prefix");
	return 0;
}

static int cmp(const void *a, const void *b)
{
	return klb_prefix_cmp(a, b);
}

static int sort_list(struct klb_prefixes *list, const struct nlattr *attr,
		     struct netlink_ext_ack *extack)
{
	u32 i;

	sort(list->v, list->n, sizeof(*list->v), cmp, NULL);
	for (i = 1; i < list->n; i++)
		if (!klb_prefix_cmp(&list->v[i - 1], &list->v[i]))
			return klb_nl_refuse(extack, attr,
					     "a prefix is named twice");
	return 0;
}

static int read_all(struct genl_info *info, int type,
		    struct klb_prefixes *list)
{
	struct nlattr *attr;
	int rem, err;

	nlmsg_for_each_attr(attr, info->nlhdr, GENL_HDRLEN, rem) {
		if (nla_type(attr) != type)
			continue;
		err = klb_nl_prefix(attr, &list->v[list->n], info->extack);
		if (err)
			return err;
		list->n++;
	}
	return sort_list(list, info->attrs[type], info->extack);
}

/**
 * klb_nl_prefixes() - read a list of prefixes
 * @info: of the request
 * @type: of the attributes, each a prefix
 * @none: the flag that the list shall be empty
 * @max: as many are allowed
 * @list: written as a whole; to be freed if it has any
 * @has: set whether the request says something of the list
 *
 * Return: 0, -EINVAL or -ENOMEM; then there is nothing to free.
 */
int klb_nl_prefixes(struct genl_info *info, int type, int none, u32 max,
		    struct klb_prefixes *list, bool *has)
{
	u32 n = klb_nl_count(info, type);
	int err;

	memset(list, 0, sizeof(*list));
	*has = n || info->attrs[none];
	if (!n)
		return 0;
	if (info->attrs[none])
		return klb_nl_refuse(info->extack, info->attrs[none],
				     "either prefixes or none");
	if (n > max)
		return klb_nl_refuse(info->extack, info->attrs[type],
				     "too many prefixes");
	list->v = kvmalloc_array(n, sizeof(*list->v), GFP_KERNEL_ACCOUNT);
	if (!list->v) {
		NL_SET_ERR_MSG(info->extack, "no memory for the prefixes");
		return -ENOMEM;
	}
	err = read_all(info, type, list);
	if (err) {
		kvfree(list->v);
		memset(list, 0, sizeof(*list));
	}
	return err;
}

int klb_nl_put_prefix(struct sk_buff *skb, int type,
		      const struct klb_prefix *p)
{
	unsigned int size = klb_addr_len(p->family);
	struct nlattr *attr = nla_reserve(skb, type, size + 1);

	if (!attr)
		return -EMSGSIZE;
	memcpy(nla_data(attr), &p->addr, size);
	*((u8 *)nla_data(attr) + size) = p->len;
	return 0;
}

int klb_nl_put_prefixes(struct sk_buff *skb, int type,
			const struct klb_prefixes *list)
{
	u32 i;

	for (i = 0; i < list->n; i++)
		if (klb_nl_put_prefix(skb, type, &list->v[i]))
			return -EMSGSIZE;
	return 0;
}

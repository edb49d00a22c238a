// SPDX-License-Identifier: GPL-2.0
#include "attr.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

int klb_attrs_of(const struct nlmsghdr *nlh, struct klb_attrs *attrs)
{
	if (nlh->nlmsg_len < NLMSG_HDRLEN + GENL_HDRLEN)
		return -EBADMSG;
	attrs->head = (const void *)((const char *)nlh + NLMSG_HDRLEN +
				     GENL_HDRLEN);
	attrs->len = nlh->nlmsg_len - NLMSG_HDRLEN - GENL_HDRLEN;
	return 0;
}

struct klb_attrs klb_attrs_nested(const struct nlattr *nla)
{
	return (struct klb_attrs){ nla_data(nla), nla_len(nla) };
}

/* Attributes are aligned to 4 bytes only, so everything is copied out. */
static void get(const struct nlattr *nla, void *value, int size)
{
	if (nla_len(nla) >= size)
		memcpy(value, nla_data(nla), size);
}

void klb_get_u8(const struct nlattr *nla, uint8_t *value)
{
	get(nla, value, sizeof(*value));
}

void klb_get_u16(const struct nlattr *nla, uint16_t *value)
{
	get(nla, value, sizeof(*value));
}

void klb_get_u32(const struct nlattr *nla, uint32_t *value)
{
	get(nla, value, sizeof(*value));
}

void klb_get_u64(const struct nlattr *nla, uint64_t *value)
{
	get(nla, value, sizeof(*value));
}

void klb_get_port(const struct nlattr *nla, uint16_t *port)
{
	uint16_t be = htons(*port);

	get(nla, &be, sizeof(be));
	*port = ntohs(be);
}

void klb_get_addr(const struct nlattr *nla, struct klb_addr *addr)
{
	int len = nla_len(nla);

	if (len != 4 && len != 16)
		return;
	memset(addr, 0, sizeof(*addr));
	addr->len = len;
	memcpy(addr->b, nla_data(nla), len);
}

void klb_get_text(const struct nlattr *nla, char *text, size_t size)
{
	snprintf(text, size, "%.*s", nla_len(nla), (char *)nla_data(nla));
}

int klb_put_port(struct nl_msg *msg, int type, uint16_t port)
{
	return nla_put_u16(msg, type, htons(port)) ? -EMSGSIZE : 0;
}

int klb_put_addr(struct nl_msg *msg, int type, const struct klb_addr *addr)
{
	return nla_put(msg, type, addr->len, addr->b) ? -EMSGSIZE : 0;
}

int klb_put_ap(struct nl_msg *msg, int addr_type, int port_type,
	       const struct klb_ap *ap)
{
	int rc = 0;

	if (ap->addr.len)
		rc = klb_put_addr(msg, addr_type, &ap->addr);
	if (!rc && ap->port)
		rc = klb_put_port(msg, port_type, ap->port);
	return rc;
}

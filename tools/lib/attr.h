/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KLB_ATTR_H
#define KLB_ATTR_H

#include <linux/genetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <stddef.h>
#include <stdint.h>

#include "addr.h"

/* A range of attributes: what a message or a nest holds. */
struct klb_attrs {
	const struct nlattr *head;
	int len;
};

/* Packets and bytes, network header included; in is from clients. */
struct klb_traffic {
	uint64_t packets_in;
	uint64_t bytes_in;
	uint64_t packets_out;
	uint64_t bytes_out;
};

/* Of a message with a generic netlink header. */
int klb_attrs_of(const struct nlmsghdr *nlh, struct klb_attrs *attrs);
struct klb_attrs klb_attrs_nested(const struct nlattr *nla);

#define klb_for_each_attr(nla, attrs, rem) \
	for ((nla) = (struct nlattr *)(attrs).head, (rem) = (attrs).len; \
	     nla_ok(nla, rem); (nla) = nla_next(nla, &(rem)))

/*
 * Readers leave the value alone if the attribute is too short: what this
 * program does not understand is as if it were not there.
 */
void klb_get_u8(const struct nlattr *nla, uint8_t *value);
void klb_get_u16(const struct nlattr *nla, uint16_t *value);
void klb_get_u32(const struct nlattr *nla, uint32_t *value);
void klb_get_u64(const struct nlattr *nla, uint64_t *value);
void klb_get_port(const struct nlattr *nla, uint16_t *port);
void klb_get_addr(const struct nlattr *nla, struct klb_addr *addr);
/* Cut to @size - 1 bytes. */
void klb_get_text(const struct nlattr *nla, char *text, size_t size);

int klb_put_port(struct nl_msg *msg, int type, uint16_t port);
int klb_put_addr(struct nl_msg *msg, int type, const struct klb_addr *addr);
/* Address and port, each only if it is there. */
int klb_put_ap(struct nl_msg *msg, int addr_type, int port_type,
	       const struct klb_ap *ap);

#endif

// SPDX-License-Identifier: GPL-2.0
#include "tuple.h"

#include <linux/socket.h>

/**
 * klb_addr_cmp() - order two addresses by their bytes
 * @family: AF_INET or AF_INET6, of both
 * @a: one
 * @b: the other
 *
 * Return: less than, equal to or greater than zero, as memcmp().
 */
int klb_addr_cmp(u8 family, const union klb_addr *a, const union klb_addr *b)
{
	return memcmp(a, b, klb_addr_len(family));
}

/**
 * klb_tuple_reverse() - the tuple of the answer
 * @to: written
 * @from: may not be @to
 */
void klb_tuple_reverse(struct klb_tuple *to, const struct klb_tuple *from)
{
	klb_addr_copy(from->family, &to->src, &from->dst);
	klb_addr_copy(from->family, &to->dst, &from->src);
	to->ports = klb_ports_reverse(from->ports);
	to->proto = from->proto;
	to->family = from->family;
}

// SPDX-License-Identifier: GPL-2.0
#include "sctp_param.h"

#include <linux/string.h>
#include <linux/unaligned.h>

#include "sctp.h"

#define PARAM_IPV4	5
#define PARAM_IPV6	6

struct param {
	u16 type;
	u16 len;	/* with its header, without padding */
};

/* The parameter at @at. False: it is malformed. */
static bool param_at(const u8 *chunk, u32 len, u32 at, struct param *p)
{
	if (len - at < 4)
		return false;
	p->type = get_unaligned_be16(chunk + at);
	p->len = get_unaligned_be16(chunk + at + 2);
	return p->len >= 4 && p->len <= len - at;
}

/* AF_UNSPEC: it is no address. */
static u8 family_of(const struct param *p)
{
	if (p->type == PARAM_IPV4 && p->len == 4 + klb_addr_len(AF_INET))
		return AF_INET;
	if (p->type == PARAM_IPV6 && p->len == 4 + klb_addr_len(AF_INET6))
		return AF_INET6;
	return AF_UNSPEC;
}

static bool stays(const struct klb_sctp_edit *e, const struct param *p)
{
	return (p->type != PARAM_IPV4 && p->type != PARAM_IPV6) ||
	       (e->keep && family_of(p) == e->keep);
}

/* A length may count the last parameter's padding or not. */
u32 klb_sctp_edit_len(const struct klb_sctp_edit *e, const u8 *chunk, u32 len)
{
	u32 at, size = KLB_SCTP_INIT_LEN + klb_sctp_edit_room(e), last = size;
	struct param p;

	for (at = KLB_SCTP_INIT_LEN; at + 3 < len; at += ALIGN(p.len, 4)) {
		if (!param_at(chunk, len, at, &p))
			return 0;
		if (!stays(e, &p))
			continue;
		last = size + p.len;
		size += ALIGN(p.len, 4);
	}
	return last;
}

static u8 *put_addr(u8 *to, u8 family, const union klb_addr *addr)
{
	u32 len = klb_addr_len(family);

	put_unaligned_be16(family == AF_INET ? PARAM_IPV4 : PARAM_IPV6, to);
	put_unaligned_be16(4 + len, to + 2);
	memcpy(to + 4, addr, len);
	return to + 4 + len;
}

/* Moves what stays together; the end of it. */
static u32 take_out(const struct klb_sctp_edit *e, u8 *chunk, u32 len)
{
	u32 at, to = KLB_SCTP_INIT_LEN, last = to, step;
	struct param p;

	for (at = to; at + 3 < len; at += step) {
		if (!param_at(chunk, len, at, &p))
			break;
		step = ALIGN(p.len, 4);
		if (!stays(e, &p))
			continue;
		memmove(chunk + to, chunk + at, min(step, len - at));
		last = to + p.len;
		to += step;
	}
	return last;
}

void klb_sctp_edit(const struct klb_sctp_edit *e, u8 *chunk, u32 len)
{
	u32 room = klb_sctp_edit_room(e), end = take_out(e, chunk, len), i;
	u8 *at = chunk + KLB_SCTP_INIT_LEN;

	memmove(at + room, at, end - KLB_SCTP_INIT_LEN);
	for (i = 0; i < e->n; i++)
		at = put_addr(at, e->family, &e->addrs[i]);
	end += room;
	memset(chunk + end, 0, ALIGN(end, 4) - end);
	put_unaligned_be16(end, chunk + 2);
}

u32 klb_sctp_addrs(const u8 *chunk, u32 len, u8 family, union klb_addr *addrs,
		   u32 max)
{
	struct param p;
	u32 at, n = 0;

	for (at = KLB_SCTP_INIT_LEN; at + 3 < len && n < max;
	     at += ALIGN(p.len, 4)) {
		if (!param_at(chunk, len, at, &p))
			break;
		if (family_of(&p) != family)
			continue;
		memset(&addrs[n], 0, sizeof(addrs[n]));
		memcpy(&addrs[n++], chunk + at + 4, klb_addr_len(family));
	}
	return n;
}

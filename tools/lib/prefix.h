/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KLB_PREFIX_H
#define KLB_PREFIX_H

#include "attr.h"

/* "/128" behind an address */
#define KLB_PREFIX_TEXT	(KLB_ADDR_TEXT + 8)

/* Addresses that begin with the same bits; none is set behind them. */
struct klb_prefix {
	struct klb_addr addr;
	uint8_t len;
};

struct klb_prefixes {
	struct klb_prefix *v;
	size_t n, room;
};

/* ADDR/LEN; a bare address is all of its bits. */
int klb_prefix_parse(const char *s, struct klb_prefix *p, struct klb_err *err);
const char *klb_prefix_format(const struct klb_prefix *p,
			      char text[KLB_PREFIX_TEXT]);
/* As the kernel sorts: by family, address, length. */
int klb_prefix_cmp(const struct klb_prefix *a, const struct klb_prefix *b);

int klb_prefixes_add(struct klb_prefixes *list, const struct klb_prefix *p);
int klb_prefixes_copy(struct klb_prefixes *to, const struct klb_prefixes *from);
void klb_prefixes_sort(struct klb_prefixes *list);
/* Sorts, and leaves one of those that are equal. */
void klb_prefixes_uniq(struct klb_prefixes *list);
bool klb_prefixes_same(const struct klb_prefixes *a,
		       const struct klb_prefixes *b);
void klb_prefixes_free(struct klb_prefixes *list);

/* Room that a prefix needs in a message. */
#define KLB_PREFIX_ROOM	24

/* An attribute for each, or the flag @none if there is none. */
int klb_put_prefixes(struct nl_msg *msg, int type, int none,
		     const struct klb_prefixes *list);
/* Appends what the attribute says; what is no prefix is left out. -ENOMEM. */
int klb_take_prefix(const struct nlattr *nla, struct klb_prefixes *list);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LBAGENT_DESTS_H
#define LBAGENT_DESTS_H

#include "prefix.h"

/* Where packets go, and the table of routes that says so. */
struct dest {
	uint32_t table;		/* RT_TABLE_MAIN, or one of rule_table() */
	struct klb_prefix to;
};

struct dests {
	struct dest *v;
	size_t n, room;
};

/* -ENOMEM, and the list is as it was. */
int dests_add(struct dests *list, uint32_t table, const struct klb_prefix *to);
/* Sorts by table and prefix, and leaves one of those that are equal. */
void dests_uniq(struct dests *list);
/* @to is empty before. -ENOMEM, and it still is. */
int dests_copy(struct dests *to, const struct dests *from);
bool dests_same(const struct dests *a, const struct dests *b);
/* In a list that is sorted; NULL: it is not there. */
const struct dest *dests_find(const struct dests *list,
			      const struct dest *dest);
void dests_free(struct dests *list);

#endif

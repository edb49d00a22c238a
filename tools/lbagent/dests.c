// SPDX-License-Identifier: GPL-2.0
#include "dests.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "grow.h"

/* By table, then as klb_prefix_cmp(). */
static int cmp(const void *va, const void *vb)
{
	const struct dest *a = va, *b = vb;

	if (a->table != b->table)
		return a->table < b->table ? -1 : 1;
	return klb_prefix_cmp(&a->to, &b->to);
}

int dests_add(struct dests *list, uint32_t table, const struct klb_prefix *to)
{
	struct dest *v = klb_grow(list->v, list->n, &list->room, sizeof(*v));

	if (!v)
		return -ENOMEM;
	list->v = v;
	v[list->n++] = (struct dest){ .table = table, .to = *to };
	return 0;
}

void dests_uniq(struct dests *list)
{
	size_t i, n = 0;

	if (list->n)
		qsort(list->v, list->n, sizeof(*list->v), cmp);
	for (i = 0; i < list->n; i++) {
		if (!n || cmp(&list->v[n - 1], &list->v[i]))
			list->v[n++] = list->v[i];
	}
	list->n = n;
}

int dests_copy(struct dests *to, const struct dests *from)
{
	if (!from->n)
		return 0;
	to->v = calloc(from->n, sizeof(*to->v));
	if (!to->v)
		return -ENOMEM;
	memcpy(to->v, from->v, from->n * sizeof(*to->v));
	to->n = from->n;
	to->room = from->n;
	return 0;
}

bool dests_same(const struct dests *a, const struct dests *b)
{
	size_t i;

	for (i = 0; i < a->n && i < b->n; i++) {
		if (cmp(&a->v[i], &b->v[i]))
			return false;
	}
	return a->n == b->n;
}

const struct dest *dests_find(const struct dests *list,
			      const struct dest *dest)
{
	return list->n ? bsearch(dest, list->v, list->n, sizeof(*dest), cmp) :
			 NULL;
}

void dests_free(struct dests *list)
{
	free(list->v);
	memset(list, 0, sizeof(*list));
}

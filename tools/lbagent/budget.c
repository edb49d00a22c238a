// SPDX-License-Identifier: GPL-2.0
#include "budget.h"

#include <stdlib.h>
#include <string.h>

void budget_init(struct budget *b, const struct budget_conf *conf)
{
	memset(b, 0, sizeof(*b));
	b->conf = conf;
}

void budget_free(struct budget *b)
{
	while (b->n)
		free(b->v[--b->n].name);
}

/* The one that is full first: to forget what is full changes nothing. */
static struct budget_use *least_used(struct budget *b)
{
	struct budget_use *least = &b->v[0];
	size_t i;

	for (i = 1; i < b->n; i++) {
		if (b->v[i].full < least->full)
			least = &b->v[i];
	}
	return least;
}

static struct budget_use *use_of(struct budget *b, const char *name)
{
	struct budget_use *use;
	char *copy;
	size_t i;

	for (i = 0; i < b->n; i++) {
		if (!strcmp(b->v[i].name, name))
			return &b->v[i];
	}
	copy = strdup(name);
	if (!copy)
		return NULL;
	use = b->n < BUDGET_ROOM ? &b->v[b->n++] : least_used(b);
	free(use->name);
	*use = (struct budget_use){ .name = copy };
	return use;
}

bool budget_take(struct budget *b, const char *name, uint64_t now)
{
	struct budget_use *use = use_of(b, name);

	if (!use)
		return false;
	if (use->full < now)
		use->full = now;
	if (use->full - now > (b->conf->burst - 1) * b->conf->gap)
		return false;
	use->full += b->conf->gap;
	return true;
}

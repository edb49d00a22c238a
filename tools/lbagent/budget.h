/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LBAGENT_BUDGET_H
#define LBAGENT_BUDGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BUDGET_ROOM	1024

/* Times in microseconds, of a clock that does not go back. */
struct budget_conf {
	unsigned int burst;
	uint64_t gap;		/* one more in each */
};

/*
 * So many at once for each name, and one in a while after that. Of names it
 * keeps BUDGET_ROOM, those that have used most of theirs.
 */
struct budget {
	const struct budget_conf *conf;
	size_t n;
	struct budget_use {
		char *name;
		uint64_t full;	/* when all of it is there again */
	} v[BUDGET_ROOM];
};

void budget_init(struct budget *b, const struct budget_conf *conf);
void budget_free(struct budget *b);

/* Whether there is one for @name at @now, which is then gone. */
bool budget_take(struct budget *b, const char *name, uint64_t now);

#endif

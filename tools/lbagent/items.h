/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LBAGENT_ITEMS_H
#define LBAGENT_ITEMS_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Takes the answer to a list apart while it comes, an object of .items after
 * the other: ten thousand of them are larger than all that is kept of them.
 */
struct items_text {
	char *text;
	size_t len, room;
};

/* @text has no NUL behind it. Not 0 ends the feeding. */
typedef int (*items_cb)(const char *text, size_t len, void *arg);

struct items {
	struct items_text head;	/* all but the items; .items is [] */
	struct items_text item;	/* the one that has begun */
	size_t cap;		/* of the head, and of an item */
	unsigned int depth;
	bool in_string, escaped;
	bool in_items;
	char key[8];		/* of the answer itself, its begin */
	size_t key_len;
};

void items_init(struct items *it, size_t cap);
void items_free(struct items *it);

/*
 * Hands every item that @data ends to @cb. Returns 0, what @cb returned,
 * -EMSGSIZE for more than the cap, -EBADMSG for an item that is no object,
 * or -ENOMEM; in all but the first case the answer is to be given up.
 */
int items_feed(struct items *it, const char *data, size_t len, items_cb cb,
	       void *arg);

#endif

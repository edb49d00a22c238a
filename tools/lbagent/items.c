// SPDX-License-Identifier: GPL-2.0
#include "items.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Where what is looked at is: in the answer, in .items, in one of them. */
#define DEPTH_ANSWER	1
#define DEPTH_ITEMS	2

void items_init(struct items *it, size_t cap)
{
	memset(it, 0, sizeof(*it));
	it->cap = cap;
}

void items_free(struct items *it)
{
	free(it->head.text);
	free(it->item.text);
	items_init(it, it->cap);
}

static int keep(struct items_text *t, char c, size_t cap)
{
	size_t room = t->room;
	char *text = t->text;

	if (t->len == cap)
		return -EMSGSIZE;
	if (t->len == room) {
		room = room ? 2 * room : 4096;
		text = realloc(text, room);
		if (!text)
			return -ENOMEM;
		t->text = text;
		t->room = room;
	}
	text[t->len++] = c;
	return 0;
}

static void begin_string(struct items *it)
{
	it->in_string = true;
	it->key_len = 0;
}

static void in_string(struct items *it, char c)
{
	if (it->escaped)
		it->escaped = false;
	else if (c == '\\')
		it->escaped = true;
	else if (c == '"')
		it->in_string = false;
	if (it->in_string && it->depth == DEPTH_ANSWER &&
	    it->key_len < sizeof(it->key))
		it->key[it->key_len++] = c;
}

static bool is_items(const struct items *it)
{
	return it->depth == DEPTH_ANSWER && it->key_len == 5 &&
	       !memcmp(it->key, "items", 5);
}

/* Whether the answer is right is seen when it is parsed; here only the depth. */
static void outside_string(struct items *it, char c)
{
	switch (c) {
	case '"':
		begin_string(it);
		break;
	case '[':
		it->in_items |= is_items(it);
		it->depth++;
		break;
	case '{':
		it->depth++;
		break;
	case ']':
	case '}':
		it->depth -= !!it->depth;
		if (it->depth == DEPTH_ANSWER)
			it->in_items = false;
	}
}

static bool is_between(char c)
{
	return c == ',' || c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* A character between .items' brackets. */
static int feed_item(struct items *it, char c, items_cb cb, void *arg)
{
	int rc;

	if (it->depth == DEPTH_ITEMS && is_between(c))
		return 0;
	if (it->depth == DEPTH_ITEMS && c != '{')
		return -EBADMSG;
	rc = keep(&it->item, c, it->cap);
	if (rc)
		return rc;
	if (it->in_string)
		in_string(it, c);
	else
		outside_string(it, c);
	if (it->depth != DEPTH_ITEMS)
		return 0;
	rc = cb(it->item.text, it->item.len, arg);
	it->item.len = 0;
	return rc;
}

static int feed_head(struct items *it, char c)
{
	if (it->in_string)
		in_string(it, c);
	else
		outside_string(it, c);
	return keep(&it->head, c, it->cap);
}

int items_feed(struct items *it, const char *data, size_t len, items_cb cb,
	       void *arg)
{
	bool closes;
	size_t i;
	int rc = 0;

	for (i = 0; i < len && !rc; i++) {
		closes = it->depth == DEPTH_ITEMS && data[i] == ']';
		if (it->in_items && !closes)
			rc = feed_item(it, data[i], cb, arg);
		else
			rc = feed_head(it, data[i]);
	}
	return rc;
}

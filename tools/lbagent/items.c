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

static int keep(struct items_text *t, const char *data, size_t len, size_t cap)
{
	size_t room = t->room ? t->room : 4096;
	char *text;

	if (len > cap - t->len)
		return -EMSGSIZE;
	while (room < t->len + len)
		room *= 2;
	if (room != t->room) {
		text = realloc(t->text, room);
		if (!text)
			return -ENOMEM;
		t->text = text;
		t->room = room;
	}
	memcpy(t->text + t->len, data, len);
	t->len += len;
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

/* How many characters come before one that means anything here. */
static size_t plain(const struct items *it, const char *data, size_t len)
{
	size_t i = 0;

	if (it->escaped)
		return 0;
	if (it->in_string) {
		while (i < len && data[i] != '"' && data[i] != '\\')
			i++;
	} else {
		/* brackets and braces, and some that do no harm */
		while (i < len && data[i] != '"' && (data[i] & 0xd9) != 0x59)
			i++;
	}
	return i;
}

/* To the end of the item, or of @data. Returns how much that is. */
static size_t scan_item(struct items *it, const char *data, size_t len)
{
	size_t i = 0;

	while ((i += plain(it, data + i, len - i)) < len) {
		if (it->in_string)
			in_string(it, data[i++]);
		else
			outside_string(it, data[i++]);
		if (it->depth == DEPTH_ITEMS)
			break;
	}
	return i;
}

/* Between .items' brackets. One that is whole in @data is not copied. */
static int feed_item(struct items *it, const char *data, size_t len,
		     items_cb cb, void *arg, size_t *used)
{
	int rc;

	*used = 1;
	if (it->depth == DEPTH_ITEMS && is_between(*data))
		return 0;
	if (it->depth == DEPTH_ITEMS && *data != '{')
		return -EBADMSG;
	*used = scan_item(it, data, len);
	if (!it->item.len && it->depth == DEPTH_ITEMS && *used <= it->cap)
		return cb(data, *used, arg);
	rc = keep(&it->item, data, *used, it->cap);
	if (rc || it->depth != DEPTH_ITEMS)
		return rc;
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
	return keep(&it->head, &c, 1, it->cap);
}

int items_feed(struct items *it, const char *data, size_t len, items_cb cb,
	       void *arg)
{
	size_t i, n;
	bool closes;
	int rc = 0;

	for (i = 0; i < len && !rc; i += n) {
		closes = it->depth == DEPTH_ITEMS && data[i] == ']';
		n = 1;
		if (it->in_items && !closes)
			rc = feed_item(it, data + i, len - i, cb, arg, &n);
		else
			rc = feed_head(it, data[i]);
	}
	return rc;
}

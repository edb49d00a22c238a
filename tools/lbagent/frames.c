// SPDX-License-Identifier: GPL-2.0
#include "frames.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void frames_init(struct frames *f, size_t cap)
{
	*f = (struct frames){ .cap = cap };
}

void frames_free(struct frames *f)
{
	free(f->held);
	frames_init(f, f->cap);
}

void frames_reset(struct frames *f)
{
	f->len = 0;
}

/* Doubles, so that a long line in many pieces is not copied for every one. */
static int make_room(struct frames *f, size_t want)
{
	size_t room = f->room ? f->room : 4096;
	char *p;

	if (want <= f->room)
		return 0;
	while (room < want)
		room *= 2;
	p = realloc(f->held, room);
	if (!p)
		return -ENOMEM;
	f->held = p;
	f->room = room;
	return 0;
}

static int hold(struct frames *f, const char *data, size_t len)
{
	if (!len)
		return 0;
	if (len > f->cap - f->len)
		return -EMSGSIZE;
	if (make_room(f, f->len + len))
		return -ENOMEM;
	memcpy(f->held + f->len, data, len);
	f->len += len;
	return 0;
}

/* The end of a line: what begins and ends in @data is not copied. */
static int take(struct frames *f, const char *data, size_t len, frames_cb cb,
		void *arg)
{
	int rc;

	if (!f->len) {
		if (len > f->cap)
			return -EMSGSIZE;
		return len ? cb(data, len, arg) : 0;
	}
	rc = hold(f, data, len);
	if (!rc)
		rc = cb(f->held, f->len, arg);
	f->len = 0;
	return rc;
}

int frames_feed(struct frames *f, const char *data, size_t len, frames_cb cb,
		void *arg)
{
	const char *end = data + len, *nl;
	int rc = 0;

	while (!rc && data < end) {
		nl = memchr(data, '\n', end - data);
		if (!nl)
			return hold(f, data, end - data);
		rc = take(f, data, nl - data, cb, arg);
		data = nl + 1;
	}
	return rc;
}

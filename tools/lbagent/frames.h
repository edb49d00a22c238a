/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LBAGENT_FRAMES_H
#define LBAGENT_FRAMES_H

#include <stddef.h>

#define FRAMES_CAP	(8u << 20)

/* @line has no newline and no NUL behind it. Not 0 ends the feeding. */
typedef int (*frames_cb)(const char *line, size_t len, void *arg);

/* Takes a stream apart into lines. What is held is a line without its end. */
struct frames {
	char *held;
	size_t len;
	size_t room;
	size_t cap;	/* of bytes of a line */
};

void frames_init(struct frames *f, size_t cap);
void frames_free(struct frames *f);

/* Forgets the line that has begun. */
void frames_reset(struct frames *f);

/*
 * Hands every line that @data ends to @cb; empty ones are left out. Returns 0,
 * what @cb returned, -EMSGSIZE for a line longer than the cap or -ENOMEM; in
 * all but the first case the stream is to be given up.
 */
int frames_feed(struct frames *f, const char *data, size_t len, frames_cb cb,
		void *arg);

#endif

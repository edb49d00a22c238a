/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LBAGENT_EVENT_H
#define LBAGENT_EVENT_H

#include <stddef.h>

#include <jansson.h>

#include "err.h"

enum event_type {
	EVENT_ADDED,
	EVENT_MODIFIED,
	EVENT_DELETED,
	EVENT_BOOKMARK,
	EVENT_ERROR,
	EVENT_UNKNOWN,	/* of an apiserver of later */
};

/* A line of a watch. */
struct event {
	enum event_type type;
	json_t *root;		/* what the rest is of */
	json_t *object;
	const char *version;	/* NULL for EVENT_ERROR and EVENT_UNKNOWN */
};

/* -EBADMSG with a sentence. managedFields are left out of the object. */
int event_parse(struct event *e, const char *line, size_t len,
		struct klb_err *err);
void event_free(struct event *e);

/* One of the items of a list, without managedFields; to be freed. -EBADMSG. */
int item_parse(json_t **object, const char *text, size_t len,
	       struct klb_err *err);

/* What is around the items of a list. */
struct listing {
	json_t *root;
	const char *version;
};

int listing_parse(struct listing *l, const char *text, size_t len,
		  struct klb_err *err);
void listing_free(struct listing *l);

#endif

// SPDX-License-Identifier: GPL-2.0
#include "event.h"

#include <errno.h>
#include <string.h>

static enum event_type type_of(const char *name)
{
	static const char *const names[] = {
		[EVENT_ADDED] = "ADDED",
		[EVENT_MODIFIED] = "MODIFIED",
		[EVENT_DELETED] = "DELETED",
		[EVENT_BOOKMARK] = "BOOKMARK",
		[EVENT_ERROR] = "ERROR",
	};
	int i;

	for (i = 0; i < EVENT_UNKNOWN; i++) {
		if (!strcmp(name, names[i]))
			break;
	}
	return i;
}

/* Often larger than all else, and of no use here. */
static void strip(json_t *object)
{
	json_object_del(json_object_get(object, "metadata"), "managedFields");
}

/* Versions are opaque, but one that is empty would ask for another thing. */
static const char *version_of(const json_t *object)
{
	const char *v;

	v = json_string_value(json_object_get(json_object_get(object,
							      "metadata"),
					      "resourceVersion"));
	return v && *v ? v : NULL;
}

static json_t *load(const char *text, size_t len, const char *what,
		    struct klb_err *err)
{
	json_error_t why;
	json_t *root = json_loadb(text, len, 0, &why);

	if (!root)
		klb_err_set(err, -EBADMSG, "%s is not JSON: %.128s, byte %d",
			    what, why.text, why.position);
	return root;
}

static int take(struct event *e, struct klb_err *err)
{
	const char *type = json_string_value(json_object_get(e->root, "type"));

	e->object = json_object_get(e->root, "object");
	if (!type || !json_is_object(e->object))
		return klb_err_set(err, -EBADMSG,
				   "a line has no type or no object");
	e->type = type_of(type);
	if (e->type >= EVENT_ERROR)
		return 0;
	strip(e->object);
	e->version = version_of(e->object);
	if (!e->version)
		return klb_err_set(err, -EBADMSG,
				   "an object has no resourceVersion");
	return 0;
}

int event_parse(struct event *e, const char *line, size_t len,
		struct klb_err *err)
{
	int rc;

	*e = (struct event){ .root = load(line, len, "a line", err) };
	if (!e->root)
		return -EBADMSG;
	rc = take(e, err);
	if (rc)
		event_free(e);
	return rc;
}

void event_free(struct event *e)
{
	json_decref(e->root);
	*e = (struct event){ .root = NULL };
}

int item_parse(json_t **object, const char *text, size_t len,
	       struct klb_err *err)
{
	*object = load(text, len, "an item", err);
	if (!*object)
		return -EBADMSG;
	strip(*object);
	return 0;
}

static int check(const json_t *root, const char **version, struct klb_err *err)
{
	json_t *more = json_object_get(json_object_get(root, "metadata"),
				       "continue");
	json_t *items = json_object_get(root, "items");

	*version = version_of(root);
	if (!*version)
		return klb_err_set(err, -EBADMSG,
				   "the list has no resourceVersion");
	/* Not asked for; what is missing would be taken for deleted. */
	if (more && json_string_length(more))
		return klb_err_set(err, -EBADMSG, "the list is not all of it");
	if (items && !json_is_null(items) && !json_is_array(items))
		return klb_err_set(err, -EBADMSG, "items is no array");
	return 0;
}

int listing_parse(struct listing *l, const char *text, size_t len,
		  struct klb_err *err)
{
	int rc;

	*l = (struct listing){ .root = load(text, len, "the list", err) };
	if (!l->root)
		return -EBADMSG;
	rc = check(l->root, &l->version, err);
	if (rc)
		listing_free(l);
	return rc;
}

void listing_free(struct listing *l)
{
	json_decref(l->root);
	*l = (struct listing){ .root = NULL };
}

// SPDX-License-Identifier: GPL-2.0
#include "field.h"

#include <string.h>

const json_t *field(const json_t *obj, const char *key)
{
	const json_t *value = json_object_get(obj, key);

	return json_is_null(value) ? NULL : value;
}

const char *field_text(const json_t *obj, const char *key)
{
	return json_string_value(field(obj, key));
}

const char *field_word(const json_t *obj, const char *key)
{
	const char *text = field_text(obj, key);

	return text ? text : "";
}

bool field_bool(const json_t *obj, const char *key, bool otherwise)
{
	const json_t *value = field(obj, key);

	return json_is_boolean(value) ? json_is_true(value) : otherwise;
}

bool field_int(const json_t *obj, const char *key, long min, long max,
	       long *value)
{
	const json_t *v = field(obj, key);

	if (!v)
		return true;
	if (!json_is_integer(v) || json_integer_value(v) < min ||
	    json_integer_value(v) > max)
		return false;
	*value = json_integer_value(v);
	return true;
}

const char *field_label(const json_t *obj, const char *label)
{
	return field_text(field(field(obj, "metadata"), "labels"), label);
}

char *field_dup(const char *text, bool *failed)
{
	char *copy = text ? strdup(text) : NULL;

	if (text && !copy)
		*failed = true;
	return copy;
}

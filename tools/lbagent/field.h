/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LBAGENT_FIELD_H
#define LBAGENT_FIELD_H

#include <jansson.h>
#include <stdbool.h>

/*
 * Fields of a JSON object. What is missing, null or of another type is as if
 * it were not there, and so is whatever is looked for in what is no object.
 */
const json_t *field(const json_t *obj, const char *key);
/* NULL if there is none. */
const char *field_text(const json_t *obj, const char *key);
/* "" if there is none. */
const char *field_word(const json_t *obj, const char *key);
bool field_bool(const json_t *obj, const char *key, bool otherwise);
/*
 * False if it is there and not within @min..@max, a number of another kind
 * included. Without it @value stays.
 */
bool field_int(const json_t *obj, const char *key, long min, long max,
	       long *value);
/* Of .metadata.labels; NULL if there is none. */
const char *field_label(const json_t *obj, const char *label);
/* A copy; NULL if @text is NULL, or there is no memory, which sets @failed. */
char *field_dup(const char *text, bool *failed);

#endif

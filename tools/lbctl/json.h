/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LBCTL_JSON_H
#define LBCTL_JSON_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define JSON_DEPTH	8

/*
 * Writes one JSON value, part by part. An opening bracket is written only
 * with what follows it, so that a request that fails at once prints nothing.
 * Keys are NULL inside of lists and must live until they are written.
 */
struct json {
	FILE *f;
	bool pretty;
	int depth;		/* brackets that are open */
	int written;		/* of them, those that are on paper */
	struct {
		const char *key;
		char bracket;
		bool used;	/* has a member */
	} level[JSON_DEPTH + 1];
};

void json_init(struct json *j, FILE *f, bool pretty);
void json_open(struct json *j, const char *key, char bracket);
void json_close(struct json *j);
void json_string(struct json *j, const char *key, const char *value);
void json_number(struct json *j, const char *key, uint64_t value);
void json_bool(struct json *j, const char *key, bool value);
void json_null(struct json *j, const char *key);
/* Ends the document with a newline; brackets left open are dropped. */
void json_end(struct json *j);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LBCTL_OUT_H
#define LBCTL_OUT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "json.h"
#include "table.h"

/*
 * One call prints text or JSON, whichever was asked for. Text is rows of
 * "key value" cells in aligned columns; rows of a list inside of a row are
 * indented below it. Keys must be string literals or live as long as @o.
 */
struct out {
	FILE *f;
	bool json;
	int depth;		/* of rows and of properties */
	bool props[TABLE_DEPTH + 2];	/* at that depth: a line for each field */
	struct json js;
	struct table table;
};

/* Which of the two a call is for, where they differ. */
enum out_to { OUT_BOTH, OUT_TEXT, OUT_JSON };

void out_init(struct out *o, FILE *f, bool json, bool pretty);
void out_free(struct out *o);

void out_list(struct out *o, const char *key);
void out_list_end(struct out *o);
/* A member of a list: an object, one line. */
void out_row(struct out *o);
void out_row_end(struct out *o);
/* An object with a line for each field. */
void out_props(struct out *o, const char *key);
void out_props_end(struct out *o);

/* A string; empty ones leave a blank in text. */
void out_str(struct out *o, enum out_to to, const char *key, const char *s);
/* Text only: in a row, the value without its key. */
void out_word(struct out *o, const char *key, const char *s);
/* Text only: in a row, the number without its key. */
void out_value(struct out *o, const char *key, uint64_t n);
void out_num(struct out *o, enum out_to to, const char *key, uint64_t n);
void out_count(struct out *o, enum out_to to, const char *key, uint64_t n);
void out_bytes(struct out *o, enum out_to to, const char *key, uint64_t n);
/* Text: on or off. */
void out_bool(struct out *o, enum out_to to, const char *key, bool value);
void out_null(struct out *o, const char *key);		/* JSON only */

/* Text only: a line of its own. */
void out_line(struct out *o, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Ends a document. -errno if it could not be written. */
int out_end(struct out *o);
/* Prints nothing of what is kept back. */
void out_drop(struct out *o);

#endif

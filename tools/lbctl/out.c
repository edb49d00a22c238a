// SPDX-License-Identifier: GPL-2.0
#include "out.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "units.h"
#include "utf8.h"

void out_init(struct out *o, FILE *f, bool json, bool pretty)
{
	memset(o, 0, sizeof(*o));
	o->f = f;
	o->json = json;
	json_init(&o->js, f, pretty);
	table_init(&o->table, f);
}

void out_free(struct out *o)
{
	table_free(&o->table);
}

void out_list(struct out *o, const char *key)
{
	if (o->json)
		json_open(&o->js, key, '[');
}

void out_list_end(struct out *o)
{
	if (o->json)
		json_close(&o->js);
}

static void enter(struct out *o, bool props)
{
	if (o->depth < TABLE_DEPTH)
		o->depth++;
	o->props[o->depth] = props;
}

static void leave(struct out *o)
{
	if (o->depth)
		o->depth--;
}

void out_row(struct out *o)
{
	enter(o, false);
	if (o->json)
		json_open(&o->js, NULL, '{');
	else
		table_row(&o->table, o->depth - 1);
}

void out_row_end(struct out *o)
{
	leave(o);
	if (o->json)
		json_close(&o->js);
}

void out_props(struct out *o, const char *key)
{
	if (o->json) {
		json_open(&o->js, key, '{');
	} else if (key) {
		table_row(&o->table, o->depth ? o->depth - 1 : 0);
		table_cell(&o->table, "key", false, false, key);
	}
	enter(o, true);
}

void out_props_end(struct out *o)
{
	leave(o);
	if (o->json)
		json_close(&o->js);
}

/* In text. A property is a row of two cells. */
static void cell(struct out *o, const char *key, bool label, bool right,
		 const char *text)
{
	if (!o->props[o->depth]) {
		table_cell(&o->table, key, label, right, text);
		return;
	}
	if (!*text)
		return;
	table_row(&o->table, o->depth - 1);
	table_cell(&o->table, "key", false, false, key);
	table_cell(&o->table, "value", false, false, text);
}

static void text_cell(struct out *o, const char *key, bool label,
		      const char *s)
{
	size_t len = utf8_printable(s, NULL, 0);
	char *text = malloc(len + 1);

	if (!text) {
		o->table.failed = true;
		return;
	}
	utf8_printable(s, text, len + 1);
	cell(o, key, label, false, text);
	free(text);
}

static bool wanted(const struct out *o, enum out_to to)
{
	return to == OUT_BOTH || (to == OUT_JSON) == o->json;
}

void out_str(struct out *o, enum out_to to, const char *key, const char *s)
{
	if (!wanted(o, to))
		return;
	if (o->json)
		json_string(&o->js, key, s);
	else
		text_cell(o, key, true, s);
}

void out_word(struct out *o, const char *key, const char *s)
{
	if (!o->json)
		text_cell(o, key, false, s);
}

void out_value(struct out *o, const char *key, uint64_t n)
{
	char text[UNITS_TEXT];

	snprintf(text, sizeof(text), "%" PRIu64, n);
	if (!o->json)
		cell(o, key, false, true, text);
}

static void number(struct out *o, enum out_to to, const char *key, uint64_t n,
		   const char *text)
{
	if (!wanted(o, to))
		return;
	if (o->json)
		json_number(&o->js, key, n);
	else
		cell(o, key, true, true, text);
}

void out_num(struct out *o, enum out_to to, const char *key, uint64_t n)
{
	char text[UNITS_TEXT];

	snprintf(text, sizeof(text), "%" PRIu64, n);
	number(o, to, key, n, text);
}

void out_count(struct out *o, enum out_to to, const char *key, uint64_t n)
{
	char text[UNITS_TEXT];

	number(o, to, key, n, units_count(n, text));
}

void out_bytes(struct out *o, enum out_to to, const char *key, uint64_t n)
{
	char text[UNITS_TEXT];

	number(o, to, key, n, units_bytes(n, text));
}

void out_bool(struct out *o, enum out_to to, const char *key, bool value)
{
	if (!wanted(o, to))
		return;
	if (o->json)
		json_bool(&o->js, key, value);
	else
		cell(o, key, true, false, value ? "on" : "off");
}

void out_null(struct out *o, const char *key)
{
	if (o->json)
		json_null(&o->js, key);
}

void out_line(struct out *o, const char *fmt, ...)
{
	va_list ap;

	if (o->json)
		return;
	va_start(ap, fmt);
	vfprintf(o->f, fmt, ap);
	va_end(ap);
	fputc('\n', o->f);
}

int out_end(struct out *o)
{
	if (o->json)
		json_end(&o->js);
	else
		table_end(&o->table);
	o->depth = 0;
	if (o->table.failed)
		return -ENOMEM;
	/* A batch of ten thousand lines need not be ten thousand writes. */
	if (ferror(o->f))
		return errno ? -errno : -EIO;
	return 0;
}

void out_drop(struct out *o)
{
	table_free(&o->table);
	json_end(&o->js);
	o->depth = 0;
}

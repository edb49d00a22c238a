// SPDX-License-Identifier: GPL-2.0
#include "series.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* An escaped character, or one of UTF-8, and its NUL. */
#define ONE	5

static bool is_rest(uint8_t c)
{
	return (c & 0xc0) == 0x80;
}

/* Where the second byte may not be just any: overlong, surrogate, too large. */
static bool is_second(uint8_t first, uint8_t c)
{
	switch (first) {
	case 0xe0:
		return c >= 0xa0 && c <= 0xbf;
	case 0xed:
		return c >= 0x80 && c <= 0x9f;
	case 0xf0:
		return c >= 0x90 && c <= 0xbf;
	case 0xf4:
		return c >= 0x80 && c <= 0x8f;
	}
	return is_rest(c);
}

/* Bytes of the character that @s begins with; 0 if it begins with none. */
static size_t utf8_len(const char *s)
{
	const uint8_t *c = (const uint8_t *)s;
	size_t i, len;

	if (*c < 0x80)
		return 1;
	if (*c < 0xc2 || *c > 0xf4 || !is_second(*c, c[1]))
		return 0;
	len = *c < 0xe0 ? 2 : *c < 0xf0 ? 3 : 4;
	for (i = 2; i < len; i++) {
		if (!is_rest(c[i]))
			return 0;
	}
	return len;
}

/* The next character of @s as it is written; @s moves behind it. */
static size_t take(const char **s, bool quoted, char one[ONE])
{
	size_t len = utf8_len(*s);
	char c = **s;

	if (!len) {
		*s += 1;
		return snprintf(one, ONE, "?");
	}
	memcpy(one, *s, len);
	one[len] = 0;
	*s += len;
	if (c == '\n')
		return snprintf(one, ONE, "\\n");
	if (c == '\\' || (quoted && c == '"'))
		return snprintf(one, ONE, "\\%c", c);
	return len;
}

void series_family(FILE *f, const char *name, const char *type,
		   const char *help)
{
	char one[ONE];

	fprintf(f, "# HELP %s ", name);
	while (*help) {
		take(&help, false, one);
		fputs(one, f);
	}
	fprintf(f, "\n# TYPE %s %s\n", name, type);
}

void series_label(struct series_labels *labels, const char *name,
		  const char *value)
{
	size_t len, room = sizeof(labels->text) - labels->len;
	char one[ONE], *to = labels->text + labels->len;
	const char *v = value;

	len = snprintf(to, room, "%s%s=\"", labels->len ? "," : "", name);
	while (*v && len < room) {
		size_t n = take(&v, true, one);

		if (len + n < room)
			memcpy(to + len, one, n);
		len += n;
	}
	if (len + 2 > room) {
		*to = 0;
		return;
	}
	memcpy(to + len, "\"", 2);
	labels->len += len + 1;
}

void series_number(FILE *f, double value)
{
	char text[32];

	snprintf(text, sizeof(text), "%.15g", value);
	if (strtod(text, NULL) != value)
		snprintf(text, sizeof(text), "%.17g", value);
	fputs(text, f);
}

static void put_name(FILE *f, const char *name, const char *labels)
{
	fputs(name, f);
	if (labels && *labels)
		fprintf(f, "{%s}", labels);
	fputc(' ', f);
}

void series_put(FILE *f, const char *name, const char *labels, double value)
{
	put_name(f, name, labels);
	series_number(f, value);
	fputc('\n', f);
}

void series_put_u64(FILE *f, const char *name, const char *labels,
		    uint64_t value)
{
	put_name(f, name, labels);
	fprintf(f, "%" PRIu64 "\n", value);
}

// SPDX-License-Identifier: GPL-2.0
#include "json.h"

#include <inttypes.h>
#include <string.h>

#include "utf8.h"

void json_init(struct json *j, FILE *f, bool pretty)
{
	memset(j, 0, sizeof(*j));
	j->f = f;
	j->pretty = pretty;
}

static void escape(FILE *f, uint32_t cp)
{
	if (cp == UTF8_BAD)
		fputs("\\ufffd", f);
	else if (cp == '"' || cp == '\\')
		fprintf(f, "\\%c", (char)cp);
	else if (cp == '\n')
		fputs("\\n", f);
	else if (cp == '\t')
		fputs("\\t", f);
	else
		fprintf(f, "\\u%04x", cp);
}

static bool is_plain(uint32_t cp)
{
	return cp >= 0x20 && cp != '"' && cp != '\\' && cp != 0x7f &&
	       cp != UTF8_BAD;
}

static void quote(FILE *f, const char *s)
{
	const char *from = s;	/* what is plain is written in one go */
	uint32_t cp;
	size_t n;

	fputc('"', f);
	for (; *s; s += n) {
		n = utf8_next(s, &cp);
		if (is_plain(cp))
			continue;
		fwrite(from, 1, s - from, f);
		escape(f, cp);
		from = s + n;
	}
	fwrite(from, 1, s - from, f);
	fputc('"', f);
}

static void newline(struct json *j, int depth)
{
	if (j->pretty)
		fprintf(j->f, "\n%*s", 4 * depth, "");
}

/* What stands before a member at @depth: comma, line, key. */
static void prefix(struct json *j, int depth, const char *key)
{
	if (j->level[depth].used)
		fputc(',', j->f);
	j->level[depth].used = true;
	if (depth)
		newline(j, depth);
	if (!key)
		return;
	quote(j->f, key);
	fputs(j->pretty ? ": " : ":", j->f);
}

static void write_brackets(struct json *j)
{
	int n;

	while (j->written < j->depth) {
		n = j->written++;
		prefix(j, n, j->level[n + 1].key);
		fputc(j->level[n + 1].bracket, j->f);
	}
}

static void member(struct json *j, const char *key)
{
	write_brackets(j);
	prefix(j, j->depth, key);
}

void json_open(struct json *j, const char *key, char bracket)
{
	if (j->depth == JSON_DEPTH)
		return;		/* no output of ours is that deep */
	j->depth++;
	j->level[j->depth].key = key;
	j->level[j->depth].bracket = bracket;
	j->level[j->depth].used = false;
}

void json_close(struct json *j)
{
	if (!j->depth)
		return;
	write_brackets(j);
	if (j->level[j->depth].used)
		newline(j, j->depth - 1);
	fputc(j->level[j->depth].bracket == '{' ? '}' : ']', j->f);
	j->depth--;
	j->written--;
}

void json_string(struct json *j, const char *key, const char *value)
{
	member(j, key);
	quote(j->f, value);
}

void json_number(struct json *j, const char *key, uint64_t value)
{
	member(j, key);
	fprintf(j->f, "%" PRIu64, value);
}

void json_bool(struct json *j, const char *key, bool value)
{
	member(j, key);
	fputs(value ? "true" : "false", j->f);
}

void json_null(struct json *j, const char *key)
{
	member(j, key);
	fputs("null", j->f);
}

void json_end(struct json *j)
{
	if (j->level[0].used)
		fputc('\n', j->f);
	j->depth = 0;
	j->written = 0;
	j->level[0].used = false;
}

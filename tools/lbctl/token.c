// SPDX-License-Identifier: GPL-2.0
#include "token.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* Where reading and writing are; the text only ever gets shorter. */
struct cursor {
	char *in;
	char *out;
};

static int single_quotes(struct cursor *c)
{
	while (*c->in && *c->in != '\'')
		*c->out++ = *c->in++;
	if (!*c->in)
		return -EINVAL;
	c->in++;
	return 0;
}

/* Behind a backslash in double quotes. Other characters keep the backslash. */
static void escape(struct cursor *c)
{
	int high, low;

	if (*c->in == '"' || *c->in == '\\') {
		*c->out++ = *c->in++;
		return;
	}
	high = *c->in == 'x' ? hex(c->in[1]) : -1;
	low = high >= 0 ? hex(c->in[2]) : -1;
	if (low >= 0 && (high || low)) {
		*c->out++ = high << 4 | low;
		c->in += 3;
		return;
	}
	*c->out++ = '\\';
}

static int double_quotes(struct cursor *c)
{
	while (*c->in && *c->in != '"') {
		if (*c->in == '\\') {
			c->in++;
			escape(c);
		} else {
			*c->out++ = *c->in++;
		}
	}
	if (!*c->in)
		return -EINVAL;
	c->in++;
	return 0;
}

static int is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* One word, its quotes removed. */
static int word(struct cursor *c)
{
	int rc = 0;
	char ch;

	while (!rc && *c->in && !is_blank(*c->in)) {
		ch = *c->in++;
		if (ch == '\'')
			rc = single_quotes(c);
		else if (ch == '"')
			rc = double_quotes(c);
		else if (ch == '\\' && *c->in && *c->in != '\n')
			*c->out++ = *c->in++;
		else
			*c->out++ = ch;
	}
	return rc;
}

int token_split(char *line, char *argv[TOKEN_MAX + 1], struct klb_err *err)
{
	struct cursor c = { .in = line };
	int n = 0, more;

	for (;;) {
		while (is_blank(*c.in))
			c.in++;
		if (!*c.in || *c.in == '#')
			break;
		if (n == TOKEN_MAX)
			return klb_err_set(err, -EINVAL,
					   "the line has too many words: expected up to %d",
					   TOKEN_MAX);
		c.out = c.in;
		argv[n] = c.out;
		if (word(&c))
			return klb_err_set(err, -EINVAL,
					   "a quote is not closed");
		more = *c.in != 0;
		*c.out = 0;
		c.in += more;	/* the blank may be what was overwritten */
		n++;
	}
	argv[n] = NULL;
	return n;
}

static int is_control(char c)
{
	return (unsigned char)c < 0x20 || c == 0x7f;
}

static int is_plain(const char *word)
{
	/* More than token_split() needs: a person may paste it into a shell. */
	return *word && !strpbrk(word, " '\"\\#$`;&|<>()*?[]{}~!");
}

const char *token_quote(const char *word, char *text, size_t size)
{
	size_t len = 0;
	const char *p;

	for (p = word; *p && !is_control(*p); p++)
		;
	if (is_plain(word) && !*p) {
		snprintf(text, size, "%s", word);
		return text;
	}
	text[len++] = '"';
	for (p = word; *p && len + 6 < size; p++) {
		if (is_control(*p)) {
			len += snprintf(text + len, size - len, "\\x%02x",
					(unsigned char)*p);
			continue;
		}
		if (*p == '"' || *p == '\\')
			text[len++] = '\\';
		text[len++] = *p;
	}
	text[len++] = '"';
	text[len] = 0;
	return text;
}

// SPDX-License-Identifier: GPL-2.0
#include "args.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *args_peek(const struct args *a)
{
	return a->pos < a->argc ? a->argv[a->pos] : NULL;
}

const char *args_next(struct args *a)
{
	return a->pos < a->argc ? a->argv[a->pos++] : NULL;
}

int args_need(struct args *a, const char *what, const char *expected,
	      const char **word)
{
	*word = args_next(a);
	if (!*word)
		return args_fail(a, "%s is missing: expected %s", what,
				 expected);
	return 0;
}

int args_end(struct args *a)
{
	const char *word = args_peek(a);

	if (word)
		return args_fail(a, "\"%.64s\" is too much: nothing more was expected",
				 word);
	return 0;
}

int args_fail(struct args *a, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(a->err->text, sizeof(a->err->text), fmt, ap);
	va_end(ap);
	return -EINVAL;
}

int args_pick(struct args *a, const char *word, const char *what,
	      const char *const *names)
{
	char known[192];
	int i;

	for (i = 0; names[i]; i++) {
		if (!strcmp(names[i], word))
			return i;
	}
	return args_fail(a, "\"%.64s\" is not %s: expected %s", word, what,
			 words_or(names, known, sizeof(known)));
}

int args_number(struct args *a, const char *word, const char *what,
		uint32_t low, uint32_t high, uint32_t *number)
{
	const char *p = word;
	uint64_t n = 0;

	for (; *p >= '0' && *p <= '9' && n <= UINT32_MAX; p++)
		n = n * 10 + (*p - '0');
	if (p == word || *p || n < low || n > high)
		return args_fail(a, "\"%.64s\" is not %s: expected %" PRIu32
				 "..%" PRIu32, word, what, low, high);
	*number = n;
	return 0;
}

static void append(char *text, size_t size, const char *more)
{
	size_t len = strlen(text);

	snprintf(text + len, size - len, "%s", more);
}

const char *words_or(const char *const *words, char *text, size_t size)
{
	size_t i;

	text[0] = 0;
	for (i = 0; words[i]; i++) {
		if (i)
			append(text, size, words[i + 1] ? ", " : " or ");
		append(text, size, words[i]);
	}
	return text;
}

#define OPTS_MAX	32

static int unknown_option(struct args *a, const struct opt *opts,
			  const char *word)
{
	const char *names[OPTS_MAX + 1];
	char text[256];
	int i;

	for (i = 0; opts[i].name && i < OPTS_MAX; i++)
		names[i] = opts[i].name;
	names[i] = NULL;
	return args_fail(a, "\"%.64s\" is unknown here: expected %s", word,
			 words_or(names, text, sizeof(text)));
}

static int one_option(struct args *a, const struct opt *opts,
		      uint32_t *seen, void *dest)
{
	const char *word = args_next(a), *value;
	int i;

	for (i = 0; opts[i].name && strcmp(opts[i].name, word); i++)
		;
	if (!opts[i].name)
		return unknown_option(a, opts, word);
	if (*seen & 1u << i)
		return args_fail(a, "\"%s\" is given twice", word);
	*seen |= 1u << i;
	value = args_next(a);
	if (!value)
		return args_fail(a, "\"%s\" has no value: expected %s %s",
				 word, word, opts[i].value);
	return opts[i].parse(a, value, dest);
}

int args_options(struct args *a, const struct opt *opts, void *dest)
{
	uint32_t seen = 0;
	int rc = 0;

	while (!rc && args_peek(a))
		rc = one_option(a, opts, &seen, dest);
	return rc;
}

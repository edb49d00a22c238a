/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LBCTL_TOKEN_H
#define LBCTL_TOKEN_H

#include <stddef.h>

#include "err.h"

#define TOKEN_MAX	64	/* words of a line */

/*
 * Splits @line, which is overwritten, as a shell would: words between blanks,
 * '...' as it stands, "..." with \" \\ \xNN, a backslash before any other
 * character outside of quotes, # at the beginning of a word ends the line.
 * Returns the number of words or -EINVAL. argv[] ends with NULL.
 */
int token_split(char *line, char *argv[TOKEN_MAX + 1], struct klb_err *err);

/* @word so that token_split() reads it back, with quotes only if needed. */
const char *token_quote(const char *word, char *text, size_t size);
/* Enough for a word of @n bytes, its NUL included. */
#define TOKEN_QUOTED(n)	(4 * (n) + 8)

#endif

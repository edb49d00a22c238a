/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LBCTL_ARGS_H
#define LBCTL_ARGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"

/*
 * The words of one command and how far they are read. All readers return 0,
 * or -EINVAL with the sentence in err that names the word at fault.
 */
struct args {
	int argc;
	char **argv;
	int pos;
	struct klb_err *err;
};

/* The word that is next, NULL behind the last one. */
const char *args_peek(const struct args *a);
const char *args_next(struct args *a);
/* The next word, which must be there; @what and @expected say what it is. */
int args_need(struct args *a, const char *what, const char *expected,
	      const char **word);
int args_end(struct args *a);

int args_fail(struct args *a, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* Index of @word in @names, which @what is; -EINVAL. */
int args_pick(struct args *a, const char *word, const char *what,
	      const char *const *names);

/* Decimal digits only; @what takes an article: "a weight". */
int args_number(struct args *a, const char *word, const char *what,
		uint32_t low, uint32_t high, uint32_t *number);

/* "one, two or three" of a list that ends with NULL. */
const char *words_or(const char *const *words, char *text, size_t size);

/*
 * One option of a command: a keyword and its value. The table is what help
 * and completion know of a command, too.
 */
struct opt {
	const char *name;
	const char *value;		/* as help writes it */
	const char *const *words;	/* to complete the value with, or NULL */
	const char *note;		/* for help, or NULL */
	int (*parse)(struct args *a, const char *value, void *dest);
};

/* Reads options up to the end; an option can be given once. */
int args_options(struct args *a, const struct opt *opts, void *dest);

#endif

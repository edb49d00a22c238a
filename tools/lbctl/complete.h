/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LBCTL_COMPLETE_H
#define LBCTL_COMPLETE_H

#include "cmd.h"

/* Not for people: completion/lbctl calls it. */
#define COMPLETE_OBJECT	"__complete"

/*
 * Prints what may follow the words that are left in @a, one a line: words,
 * or a place such as COMPLETE_DEV that the shell knows how to fill.
 */
int complete(struct ctx *c, struct args *a);

#endif

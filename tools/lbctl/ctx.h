/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LBCTL_CTX_H
#define LBCTL_CTX_H

#include "args.h"
#include "klb.h"
#include "out.h"

/* Exit statuses; people's scripts depend on them. */
enum {
	EXIT_DONE = 0,
	EXIT_USAGE = 1,		/* or a file that cannot be read or written */
	EXIT_KERNEL = 2,	/* refused by the kernel */
};

/* What a command gets and leaves; it prints errors only into err. */
struct ctx {
	struct klb klb;
	struct out out;
	struct klb_err err;
};

/* The return value of a command that the library failed. */
int ctx_refused(struct ctx *c);
/*
 * Ends the output of a dump that came to @rc. Says on stderr if what was
 * told may not fit together.
 */
int ctx_dumped(struct ctx *c, int rc);
/* Ends the output. */
int ctx_end(struct ctx *c);

#endif

// SPDX-License-Identifier: GPL-2.0
#include "ctx.h"

#include <stdio.h>
#include <string.h>

int ctx_refused(struct ctx *c)
{
	c->err = c->klb.err;
	out_drop(&c->out);
	return EXIT_KERNEL;
}

int ctx_dumped(struct ctx *c, int rc)
{
	if (rc)
		return ctx_refused(c);
	if (c->klb.interrupted)
		fprintf(stderr, "lbctl: things changed while they were read: the list may have gaps\n");
	return ctx_end(c);
}

int ctx_end(struct ctx *c)
{
	int rc = out_end(&c->out);

	if (!rc)
		return EXIT_DONE;
	klb_err_set(&c->err, rc, "cannot write the output: %s", strerror(-rc));
	return EXIT_USAGE;
}

// SPDX-License-Identifier: GPL-2.0
#include "batch.h"

#include "cmd.h"
#include "lines.h"

static int run_line(struct args *a, void *arg)
{
	return dispatch(arg, a);
}

int batch_run(struct ctx *c, const char *path)
{
	int rc = lines_read(path, run_line, c, &c->err);

	return rc < 0 ? EXIT_USAGE : rc;
}

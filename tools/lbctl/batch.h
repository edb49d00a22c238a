/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LBCTL_BATCH_H
#define LBCTL_BATCH_H

#include "ctx.h"

/* Runs the commands of a file, a line each, up to the first that fails. */
int batch_run(struct ctx *c, const char *path);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LBCTL_LINES_H
#define LBCTL_LINES_H

#include "args.h"

/* A value other than 0 ends the reading. */
typedef int (*lines_cb)(struct args *a, void *arg);

/*
 * Reads @path ("-" is standard input) line by line and hands every one with
 * words to @cb. Returns 0, what @cb returned, or -errno; in the latter two
 * cases the sentence in @err begins with FILE:LINE.
 */
int lines_read(const char *path, lines_cb cb, void *arg, struct klb_err *err);

#endif

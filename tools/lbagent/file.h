/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LBAGENT_FILE_H
#define LBAGENT_FILE_H

#include <stddef.h>

#include "err.h"

/*
 * Reads all of a file of up to @cap bytes; the result is allocated and has a
 * NUL behind it. 0 or -errno with a sentence.
 */
int file_read(const char *path, size_t cap, char **data, size_t *len,
	      struct klb_err *err);

#endif

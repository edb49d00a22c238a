// SPDX-License-Identifier: GPL-2.0
#include "file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int read_all(FILE *f, const char *path, size_t cap, char **data,
		    size_t *len, struct klb_err *err)
{
	char *p = malloc(cap + 1);

	if (!p)
		return klb_err_set(err, -ENOMEM, "out of memory");
	*len = fread(p, 1, cap + 1, f);
	if (ferror(f) || *len > cap) {
		free(p);
		return ferror(f) ?
		       klb_err_set(err, -EIO, "cannot read \"%.256s\"", path) :
		       klb_err_set(err, -EFBIG, "\"%.256s\" has more than %zu bytes",
				   path, cap);
	}
	p[*len] = 0;
	*data = p;
	return 0;
}

int file_read(const char *path, size_t cap, char **data, size_t *len,
	      struct klb_err *err)
{
	FILE *f = fopen(path, "re");
	int rc;

	if (!f)
		return klb_err_set(err, -errno, "cannot open \"%.256s\": %s",
				   path, strerror(errno));
	rc = read_all(f, path, cap, data, len, err);
	fclose(f);
	return rc;
}

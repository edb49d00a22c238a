// SPDX-License-Identifier: GPL-2.0
#include "lines.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "token.h"

struct reader {
	const char *name;
	unsigned long number;	/* of the line */
	lines_cb cb;
	void *arg;
	struct klb_err *err;
};

/* Puts the place in front of the sentence. */
static int at_fault(struct reader *r, int rc)
{
	struct klb_err why = *r->err;

	return klb_err_set(r->err, rc, "%.128s:%lu: %.340s", r->name,
			   r->number, why.text);
}

static int take_line(struct reader *r, char *line, size_t len)
{
	char *argv[TOKEN_MAX + 1];
	struct args a = { .argv = argv, .err = r->err };

	if (strlen(line) != len)
		return klb_err_set(r->err, -EINVAL, "the line has a NUL byte");
	a.argc = token_split(line, argv, r->err);
	if (a.argc < 0)
		return a.argc;
	return a.argc ? r->cb(&a, r->arg) : 0;
}

static int take_file(struct reader *r, FILE *f)
{
	char *line = NULL;
	size_t size = 0;
	ssize_t len;
	int rc = 0;

	while (!rc && (len = getline(&line, &size, f)) >= 0) {
		r->number++;
		rc = take_line(r, line, len);
	}
	if (!rc && ferror(f))
		rc = klb_err_set(r->err, -EIO, "cannot read: %s",
				 strerror(errno));
	free(line);
	return rc ? at_fault(r, rc) : 0;
}

int lines_read(const char *path, lines_cb cb, void *arg, struct klb_err *err)
{
	bool is_stdin = !strcmp(path, "-");
	struct reader r = {
		.name = path, .cb = cb, .arg = arg, .err = err,
	};
	FILE *f;
	int rc;

	f = is_stdin ? stdin : fopen(path, "re");
	if (!f)
		return klb_err_set(err, -errno, "cannot open \"%.128s\": %s",
				   path, strerror(errno));
	rc = take_file(&r, f);
	if (!is_stdin)
		fclose(f);
	return rc;
}

// SPDX-License-Identifier: GPL-2.0
#include "query.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include <curl/curl.h>

struct building {
	FILE *f;
	char *text;
	size_t len;
	char sep;
	bool failed;	/* or it would ask for more than was meant */
};

static void add(struct building *b, const char *key, const char *value)
{
	char *escaped;

	if (!value || !*value)
		return;
	escaped = curl_easy_escape(NULL, value, 0);
	if (!escaped ||
	    fprintf(b->f, "%c%s=%s", b->sep, key, escaped) < 0)
		b->failed = true;
	curl_free(escaped);
	b->sep = '&';
}

static int begin(struct building *b, const struct query *q)
{
	*b = (struct building){ .sep = '?' };
	b->f = open_memstream(&b->text, &b->len);
	if (!b->f)
		return -1;
	if (fputs(q->path, b->f) < 0)
		b->failed = true;
	add(b, "labelSelector", q->labels);
	add(b, "fieldSelector", q->fields);
	return 0;
}

static char *end(struct building *b)
{
	if (!fclose(b->f) && !b->failed)
		return b->text;
	free(b->text);
	return NULL;
}

char *query_list(const struct query *q, const char *version)
{
	struct building b;

	if (begin(&b, q))
		return NULL;
	add(&b, "resourceVersion", version);
	return end(&b);
}

char *query_watch(const struct query *q, const char *version,
		  unsigned int timeout_s)
{
	struct building b;
	char number[16];

	if (begin(&b, q))
		return NULL;
	snprintf(number, sizeof(number), "%u", timeout_s);
	add(&b, "watch", "1");
	add(&b, "allowWatchBookmarks", "true");
	add(&b, "resourceVersion", version);
	add(&b, "timeoutSeconds", number);
	return end(&b);
}

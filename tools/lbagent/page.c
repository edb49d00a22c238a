// SPDX-License-Identifier: GPL-2.0
#include "page.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define PIECE	16384

struct page {
	struct serve_stream stream;	/* stands first */
	char *text;		/* the piece that is being sent */
	size_t len, at;
	struct traffic *traffic;
};

static struct page *page_of(struct serve_stream *stream)
{
	return (struct page *)stream;
}

static void page_free(struct serve_stream *stream)
{
	struct page *p = page_of(stream);

	traffic_free(p->traffic);
	free(p->text);
	free(p);
}

/* The next piece in the place of the last one; empty when there is none. */
static int fill(struct page *p)
{
	FILE *f;

	free(p->text);
	p->text = NULL;
	p->len = 0;
	p->at = 0;
	if (!p->traffic)
		return 0;
	f = open_memstream(&p->text, &p->len);
	if (!f)
		return -ENOMEM;
	while (ftell(f) < PIECE && traffic_next(p->traffic, f))
		;
	return fclose(f) ? -ENOMEM : 0;
}

static ssize_t page_read(struct serve_stream *stream, char *to, size_t room)
{
	struct page *p = page_of(stream);
	size_t n, len = 0;
	int rc;

	do {
		rc = p->at == p->len ? fill(p) : 0;
		n = p->len - p->at;
		if (rc || !n)
			return rc ? rc : (ssize_t)len;
		n = n < room - len ? n : room - len;
		memcpy(to + len, p->text + p->at, n);
		p->at += n;
		len += n;
	} while (len < room);
	return len;
}

struct serve_stream *page_new(char *text, size_t len, struct traffic *t)
{
	struct page *p = malloc(sizeof(*p));

	if (!p) {
		traffic_free(t);
		free(text);
		return NULL;
	}
	*p = (struct page){
		.stream = { page_read, page_free },
		.text = text, .len = len, .traffic = t,
	};
	return &p->stream;
}

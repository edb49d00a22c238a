// SPDX-License-Identifier: GPL-2.0
#include "base64.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static const char digits[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static int is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static int value(char c)
{
	const char *p = c ? strchr(digits, c) : NULL;

	return p ? p - digits : -1;
}

struct decoding {
	char *out;
	size_t len;
	uint32_t bits;
	int n;		/* characters of this group of four */
	int pads;	/* of which are = */
};

static int take(struct decoding *d, char c)
{
	int v = value(c);

	if (c == '=') {
		if (d->n < 2)
			return -EINVAL;
		d->pads++;
		v = 0;
	} else if (v < 0 || d->pads) {
		return -EINVAL;
	}
	d->bits = d->bits << 6 | v;
	if (++d->n < 4)
		return 0;
	d->out[d->len++] = d->bits >> 16;
	d->out[d->len++] = d->bits >> 8;
	d->out[d->len++] = d->bits;
	d->len -= d->pads;
	d->n = 0;
	/* Padding is the end: pads stays, and refuses what follows. */
	return 0;
}

int base64_decode(const char *text, size_t len, char **out, size_t *out_len)
{
	struct decoding d = { .out = malloc(len / 4 * 3 + 4) };
	size_t i;
	int rc = 0;

	if (!d.out)
		return -ENOMEM;
	for (i = 0; !rc && i < len; i++) {
		if (!is_space(text[i]))
			rc = take(&d, text[i]);
	}
	if (rc || d.n) {
		free(d.out);
		return -EINVAL;
	}
	d.out[d.len] = 0;
	*out = d.out;
	*out_len = d.len;
	return 0;
}

char *base64_encode(const void *data, size_t len)
{
	const unsigned char *p = data;
	char *out = malloc((len + 2) / 3 * 4 + 1), *o = out;
	uint32_t bits;
	size_t i;

	if (!out)
		return NULL;
	for (i = 0; i < len; i += 3) {
		bits = p[i] << 16;
		bits |= i + 1 < len ? p[i + 1] << 8 : 0;
		bits |= i + 2 < len ? p[i + 2] : 0;
		*o++ = digits[bits >> 18];
		*o++ = digits[bits >> 12 & 63];
		*o++ = i + 1 < len ? digits[bits >> 6 & 63] : '=';
		*o++ = i + 2 < len ? digits[bits & 63] : '=';
	}
	*o = 0;
	return out;
}

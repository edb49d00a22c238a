// SPDX-License-Identifier: GPL-2.0
#include "utf8.h"

#include <stdio.h>
#include <string.h>

static size_t sequence_len(unsigned char c)
{
	if (c < 0x80)
		return 1;
	if (c >= 0xc2 && c <= 0xdf)
		return 2;
	if (c >= 0xe0 && c <= 0xef)
		return 3;
	if (c >= 0xf0 && c <= 0xf4)
		return 4;
	return 0;
}

size_t utf8_next(const char *s, uint32_t *cp)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const unsigned char *p = (const unsigned char *)s;
	size_t len = sequence_len(*p), i;
	uint32_t c;

	*cp = UTF8_BAD;
	if (!len)
		return 1;
	c = len == 1 ? *p : *p & (0x7f >> len);
	for (i = 1; i < len; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 1;
		c = c << 6 | (p[i] & 0x3f);
	}
	/* overlong, surrogate, out of range */
	if (c < least[len] || (c >= 0xd800 && c <= 0xdfff) || c > 0x10ffff)
		return 1;
	*cp = c;
	return len;
}

size_t utf8_width(const char *s)
{
	size_t width = 0;
	uint32_t cp;

	for (; *s; width++)
		s += utf8_next(s, &cp);
	return width;
}

size_t utf8_printable(const char *s, char *text, size_t size)
{
	size_t len = 0, n, i;
	uint32_t cp;

	if (size)
		*text = 0;
	for (; *s; s += n) {
		n = utf8_next(s, &cp);
		if (cp >= 0x20 && (cp < 0x7f || cp > 0x9f) && cp != UTF8_BAD) {
			len += snprintf(len < size ? text + len : NULL,
					len < size ? size - len : 0, "%.*s",
					(int)n, s);
			continue;
		}
		for (i = 0; i < n; i++)
			len += snprintf(len < size ? text + len : NULL,
					len < size ? size - len : 0, "\\x%02x",
					(unsigned char)s[i]);
	}
	return len;
}

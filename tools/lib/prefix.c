// SPDX-License-Identifier: GPL-2.0
#include "prefix.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "grow.h"

static int parse_len(const char *s, const char *word, struct klb_prefix *p,
		     struct klb_err *err)
{
	unsigned int n = 0, max = p->addr.len * 8;
	const char *c;

	for (c = s; *c >= '0' && *c <= '9' && n <= 128; c++)
		n = n * 10 + (*c - '0');
	if (c == s || *c || n > max)
		return klb_err_set(err, -EINVAL,
				   "\"%.64s\" is not a prefix: expected a length of 0..%u behind the slash",
				   word, max);
	p->len = n;
	return 0;
}

static bool has_bits_behind(const struct klb_prefix *p)
{
	unsigned int i = p->len / 8;

	if (i < p->addr.len && p->addr.b[i++] & 0xff >> p->len % 8)
		return true;
	for (; i < p->addr.len; i++) {
		if (p->addr.b[i])
			return true;
	}
	return false;
}

int klb_prefix_parse(const char *s, struct klb_prefix *p, struct klb_err *err)
{
	const char *slash = strchr(s, '/');
	size_t len = slash ? (size_t)(slash - s) : strlen(s);
	char text[KLB_ADDR_TEXT];
	int rc;

	memset(p, 0, sizeof(*p));
	snprintf(text, sizeof(text), "%.*s", (int)len, s);
	if (len >= sizeof(text))
		return klb_err_set(err, -EINVAL,
				   "\"%s...\" is not a prefix: expected ADDR/LENGTH",
				   text);
	rc = klb_addr_parse(text, &p->addr, err);
	if (rc)
		return rc;
	p->len = p->addr.len * 8;
	if (slash)
		rc = parse_len(slash + 1, s, p, err);
	if (!rc && has_bits_behind(p))
		return klb_err_set(err, -EINVAL,
				   "\"%.64s\" is not a prefix: expected an address with no bit set behind its length",
				   s);
	return rc;
}

const char *klb_prefix_format(const struct klb_prefix *p,
			      char text[KLB_PREFIX_TEXT])
{
	char addr[KLB_ADDR_TEXT];

	snprintf(text, KLB_PREFIX_TEXT, "%s/%u",
		 klb_addr_format(&p->addr, addr), p->len);
	return text;
}

int klb_prefix_cmp(const struct klb_prefix *a, const struct klb_prefix *b)
{
	int rc = klb_addr_cmp(&a->addr, &b->addr);

	return rc ? rc : a->len - b->len;
}

int klb_prefixes_add(struct klb_prefixes *list, const struct klb_prefix *p)
{
	struct klb_prefix *v = klb_grow(list->v, list->n, &list->room,
					sizeof(*v));

	if (!v)
		return -ENOMEM;
	list->v = v;
	v[list->n++] = *p;
	return 0;
}

int klb_prefixes_copy(struct klb_prefixes *to, const struct klb_prefixes *from)
{
	size_t i;
	int rc = 0;

	memset(to, 0, sizeof(*to));
	for (i = 0; i < from->n && !rc; i++)
		rc = klb_prefixes_add(to, &from->v[i]);
	if (rc)
		klb_prefixes_free(to);
	return rc;
}

static int cmp(const void *a, const void *b)
{
	return klb_prefix_cmp(a, b);
}

void klb_prefixes_sort(struct klb_prefixes *list)
{
	if (list->n)
		qsort(list->v, list->n, sizeof(*list->v), cmp);
}

void klb_prefixes_uniq(struct klb_prefixes *list)
{
	size_t i, n = 0;

	klb_prefixes_sort(list);
	for (i = 0; i < list->n; i++) {
		if (!n || klb_prefix_cmp(&list->v[n - 1], &list->v[i]))
			list->v[n++] = list->v[i];
	}
	list->n = n;
}

bool klb_prefixes_same(const struct klb_prefixes *a,
		       const struct klb_prefixes *b)
{
	size_t i;

	if (a->n != b->n)
		return false;
	for (i = 0; i < a->n; i++) {
		if (klb_prefix_cmp(&a->v[i], &b->v[i]))
			return false;
	}
	return true;
}

void klb_prefixes_free(struct klb_prefixes *list)
{
	free(list->v);
	memset(list, 0, sizeof(*list));
}

int klb_put_prefixes(struct nl_msg *msg, int type, int none,
		     const struct klb_prefixes *list)
{
	uint8_t bytes[sizeof(list->v->addr.b) + 1];
	const struct klb_prefix *p;
	size_t i;

	if (!list->n)
		return nla_put_flag(msg, none) ? -EMSGSIZE : 0;
	for (i = 0; i < list->n; i++) {
		p = &list->v[i];
		memcpy(bytes, p->addr.b, p->addr.len);
		bytes[p->addr.len] = p->len;
		if (nla_put(msg, type, p->addr.len + 1, bytes))
			return -EMSGSIZE;
	}
	return 0;
}

int klb_take_prefix(const struct nlattr *nla, struct klb_prefixes *list)
{
	const uint8_t *bytes = nla_data(nla);
	struct klb_prefix p = { .len = 0 };
	int size = nla_len(nla) - 1;

	if (size != 4 && size != 16)
		return 0;
	p.addr.len = size;
	memcpy(p.addr.b, bytes, size);
	p.len = bytes[size];
	return klb_prefixes_add(list, &p);
}

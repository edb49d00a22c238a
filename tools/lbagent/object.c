// SPDX-License-Identifier: GPL-2.0
#include "object.h"

#include <ctype.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "field.h"

/* RFC 1123, which has RFC 1035's within it. */
static bool is_label(const char *s)
{
	size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789-");

	return n && n <= KUBE_LABEL_MAX && !s[n] && s[0] != '-' &&
	       s[n - 1] != '-';
}

/* Of slices and nodes: labels with dots between them. */
static bool is_subdomain(const char *s)
{
	size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789-.");

	return n && n <= 253 && !s[n];
}

int kube_meta_parse(const json_t *obj, const char **ns, const char **name,
		    struct klb_err *err)
{
	const json_t *meta = field(obj, "metadata");

	*name = field_text(meta, "name");
	if (!*name || !is_subdomain(*name))
		return klb_err_set(err, -EINVAL,
				   "an object without a name that is one: metadata.name is \"%.64s\"",
				   field_word(meta, "name"));
	if (!ns)
		return 0;
	*ns = field_text(meta, "namespace");
	if (!*ns || !is_label(*ns))
		return klb_err_set(err, -EINVAL,
				   "\"%s\": metadata.namespace: \"%.64s\" is not a name",
				   *name, field_word(meta, "namespace"));
	return 0;
}

static bool is_special4(const uint8_t *b)
{
	static const uint8_t broadcast[] = { 255, 255, 255, 255 };

	return b[0] == 0 || b[0] == 127 || (b[0] & 0xf0) == 224 ||
	       (b[0] == 169 && b[1] == 254) ||
	       !memcmp(b, broadcast, sizeof(broadcast));
}

static bool is_special6(const uint8_t *b)
{
	static const uint8_t zero[15];

	return (!memcmp(b, zero, sizeof(zero)) && b[15] <= 1) || b[0] == 0xff ||
	       (b[0] == 0xfe && (b[1] & 0xc0) == 0x80);
}

/*
 * Old objects have what the API server lets nobody write any more, and goes on to
 * read: leading zeros, which do not mean octal, and IPv4 in IPv6's clothes.
 */
static bool parse_sloppily(const char *text, struct klb_addr *addr)
{
	char plain[KLB_ADDR_TEXT];
	struct klb_err err;
	size_t n = 0;

	if (!strncasecmp(text, "::ffff:", 7) && strchr(text, '.'))
		text += 7;
	if (strspn(text, "0123456789.") != strlen(text))
		return !klb_addr_parse(text, addr, &err);
	for (; *text && n < sizeof(plain) - 1; text++) {
		if (*text != '0' || !isdigit(text[1]) ||
		    (n && isdigit(plain[n - 1])))
			plain[n++] = *text;
	}
	plain[n] = '\0';
	return !*text && !klb_addr_parse(plain, addr, &err);
}

bool kube_addr_parse(const char *text, struct klb_addr *addr)
{
	if (!text || !parse_sloppily(text, addr))
		return false;
	return addr->len == 4 ? !is_special4(addr->b) : !is_special6(addr->b);
}

void kube_prefix_cut(struct klb_prefix *p)
{
	size_t i = p->len / 8;

	if (i < p->addr.len && p->len % 8)
		p->addr.b[i++] &= 0xff << (8 - p->len % 8);
	for (; i < p->addr.len; i++)
		p->addr.b[i] = 0;
}

bool kube_prefix_parse(const char *text, struct klb_prefix *p)
{
	const char *slash = text ? strchr(text, '/') : NULL;
	char addr[KLB_ADDR_TEXT];
	size_t digits;

	memset(p, 0, sizeof(*p));
	if (!slash || slash - text >= KLB_ADDR_TEXT)
		return false;
	snprintf(addr, sizeof(addr), "%.*s", (int)(slash - text), text);
	digits = strspn(slash + 1, "0123456789");
	if (!digits || digits > 3 || slash[1 + digits] ||
	    !parse_sloppily(addr, &p->addr) ||
	    atoi(slash + 1) > p->addr.len * 8)
		return false;
	p->len = atoi(slash + 1);
	kube_prefix_cut(p);
	return true;
}

int kube_proto_parse(const json_t *obj)
{
	const char *name = field_text(obj, "protocol");

	if (!name || !strcmp(name, "TCP"))
		return IPPROTO_TCP;
	if (!strcmp(name, "UDP"))
		return IPPROTO_UDP;
	return strcmp(name, "SCTP") ? -1 : IPPROTO_SCTP;
}

bool kube_prefix_has(const struct klb_prefix *p, const struct klb_addr *addr)
{
	struct klb_prefix other = { .addr = *addr, .len = p->len };

	if (p->addr.len != addr->len)
		return false;
	kube_prefix_cut(&other);
	return !memcmp(other.addr.b, p->addr.b, addr->len);
}

bool kube_prefixes_have(const struct klb_prefixes *list,
			const struct klb_addr *addr)
{
	size_t i;

	for (i = 0; i < list->n; i++) {
		if (kube_prefix_has(&list->v[i], addr))
			return true;
	}
	return false;
}

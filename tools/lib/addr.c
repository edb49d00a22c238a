// SPDX-License-Identifier: GPL-2.0
#include "addr.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

static bool is_mapped(const uint8_t b[16])
{
	static const uint8_t prefix[12] = { [10] = 0xff, [11] = 0xff };

	return !memcmp(b, prefix, sizeof(prefix));
}

static int parse6(const char *s, struct klb_addr *addr, struct klb_err *err)
{
	if (inet_pton(AF_INET6, s, addr->b) != 1)
		return klb_err_set(err, -EINVAL,
				   "\"%.64s\" is not an IPv6 address", s);
	/* An IPv4 service under two names would be two services. */
	if (is_mapped(addr->b))
		return klb_err_set(err, -EINVAL,
				   "\"%.64s\" is an IPv4-mapped address: expected a.b.c.d",
				   s);
	addr->len = 16;
	return 0;
}

static int parse4(const char *s, struct klb_addr *addr, struct klb_err *err)
{
	if (inet_pton(AF_INET, s, addr->b) != 1)
		return klb_err_set(err, -EINVAL,
				   "\"%.64s\" is not an address: expected a.b.c.d or an IPv6 address",
				   s);
	addr->len = 4;
	return 0;
}

int klb_addr_parse(const char *s, struct klb_addr *addr, struct klb_err *err)
{
	memset(addr, 0, sizeof(*addr));
	if (strchr(s, '%'))
		return klb_err_set(err, -EINVAL,
				   "\"%.64s\" has a scope: expected an address without \"%%\"",
				   s);
	return strchr(s, ':') ? parse6(s, addr, err) : parse4(s, addr, err);
}

int klb_port_parse(const char *s, uint16_t *port, struct klb_err *err)
{
	unsigned long n = 0;
	const char *p;

	for (p = s; *p >= '0' && *p <= '9' && n <= 65535; p++)
		n = n * 10 + (*p - '0');
	if (p == s || *p || !n || n > 65535)
		return klb_err_set(err, -EINVAL,
				   "\"%.64s\" is not a port: expected 1..65535", s);
	*port = n;
	return 0;
}

/* @len characters of @s as an address; longer than any address is a fault. */
static int parse_part(const char *s, size_t len, bool v6,
		      struct klb_addr *addr, struct klb_err *err)
{
	char text[KLB_ADDR_TEXT];

	snprintf(text, sizeof(text), "%.*s", (int)len, s);
	if (len >= sizeof(text))
		return klb_err_set(err, -EINVAL,
				   "\"%s...\" is not an address", text);
	if (v6 && !strchr(text, ':'))
		return klb_err_set(err, -EINVAL,
				   "\"%s\" is not an IPv6 address", text);
	return klb_addr_parse(text, addr, err);
}

static int parse_brackets(const char *s, struct klb_ap *ap, bool need_port,
			  struct klb_err *err)
{
	const char *end = strchr(s, ']');
	int rc;

	if (!end)
		return klb_err_set(err, -EINVAL,
				   "\"%.64s\" has no closing bracket: expected [v6]:PORT",
				   s);
	rc = parse_part(s + 1, end - s - 1, true, &ap->addr, err);
	if (rc)
		return rc;
	if (!end[1] && !need_port)
		return 0;
	if (end[1] != ':')
		return klb_err_set(err, -EINVAL,
				   "\"%.64s\" has no port: expected [v6]:PORT", s);
	return klb_port_parse(end + 2, &ap->port, err);
}

int klb_ap_parse(const char *s, struct klb_ap *ap, struct klb_err *err)
{
	const char *colon = strchr(s, ':');
	int rc;

	memset(ap, 0, sizeof(*ap));
	if (*s == '[')
		return parse_brackets(s, ap, true, err);
	if (!colon)
		return klb_err_set(err, -EINVAL,
				   "\"%.64s\" has no port: expected ADDR:PORT", s);
	if (strchr(colon + 1, ':'))
		return klb_err_set(err, -EINVAL,
				   "\"%.64s\" lacks brackets: expected [v6]:PORT", s);
	rc = parse_part(s, colon - s, false, &ap->addr, err);
	return rc ? rc : klb_port_parse(colon + 1, &ap->port, err);
}

int klb_ap_parse_opt(const char *s, struct klb_ap *ap, struct klb_err *err)
{
	const char *colon = strchr(s, ':');

	memset(ap, 0, sizeof(*ap));
	if (*s == '[')
		return parse_brackets(s, ap, false, err);
	if (colon && !strchr(colon + 1, ':'))
		return klb_ap_parse(s, ap, err);
	return klb_addr_parse(s, &ap->addr, err);
}

const char *klb_addr_format(const struct klb_addr *addr,
			    char text[KLB_ADDR_TEXT])
{
	int family = addr->len == 16 ? AF_INET6 : AF_INET;

	if (!addr->len || !inet_ntop(family, addr->b, text, KLB_ADDR_TEXT))
		snprintf(text, KLB_ADDR_TEXT, "-");
	return text;
}

const char *klb_ap_format(const struct klb_ap *ap, char text[KLB_ADDR_TEXT])
{
	bool v6 = ap->addr.len == 16;
	char addr[KLB_ADDR_TEXT];
	int n;

	klb_addr_format(&ap->addr, addr);
	if (!ap->port)
		n = snprintf(text, KLB_ADDR_TEXT, "%s", addr);
	else
		n = snprintf(text, KLB_ADDR_TEXT, v6 ? "[%s]:%u" : "%s:%u",
			     addr, ap->port);
	if (n >= KLB_ADDR_TEXT)		/* cannot be, says so to the compiler */
		text[KLB_ADDR_TEXT - 1] = 0;
	return text;
}

int klb_addr_cmp(const struct klb_addr *a, const struct klb_addr *b)
{
	return a->len != b->len ? a->len - b->len : memcmp(a->b, b->b, a->len);
}

int klb_ap_cmp(const struct klb_ap *a, const struct klb_ap *b)
{
	int rc = klb_addr_cmp(&a->addr, &b->addr);

	return rc ? rc : a->port - b->port;
}

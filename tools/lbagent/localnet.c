// SPDX-License-Identifier: GPL-2.0
#include "localnet.h"

#include <errno.h>
#include <fnmatch.h>
#include <net/if.h>
#include <net/route.h>
#include <string.h>

/* linux/ipv6_route.h, which does not go with the C library's headers */
#define RTF_ANYCAST	0x00100000

static bool is_direct(unsigned int flags)
{
	return flags & RTF_UP &&
	       !(flags & (RTF_GATEWAY | RTF_REJECT | RTF_LOCAL | RTF_ANYCAST));
}

static int add(const struct klb_prefix *p, const char *device,
	       const char *pattern, struct klb_prefixes *out)
{
	if (!p->len || fnmatch(pattern, device, 0))
		return 0;
	return klb_prefixes_add(out, p);
}

/* The numbers are as they lie in memory, told as the host reads them. */
int localnet_read4(FILE *f, const char *pattern, struct klb_prefixes *out)
{
	unsigned int to, flags, mask;
	char line[256], device[IF_NAMESIZE];
	struct klb_prefix p;
	int rc = 0;

	while (!rc && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%15s %x %*x %x %*d %*u %*d %x", device, &to,
			   &flags, &mask) != 4 || !is_direct(flags))
			continue;
		memset(&p, 0, sizeof(p));
		p.addr.len = 4;
		memcpy(p.addr.b, &to, 4);
		p.len = __builtin_popcount(mask);
		rc = add(&p, device, pattern, out);
	}
	return rc;
}

static bool read_addr6(const char *text, struct klb_addr *a)
{
	unsigned int byte;
	int i;

	memset(a, 0, sizeof(*a));
	a->len = 16;
	for (i = 0; i < 16; i++) {
		if (sscanf(text + 2 * i, "%2x", &byte) != 1)
			return false;
		a->b[i] = byte;
	}
	return true;
}

/* Every device has these. */
static bool is_of_link(const struct klb_addr *a)
{
	return a->b[0] == 0xff || (a->b[0] == 0xfe && (a->b[1] & 0xc0) == 0x80);
}

int localnet_read6(FILE *f, const char *pattern, struct klb_prefixes *out)
{
	char line[256], to[33], device[IF_NAMESIZE];
	unsigned int len, flags;
	struct klb_prefix p;
	int rc = 0;

	while (!rc && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%32s %x %*s %*x %*s %*x %*x %*x %x %15s", to,
			   &len, &flags, device) != 4 || !is_direct(flags) ||
		    strlen(to) != 32 || len > 128)
			continue;
		memset(&p, 0, sizeof(p));
		p.len = len;
		if (read_addr6(to, &p.addr) && !is_of_link(&p.addr))
			rc = add(&p, device, pattern, out);
	}
	return rc;
}

static int read_file(const char *path, const char *pattern,
		     int (*read)(FILE *f, const char *pattern,
				 struct klb_prefixes *out),
		     struct klb_prefixes *out)
{
	FILE *f = fopen(path, "re");
	int rc;

	if (!f)
		return -errno;
	rc = read(f, pattern, out);
	fclose(f);
	return rc;
}

int localnet_find(const char *pattern, struct klb_prefixes *out)
{
	int rc = read_file("/proc/net/route", pattern, localnet_read4, out);

	if (!rc)
		rc = read_file("/proc/net/ipv6_route", pattern, localnet_read6,
			       out);
	/* a kernel without IPv6 has no such file */
	if (rc == -ENOENT)
		rc = 0;
	klb_prefixes_sort(out);
	return rc;
}

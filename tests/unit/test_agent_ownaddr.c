// SPDX-License-Identifier: GPL-2.0
/* This host's addresses, in a namespace of the test's own, and what follows. */
#include "test.h"

#include <string.h>

#include "netns.h"
#include "ownaddr.h"
#include "source.h"

static int set_up(void **state)
{
	static bool entered;

	if (!netns_enter())
		return 0;
	netns_run("ip link set lo up && ip link add name a0 type veth peer name b0 && "
		  "ip addr add 192.0.2.77/26 dev a0 && ip addr add 2001:db8:0:1:ffff::1/65 dev a0 && "
		  "ip addr add 198.51.100.1/32 dev b0 && ip addr add 203.0.113.9/24 dev b0");
	entered = true;
	*state = &entered;
	return 0;
}

static void networks(const char *without, const char *want)
{
	char said[512] = "", text[KLB_PREFIX_TEXT];
	struct klb_prefixes list = { 0 };
	size_t i;

	assert_int_equal(ownaddr_networks(without, &list), 0);
	klb_prefixes_uniq(&list);
	for (i = 0; i < list.n; i++) {
		strcat(said, i ? " " : "");
		strcat(said, klb_prefix_format(&list.v[i], text));
	}
	assert_string_equal(said, want);
	klb_prefixes_free(&list);
}

static void test_networks(void **state)
{
	if (!*state)
		skip();
	networks(NULL, "127.0.0.0/8 192.0.2.64/26 198.51.100.1/32 203.0.113.0/24 ::1/128 2001:db8:0:1:8000::/65");
	networks("b0", "127.0.0.0/8 192.0.2.64/26 ::1/128 2001:db8:0:1:8000::/65");
	networks("none", "127.0.0.0/8 192.0.2.64/26 198.51.100.1/32 203.0.113.0/24 ::1/128 2001:db8:0:1:8000::/65");
}

static void source(const char *pods, const char *own4, const char *want)
{
	struct klb_prefixes list = { 0 };
	struct conf conf = { 0 };
	char text[KLB_ADDR_TEXT];
	struct klb_prefix p;
	struct source s;
	struct klb_err err;

	assert_int_equal(klb_prefix_parse(pods, &p, &err), 0);
	assert_int_equal(klb_prefixes_add(&list, &p), 0);
	if (own4)
		assert_int_equal(klb_addr_parse(own4, &conf.source4, &err), 0);
	source_find(&conf, &list, &s);
	assert_string_equal(s.addr4.len ? klb_addr_format(&s.addr4, text) : "",
			    want);
	klb_prefixes_free(&list);
}

static void test_source(void **state)
{
	if (!*state)
		skip();
	source("192.0.2.0/24", NULL, "192.0.2.77");
	/* alone, as flannel's */
	source("198.51.100.0/24", NULL, "");
	source("10.0.0.0/8", NULL, "");
	source("192.0.2.0/24", "10.9.9.9", "10.9.9.9");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_networks),
		cmocka_unit_test(test_source),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}

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

static int say(const struct ownaddr *own, void *arg)
{
	char *said = arg, text[KLB_ADDR_TEXT];

	sprintf(said + strlen(said), "%s %s/%u ", own->device,
		klb_addr_format(&own->addr, text), own->len);
	return strstr(text, "203.0.113.") ? 7 : 0;
}

/* To the end, or where it is told to stop. */
static void test_walk(void **state)
{
	char said[512] = "";

	if (!*state)
		skip();
	assert_int_equal(ownaddr_walk(say, said), 7);
	assert_string_equal(said, "lo 127.0.0.1/8 b0 198.51.100.1/32 b0 203.0.113.9/24 ");
	netns_run("ip addr del 203.0.113.9/24 dev b0");
	*said = 0;
	assert_int_equal(ownaddr_walk(say, said), 0);
	assert_string_equal(said, "lo 127.0.0.1/8 b0 198.51.100.1/32 a0 192.0.2.77/26 lo ::1/128 a0 2001:db8:0:1:ffff::1/65 ");
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
		cmocka_unit_test(test_walk),
		cmocka_unit_test(test_source),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}

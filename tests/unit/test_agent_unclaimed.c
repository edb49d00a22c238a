// SPDX-License-Identifier: GPL-2.0
/*
 * Addresses of balancers that nobody has, on a bridge without ports, where
 * nobody answers; and the messages about neighbours.
 */
#include "test.h"

#include <linux/neighbour.h>
#include <net/if.h>

#include "neigh.h"
#include "netns.h"
#include "unclaimed.h"

static bool own;	/* in a namespace of our own */
static sd_event *event;
static struct klb k;
static struct unclaimed *u;
static int changes;

static void on_change(void *arg)
{
	assert_ptr_equal(arg, &changes);
	changes++;
}

static void new(void)
{
	struct klb_err err;

	if (unclaimed_new(&u, event, &k, "klb0", on_change, &changes, &err))
		fail_msg("%s", err.text);
}

static int set_up(void **state)
{
	changes = 0;
	if (!own)
		return 0;
	netns_run("ip link add lan up type bridge; ip addr add 192.0.2.9/24 dev lan; ip addr add 198.51.100.9/24 dev lan;"
		  "ip -6 addr add fd00:2::9/64 dev lan nodad; ip link add klb0 up type bridge; ip addr add 203.0.113.9/24 dev klb0");
	assert_true(netns_write("/proc/sys/net/ipv4/neigh/lan/retrans_time_ms", "20"));
	assert_true(netns_write("/proc/sys/net/ipv6/neigh/lan/retrans_time_ms", "20"));
	if (sd_event_new(&event) < 0 || klb_open(&k, NULL))
		return -1;
	new();
	return 0;
}

static int tear_down(void **state)
{
	if (!own)
		return 0;
	unclaimed_free(u);
	klb_close(&k);
	sd_event_unref(event);
	netns_run("ip link del lan; ip link del klb0");
	return 0;
}

/* The addresses follow each other, with blanks between. */
static void set(const char *texts)
{
	struct klb_prefixes list = { 0 };
	struct klb_prefix p;
	struct klb_err err;
	char copy[256], *at = copy, *text;

	strcpy(copy, texts);
	while ((text = strsep(&at, " "))) {
		assert_int_equal(klb_prefix_parse(text, &p, &err), 0);
		assert_int_equal(klb_prefixes_add(&list, &p), 0);
	}
	klb_prefixes_uniq(&list);
	assert_int_equal(unclaimed_set(u, &list), 0);
	klb_prefixes_free(&list);
}

static const char *list(void)
{
	static char said[256];
	struct klb_prefixes list = { 0 };
	char text[KLB_PREFIX_TEXT];
	size_t i;

	*said = 0;
	assert_int_equal(unclaimed_list(u, &list), 0);
	for (i = 0; i < list.n; i++)
		sprintf(said + strlen(said), "%s%s", i ? " " : "",
			klb_prefix_format(&list.v[i], text));
	klb_prefixes_free(&list);
	return said;
}

#define is(text)	until(event, !strcmp(list(), text))

static void claim(const char *addr)
{
	char command[128];

	sprintf(command, "ip neigh replace %s lladdr 02:00:00:00:00:01 dev lan nud reachable",
		addr);
	netns_run(command);
}

/* As a packet does that finds nobody any more. */
static void fails(const char *addr)
{
	char command[128];
	struct klb_addr a;
	struct klb_err err;

	sprintf(command, "ip neigh del %s dev lan", addr);
	netns_run(command);
	assert_int_equal(klb_addr_parse(addr, &a, &err), 0);
	assert_int_equal(neigh_ask(&k, if_nametoindex("lan"), &a), 0);
}

/* This host's own addresses, those of other networks and of klb0's are nobody's business. */
static void test_nobody(void **state)
{
	if (!own)
		skip();
	set("192.0.2.80 198.51.100.80 192.0.2.9 8.8.8.8 203.0.113.80 fd00:2::80 fd00:3::80");
	assert_string_equal(list(), "");
	is("192.0.2.80/32 198.51.100.80/32 fd00:2::80/128");
	assert_int_equal(changes, 3);
}

static void test_claimed(void **state)
{
	if (!own)
		skip();
	claim("192.0.2.81");
	set("192.0.2.80 192.0.2.81 fd00:2::80");
	is("192.0.2.80/32 fd00:2::80/128");
	claim("192.0.2.80");
	is("fd00:2::80/128");
	claim("fd00:2::80");
	is("");
	fails("fd00:2::80");
	fails("192.0.2.81");
	is("192.0.2.81/32 fd00:2::80/128");
}

/* What is known stays known, what is not asked for any more is forgotten. */
static void test_set(void **state)
{
	if (!own)
		skip();
	set("192.0.2.80 192.0.2.82");
	is("192.0.2.80/32 192.0.2.82/32");
	set("192.0.2.80 192.0.2.81");
	assert_string_equal(list(), "192.0.2.80/32");
	is("192.0.2.80/32 192.0.2.81/32");
	set("192.0.2.82");
	assert_string_equal(list(), "");
	is("192.0.2.82/32");
}

static void test_networks(void **state)
{
	if (!own)
		skip();
	set("192.0.2.80 198.18.0.1");
	is("192.0.2.80/32");
	netns_run("ip addr del 192.0.2.9/24 dev lan; ip addr add 198.18.0.9/16 dev lan");
	assert_string_equal(list(), "192.0.2.80/32");
	changes = 0;
	unclaimed_look(u);
	assert_string_equal(list(), "");
	assert_int_equal(changes, 1);
	is("198.18.0.1/32");
	netns_run("ip addr add 198.18.0.1/32 dev klb0");
	unclaimed_look(u);
	assert_string_equal(list(), "198.18.0.1/32");
	netns_run("ip addr add 198.18.0.1/32 dev lan");
	unclaimed_look(u);
	assert_string_equal(list(), "");
}

/* A route of the lbagent before is right until it is known to be wrong. */
static void test_restart(void **state)
{
	if (!own)
		skip();
	set("192.0.2.80");
	is("192.0.2.80/32");
	unclaimed_free(u);
	netns_run("ip neigh flush dev lan; ip route add 192.0.2.80 dev klb0 proto 107; ip route add 192.0.2.81 dev klb0 proto 107;"
		  "ip route add 192.0.2.82 dev klb0");
	claim("192.0.2.81");
	new();
	set("192.0.2.80 192.0.2.81 192.0.2.82");
	assert_string_equal(list(), "192.0.2.80/32");
	is("192.0.2.80/32 192.0.2.82/32");
	set("192.0.2.82");
	set("192.0.2.80 192.0.2.82");
	assert_string_equal(list(), "192.0.2.82/32");
}

static bool routed(const char *to)
{
	char command[128];

	sprintf(command, "ip route show %s proto 107 | grep -q .", to);
	return !system(command);
}

/* What is asked for may be the way to learn what is wanted. */
static void test_take_back(void **state)
{
	if (!own)
		skip();
	unclaimed_free(u);
	netns_run("ip route add 192.0.2.83 dev klb0 proto 107; ip route add 192.0.2.84 dev klb0 proto 107;"
		  "ip route add 203.0.113.0/24 dev klb0 proto 107 metric 9");
	/* a list of neighbours that comes in many parts, with some to be taken back in each */
	netns_run("for i in $(seq 1 250); do echo neigh add 192.0.2.$i lladdr 02:00:00:00:00:01 dev lan nud stale; "
		  "done | grep -v '[.]8[0-9] \\|[.]9 ' | ip -b -;"
		  "for i in $(seq 100 250); do echo route add 192.0.2.$i dev klb0 proto 107; done | ip -b -;"
		  "ip neigh add 192.0.2.85 lladdr 02:00:00:00:00:01 dev lan nud permanent; ip route add 192.0.2.85 dev klb0 proto 107");
	claim("192.0.2.83");
	new();
	assert_false(routed("192.0.2.83"));
	assert_false(routed("192.0.2.85"));
	assert_false(routed("192.0.2.100"));
	assert_false(routed("192.0.2.250"));
	assert_true(routed("192.0.2.84"));
	claim("192.0.2.84");
	until(event, !routed("192.0.2.84"));
	assert_true(routed("203.0.113.0/24"));
	set("192.0.2.84");
	fails("192.0.2.84");
	is("192.0.2.84/32");
	netns_run("ip route add 192.0.2.84 dev klb0 proto 107");
	claim("192.0.2.84");
	is("");
	assert_true(routed("192.0.2.84"));	/* it is the list that counts from now on */
}

/* To ask for what is permanent would make it a neighbour like any other. */
static void test_pinned(void **state)
{
	if (!own)
		skip();
	netns_run("ip neigh add 192.0.2.80 lladdr 02:00:00:00:00:01 dev lan nud permanent;"
		  "ip neigh add 192.0.2.81 lladdr 02:00:00:00:00:01 dev lan nud noarp");
	set("192.0.2.80 192.0.2.81 192.0.2.82");
	is("192.0.2.82/32");
	assert_int_equal(system("ip neigh show 192.0.2.80 | grep -q PERMANENT && ip neigh show 192.0.2.81 nud all | grep -q NOARP"), 0);
	netns_run("ip neigh replace 192.0.2.82 lladdr 02:00:00:00:00:01 dev lan nud permanent");
	is("");
	unclaimed_again(u, if_nametoindex("lan"));
	sd_event_run(event, 10000);
	assert_int_equal(system("ip neigh show 192.0.2.82 | grep -q PERMANENT"), 0);
}

/* Who was cut off for a moment has it still. */
static void test_again(void **state)
{
	uint64_t begin, now;

	if (!own)
		skip();
	set("192.0.2.80");
	is("192.0.2.80/32");
	/* soon, by itself */
	netns_run("ip neigh replace 192.0.2.80 lladdr 02:00:00:00:00:01 dev lan nud stale");
	is("");
	fails("192.0.2.80");
	is("192.0.2.80/32");
	netns_run("ip neigh del 192.0.2.80 dev lan");
	sd_event_now(event, CLOCK_MONOTONIC, &begin);
	while (system("ip neigh show dev lan to 192.0.2.80 | grep -q ."))
		sd_event_run(event, 10000);
	sd_event_now(event, CLOCK_MONOTONIC, &now);
	assert_in_range(now - begin, 1000000, 5000000);
	/* and at once if there is a reason */
	netns_run("ip neigh flush dev lan");
	sd_event_now(event, CLOCK_MONOTONIC, &begin);
	unclaimed_again(u, if_nametoindex("lan"));
	while (system("ip neigh show dev lan to 192.0.2.80 | grep -q ."))
		sd_event_run(event, 10000);
	sd_event_now(event, CLOCK_MONOTONIC, &now);
	assert_in_range(now - begin, 0, 1000000);
}

/* Its own addresses do not tell all of the networks that it is in, and tell some that it is not in. */
static void test_routes(void **state)
{
	if (!own)
		skip();
	netns_run("ip link add br1 type bridge; ip addr add 198.18.1.9/24 dev br1;"
		  "ip -6 route add fd00:5::/64 dev lan proto ra; ip -6 route add fd00:6::/64 via fd00:2::1 proto ra;"
		  "ip route add 198.18.2.0/24 via 192.0.2.1");
	set("192.0.2.80 198.18.1.80 198.18.2.80 fd00:5::80 fd00:6::80");
	is("192.0.2.80/32 fd00:5::80/128");
	netns_run("ip link set br1 up");
	unclaimed_look(u);
	netns_run("ip link add br2 up type bridge; ip addr add 192.0.2.8/25 dev br2");
	is("192.0.2.80/32 198.18.1.80/32 fd00:5::80/128");
	/* the longer prefix is where it is now */
	unclaimed_look(u);
	assert_string_equal(list(), "198.18.1.80/32 fd00:5::80/128");
	netns_run("ip link del br1; ip link del br2");
}

static size_t count(void)
{
	struct klb_prefixes list = { 0 };
	size_t n;

	assert_int_equal(unclaimed_list(u, &list), 0);
	n = list.n;
	klb_prefixes_free(&list);
	return n;
}

/* Not more than the kernel has room for. */
static void test_many(void **state)
{
	struct klb_prefix p = { .addr = { 4, { 10, 9 } }, .len = 32 };
	struct klb_prefixes list = { 0 };
	int i;

	if (!own)
		skip();
	netns_run("ip addr add 10.9.255.254/16 dev lan");
	for (i = 0; i < 600; i++) {
		p.addr.b[2] = i >> 8;
		p.addr.b[3] = i;
		assert_int_equal(klb_prefixes_add(&list, &p), 0);
	}
	assert_int_equal(unclaimed_set(u, &list), 0);
	until(event, count() == 512);
	klb_prefixes_free(&list);
}

static struct nl_msg *neigh_msg(int type, struct ndmsg ndm, size_t len)
{
	struct nl_msg *msg = nlmsg_alloc();

	assert_non_null(msg);
	nlmsg_put(msg, 0, 0, type, 0, 0);
	nlmsg_append(msg, &ndm, sizeof(ndm), NLMSG_ALIGNTO);
	if (len)
		nla_put(msg, NDA_DST, len, "\xc0\x00\x02\x50zzzzzzzzzzzz");
	return msg;
}

/* -1: it is no such message. */
static int take(struct nl_msg *msg)
{
	struct neigh neigh;
	int is = neigh_parse(nlmsg_hdr(msg), &neigh) ? (int)neigh.is : -1;

	if (is >= 0)
		assert_int_equal(neigh.ifindex, 7);
	nlmsg_free(msg);
	return is;
}

static int take_state(int state)
{
	return take(neigh_msg(RTM_NEWNEIGH, (struct ndmsg){
			.ndm_family = AF_INET, .ndm_ifindex = 7, .ndm_state = state,
		}, 4));
}

static void test_parse(void **state)
{
	struct ndmsg ndm = {
		.ndm_family = AF_INET6, .ndm_ifindex = 7, .ndm_state = NUD_STALE,
	};
	struct nl_msg *msg;

	assert_int_equal(take_state(NUD_NONE), NEIGH_UNKNOWN);
	assert_int_equal(take_state(NUD_INCOMPLETE), NEIGH_UNKNOWN);
	assert_int_equal(take_state(NUD_FAILED), NEIGH_SILENT);
	assert_int_equal(take_state(NUD_REACHABLE), NEIGH_THERE);
	assert_int_equal(take_state(NUD_DELAY), NEIGH_THERE);
	assert_int_equal(take_state(NUD_PROBE), NEIGH_THERE);
	assert_int_equal(take_state(NUD_PERMANENT), NEIGH_PINNED);
	assert_int_equal(take_state(NUD_NOARP), NEIGH_PINNED);
	assert_int_equal(take(neigh_msg(RTM_NEWNEIGH, ndm, 16)), NEIGH_THERE);
	assert_int_equal(take(neigh_msg(RTM_DELNEIGH, ndm, 16)), NEIGH_UNKNOWN);
	assert_int_equal(take(neigh_msg(RTM_NEWNEIGH, ndm, 4)), -1);
	assert_int_equal(take(neigh_msg(RTM_NEWNEIGH, ndm, 0)), -1);
	assert_int_equal(take(neigh_msg(RTM_NEWLINK, ndm, 16)), -1);
	ndm.ndm_flags = NTF_PROXY;
	assert_int_equal(take(neigh_msg(RTM_NEWNEIGH, ndm, 16)), -1);
	ndm = (struct ndmsg){ .ndm_family = AF_BRIDGE, .ndm_ifindex = 7 };
	assert_int_equal(take(neigh_msg(RTM_NEWNEIGH, ndm, 4)), -1);
	msg = nlmsg_alloc();
	nlmsg_put(msg, 0, 0, RTM_NEWNEIGH, 4, 0);
	assert_int_equal(take(msg), -1);
}

#define TEST(f)	cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_nobody), TEST(test_claimed), TEST(test_set),
		TEST(test_networks), TEST(test_restart), TEST(test_many),
		TEST(test_take_back), TEST(test_pinned), TEST(test_again), TEST(test_routes),
		cmocka_unit_test(test_parse),
	};

	own = netns_enter();
	return cmocka_run_group_tests_name("unclaimed", tests, NULL, NULL);
}

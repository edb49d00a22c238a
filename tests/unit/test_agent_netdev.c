// SPDX-License-Identifier: GPL-2.0
/*
 * The device that processes reach services by, with a bridge in its place,
 * and the messages about addresses and routes.
 */
#include "test.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_addr.h>

#include "devaddr.h"
#include "losses.h"
#include "netdev.h"
#include "netns.h"
#include "prom.h"
#include "route.h"

static bool own;	/* in a namespace of our own */
static sd_event *event;
static struct klb k;
static struct links *l;
static struct metrics *m;
static struct netdev *n;
static struct outfit outfit;
static char why[1024];
static int failures;

static void on_failed(const char *text, void *arg)
{
	assert_ptr_equal(arg, &failures);
	failures++;
	snprintf(why, sizeof(why), "%s", text);
}

static int sourceless;

static void on_sourceless(void *arg)
{
	sourceless++;
}

static struct netdev_conf conf = {
	.name = "klb0", .kind = "bridge", .k = &k, .failed = on_failed,
	.sourceless = on_sourceless, .arg = &failures,
};

static void on_changed(const struct link *now, const struct link *was,
		       void *arg)
{
	netdev_changed(n, now, was);
}

static void on_missed(void *arg)
{
}

static void on_links_failed(const char *text, void *arg)
{
	fail_msg("%s", text);
}

static const struct links_ops ops = { on_changed, on_missed, on_links_failed };

static int set_up(void **state)
{
	struct klb_err err;

	failures = 0;
	*why = 0;
	outfit_free(&outfit);
	if (!own || sd_event_new(&event) < 0 || klb_open(&k, NULL) ||
	    links_new(&l, event, &k, &ops, NULL, &err))
		return own ? -1 : 0;
	m = metrics_new();
	conf.links = l;
	conf.metrics = m;
	if (netdev_new(&n, event, &conf, &err))
		fail_msg("%s", err.text);
	return links_start(l, &err);
}

static int tear_down(void **state)
{
	if (!own)
		return 0;
	netdev_free(n);
	links_free(l);
	metrics_free(m);
	klb_close(&k);
	sd_event_unref(event);
	outfit_free(&outfit);
	netns_run("ip link del klb0 2>/dev/null; ip link del other 2>/dev/null; ip route flush proto 107; ip -6 route flush proto 107");
	return 0;
}

static void route(const char *text)
{
	struct klb_prefix p;
	struct klb_err err;

	assert_int_equal(klb_prefix_parse(text, &p, &err), 0);
	assert_int_equal(klb_prefixes_add(&outfit.routes, &p), 0);
}

static void addr(const char *text)
{
	struct klb_err err;

	outfit.addrs = realloc(outfit.addrs, (outfit.n_addrs + 1) *
			       sizeof(*outfit.addrs));
	assert_int_equal(klb_addr_parse(text, &outfit.addrs[outfit.n_addrs++],
					&err), 0);
}

static void set(void)
{
	assert_int_equal(netdev_set(n, &outfit), 0);
}

/* Whether a bridge without ports has noticed that it has none is no matter. */
static void cut_linkdown(char *text)
{
	static const char word[] = " linkdown";
	char *at;

	while ((at = strstr(text, word)))
		memmove(at, at + strlen(word), strlen(at + strlen(word)) + 1);
}

/* What a command prints, blanks and newlines as one blank. */
static const char *say(const char *command)
{
	static char text[8192];
	char quiet[512];
	size_t len = 0;
	int c, last = ' ';
	FILE *f;

	snprintf(quiet, sizeof(quiet), "{ %s; } 2>/dev/null", command);
	f = popen(quiet, "r");
	assert_non_null(f);
	while ((c = fgetc(f)) != EOF && len < sizeof(text) - 1) {
		c = c == '\n' ? ' ' : c;
		if (c != ' ' || last != ' ')
			text[len++] = c;
		last = c;
	}
	pclose(f);
	while (len && text[len - 1] == ' ')
		len--;
	text[len] = 0;
	cut_linkdown(text);
	return text;
}

#define says(command, text)						\
	do {								\
		const int before_ = failures;				\
									\
		until(event, !strcmp(say(command), text) ||		\
		      failures > before_);				\
		assert_string_equal(say(command), text);		\
	} while (0)

#define ROUTES4	"ip -4 route show proto 107"
#define ROUTES6	"ip -6 route show proto 107"
#define ADDRS	"ip -o addr show dev klb0 scope global | awk '{print $4}'"

static double metric(const char *name)
{
	char *text, *at;
	double value;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	metrics_put(m, f);
	fclose(f);
	at = strstr(text, name);
	assert_non_null(at);
	while (at[strlen(name)] != ' ' || at[-1] != '\n')
		at = strstr(at + 1, name);
	value = atof(at + strlen(name));
	free(text);
	return value;
}

static void test_made(void **state)
{
	if (!own)
		skip();
	route("10.96.0.0/16");
	route("fd00:96::/112");
	route("10.96.0.0/16");
	addr("192.0.2.1");
	addr("fd00::9");
	addr("192.0.2.1");
	set();
	says(ROUTES4, "10.96.0.0/16 dev klb0 scope link");
	says(ROUTES6, "fd00:96::/112 dev klb0 metric 1024 pref medium");
	says(ADDRS, "192.0.2.1/32 fd00::9/128");
	assert_non_null(strstr(say("ip -br link show klb0"), "UP"));
	assert_int_equal(failures, 0);
	assert_int_equal(metric("lbagent_repairs_total"), 0);
}

/* Nothing is there before it is said what is to be. */
static void test_unset(void **state)
{
	if (!own)
		skip();
	netns_run("ip link add other type bridge");
	until(event, links_named(l, "other"));
	sd_event_run(event, 100000);
	assert_null(links_named(l, "klb0"));
}

static void test_changed(void **state)
{
	if (!own)
		skip();
	route("10.96.0.0/16");
	route("10.97.0.0/16");
	addr("192.0.2.1");
	set();
	says(ROUTES4, "10.96.0.0/16 dev klb0 scope link 10.97.0.0/16 dev klb0 scope link");
	outfit_free(&outfit);
	route("10.97.0.0/16");
	route("10.98.0.0/16");
	addr("192.0.2.2");
	assert_int_equal(inet_pton(AF_INET, "192.0.2.2", outfit.src4.b), 1);
	outfit.src4.len = 4;
	set();
	says(ROUTES4, "10.97.0.0/16 dev klb0 scope link src 192.0.2.2 10.98.0.0/16 dev klb0 scope link src 192.0.2.2");
	says(ADDRS, "192.0.2.2/32");
	assert_int_equal(failures, 0);
	assert_int_equal(metric("lbagent_repairs_total"), 0);
}

/* Whatever is taken away comes back. */
static void test_repaired(void **state)
{
	static const char *const breaks[] = {
		"ip route del 10.96.0.0/16",
		"ip -6 route del fd00:96::/112",
		"ip addr del 192.0.2.1/32 dev klb0",
		"ip -6 addr flush dev klb0 scope global",
		"ip link set klb0 down",
		"ip link del klb0",
		"ip link set klb0 down; ip link set klb0 name old",
		"ip link add other up type bridge; ip route replace 10.96.0.0/16 dev other proto 107",
		"ip route flush proto 107; ip addr flush dev klb0",
	};
	size_t i;

	if (!own)
		skip();
	route("10.96.0.0/16");
	route("fd00:96::/112");
	addr("192.0.2.1");
	addr("fd00::9");
	set();
	for (i = 0; i < ARRAY_SIZE(breaks); i++) {
		says(ROUTES4, "10.96.0.0/16 dev klb0 scope link");
		says(ROUTES6, "fd00:96::/112 dev klb0 metric 1024 pref medium");
		says(ADDRS, "192.0.2.1/32 fd00::9/128");
		until(event, metric("lbagent_repairs_total") >= i);
		netns_run(breaks[i]);
		netns_run("ip link del old 2>/dev/null; true");
		assert_string_not_equal(say(ROUTES4 ";" ROUTES6 ";" ADDRS),
					"10.96.0.0/16 dev klb0 scope link fd00:96::/112 dev klb0 metric 1024 pref medium 192.0.2.1/32 fd00::9/128");
	}
	says(ROUTES4, "10.96.0.0/16 dev klb0 scope link");
	assert_int_equal(failures, 0);
}

/* With the last address of a device the kernel takes its routes. */
static void test_last_addr(void **state)
{
	if (!own)
		skip();
	route("10.96.0.0/16");
	set();
	says(ROUTES4, "10.96.0.0/16 dev klb0 scope link");
	netns_run("ip addr add 192.0.2.50/32 dev klb0; ip addr del 192.0.2.50/32 dev klb0");
	assert_string_equal(say(ROUTES4), "");
	says(ROUTES4, "10.96.0.0/16 dev klb0 scope link");
	assert_int_equal(failures, 0);
}

/* With an address, of whatever device, those whose source it was. */
static void test_source_gone(void **state)
{
	if (!own)
		skip();
	netns_run("ip link add other up type bridge; ip addr add 192.0.2.60/24 dev other; ip addr add 192.0.2.61/24 dev other");
	outfit.src4 = (struct klb_addr){ 4, { 192, 0, 2, 60 } };
	route("10.96.0.0/16");
	set();
	says(ROUTES4, "10.96.0.0/16 dev klb0 scope link src 192.0.2.60");
	sourceless = 0;
	netns_run("ip addr del 192.0.2.61/24 dev other; ip addr add 192.0.2.61/24 dev other; ip addr del 192.0.2.60/24 dev other; ip addr add 192.0.2.60/24 dev other");
	assert_string_equal(say(ROUTES4), "");
	/* the addresses of a network go with its first one */
	until(event, sourceless == 1);
	assert_string_equal(say(ROUTES4), "");
	netdev_again(n);
	says(ROUTES4, "10.96.0.0/16 dev klb0 scope link src 192.0.2.60");
	assert_int_equal(failures, 0);
}

/* What is somebody else's stays, and is told of where it is in the way. */
static void test_others(void **state)
{
	if (!own)
		skip();
	netns_run("ip link add other up type bridge; ip route add 10.96.0.0/16 dev other; ip route add 10.99.0.0/16 dev other proto 107; ip route add 10.100.0.0/16 dev other");
	route("10.96.0.0/16");
	route("10.97.0.0/16");
	set();
	until(event, failures);
	assert_string_equal(why, "there is a route to 10.96.0.0/16 already, and it is somebody else's");
	assert_string_equal(say("ip route"), "10.96.0.0/16 dev other scope link 10.97.0.0/16 dev klb0 proto 107 scope link 10.100.0.0/16 dev other scope link");
	netns_run("ip addr add 192.0.2.7/32 dev klb0; ip route del 10.96.0.0/16");
	until(event, strstr(say(ROUTES4), "10.96.0.0/16"));
	assert_int_equal(failures, 1);
	assert_string_equal(say(ADDRS), "192.0.2.7/32");
	/* and when somebody takes its place */
	netns_run("ip route replace 10.97.0.0/16 dev other proto static");
	until(event, failures == 2);
	assert_non_null(strstr(why, "10.97.0.0/16"));
}

static void test_other_kind(void **state)
{
	if (!own)
		skip();
	netns_run("ip link add klb0 type veth peer name other");
	until(event, links_named(l, "klb0"));
	route("10.96.0.0/16");
	set();
	until(event, failures);
	assert_string_equal(why, "klb0 is there, and is no device of kind bridge");
	assert_int_equal(netdev_cleanup(&conf), 0);
	assert_non_null(strstr(say("ip -br link"), "klb0@other"));
	netns_run("ip link del klb0");
	says(ROUTES4, "10.96.0.0/16 dev klb0 scope link");
	assert_int_equal(failures, 1);
}

/* As long as the module is not loaded. */
static void test_no_kind(void **state)
{
	if (!own)
		skip();
	conf.kind = "no-such-kind";
	route("10.96.0.0/16");
	set();
	until(event, failures);
	assert_string_equal(why, "cannot make klb0, a device of kind no-such-kind: Unknown device type");
	assert_int_equal(metric("lbagent_device_failures_total"), 1);
	netdev_again(n);
	until(event, metric("lbagent_device_failures_total") == 2);
	assert_int_equal(failures, 1);
	conf.kind = "bridge";
	says(ROUTES4, "10.96.0.0/16 dev klb0 scope link");
}

static void test_bad_source(void **state)
{
	if (!own)
		skip();
	route("10.96.0.0/16");
	outfit.src4 = (struct klb_addr){ 4, { 192, 0, 2, 99 } };
	set();
	until(event, failures);
	assert_non_null(strstr(why, "no route to 10.96.0.0/16: "));
}

static void test_cleanup(void **state)
{
	if (!own)
		skip();
	route("10.96.0.0/16");
	addr("192.0.2.1");
	set();
	says(ROUTES4, "10.96.0.0/16 dev klb0 scope link");
	netns_run("ip link add other up type bridge; ip route add 10.99.0.0/16 dev other proto 107; ip route add 10.100.0.0/16 dev other");
	netdev_free(n);
	n = NULL;
	assert_int_equal(netdev_cleanup(&conf), 0);
	assert_string_equal(say("ip route"), "10.100.0.0/16 dev other scope link");
	assert_null(strstr(say("ip -br link"), "klb0"));
	netns_run("ip route flush dev other");
}

static void test_many(void **state)
{
	struct klb_prefix p = { { 4, { 10, 96 } }, 32 };
	int i;

	if (!own)
		skip();
	for (i = 0; i < 2000; i++) {
		p.addr.b[2] = i / 200;
		p.addr.b[3] = i % 200;
		klb_prefixes_add(&outfit.routes, &p);
	}
	set();
	until(event, !strcmp(say(ROUTES4 " | wc -l"), "2000"));
	outfit.routes.n = 1000;
	set();
	says(ROUTES4 " | wc -l", "1000");
	assert_int_equal(failures, 0);
}

static void on_loss(const struct klb_prefix *to, const struct devaddr *addr,
		    void *arg)
{
	char *lost = arg, text[KLB_PREFIX_TEXT];

	sprintf(lost + strlen(lost), " %s", to ? klb_prefix_format(to, text) :
		addr && addr->ifindex == links_named(l, "other")->ifindex ?
		"other" : "?");
}

/* What others do with what is theirs wakes nobody. */
static void test_losses(void **state)
{
	char lost[1024] = "";
	struct losses *losses;
	struct klb_err err;

	if (!own)
		skip();
	netns_run("ip link add other up type bridge; ip link set lo up; ip addr add 10.5.0.1/32 dev other");
	until(event, links_named(l, "other"));
	assert_int_equal(losses_new(&losses, event, on_loss, lost, &err), 0);
	netns_run("ip route add 10.1.0.0/16 dev other proto 107; ip route add 10.2.0.0/16 dev other; ip route del 10.2.0.0/16; ip -6 route add fd00:1::/64 dev other; ip -6 route del fd00:1::/64");
	netns_run("ip route add 10.4.0.0/16 dev other; ip route replace 10.4.0.0/16 dev lo");
	netns_run("ip addr add 10.3.0.1/24 dev other; ip addr del 10.3.0.1/24 dev other; ip route del 10.1.0.0/16");
	until(event, strstr(lost, "10.1."));
	assert_string_equal(lost, " 10.4.0.0/16 other 10.1.0.0/16");
	losses_free(losses);
}

/* ---- how messages are read */

static struct nl_msg *message(int type, const void *head, size_t len)
{
	struct nl_msg *msg = nlmsg_alloc();

	nlmsg_put(msg, 0, 0, type, 0, 0);
	nlmsg_append(msg, (void *)head, len, NLMSG_ALIGNTO);
	return msg;
}

static struct nl_msg *route_msg(uint8_t family, uint8_t len, uint8_t table,
				unsigned int flags)
{
	const struct rtmsg rtm = {
		.rtm_family = family, .rtm_dst_len = len, .rtm_table = table,
		.rtm_protocol = 107, .rtm_flags = flags,
		.rtm_type = RTN_UNICAST,
	};

	return message(RTM_NEWROUTE, &rtm, sizeof(rtm));
}

static bool take_route(struct nl_msg *msg, struct route *route)
{
	bool is = route_parse(nlmsg_hdr(msg), route);

	nlmsg_free(msg);
	return is;
}

static void test_route_parse(void **state)
{
	struct nl_msg *msg = route_msg(AF_INET, 16, RT_TABLE_MAIN, 0);
	struct route r;

	nla_put(msg, RTA_DST, 4, "\x0a\x60\x00\x00");
	nla_put(msg, RTA_PREFSRC, 4, "\xc0\x00\x02\x01");
	nla_put_u32(msg, RTA_OIF, 7);
	assert_true(take_route(msg, &r));
	assert_memory_equal(r.to.addr.b, "\x0a\x60\x00\x00", 4);
	assert_memory_equal(r.src.b, "\xc0\x00\x02\x01", 4);
	assert_int_equal(r.to.len, 16);
	assert_int_equal(r.ifindex, 7);
	assert_int_equal(r.protocol, 107);
	assert_int_equal(r.metric, 0);
	assert_true(r.direct);
	msg = route_msg(AF_INET, 16, RT_TABLE_MAIN, 0);
	nla_put_u32(msg, RTA_OIF, 7);
	nla_put_u32(msg, RTA_PRIORITY, 100);
	nla_put(msg, RTA_GATEWAY, 4, "\x0a\x60\x00\x00");
	assert_true(take_route(msg, &r));
	assert_int_equal(r.metric, 100);
	assert_false(r.direct);
	/* the default route has no address */
	assert_true(take_route(route_msg(AF_INET6, 0, RT_TABLE_MAIN, 0), &r));
	assert_int_equal(r.to.addr.len, 16);
	assert_int_equal(r.src.len, 0);
}

static void test_route_strange(void **state)
{
	struct nl_msg *msg;
	struct route r;

	assert_false(take_route(route_msg(AF_INET, 33, RT_TABLE_MAIN, 0), &r));
	assert_false(take_route(route_msg(AF_INET6, 129, RT_TABLE_MAIN, 0),
				&r));
	assert_false(take_route(route_msg(AF_MPLS, 0, RT_TABLE_MAIN, 0), &r));
	assert_false(take_route(route_msg(AF_INET, 8, RT_TABLE_LOCAL, 0), &r));
	assert_false(take_route(route_msg(AF_INET6, 8, RT_TABLE_MAIN,
					  RTM_F_CLONED), &r));
	msg = route_msg(AF_INET, 32, RT_TABLE_MAIN, 0);
	nla_put(msg, RTA_DST, 16, "0123456789abcdef");
	assert_false(take_route(msg, &r));
	msg = route_msg(AF_INET, 32, RT_TABLE_MAIN, 0);
	nla_put(msg, RTA_DST, 2, "01");
	assert_false(take_route(msg, &r));
	msg = route_msg(AF_INET, 32, RT_TABLE_MAIN, 0);
	nla_put_u32(msg, RTA_TABLE, 1000);
	assert_false(take_route(msg, &r));
	assert_false(take_route(message(RTM_NEWROUTE, "ab", 2), &r));
	assert_false(take_route(message(RTM_NEWADDR, "0123456789ab", 12), &r));
}

static bool take_addr(struct nl_msg *msg, struct devaddr *devaddr)
{
	bool is = devaddr_parse(nlmsg_hdr(msg), devaddr);

	nlmsg_free(msg);
	return is;
}

static void test_addr_parse(void **state)
{
	const struct ifaddrmsg v4 = { .ifa_family = AF_INET, .ifa_index = 3 };
	const struct ifaddrmsg other = { .ifa_family = AF_DECnet };
	struct nl_msg *msg = message(RTM_NEWADDR, &v4, sizeof(v4));
	struct devaddr a;

	nla_put(msg, IFA_ADDRESS, 4, "peer");
	nla_put(msg, IFA_LOCAL, 4, "mine");
	nla_put_u8(msg, IFA_PROTO, 107);
	assert_true(take_addr(msg, &a));
	assert_memory_equal(a.addr.b, "mine", 4);
	assert_int_equal(a.ifindex, 3);
	assert_int_equal(a.protocol, 107);
	assert_false(take_addr(message(RTM_NEWADDR, &v4, sizeof(v4)), &a));
	msg = message(RTM_NEWADDR, &v4, sizeof(v4));
	nla_put(msg, IFA_ADDRESS, 16, "0123456789abcdef");
	assert_false(take_addr(msg, &a));
	assert_false(take_addr(message(RTM_NEWADDR, &other, sizeof(other)),
			       &a));
	assert_false(take_addr(message(RTM_DELADDR, "ab", 2), &a));
}

#define TEST(name)	cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_made), TEST(test_unset), TEST(test_changed),
		TEST(test_repaired), TEST(test_last_addr),
		TEST(test_source_gone), TEST(test_others),
		TEST(test_other_kind), TEST(test_no_kind),
		TEST(test_bad_source), TEST(test_cleanup), TEST(test_many),
		TEST(test_losses),
		cmocka_unit_test(test_route_parse),
		cmocka_unit_test(test_route_strange),
		cmocka_unit_test(test_addr_parse),
	};

	own = netns_enter();
	return cmocka_run_group_tests(tests, NULL, NULL);
}

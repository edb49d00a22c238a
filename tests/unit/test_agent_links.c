// SPDX-License-Identifier: GPL-2.0
#include "test.h"

#include "links.h"
#include "netns.h"

static bool own;	/* in a namespace of our own */
static sd_event *event;
static struct klb k;
static struct links *l;
static char said[4096];
static int failures, changes, missed;

/* "+name", "-name", and "name" with what it is now, each behind a blank. */
static void on_changed(const struct link *now, const struct link *was,
		       void *arg)
{
	size_t n = strlen(said);

	changes++;
	assert_ptr_equal(arg, said);
	if (!now)
		assert_null(links_find(l, was->ifindex));
	else
		assert_memory_equal(links_find(l, now->ifindex), now,
				    sizeof(*now));
	snprintf(said + n, sizeof(said) - n, "%s%s%s%s", n ? " " : "",
		 now ? was ? "" : "+" : "-", (now ? now : was)->name,
		 now && now->up ? "^" : "");
	n = strlen(said);
	if (now && now->master)
		snprintf(said + n, sizeof(said) - n, "@%d", now->master);
}

static void on_failed(const char *why, void *arg)
{
	failures++;
}

static void on_missed(void *arg)
{
	missed++;
}

static const struct links_ops ops = { on_changed, on_missed, on_failed };

static int set_up(void **state)
{
	struct klb_err err;

	*said = 0;
	failures = 0;
	missed = 0;
	if (sd_event_new(&event) < 0 || klb_open(&k, NULL))
		return -1;
	return links_new(&l, event, &k, &ops, said, &err);
}

static int tear_down(void **state)
{
	links_free(l);
	klb_close(&k);
	sd_event_unref(event);
	return failures;
}

static void take(int type, struct link_text t)
{
	struct nl_msg *msg = link_msg(type, t);

	assert_int_equal(links_take(l, nlmsg_hdr(msg)), 0);
	nlmsg_free(msg);
}

#define text(i, n, ...)							\
	((struct link_text){ .ifindex = (i), .name = (n), __VA_ARGS__ })
#define new(...)	take(RTM_NEWLINK, text(__VA_ARGS__))
#define del(...)	take(RTM_DELLINK, text(__VA_ARGS__))

static void test_parse(void **state)
{
	struct nl_msg *msg = link_msg(RTM_NEWLINK, text(
		7, "veth0", .kind = "veth", .master = 3, .flags = IFF_UP));
	struct link link;

	assert_true(link_parse(nlmsg_hdr(msg), &link));
	assert_int_equal(link.ifindex, 7);
	assert_int_equal(link.master, 3);
	assert_true(link.up);
	assert_string_equal(link.name, "veth0");
	assert_string_equal(link.kind, "veth");
	nlmsg_free(msg);
}

/* What is none, and what is longer or shorter than it may be. */
static void test_strange(void **state)
{
	static const struct {
		int type;
		struct link_text t;
		bool good;
	} cases[] = {
		{ RTM_NEWLINK, text(1, "lo"), true },
		{ RTM_DELLINK, text(1, "lo"), true },
		{ RTM_NEWADDR, text(1, "lo"), false },
		{ RTM_NEWLINK, text(0, "lo"), false },
		{ RTM_NEWLINK, text(-1, "lo"), false },
		{ RTM_NEWLINK, text(1, NULL), false },
		{ RTM_NEWLINK, text(1, ""), false },
		{ RTM_NEWLINK, text(1, "p", .family = AF_BRIDGE), false },
		{ RTM_NEWLINK, text(1, "a-name-that-is-too-long",
				    .kind = "and-a-kind-that-is-too-long"),
		  true },
	};
	struct nl_msg *msg;
	struct link link;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		msg = link_msg(cases[i].type, cases[i].t);
		assert_int_equal(link_parse(nlmsg_hdr(msg), &link),
				 cases[i].good);
		nlmsg_free(msg);
	}
	assert_string_equal(link.name, "a-name-that-is-");
	assert_string_equal(link.kind, "and-a-kind-that");
}

/* Cut anywhere, in a block of just that size: nothing behind it is read. */
static void test_cut(void **state)
{
	struct nl_msg *msg = link_msg(RTM_NEWLINK, text(
		7, "veth0", .kind = "veth", .master = 3, .flags = IFF_UP));
	size_t len, whole = nlmsg_hdr(msg)->nlmsg_len;
	struct nlmsghdr *nlh;
	struct link link;

	for (len = NLMSG_HDRLEN; len < whole; len++) {
		nlh = malloc(len);
		memcpy(nlh, nlmsg_hdr(msg), len);
		nlh->nlmsg_len = len;
		if (link_parse(nlh, &link))
			assert_string_equal(link.name, "veth0");
		free(nlh);
	}
	nlmsg_free(msg);
}

/* Values without a NUL, and numbers that are too short. */
static void test_no_nul(void **state)
{
	struct nl_msg *msg = link_msg(RTM_NEWLINK, text(7, NULL));
	struct link link;

	nla_put(msg, IFLA_IFNAME, 3, "abc");
	nla_put(msg, IFLA_MASTER, 2, "\x01\x00");
	nla_put(msg, IFLA_LINKINFO, 3, "xyz");
	assert_true(link_parse(nlmsg_hdr(msg), &link));
	assert_string_equal(link.name, "abc");
	assert_string_equal(link.kind, "");
	assert_int_equal(link.master, 0);
	nlmsg_free(msg);
}

static void test_changes(void **state)
{
	new(2, "a");
	new(3, "b", .flags = IFF_UP);
	new(2, "a");			/* nothing that we look at */
	new(2, "a", .flags = IFF_UP);
	new(2, "c", .flags = IFF_UP);
	new(2, "c", .master = 3, .flags = IFF_UP);
	new(2, "c", .flags = IFF_UP, .family = AF_BRIDGE);
	del(9, "x");
	del(2, "c", .master = 3, .flags = IFF_UP);
	new(2, "again");
	assert_string_equal(said, "+a +b^ a^ c^ c^@3 -c +again");
	assert_string_equal(links_named(l, "b")->name, "b");
	assert_null(links_named(l, "c"));
	assert_int_equal(links_at(l, 1)->ifindex, 2);
	assert_null(links_at(l, 2));
}

static void test_many(void **state)
{
	char name[16];
	int i;

	for (i = 1; i <= 1000; i++) {
		snprintf(name, sizeof(name), "d%d", i);
		new(i, name);
		*said = 0;
	}
	for (i = 1; i <= 1000; i += 2) {
		del(i, "d");
		*said = 0;
	}
	assert_null(links_at(l, 500));
	assert_null(links_named(l, "d501"));
	assert_int_equal(links_named(l, "d500")->ifindex, 500);
}

static void start(void)
{
	struct klb_err err;

	if (!own)
		skip();
	if (links_start(l, &err))
		fail_msg("%s", err.text);
}

/* The kernel's own messages. */
static void test_live(void **state)
{
	const struct link *v;
	int br;

	start();
	assert_string_equal(said, "+lo");
	netns_run("ip link add br0 type bridge && ip link add v0 type veth peer name v1");
	until(event, links_named(l, "v0") && links_named(l, "v1"));
	br = links_named(l, "br0")->ifindex;
	assert_string_equal(links_named(l, "br0")->kind, "bridge");
	assert_string_equal(links_named(l, "v1")->kind, "veth");
	netns_run("ip link set v0 master br0");
	until(event, links_named(l, "v0")->master == br);
	netns_run("ip link set v0 up");
	until(event, links_named(l, "v0")->up);
	netns_run("ip link set v0 name w0 2>/dev/null || { ip link set v0 down && ip link set v0 name w0; }");
	until(event, links_named(l, "w0") && !links_named(l, "v0"));
	netns_run("ip link set w0 nomaster");
	until(event, (v = links_named(l, "w0")) && !v->master);
	netns_run("ip link del w0");
	until(event, !links_named(l, "w0") && !links_named(l, "v1"));
	netns_run("ip link del br0");
	until(event, !links_named(l, "br0"));
}

/* More than the socket has room for: what was lost is found out. */
static void test_overflow(void **state)
{
	start();
	netns_run("ip link add v0 type veth peer name v1");
	until(event, links_named(l, "v1"));
	changes = 0;
	netns_run("for i in $(seq 10000); do echo link set v0 up; echo link set v0 down; done | ip -batch - ; ip link set v1 name last; ip link del last; ip link add v2 type veth peer name v3");
	until(event, links_named(l, "v3"));
	assert_null(links_named(l, "v1"));
	assert_null(links_named(l, "last"));
	/* that some were lost is what this is about */
	assert_in_range(changes, 4, 19999);
	assert_in_range(missed, 1, 19999);
	missed = 0;
	netns_run("ip link del v2");
	until(event, !links_named(l, "v3"));
	assert_int_equal(missed, 0);
}

#define TEST(name)	cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_parse), TEST(test_strange), TEST(test_cut),
		TEST(test_no_nul), TEST(test_changes), TEST(test_many),
		TEST(test_live), TEST(test_overflow),
	};

	own = netns_enter();
	return cmocka_run_group_tests(tests, NULL, NULL);
}

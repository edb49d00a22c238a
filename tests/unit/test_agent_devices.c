// SPDX-License-Identifier: GPL-2.0
/*
 * Which devices klb gets attached to, with messages and a klb_dev_attach() of
 * our own.
 */
#include "test.h"

#include <errno.h>
#include <linux/klb.h>

#include "devices.h"
#include "netns.h"
#include "prom.h"

#define IN	KLB_DEV_HOOK_INGRESS
#define OUT	KLB_DEV_HOOK_EGRESS

static sd_event *event;
static struct klb k;
static struct links *l;
static struct devices *d;
static struct metrics *m;
static char said[512];		/* "a=3" attached to both, "-a" detached */
static char why[512];
static int refuse;		/* -errno of whatever is tried */
static int failures;

static int attach(struct klb *of, const char *name, uint32_t hooks)
{
	size_t n = strlen(said);

	snprintf(said + n, sizeof(said) - n, "%s%s=%u", n ? " " : "", name,
		 hooks);
	return refuse ? klb_err_set(&of->err, refuse, "no luck") : 0;
}

static int detach(struct klb *of, const char *name)
{
	size_t n = strlen(said);

	snprintf(said + n, sizeof(said) - n, "%s-%s", n ? " " : "", name);
	return refuse ? klb_err_set(&of->err, refuse, "no luck off") : 0;
}

static void on_failed(const char *name, const char *text, void *arg)
{
	assert_ptr_equal(arg, &failures);
	failures++;
	snprintf(why, sizeof(why), "%s: %s", name, text);
}

static const struct device_rule rules_v[] = {
	{ "eth9", false, 0 },
	{ "eth*", false, IN | OUT },
	{ "cni?", true, IN },
	{ "lxc[0-9]*", false, IN },
	{ "lo", false, OUT },
};
static const struct device_rules rules = { rules_v, ARRAY_SIZE(rules_v) };
static const struct devices_how how = { attach, detach };
static struct devices_conf conf = {
	.rules = &rules, .k = &k, .how = &how, .failed = on_failed,
	.arg = &failures,
};

static void on_changed(const struct link *now, const struct link *was,
		       void *arg)
{
	assert_int_equal(devices_changed(d, now, was), 0);
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

	*said = 0;
	*why = 0;
	failures = 0;
	refuse = 0;
	if (sd_event_new(&event) < 0 || klb_open(&k, NULL) ||
	    links_new(&l, event, &k, &ops, NULL, &err))
		return -1;
	m = metrics_new();
	conf.links = l;
	conf.metrics = m;
	d = devices_new(event, &conf);
	return !d;
}

static int tear_down(void **state)
{
	devices_free(d);
	links_free(l);
	metrics_free(m);
	klb_close(&k);
	sd_event_unref(event);
	return 0;
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

/* What was done since the last time. */
static void want(const char *text)
{
	assert_string_equal(said, text);
	*said = 0;
}

static void has(const char *line)
{
	char *text;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	metrics_put(m, f);
	fclose(f);
	if (!prom_has(text, line))
		fail_msg("no <%s> in %s", line, text);
	free(text);
}

static void test_rules(void **state)
{
	new(1, "lo");
	new(2, "eth0");
	new(3, "eth9");
	new(4, "wlan0");
	new(5, "lxc5");
	new(6, "lxcx");
	new(7, "eth1", .kind = "klb");
	want("lo=2 eth0=3 lxc5=1");
	has("lbagent_devices 3");
	assert_int_equal(failures, 0);
}

static void test_ports(void **state)
{
	new(10, "cni0", .kind = "bridge");
	new(11, "v1", .master = 10);
	new(12, "v2");
	want("v1=1");
	new(12, "v2", .master = 10);
	want("v2=1");
	new(12, "v2");
	want("-v2");
	/* first comes the port, then its bridge, then the bridge's name */
	new(21, "v3", .master = 20);
	want("");
	new(20, "br", .kind = "bridge");
	want("");
	new(20, "cni1", .kind = "bridge");
	want("v3=1");
	new(20, "br", .kind = "bridge");
	want("-v3");
	/* a bond is none */
	new(30, "cni2", .kind = "bond");
	new(31, "v4", .master = 30);
	want("");
	has("lbagent_devices 1");
}

static void test_renamed(void **state)
{
	new(2, "eth0");
	new(2, "eth9");
	new(2, "eth1");
	new(2, "lxc1");
	want("eth0=3 -eth9 eth1=3 -lxc1 lxc1=1");
	new(2, "other");
	new(2, "other", .flags = IFF_UP);
	want("-other");
	has("lbagent_devices 0");
}

/* What somebody has taken off comes back with a change, and only then. */
static void test_again(void **state)
{
	new(2, "eth0");
	new(3, "wlan0");
	want("eth0=3");
	new(2, "eth0");
	new(3, "wlan0", .flags = IFF_UP);
	want("");
	new(2, "eth0", .flags = IFF_UP);
	want("eth0=3");
	assert_int_equal(devices_again(d), 0);
	want("eth0=3");
}

static void test_gone(void **state)
{
	new(2, "eth0");
	del(2, "eth0");
	want("eth0=3");
	has("lbagent_devices 0");
	new(2, "wlan0");
	want("");
	new(2, "eth0");
	want("eth0=3");
}

static void test_refused(void **state)
{
	uint64_t begin = netns_now();

	refuse = -EBUSY;
	new(2, "eth0");
	assert_string_equal(why, "eth0: no luck");
	assert_int_equal(failures, 1);
	has("lbagent_devices 0");
	has("lbagent_device_failures_total 1");
	want("eth0=3");
	until(event, *said);
	assert_in_range(netns_now() - begin, 1000000, 3000000);
	want("eth0=3");
	assert_int_equal(failures, 1);
	has("lbagent_device_failures_total 2");
	refuse = -ENOENT;
	devices_again(d);
	assert_int_equal(failures, 2);
	want("eth0=3");
	refuse = 0;
	until(event, *said);
	want("eth0=3");
	has("lbagent_devices 1");
	assert_int_equal(failures, 2);
}

/* A pod that goes while its device is looked at is nothing to be told of. */
static void test_just_gone(void **state)
{
	refuse = -ENODEV;
	new(2, "eth0");
	want("eth0=3");
	assert_int_equal(failures, 0);
	has("lbagent_device_failures_total 0");
	/* should it be there all the same */
	refuse = 0;
	until(event, *said);
	want("eth0=3");
	has("lbagent_devices 1");
}

/* That could not be taken off: it is tried again, under its new name. */
static void test_stuck(void **state)
{
	new(2, "eth0");
	refuse = -EPERM;
	new(2, "a");
	assert_string_equal(why, "a: no luck off");
	has("lbagent_devices 1");
	new(2, "b");
	want("eth0=3 -a -b");
	refuse = 0;
	until(event, *said);
	want("-b");
	has("lbagent_devices 0");
}

/* Nobody is asked about what is gone. */
static void test_refused_gone(void **state)
{
	refuse = -EBUSY;
	new(2, "eth0");
	del(2, "eth0");
	want("eth0=3");
	sd_event_run(event, 2500000);
	want("");
}

static void test_cleanup(void **state)
{
	new(2, "eth0");
	new(3, "eth1");
	new(4, "wlan0");
	want("eth0=3 eth1=3");
	assert_int_equal(devices_cleanup(&conf), 0);
	want("-eth0 -eth1");
	refuse = -EPERM;
	assert_int_equal(devices_cleanup(&conf), -EPERM);
	want("-eth0 -eth1");
	assert_string_equal(k.err.text, "no luck off");
}

#define TEST(name)	cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_rules), TEST(test_ports), TEST(test_renamed),
		TEST(test_again), TEST(test_gone), TEST(test_refused),
		TEST(test_just_gone),
		TEST(test_stuck), TEST(test_refused_gone), TEST(test_cleanup),
	};

	/* Else devices of the machine may come in between. */
	(void)netns_enter();
	return cmocka_run_group_tests(tests, NULL, NULL);
}

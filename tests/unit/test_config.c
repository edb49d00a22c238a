// SPDX-License-Identifier: GPL-2.0
/* save and apply without a kernel: reading, writing, comparing. */
#include "test.h"

#include <errno.h>
#include <unistd.h>

#include "config_read.h"
#include "config_write.h"
#include "diff.h"

/* The text as a file that config_read() opens by a name. */
static int read_text(const char *text, struct config *cfg, struct klb_err *err)
{
	char name[] = "/tmp/klb-test-XXXXXX";
	int fd = mkstemp(name), rc;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (int)strlen(text));
	close(fd);
	rc = config_read(name, cfg, err);
	unlink(name);
	return rc;
}

static void read_good(const char *text, struct config *cfg)
{
	struct klb_err err;

	if (read_text(text, cfg, &err))
		fail_msg("%s", err.text);
}

static char *write_text(const struct config *cfg)
{
	size_t size;
	char *text;
	FILE *f;

	f = open_memstream(&text, &size);
	assert_non_null(f);
	config_write(f, cfg);
	fclose(f);
	return text;
}

static const char sorted[] =
	"net set conn-max 1000 veth-peer off pods 10.0.0.0/8,fd00::/64 nodeports all guard none echo on gue-port 6080\n"
	"pool add a 10.7.0.1\n"
	"pool add b fd00::1-fd00::4 ports 2000-3000\n"
	"service add tcp 10.0.0.1:80 name \"my web\" timeout 30\n"
	"endpoint add tcp 10.0.0.1:80 10.1.0.1:8080\n"
	"endpoint add tcp 10.0.0.1:80 10.1.0.2:8080 weight 0 state drain\n"
	"endpoint add tcp 10.0.0.1:80 [fd00::9]:8080 scope outside\n"
	"service add udp 10.0.0.1:80 forward fullnat maglev-size 251 seed 7\n"
	"service add tcp 10.0.0.1:443\n"
	"service add sctp 10.0.0.3:1 scheduler rr masquerade always empty drop affinity 60 share s source 10.0.0.0/8,10.1.0.0/16 snat a secondary 10.0.0.5,10.0.0.4\n"
	"service add tcp [::]:80\n"
	"endpoint add tcp [::]:80 [fd00::1]:1 state down\n"
	"dev attach eth0 both\n"
	"dev attach lo ingress\n"
	"dev attach veth1 egress\n";

/* The same in disorder, with defaults said aloud and comments. */
static const char shuffled[] =
	"# comment\n"
	"dev attach veth1 egress\r\n"
	"dev attach lo ingress\n"
	"dev attach eth0\n"
	"\n"
	"service add tcp [::]:80 scheduler maglev forward nat timeout 0 seed 0\n"
	"service add tcp 10.0.0.1:443 name ''\n"
	"service add udp 10.0.0.1:80 seed 7 forward fullnat maglev-size 251\n"
	"service add tcp 10.0.0.1:80 timeout 30 name 'my web'\n"
	"endpoint add tcp [::]:80 [fd00::1]:1 state down weight 1\n"
	"net set conn-max 1000\n"
	"pool add b fd00::1-fd00::4 ports 2000-3000\n"
	"service add sctp 10.0.0.3:1 secondary 10.0.0.5,10.0.0.4 snat a source 10.1.0.0/16,10.0.0.0/8 share s affinity 60 empty drop masquerade always scheduler rr\n"
	"pool add a 10.7.0.1-10.7.0.1 ports 1024-65535\n"
	"net set echo on pods fd00::/64,10.0.0.0/8 gue-port 6080\n"
	"net set nodeports all guard none\n"
	"endpoint add tcp 10.0.0.1:80 [fd00::9]:8080 scope outside\n"
	"endpoint add tcp 10.0.0.1:80 10.1.0.2:8080 state drain weight 0\n"
	"endpoint add tcp 10.0.0.1:80 10.1.0.1:8080 state up\n"
	"net set veth-peer off   # the last line has no newline";

static void test_round_trip(void **state)
{
	struct config cfg;
	char *text;

	read_good(sorted, &cfg);
	text = write_text(&cfg);
	assert_string_equal(text, sorted);
	free(text);
	config_free(&cfg);

	read_good(shuffled, &cfg);
	text = write_text(&cfg);
	assert_string_equal(text, sorted);
	free(text);
	config_free(&cfg);
}

static const struct {
	const char *text;
	const char *place;
	const char *why;
} bad[] = {
	{ "service add tcp 1.1.1.1:80\nservice add tcp 1.1.1.1:80\n", ":2: ",
	  "tcp 1.1.1.1:80 is there twice" },
	{ "endpoint add tcp 1.1.1.1:80 2.2.2.2:80\n", ":1: ",
	  "not in the file" },
	{ "service add tcp 1.1.1.1:80\nendpoint add udp 1.1.1.1:80 2.2.2.2:1",
	  ":2: ", "not in the file" },
	{ "service add tcp 1.1.1.1:80\n"
	  "endpoint add tcp 1.1.1.1:80 2.2.2.2:1\n"
	  "endpoint add tcp 1.1.1.1:80 2.2.2.2:1 weight 2\n", "",
	  "2.2.2.2:1 of service tcp 1.1.1.1:80 is there twice" },
	{ "\n\nservice add tcp 1.1.1.1:0\n", ":3: ", "\"0\" is not a port" },
	{ "service del tcp 1.1.1.1:80\n", ":1: ", "\"service del\"" },
	{ "service\n", ":1: ", "\"service\"" },
	{ "dev attach eth0\ndev attach eth0 ingress\n", ":2: ",
	  "\"eth0\" is there twice" },
	{ "net set conn-max 1\nnet set conn-max 2\n", ":2: ", "twice" },
	{ "net set pods 10.0.0.0/8\nnet set pods none\n", ":2: ", "twice" },
	{ "pool add a 1.1.1.1\npool add a 1.1.1.1\n", ":2: ", "\"a\" is there twice" },
	{ "service add tcp 1.1.1.1:80 source 10.0.0.0/8\n"
	  "service add tcp 1.1.1.1:80 source 10.0.0.0/8\n", ":2: ", "twice" },
	{ "net set\n", ":1: ", "nothing to set" },
	{ "service add tcp 1.1.1.1:80 name 'x\n", ":1: ", "not closed" },
	{ "apply /etc/passwd\n", ":1: ", "\"apply /etc/passwd\"" },
};

static void test_bad(void **state)
{
	struct config cfg;
	struct klb_err err;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		if (!read_text(bad[i].text, &cfg, &err))
			fail_msg("<%s> was taken", bad[i].text);
		if (!strstr(err.text, bad[i].place) ||
		    !strstr(err.text, bad[i].why))
			fail_msg("<%s>: %s", bad[i].text, err.text);
		assert_int_equal(cfg.n_services, 0);
		assert_null(cfg.services);
	}
}

static void test_no_file(void **state)
{
	struct config cfg;
	struct klb_err err;

	assert_int_equal(config_read("/nonexistent", &cfg, &err), -ENOENT);
	assert_int_not_equal(config_read("/tmp", &cfg, &err), 0);
}

/* Many services: what finds the service of an endpoint must keep up. */
static void test_large(void **state)
{
	enum { N = 20000 };
	char *text = malloc(N * 96), *p = text;
	struct config cfg;
	int i;

	for (i = 0; i < N; i++)
		p += sprintf(p, "service add tcp 10.%d.%d.1:80\n", i / 256,
			     i % 256);
	for (i = 0; i < N; i++)
		p += sprintf(p, "endpoint add tcp 10.%d.%d.1:80 10.0.0.9:1\n",
			     i / 256, i % 256);
	read_good(text, &cfg);
	assert_int_equal(cfg.n_services, N);
	for (i = 0; i < N; i++)
		assert_int_equal(cfg.services[i].n_endpoints, 1);
	config_free(&cfg);
	free(text);
}

/* The difference of two texts; both configurations stay for the caller. */
struct two {
	struct config is, wanted;
	struct changes changes;
};

static void compare(struct two *t, const char *is, const char *wanted)
{
	read_good(is, &t->is);
	read_good(wanted, &t->wanted);
	assert_int_equal(diff(&t->is, &t->wanted, &t->changes), 0);
}

static void done(struct two *t)
{
	changes_free(&t->changes);
	config_free(&t->is);
	config_free(&t->wanted);
}

static void test_diff_nothing(void **state)
{
	struct two t;

	compare(&t, sorted, shuffled);
	assert_int_equal(t.changes.n, 0);
	done(&t);
	compare(&t, "", "");
	assert_int_equal(t.changes.n, 0);
	done(&t);
}

/* A setting that the file does not name stays, and so do devices. */
static void test_diff_unnamed(void **state)
{
	struct two t;

	compare(&t, "net set conn-max 5 veth-peer off\ndev attach eth0\n", "");
	assert_int_equal(t.changes.n, 0);
	done(&t);
	compare(&t, "net set conn-max 5 veth-peer on\n",
		"net set conn-max 5\n");
	assert_int_equal(t.changes.n, 0);
	done(&t);
}

static void test_diff_net(void **state)
{
	struct two t;

	compare(&t, "net set conn-max 100 veth-peer on\n",
		"net set conn-max 200 veth-peer on\n");
	assert_int_equal(t.changes.n, 1);
	assert_int_equal(t.changes.v[0].type, CHANGE_NET);
	assert_int_equal(t.changes.v[0].net.has, KLB_NET_HAS_CONN_MAX);
	assert_int_equal(t.changes.v[0].net.conn_max, 200);
	assert_int_equal(t.changes.v[0].net_was.conn_max, 100);
	done(&t);
	compare(&t, "net set conn-max 100 veth-peer on\n",
		"net set veth-peer off\n");
	assert_int_equal(t.changes.n, 1);
	assert_int_equal(t.changes.v[0].net.has, KLB_NET_HAS_VETH_PEER);
	done(&t);
}

/* Removals come first, so that a changed protocol or port has its place. */
static void test_diff_add_del(void **state)
{
	struct change *v;
	struct two t;

	compare(&t, "service add tcp 1.1.1.1:80\nservice add tcp 1.1.1.1:82\n"
		    "service add tcp 1.1.1.1:84\n",
		"service add tcp 1.1.1.1:81 seed 3\n"
		"endpoint add tcp 1.1.1.1:81 2.2.2.2:1\n"
		"service add tcp 1.1.1.1:82\nservice add tcp 1.1.1.1:85\n");
	v = t.changes.v;
	assert_int_equal(t.changes.n, 4);
	assert_int_equal(v[0].type, CHANGE_SERVICE_DEL);
	assert_int_equal(v[0].service.ap.port, 80);
	assert_int_equal(v[1].type, CHANGE_SERVICE_DEL);
	assert_int_equal(v[1].service.ap.port, 84);
	assert_int_equal(v[2].type, CHANGE_SERVICE_ADD);
	assert_int_equal(v[2].service.ap.port, 81);
	/* only what is no default is named */
	assert_int_equal(v[2].service.has, KLB_SERVICE_HAS_SEED |
			 KLB_SERVICE_HAS_ENDPOINTS);
	assert_int_equal(v[2].service.n_endpoints, 1);
	assert_int_equal(v[3].type, CHANGE_SERVICE_ADD);
	assert_int_equal(v[3].service.ap.port, 85);
	assert_int_equal(v[3].service.has, 0);
	done(&t);
}

static const struct {
	const char *is;		/* options of the service */
	const char *wanted;
	uint32_t has;
} set[] = {
	{ "name a", "name b", KLB_SERVICE_HAS_NAME },
	{ "name a", "", KLB_SERVICE_HAS_NAME },
	{ "", "forward fullnat", KLB_SERVICE_HAS_FORWARD },
	{ "timeout 1", "timeout 2", KLB_SERVICE_HAS_TIMEOUT },
	{ "timeout 1", "", KLB_SERVICE_HAS_TIMEOUT },
	{ "maglev-size 251", "", KLB_SERVICE_HAS_MAGLEV_SIZE },
	{ "seed 1", "seed 2", KLB_SERVICE_HAS_SEED },
	{ "", "masquerade outside", KLB_SERVICE_HAS_MASQUERADE },
	{ "empty drop", "", KLB_SERVICE_HAS_EMPTY },
	{ "affinity 5", "affinity 6", KLB_SERVICE_HAS_AFFINITY },
	{ "affinity 5 share a", "affinity 5 share b", KLB_SERVICE_HAS_SHARE },
	{ "affinity 5 share a", "",
	  KLB_SERVICE_HAS_AFFINITY | KLB_SERVICE_HAS_SHARE },
	{ "source 10.0.0.0/8", "", KLB_SERVICE_HAS_SOURCES },
	{ "source 10.0.0.0/8", "source 10.0.0.0/9", KLB_SERVICE_HAS_SOURCES },
	{ "snat a", "", KLB_SERVICE_HAS_POOL },
	{ "secondary 2.2.2.2", "secondary 2.2.2.3", KLB_SERVICE_HAS_SECONDARY },
	{ "seed 1 name x", "timeout 3 name x",
	  KLB_SERVICE_HAS_SEED | KLB_SERVICE_HAS_TIMEOUT },
};

static void test_diff_set(void **state)
{
	char is[128], wanted[128];
	struct two t;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(set); i++) {
		snprintf(is, sizeof(is), "service add tcp 1.1.1.1:80 %s\n",
			 set[i].is);
		snprintf(wanted, sizeof(wanted),
			 "service add tcp 1.1.1.1:80 %s\n", set[i].wanted);
		compare(&t, is, wanted);
		assert_int_equal(t.changes.n, 1);
		assert_int_equal(t.changes.v[0].type, CHANGE_SERVICE_SET);
		assert_int_equal(t.changes.v[0].service.has, set[i].has);
		done(&t);
	}
}

#define SVC	"service add tcp 1.1.1.1:80\n"
#define EP	"endpoint add tcp 1.1.1.1:80 "

static const struct {
	const char *is;
	const char *wanted;
	size_t n;
} endpoints[] = {
	{ SVC, SVC EP "2.2.2.1:1\n", 1 },
	{ SVC EP "2.2.2.1:1\n", SVC, 0 },
	{ SVC EP "2.2.2.1:1\n", SVC EP "2.2.2.2:1\n", 1 },
	{ SVC EP "2.2.2.1:1\n", SVC EP "2.2.2.1:2\n", 1 },
	{ SVC EP "2.2.2.1:1\n", SVC EP "2.2.2.1:1 weight 2\n", 1 },
	{ SVC EP "2.2.2.1:1 weight 2\n", SVC EP "2.2.2.1:1\n", 1 },
	{ SVC EP "2.2.2.1:1\n", SVC EP "2.2.2.1:1 state drain\n", 1 },
	{ SVC EP "2.2.2.1:1 state down\n", SVC EP "2.2.2.1:1\n", 1 },
	{ SVC EP "2.2.2.1:1 scope inside\n", SVC EP "2.2.2.1:1\n", 1 },
	{ SVC EP "2.2.2.1:1\n" EP "2.2.2.2:1\n", SVC EP "2.2.2.1:1\n", 1 },
};

static void test_diff_endpoints(void **state)
{
	struct change *v;
	struct two t;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(endpoints); i++) {
		compare(&t, endpoints[i].is, endpoints[i].wanted);
		v = t.changes.v;
		assert_int_equal(t.changes.n, 1);
		assert_int_equal(v[0].type, CHANGE_SERVICE_SET);
		assert_int_equal(v[0].service.has, KLB_SERVICE_HAS_ENDPOINTS);
		assert_int_equal(v[0].service.n_endpoints, endpoints[i].n);
		done(&t);
	}
}

/*
 * The request replaces endpoints that the kernel knows: what is a default in
 * the file has to be named, or a weight of old would stay.
 */
static void test_diff_endpoint_defaults(void **state)
{
	const struct klb_endpoint *ep;
	struct two t;

	compare(&t, SVC EP "2.2.2.1:1 weight 9 state drain\n",
		SVC EP "2.2.2.1:1\n");
	ep = t.changes.v[0].service.endpoints;
	assert_int_equal(ep->has, KLB_ENDPOINT_HAS_WEIGHT |
			 KLB_ENDPOINT_HAS_STATE | KLB_ENDPOINT_HAS_SCOPE);
	assert_int_equal(ep->weight, 1);
	assert_int_equal(ep->state, KLB_ENDPOINT_STATE_UP);
	done(&t);
}

/* A pool is there before who names it and until nobody does any more. */
static void test_diff_pools(void **state)
{
	struct change *v;
	struct two t;

	compare(&t, "pool add a 1.1.1.1\npool add b 1.1.1.2\n"
		    "pool add c 1.1.1.3\nservice add tcp 1.1.1.1:80 snat a\n",
		"pool add b 1.1.1.2\npool add c 1.1.1.3 ports 1-2\n"
		"pool add d 1.1.1.4\nservice add tcp 1.1.1.1:80 snat d\n");
	v = t.changes.v;
	assert_int_equal(t.changes.n, 5);
	assert_int_equal(v[0].type, CHANGE_POOL_DEL);
	assert_string_equal(v[0].pool.name, "c");
	assert_int_equal(v[1].type, CHANGE_POOL_ADD);
	assert_int_equal(v[1].pool.port_high, 2);
	assert_int_equal(v[2].type, CHANGE_POOL_ADD);
	assert_string_equal(v[2].pool.name, "d");
	assert_int_equal(v[3].type, CHANGE_SERVICE_SET);
	assert_int_equal(v[3].service.has, KLB_SERVICE_HAS_POOL);
	assert_int_equal(v[4].type, CHANGE_POOL_DEL);
	assert_string_equal(v[4].pool.name, "a");
	done(&t);
}

static void test_diff_net_lists(void **state)
{
	struct two t;

	compare(&t, "net set pods 10.0.0.0/8 guard 10.0.0.0/8 echo on\n",
		"net set pods 10.0.0.0/8 guard none echo off\n");
	assert_int_equal(t.changes.n, 1);
	assert_int_equal(t.changes.v[0].net.has,
			 KLB_NET_HAS_GUARD | KLB_NET_HAS_ECHO);
	done(&t);
}

static void test_diff_devs(void **state)
{
	struct change *v;
	struct two t;

	compare(&t, "dev attach a\ndev attach b ingress\ndev attach c\n"
		    "dev attach e ingress\n",
		"dev attach b\ndev attach c egress\ndev attach d ingress\n"
		"dev attach e ingress\n");
	v = t.changes.v;
	assert_int_equal(t.changes.n, 5);
	assert_int_equal(v[0].type, CHANGE_DEV_DETACH);
	assert_string_equal(v[0].dev.name, "a");
	/* too many hooks: all off, and on again what is wanted */
	assert_int_equal(v[1].type, CHANGE_DEV_DETACH);
	assert_string_equal(v[1].dev.name, "c");
	assert_int_equal(v[2].type, CHANGE_DEV_ATTACH);
	assert_string_equal(v[2].dev.name, "b");
	assert_int_equal(v[2].dev.hooks, KLB_DEV_HOOK_EGRESS);
	assert_string_equal(v[3].dev.name, "c");
	assert_int_equal(v[3].dev.hooks, KLB_DEV_HOOK_EGRESS);
	assert_string_equal(v[4].dev.name, "d");
	assert_int_equal(v[4].dev.hooks, KLB_DEV_HOOK_INGRESS);
	done(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_no_file),
		cmocka_unit_test(test_large),
		cmocka_unit_test(test_diff_nothing),
		cmocka_unit_test(test_diff_unnamed),
		cmocka_unit_test(test_diff_net),
		cmocka_unit_test(test_diff_add_del),
		cmocka_unit_test(test_diff_set),
		cmocka_unit_test(test_diff_endpoints),
		cmocka_unit_test(test_diff_endpoint_defaults),
		cmocka_unit_test(test_diff_pools),
		cmocka_unit_test(test_diff_net_lists),
		cmocka_unit_test(test_diff_devs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

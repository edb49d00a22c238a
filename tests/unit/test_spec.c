// SPDX-License-Identifier: GPL-2.0
/* The grammar: what is understood, and the sentence for what is not. */
#include "test.h"

#include <netinet/in.h>

#include "ctx.h"
#include "cmd.h"
#include "spec.h"
#include "token.h"

struct words {
	char line[1024];
	char *argv[TOKEN_MAX + 1];
	struct klb_err err;
	struct args a;
};

static struct args *words(struct words *w, const char *line)
{
	snprintf(w->line, sizeof(w->line), "%s", line);
	w->err.text[0] = 0;
	w->a = (struct args){
		.argc = token_split(w->line, w->argv, &w->err),
		.argv = w->argv, .err = &w->err,
	};
	assert_true(w->a.argc >= 0);
	return &w->a;
}

static void test_service(void **state)
{
	struct klb_service svc;
	struct words w;

	assert_int_equal(spec_service(words(&w, "udp [2001:db8::1]:53 name 'a b' timeout 30 seed 4294967295 maglev-size 65537 forward fullnat scheduler maglev"),
				      &svc), 0);
	assert_int_equal(svc.proto, IPPROTO_UDP);
	assert_int_equal(svc.ap.addr.len, 16);
	assert_int_equal(svc.ap.port, 53);
	assert_string_equal(svc.name, "a b");
	assert_int_equal(svc.timeout, 30);
	assert_true(svc.seed == 4294967295u);
	assert_int_equal(svc.maglev_size, 65537);
	assert_int_equal(svc.forward, KLB_FORWARD_FULLNAT);
	assert_int_equal(svc.has, KLB_SERVICE_HAS_NAME |
			 KLB_SERVICE_HAS_TIMEOUT | KLB_SERVICE_HAS_SEED |
			 KLB_SERVICE_HAS_MAGLEV_SIZE |
			 KLB_SERVICE_HAS_FORWARD | KLB_SERVICE_HAS_SCHEDULER);
}

static void test_service_clients(void **state)
{
	struct klb_service svc;
	char text[KLB_PREFIX_TEXT];
	struct words w;

	assert_int_equal(spec_service(words(&w, "sctp 10.0.0.1:80 scheduler wlc forward ipip masquerade outside empty drop affinity 86400 share s source fd00::/8,10.1.0.0/16,10.0.0.0/8,10.9.9.9 snat p secondary 10.0.0.2,10.0.1.2"),
				      &svc), 0);
	assert_int_equal(svc.proto, IPPROTO_SCTP);
	assert_int_equal(svc.scheduler, KLB_SCHEDULER_WLC);
	assert_int_equal(svc.forward, KLB_FORWARD_IPIP);
	assert_int_equal(svc.masquerade, KLB_MASQUERADE_OUTSIDE);
	assert_int_equal(svc.empty, KLB_EMPTY_DROP);
	assert_int_equal(svc.affinity, 86400);
	assert_string_equal(svc.share, "s");
	assert_string_equal(svc.pool, "p");
	assert_int_equal(svc.n_secondary, 2);
	/* as the kernel sorts */
	assert_int_equal(svc.sources.n, 4);
	assert_string_equal(klb_prefix_format(&svc.sources.v[0], text),
			    "10.0.0.0/8");
	assert_string_equal(klb_prefix_format(&svc.sources.v[1], text),
			    "10.1.0.0/16");
	assert_string_equal(klb_prefix_format(&svc.sources.v[2], text),
			    "10.9.9.9/32");
	assert_string_equal(klb_prefix_format(&svc.sources.v[3], text),
			    "fd00::/8");
	klb_service_free(&svc);

	/* what takes them away again is said aloud */
	assert_int_equal(spec_service(words(&w, "tcp 10.0.0.1:80 affinity 0 source none snat none secondary none"),
				      &svc), 0);
	assert_int_equal(svc.has, KLB_SERVICE_HAS_AFFINITY |
			 KLB_SERVICE_HAS_SHARE | KLB_SERVICE_HAS_SOURCES |
			 KLB_SERVICE_HAS_POOL | KLB_SERVICE_HAS_SECONDARY);
	assert_int_equal(svc.affinity + svc.sources.n + svc.n_secondary, 0);
	assert_string_equal(svc.pool, "");
	klb_service_free(&svc);
}

static void test_pool(void **state)
{
	struct klb_pool pool;
	struct words w;

	assert_int_equal(spec_pool(words(&w, "p 10.0.0.1"), &pool), 0);
	assert_string_equal(pool.name, "p");
	assert_int_equal(klb_addr_cmp(&pool.first, &pool.last), 0);
	assert_int_equal(pool.port_low, 1024);
	assert_int_equal(pool.port_high, 65535);
	assert_int_equal(spec_pool(words(&w, "q fd00::1-fd00::ff ports 5-5"),
				   &pool), 0);
	assert_int_equal(pool.last.b[15], 0xff);
	assert_int_equal(pool.port_low, 5);
	assert_int_equal(pool.port_high, 5);
}

static void test_service_defaults(void **state)
{
	struct klb_service svc;
	struct words w;

	memset(&svc, 0xff, sizeof(svc));
	assert_int_equal(spec_service(words(&w, "tcp 10.0.0.1:80"), &svc), 0);
	assert_int_equal(svc.has, 0);
	assert_int_equal(svc.n_endpoints, 0);
	assert_null(svc.endpoints);
	assert_string_equal(svc.name, "");
}

static void test_name_length(void **state)
{
	char line[400] = "tcp 10.0.0.1:80 name ";
	struct klb_service svc;
	struct words w;
	size_t len = strlen(line);

	memset(line + len, 'n', 255);
	assert_int_equal(spec_service(words(&w, line), &svc), 0);
	assert_int_equal(strlen(svc.name), 255);
	line[len + 255] = 'n';
	assert_int_not_equal(spec_service(words(&w, line), &svc), 0);
	assert_non_null(strstr(w.err.text, "255"));
}

static void test_endpoint(void **state)
{
	struct klb_service key;
	struct klb_endpoint ep;
	struct words w;

	assert_int_equal(spec_endpoint(words(&w, "tcp 10.0.0.1:80 10.1.0.1:8080 state drain weight 0 scope inside"),
				       &key, &ep), 0);
	assert_int_equal(ep.ap.port, 8080);
	assert_int_equal(ep.weight, 0);
	assert_int_equal(ep.state, KLB_ENDPOINT_STATE_DRAIN);
	assert_int_equal(ep.scope, KLB_SCOPE_INSIDE);
	assert_int_equal(ep.has, KLB_ENDPOINT_HAS_WEIGHT |
			 KLB_ENDPOINT_HAS_STATE | KLB_ENDPOINT_HAS_SCOPE);

	assert_int_equal(spec_endpoint(words(&w, "tcp [::]:80 10.1.0.1:8080"),
				       &key, &ep), 0);
	assert_int_equal(ep.weight, 1);
	assert_int_equal(ep.state, KLB_ENDPOINT_STATE_UP);
	assert_int_equal(ep.has, 0);
}

static void test_filter(void **state)
{
	struct klb_conn f;
	struct words w;

	assert_int_equal(spec_filter(words(&w, "proto udp client 10.9.0.1 vip [::1]:53 endpoint 10.1.0.1:80 snat fd00::1 state time-wait"),
				     &f), 0);
	assert_int_equal(f.proto, IPPROTO_UDP);
	assert_int_equal(f.client.addr.len, 4);
	assert_int_equal(f.client.port, 0);
	assert_int_equal(f.vip.port, 53);
	assert_int_equal(f.endpoint.port, 80);
	assert_int_equal(f.snat.addr.len, 16);
	assert_true(f.has_state);
	assert_int_equal(f.state, KLB_CONN_STATE_TIME_WAIT);
	assert_int_equal(f.has_len, 0);
	assert_int_equal(spec_filter(words(&w, "client :4000 vip 10.0.0.0/8 endpoint ::/0 snat 10.0.0.9:5"),
				     &f), 0);
	assert_int_equal(f.client.addr.len, 0);
	assert_int_equal(f.client.port, 4000);
	assert_int_equal(f.vip.addr.len, 4);
	assert_int_equal(f.has_len, 1 << KLB_CONN_VIP | 1 << KLB_CONN_ENDPOINT);
	assert_int_equal(f.len[KLB_CONN_VIP], 8);
	assert_int_equal(f.len[KLB_CONN_ENDPOINT], 0);
	assert_int_equal(f.endpoint.addr.len, 16);
	assert_int_equal(f.snat.port, 5);
	assert_int_equal(spec_filter(words(&w, ""), &f), 0);
	assert_false(f.has_state);
	assert_int_equal(f.proto, 0);
}

static void test_dev(void **state)
{
	struct klb_dev dev;
	struct words w;

	assert_int_equal(spec_dev(words(&w, "eth0"), &dev), 0);
	assert_string_equal(dev.name, "eth0");
	assert_int_equal(dev.hooks, 3);
	assert_int_equal(spec_dev(words(&w, "eth0 both"), &dev), 0);
	assert_int_equal(dev.hooks, 3);
	assert_int_equal(spec_dev(words(&w, "eth0 ingress"), &dev), 0);
	assert_int_equal(dev.hooks, KLB_DEV_HOOK_INGRESS);
	assert_int_equal(spec_dev(words(&w, "eth0 egress"), &dev), 0);
	assert_int_equal(dev.hooks, KLB_DEV_HOOK_EGRESS);
}

static void test_net(void **state)
{
	struct klb_net net;
	struct words w;

	assert_int_equal(spec_net(words(&w, "conn-max 2147483647 veth-peer off"),
				  &net), 0);
	assert_int_equal(net.conn_max, 2147483647);
	assert_int_equal(net.veth_peer, 0);
	assert_int_equal(net.has, 3);
	assert_int_equal(spec_net(words(&w, "veth-peer on"), &net), 0);
	assert_int_equal(net.veth_peer, 1);
	assert_int_equal(net.has, KLB_NET_HAS_VETH_PEER);
	assert_int_equal(spec_net(words(&w, "pods 10.1.0.0/16,fd00::/64 nodeports all guard none echo off gue-port 666"),
				  &net), 0);
	assert_int_equal(net.pods.n, 2);
	assert_int_equal(net.nodeports.n + net.guard.n, 0);
	assert_int_equal(net.echo, 0);
	assert_int_equal(net.gue_port, 666);
	assert_int_equal(net.has, KLB_NET_HAS_PODS | KLB_NET_HAS_NODEPORTS |
			 KLB_NET_HAS_GUARD | KLB_NET_HAS_ECHO |
			 KLB_NET_HAS_GUE_PORT);
	klb_net_free(&net);
}

/*
 * A whole command that is refused, and the two things the sentence must hold:
 * the word at fault and what was expected. Nothing here reaches the kernel.
 */
static const struct {
	const char *line;
	const char *word;
	const char *expected;
} refused[] = {
	{ "service", "service", "expected add, set, del, show, flush or help" },
	{ "servic", "\"servic\"", "expected service" },
	{ "service ad", "\"ad\"", "expected add" },
	{ "service add", "PROTO is missing", "tcp, udp or sctp" },
	{ "service add tcp", "ADDR:PORT is missing", "a.b.c.d:PORT" },
	{ "service add TCP 1.2.3.4:80", "\"TCP\"", "tcp, udp or sctp" },
	{ "service add icmp 1.2.3.4:80", "\"icmp\"", "tcp, udp or sctp" },
	{ "service add tcp 1.2.3.4:70000", "\"70000\" is not a port",
	  "1..65535" },
	{ "service add tcp 1.2.3.4:80 foo", "\"foo\"", "expected scheduler" },
	{ "service add tcp 1.2.3.4:80 sched maglev", "\"sched\"", "scheduler" },
	{ "service add tcp 1.2.3.4:80 1.1.1.1:80", "\"1.1.1.1:80\"",
	  "expected scheduler" },
	{ "service add tcp 1.2.3.4:80 scheduler", "\"scheduler\"",
	  "has no value" },
	{ "service add tcp 1.2.3.4:80 scheduler fair", "\"fair\"",
	  "expected maglev" },
	{ "service add tcp 1.2.3.4:80 forward x", "\"x\"",
	  "nat, fullnat, dsr, ipip or gue" },
	{ "service add tcp 1.2.3.4:80 empty x", "\"x\"", "reject or drop" },
	{ "service add tcp 1.2.3.4:80 affinity 86401", "\"86401\"",
	  "0..86400" },
	{ "service add tcp 1.2.3.4:80 share a", "\"share\"",
	  "expected affinity SECONDS" },
	{ "service add tcp 1.2.3.4:80 affinity 5 share ''", "\"\"",
	  "1..63 bytes" },
	{ "service add tcp 1.2.3.4:80 affinity 5 share 'a b'", "\"a b\"",
	  "no blanks" },
	{ "service add tcp 1.2.3.4:80 source 10.0.0.0/33", "\"10.0.0.0/33\"",
	  "0..32" },
	{ "service add tcp 1.2.3.4:80 source fd00::/129", "\"fd00::/129\"",
	  "0..128" },
	{ "service add tcp 1.2.3.4:80 source 10.0.0.0/", "\"10.0.0.0/\"",
	  "0..32" },
	{ "service add tcp 1.2.3.4:80 source 10.0.0.1/8", "\"10.0.0.1/8\"",
	  "no bit set" },
	{ "service add tcp 1.2.3.4:80 source fd00::1/127", "\"fd00::1/127\"",
	  "no bit set" },
	{ "service add tcp 1.2.3.4:80 source 10.0.0.0/8,10.0.0.0/8",
	  "\"10.0.0.0/8\"", "twice" },
	{ "service add tcp 1.2.3.4:80 source ,", "\",\"",
	  "PREFIX[,PREFIX...] or none" },
	{ "service add tcp 1.2.3.4:80 source 10.0.0.0/8,x", "\"x\"",
	  "not an address" },
	{ "service add tcp 1.2.3.4:80 source 10.0.0.0/8 seed x", "\"x\"",
	  "seed" },
	{ "service add tcp 1.2.3.4:80 snat ''", "\"\"", "1..63 bytes" },
	{ "service add sctp 1.2.3.4:80 secondary 1.1.1.1,1.1.1.1",
	  "\"1.1.1.1\"", "twice" },
	{ "service add sctp 1.2.3.4:80 secondary fd00::1", "\"fd00::1\"",
	  "IPv4" },
	{ "service add sctp 1.2.3.4:80 secondary 1.1.1.1,1.1.1.2,1.1.1.3,1.1.1.4,1.1.1.5,1.1.1.6,1.1.1.7,1.1.1.8",
	  "\"1.1.1.8\"", "up to 7" },
	{ "service add sctp 1.2.3.4:80 secondary ''", "\"\"", "ADDR[,ADDR...]" },
	{ "service add tcp 1.2.3.4:80 masquerade x", "\"x\"",
	  "never, outside, always or host" },
	{ "service add tcp 1.2.3.4:80 affinity", "\"affinity\"",
	  "has no value" },
	{ "service add tcp 1.2.3.4:80 timeout 2147484", "\"2147484\"",
	  "0..2147483" },
	{ "service add tcp 1.2.3.4:80 timeout 10s", "\"10s\"", "0..2147483" },
	{ "service add tcp 1.2.3.4:80 timeout -1", "\"-1\"", "0..2147483" },
	{ "service add tcp 1.2.3.4:80 timeout ''", "\"\"", "0..2147483" },
	{ "service add tcp 1.2.3.4:80 timeout 1 timeout 2", "\"timeout\"",
	  "twice" },
	{ "service add tcp 1.2.3.4:80 seed 4294967296", "\"4294967296\"",
	  "0..4294967295" },
	{ "service add tcp 1.2.3.4:80 seed 99999999999999999999999",
	  "\"99999999999999999999999\"", "0..4294967295" },
	{ "service add tcp 1.2.3.4:80 maglev-size 8388594", "\"8388594\"",
	  "8388593" },
	{ "service add tcp 1.2.3.4:80 name \"a\\x0ab\"", "control character",
	  "printable" },
	{ "service set tcp 1.2.3.4:80", "nothing to set", "expected" },
	{ "service del tcp", "ADDR:PORT is missing", "expected" },
	{ "service del tcp 1.2.3.4:80 now", "\"now\"", "too much" },
	{ "service show tcp", "ADDR:PORT is missing", "expected" },
	{ "service show tcp 1.2.3.4:80 x", "\"x\"", "too much" },
	{ "service flush x", "\"x\"", "too much" },
	{ "endpoint add tcp 1.2.3.4:80", "EADDR:EPORT is missing",
	  "a.b.c.d:PORT" },
	{ "endpoint add tcp 1.2.3.4:80 1.2.3.5:80 weight 65536", "\"65536\"",
	  "0..65535" },
	{ "endpoint add tcp 1.2.3.4:80 1.2.3.5:80 weight 1x", "\"1x\"",
	  "0..65535" },
	{ "endpoint add tcp 1.2.3.4:80 1.2.3.5:80 weight", "\"weight\"",
	  "expected weight N" },
	{ "endpoint add tcp 1.2.3.4:80 1.2.3.5:80 weight 1 weight 1",
	  "\"weight\"", "twice" },
	{ "endpoint add tcp 1.2.3.4:80 1.2.3.5:80 state off", "\"off\"",
	  "up, drain or down" },
	{ "endpoint add tcp 1.2.3.4:80 1.2.3.5:80 scope x", "\"x\"",
	  "all, inside or outside" },
	{ "endpoint set tcp 1.2.3.4:80 1.2.3.5:80", "nothing to set",
	  "weight N" },
	{ "endpoint del tcp 1.2.3.4:80 1.2.3.5:80 weight 1", "\"weight\"",
	  "too much" },
	{ "endpoint show", "\"show\"", "add, set, del or help" },
	{ "dev attach", "DEV is missing", "device" },
	{ "dev attach eth0 in", "\"in\"", "ingress, egress or both" },
	{ "dev attach eth0 both x", "\"x\"", "too much" },
	{ "dev attach 0123456789abcdef", "\"0123456789abcdef\"",
	  "1..15 bytes" },
	{ "dev attach ''", "\"\"", "1..15 bytes" },
	{ "dev attach a/b", "\"a/b\"", "1..15 bytes" },
	{ "dev detach", "DEV is missing", "device" },
	{ "dev detach eth0 ingress", "\"ingress\"", "too much" },
	{ "dev show x", "\"x\"", "too much" },
	{ "pool x", "\"x\"", "add, del, show" },
	{ "pool add", "NAME is missing", "pool" },
	{ "pool add p", "ADDR is missing", "ADDR-ADDR" },
	{ "pool add none 1.2.3.4", "\"none\"", "another word" },
	{ "pool add p 1.2.3.4-1.2.3.3", "\"1.2.3.4-1.2.3.3\"", "lower" },
	{ "pool add p 1.2.3.4-fd00::1", "\"1.2.3.4-fd00::1\"", "one family" },
	{ "pool add p 1.2.3.4 ports 80", "\"80\"", "LOW-HIGH" },
	{ "pool add p 1.2.3.4 ports 0-80", "\"0\"", "1..65535" },
	{ "pool add p 1.2.3.4 ports 80-79", "\"80-79\"", "lower" },
	{ "pool del", "NAME is missing", "pool" },
	{ "pool del p x", "\"x\"", "too much" },
	{ "pool show p", "\"p\"", "too much" },
	{ "net set", "nothing to set", "conn-max N" },
	{ "net set echo 1", "\"1\"", "off or on" },
	{ "net set gue-port 0", "\"0\"", "1..65535" },
	{ "net set pods x", "\"x\"", "not an address" },
	{ "net set pods 10.0.0.0/8 guard 10.0.0.0/99", "\"10.0.0.0/99\"",
	  "0..32" },
	{ "net set nodeports none", "\"none\"", "not an address" },
	{ "net set conn-max 0", "\"0\"", "1..2147483647" },
	{ "net set conn-max 2147483648", "\"2147483648\"", "1..2147483647" },
	{ "net set veth-peer 1", "\"1\"", "off or on" },
	{ "net", "net", "expected show, set or help" },
	{ "conn show client 1.2.3.4:0", "\"0\"", "1..65535" },
	{ "conn show state open", "\"open\"", "established" },
	{ "conn show client 10.0.0.1/8", "\"10.0.0.1/8\"", "no bit set" },
	{ "conn show client :0", "\"0\"", "1..65535" },
	{ "conn count foo", "\"foo\"", "expected proto, client" },
	{ "conn flush vip", "\"vip\"", "has no value" },
	{ "conn flush all", "\"all\"", "expected proto" },
	{ "stats x", "\"x\"", "show or help" },
	{ "stats show x", "\"x\"", "too much" },
	{ "monitor x", "\"x\"", "too much" },
	{ "explain", "PROTO is missing", "tcp, udp or sctp" },
	{ "explain tcp 1.2.3.4:80", "ADDR:PORT is missing", "expected" },
	{ "explain tcp 1.2.3.4 1.2.3.4:80", "\"1.2.3.4\"", "ADDR:PORT" },
	{ "explain tcp 1.2.3.4:1 [::1]:80", "\"[::1]:80\"", "IPv4" },
	{ "explain tcp 1.2.3.4:1 1.2.3.5:80 x", "\"x\"", "too much" },
	{ "save x", "\"x\"", "too much" },
	{ "apply", "FILE is missing", "file" },
	{ "apply /dev/null x", "\"x\"", "too much" },
	{ "apply /nonexistent/file", "/nonexistent/file", "No such file" },
	{ "help x", "\"help\"", "expected service" },
};

static void test_refused(void **state)
{
	struct ctx c = { 0 };
	struct words w;
	size_t i;
	int rc;

	out_init(&c.out, stdout, false, false);
	for (i = 0; i < ARRAY_SIZE(refused); i++) {
		words(&w, refused[i].line);
		w.a.err = &c.err;
		c.err.text[0] = 0;
		rc = dispatch(&c, &w.a);
		if (rc != EXIT_USAGE || !strstr(c.err.text, refused[i].word) ||
		    !strstr(c.err.text, refused[i].expected))
			fail_msg("\"%s\": %d, %s", refused[i].line, rc,
				 c.err.text);
		/* that no socket was opened is that nothing was sent */
		assert_null(c.klb.genl.buf);
		assert_null(c.klb.route.buf);
	}
	out_free(&c.out);
}

/* Every table in one walk: what help and completion rely on. */
static void test_tables(void **state)
{
	const struct command *cmd;
	const struct opt *opt;
	int i, n;

	for (i = 0; objects[i]; i++) {
		assert_ptr_equal(object_find(objects[i]->name), objects[i]);
		assert_non_null(objects[i]->about);
		for (cmd = objects[i]->commands; cmd->run; cmd++) {
			assert_non_null(cmd->synopsis);
			n = 0;
			for (opt = cmd->opts; opt && opt->name; opt++, n++)
				assert_non_null(opt->parse);
			/* one bit of a word for each */
			assert_true(n < 32);
		}
	}
	assert_int_equal(i, 11);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_service),
		cmocka_unit_test(test_service_clients),
		cmocka_unit_test(test_pool),
		cmocka_unit_test(test_service_defaults),
		cmocka_unit_test(test_name_length),
		cmocka_unit_test(test_endpoint),
		cmocka_unit_test(test_filter),
		cmocka_unit_test(test_dev),
		cmocka_unit_test(test_net),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_tables),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: GPL-2.0
/* Messages are built and read back; no kernel takes part. */
#include "test.h"

#include <errno.h>
#include <linux/klb.h>
#include <netinet/in.h>
#include <netlink/genl/genl.h>

#include "klb.h"

static struct nl_msg *new_msg(int cmd, size_t room)
{
	struct nl_msg *msg = nlmsg_alloc_size(NLMSG_HDRLEN + GENL_HDRLEN + room);

	assert_non_null(msg);
	assert_non_null(genlmsg_put(msg, 0, 0, 0x20, 0, 0, cmd, 1));
	return msg;
}

static struct klb_attrs attrs_of(struct nl_msg *msg)
{
	struct klb_attrs attrs;

	assert_int_equal(klb_attrs_of(nlmsg_hdr(msg), &attrs), 0);
	return attrs;
}

static struct klb_endpoint endpoint(unsigned int i)
{
	struct klb_endpoint ep = {
		.ap = { { 4, { 10, i >> 16, i >> 8, i } }, 1 + i % 65535 },
		.weight = i, .state = i % 3, .scope = i % 3,
		.has = KLB_ENDPOINT_HAS_WEIGHT | KLB_ENDPOINT_HAS_STATE |
		       KLB_ENDPOINT_HAS_SCOPE,
	};

	return ep;
}

static void test_service(void **state)
{
	struct klb_service svc = {
		.proto = IPPROTO_UDP,
		.ap = { { 16, { 0x20, 1, [15] = 9 } }, 53 },
		.has = 0x3fff,
		.scheduler = KLB_SCHEDULER_RANDOM,
		.masquerade = KLB_MASQUERADE_ALWAYS, .empty = KLB_EMPTY_DROP,
		.affinity = 86400, .share = "s", .pool = "p",
		.secondary = { { 16, { 0x20, 1, [15] = 8 } } },
		.n_secondary = 1,
		.forward = KLB_FORWARD_FULLNAT,
		.timeout = 2147483, .maglev_size = 8388593, .seed = 4294967295u,
	}, back = { 0 };
	const struct klb_prefix all = { .addr.len = 4 };
	const struct klb_prefix one = { { 16, { 0xfd, [15] = 1 } }, 128 };
	struct klb_endpoint ep = endpoint(77);
	struct nl_msg *msg;

	memset(svc.name, 'n', 255);
	assert_int_equal(klb_prefixes_add(&svc.sources, &all), 0);
	assert_int_equal(klb_prefixes_add(&svc.sources, &one), 0);
	assert_int_equal(klb_service_add_endpoint(&svc, &ep), 0);
	msg = new_msg(KLB_CMD_SERVICE_NEW, klb_service_room(&svc));
	assert_int_equal(klb_service_put(msg, &svc), 0);
	assert_int_equal(klb_service_parse(attrs_of(msg), &back), 0);
	assert_true(klb_service_same_key(&svc, &back));
	assert_int_equal(back.has, svc.has);
	assert_string_equal(back.name, svc.name);
	assert_int_equal(back.scheduler, svc.scheduler);
	assert_int_equal(back.forward, svc.forward);
	assert_int_equal(back.timeout, svc.timeout);
	assert_int_equal(back.maglev_size, svc.maglev_size);
	assert_true(back.seed == svc.seed);
	assert_int_equal(back.n_endpoints, 1);
	assert_int_equal(klb_ap_cmp(&back.endpoints[0].ap, &ep.ap), 0);
	assert_int_equal(back.endpoints[0].weight, 77);
	assert_int_equal(back.endpoints[0].state, 77 % 3);
	assert_int_equal(back.endpoints[0].scope, 77 % 3);
	assert_int_equal(back.masquerade, svc.masquerade);
	assert_int_equal(back.empty, svc.empty);
	assert_int_equal(back.affinity, svc.affinity);
	assert_string_equal(back.share, "s");
	assert_string_equal(back.pool, "p");
	assert_true(klb_prefixes_same(&back.sources, &svc.sources));
	assert_int_equal(back.n_secondary, 1);
	assert_int_equal(klb_addr_cmp(back.secondary, svc.secondary), 0);
	assert_false(back.more);
	nlmsg_free(msg);
	klb_service_free(&svc);
	klb_service_free(&back);
}

/* What is not set is not sent. */
static void test_service_key_only(void **state)
{
	struct klb_service svc = {
		.proto = IPPROTO_TCP, .ap = { { 4, { 10, 0, 0, 1 } }, 80 },
		.name = "not sent", .seed = 5, .timeout = 6,
	}, back = { 0 };
	struct nl_msg *msg = new_msg(KLB_CMD_SERVICE_SET, 256);
	const struct nlattr *nla;

	assert_int_equal(klb_service_put(msg, &svc), 0);
	assert_int_equal(klb_service_parse(attrs_of(msg), &back), 0);
	assert_int_equal(back.has, 0);
	assert_string_equal(back.name, "");
	assert_int_equal(attrs_of(msg).len, 8 + 8 + 8);
	/* the port is in network byte order */
	nla = nlmsg_find_attr(nlmsg_hdr(msg), GENL_HDRLEN, KLB_A_SERVICE_PORT);
	assert_non_null(nla);
	assert_memory_equal(nla_data(nla), "\0\x50", 2);
	nlmsg_free(msg);
}

static void test_endpoints_none(void **state)
{
	struct klb_service svc = {
		.proto = IPPROTO_TCP, .ap = { { 4, { 10, 0, 0, 1 } }, 80 },
		.has = KLB_SERVICE_HAS_ENDPOINTS,
	}, back = { 0 };
	struct nl_msg *msg = new_msg(KLB_CMD_SERVICE_SET, 256);

	assert_int_equal(klb_service_put(msg, &svc), 0);
	assert_non_null(nlmsg_find_attr(nlmsg_hdr(msg), GENL_HDRLEN,
					KLB_A_SERVICE_ENDPOINTS_NONE));
	assert_int_equal(klb_service_parse(attrs_of(msg), &back), 0);
	assert_int_equal(back.has, KLB_SERVICE_HAS_ENDPOINTS);
	assert_int_equal(back.n_endpoints, 0);
	nlmsg_free(msg);
}

/* All endpoints that a service can have, in one message. */
static void test_service_largest(void **state)
{
	struct klb_service svc = {
		.proto = IPPROTO_TCP, .ap = { { 16, { [0] = 0xfd } }, 80 },
		.has = KLB_SERVICE_HAS_ENDPOINTS | KLB_SERVICE_HAS_NAME,
	}, back = { 0 };
	struct klb_endpoint ep;
	struct nl_msg *msg;
	unsigned int i;

	memset(svc.name, 'n', 255);
	for (i = 0; i < KLB_ENDPOINTS_MAX; i++) {
		ep = endpoint(i);
		ep.ap.addr.len = 16;
		assert_int_equal(klb_service_add_endpoint(&svc, &ep), 0);
	}
	msg = new_msg(KLB_CMD_SERVICE_NEW, klb_service_room(&svc));
	assert_int_equal(klb_service_put(msg, &svc), 0);
	assert_true(nlmsg_hdr(msg)->nlmsg_len > 3000000);
	assert_int_equal(klb_service_parse(attrs_of(msg), &back), 0);
	assert_int_equal(back.n_endpoints, KLB_ENDPOINTS_MAX);
	for (i = 0; i < KLB_ENDPOINTS_MAX; i++) {
		assert_int_equal(klb_ap_cmp(&back.endpoints[i].ap,
					    &svc.endpoints[i].ap), 0);
		assert_int_equal(back.endpoints[i].weight, i);
	}
	nlmsg_free(msg);
	klb_service_free(&svc);
	klb_service_free(&back);
}

static void test_no_room(void **state)
{
	struct klb_service svc = {
		.proto = IPPROTO_TCP, .ap = { { 4, { 10, 0, 0, 1 } }, 80 },
		.has = KLB_SERVICE_HAS_NAME, .name = "a name",
	};
	struct klb_explain ex = { 0 };
	struct klb_conn filter = { .proto = IPPROTO_TCP };
	struct nl_msg *msg;
	size_t room;

	for (room = 0; room < 36; room += 4) {
		msg = new_msg(KLB_CMD_SERVICE_NEW, room);
		assert_int_equal(klb_service_put(msg, &svc), -EMSGSIZE);
		nlmsg_free(msg);
	}
	msg = new_msg(KLB_CMD_EXPLAIN, 4);
	assert_int_equal(klb_explain_put(msg, &ex), -EMSGSIZE);
	assert_int_equal(klb_conn_put(msg, &filter), -EMSGSIZE);
	nlmsg_free(msg);
}

/* A dump in parts: what is parsed into one service adds up. */
static void test_parts(void **state)
{
	struct klb_service part = {
		.proto = IPPROTO_TCP, .ap = { { 4, { 10, 0, 0, 1 } }, 80 },
		.has = KLB_SERVICE_HAS_ENDPOINTS,
	}, back = { 0 };
	struct klb_endpoint ep = endpoint(1);
	struct nl_msg *msg;

	assert_int_equal(klb_service_add_endpoint(&part, &ep), 0);
	msg = new_msg(KLB_CMD_SERVICE_GET, 1024);
	assert_int_equal(klb_service_put(msg, &part), 0);
	assert_int_equal(nla_put_flag(msg, KLB_A_SERVICE_MORE), 0);
	assert_int_equal(klb_service_parse(attrs_of(msg), &back), 0);
	assert_true(back.more);
	nlmsg_free(msg);

	part.endpoints[0] = endpoint(2);
	msg = new_msg(KLB_CMD_SERVICE_GET, 1024);
	assert_int_equal(klb_service_put(msg, &part), 0);
	assert_int_equal(klb_service_parse(attrs_of(msg), &back), 0);
	assert_false(back.more);
	assert_int_equal(back.n_endpoints, 2);
	assert_int_equal(back.endpoints[0].weight, 1);
	assert_int_equal(back.endpoints[1].weight, 2);
	nlmsg_free(msg);
	klb_service_free(&part);
	klb_service_free(&back);
}

static void test_counters(void **state)
{
	struct nl_msg *msg = new_msg(KLB_CMD_SERVICE_GET, 1024);
	struct klb_service back = { 0 };

	nla_put_u32(msg, KLB_A_SERVICE_CONNS, 1);
	nla_put_u64(msg, KLB_A_SERVICE_PACKETS_IN, 2);
	nla_put_u64(msg, KLB_A_SERVICE_BYTES_IN, 3);
	nla_put_u64(msg, KLB_A_SERVICE_PACKETS_OUT, UINT64_C(1) << 63);
	nla_put_u64(msg, KLB_A_SERVICE_BYTES_OUT, 5);
	nla_put_u64(msg, KLB_A_SERVICE_CONNS_TOTAL, 6);
	nla_put_u32(msg, KLB_A_SERVICE_MAGLEV_SLOTS, 7);
	/* of a newer kernel, and one of the right number but cut short */
	nla_put_u32(msg, 200, 8);
	nla_put(msg, KLB_A_SERVICE_SEED, 2, "xx");
	assert_int_equal(klb_service_parse(attrs_of(msg), &back), 0);
	assert_int_equal(back.conns, 1);
	assert_int_equal(back.traffic.packets_in, 2);
	assert_int_equal(back.traffic.bytes_in, 3);
	assert_true(back.traffic.packets_out == UINT64_C(1) << 63);
	assert_int_equal(back.traffic.bytes_out, 5);
	assert_int_equal(back.conns_total, 6);
	assert_int_equal(back.maglev_slots, 7);
	assert_int_equal(back.seed, 0);
	nlmsg_free(msg);
}

static void test_conn(void **state)
{
	struct klb_conn conn = {
		.proto = IPPROTO_TCP,
		.client = { { 4, { 10, 9, 0, 1 } }, 40000 },
		.vip = { { 4, { 10, 0, 0, 1 } }, 0 },
		.endpoint = { { 16, { [15] = 1 } }, 8080 },
		.snat = { { 4, { 10, 0, 0, 2 } }, 1024 },
		.has_state = true, .state = KLB_CONN_STATE_UNREPLIED,
	}, back;
	struct nl_msg *msg = new_msg(KLB_CMD_CONN_GET, 160);

	assert_int_equal(klb_conn_put(msg, &conn), 0);
	nla_put_u32(msg, KLB_A_CONN_EXPIRES, 90000);
	klb_conn_parse(attrs_of(msg), &back);
	conn.expires = 90000;
	assert_memory_equal(&conn, &back, sizeof(conn));
	nlmsg_free(msg);
}

/* An empty filter has no attribute: state 0 is a state. */
static void test_empty_filter(void **state)
{
	struct nl_msg *msg = new_msg(KLB_CMD_CONN_FLUSH, 160);
	struct klb_conn none = { 0 };

	assert_int_equal(klb_conn_put(msg, &none), 0);
	assert_int_equal(attrs_of(msg).len, 0);
	none.has_state = true;
	assert_int_equal(klb_conn_put(msg, &none), 0);
	assert_int_equal(attrs_of(msg).len, 8);
	nlmsg_free(msg);
}

static void test_net(void **state)
{
	struct klb_net net = { .has = 0x7f, .conn_max = 2147483647,
			       .gue_port = 6080 }, back;
	const struct klb_prefix pods = { { 4, { 10 } }, 8 };
	struct nl_msg *msg;

	assert_int_equal(klb_prefixes_add(&net.pods, &pods), 0);
	msg = new_msg(KLB_CMD_NET_SET, klb_net_room(&net) + 64);
	assert_int_equal(klb_net_put(msg, &net), 0);
	assert_non_null(nlmsg_find_attr(nlmsg_hdr(msg), GENL_HDRLEN,
					KLB_A_NET_GUARD_NONE));
	nla_put_string(msg, KLB_A_NET_VERSION, "0.1.0");
	assert_int_equal(klb_net_parse(attrs_of(msg), &back), 0);
	assert_int_equal(back.has, 0x7f);
	assert_true(klb_prefixes_same(&back.pods, &net.pods));
	assert_int_equal(back.gue_port, 6080);
	assert_int_equal(back.conn_max, 2147483647);
	assert_int_equal(back.veth_peer, 0);
	assert_string_equal(back.version, "0.1.0");
	nlmsg_free(msg);
	klb_net_free(&net);
	klb_net_free(&back);
}

static void test_counter(void **state)
{
	struct nl_msg *msg = new_msg(KLB_CMD_STATS_GET, 1024);
	struct klb_counter counter;
	char longer[300];

	memset(longer, 'd', sizeof(longer));
	longer[299] = 0;
	nla_put_string(msg, KLB_A_COUNTER_NAME, "NoEndpoint");
	nla_put_u64(msg, KLB_A_COUNTER_VALUE, UINT64_MAX);
	nla_put_string(msg, KLB_A_COUNTER_DOC, longer);
	klb_counter_parse(attrs_of(msg), &counter);
	assert_string_equal(counter.name, "NoEndpoint");
	assert_true(counter.value == UINT64_MAX);
	assert_int_equal(strlen(counter.doc), sizeof(counter.doc) - 1);
	nlmsg_free(msg);
}

/* More of them than there is room for. */
static void put_steps(struct nl_msg *msg)
{
	struct nlattr *nest;
	int i;

	nest = nla_nest_start(msg, KLB_A_EXPLAIN_STEP);
	nla_put_u8(msg, KLB_A_EXPLAIN_STEP_KIND, KLB_STEP_GUE);
	nla_put(msg, KLB_A_EXPLAIN_STEP_ADDR, 4, "\x0a\0\0\1");
	nla_put_u16(msg, KLB_A_EXPLAIN_STEP_PORT, htons(50000));
	nla_put_u8(msg, KLB_A_EXPLAIN_STEP_LEN, 0);
	nla_put(msg, KLB_A_EXPLAIN_STEP_TO_ADDR, 4, "\x0a\0\0\2");
	nla_put_u16(msg, KLB_A_EXPLAIN_STEP_TO_PORT, htons(6080));
	nla_put_u32(msg, KLB_A_EXPLAIN_STEP_N, 0);
	nla_put_u32(msg, KLB_A_EXPLAIN_STEP_OF, 7);
	nla_nest_end(msg, nest);
	for (i = 0; i < KLB_EXPLAIN_STEPS_MAX; i++) {
		nest = nla_nest_start(msg, KLB_A_EXPLAIN_STEP);
		nla_put_u8(msg, KLB_A_EXPLAIN_STEP_KIND, KLB_STEP_DSR);
		nla_nest_end(msg, nest);
	}
}

static void check_steps(const struct klb_explain *ex)
{
	const struct klb_explain_step *s = ex->steps;

	assert_int_equal(ex->n_steps, KLB_EXPLAIN_STEPS_MAX);
	assert_int_equal(s->kind, KLB_STEP_GUE);
	assert_int_equal(s->at.addr.len, 4);
	assert_int_equal(s->at.port, 50000);
	assert_true(s->prefix && s->len == 0 && s->has_n && s->n == 0);
	assert_int_equal(s->to.addr.b[3], 2);
	assert_int_equal(s->to.port, 6080);
	assert_int_equal(s->of, 7);
	assert_int_equal(s[1].kind, KLB_STEP_DSR);
	assert_true(!s[1].at.addr.len && !s[1].prefix && !s[1].has_n);
}

static void test_explain(void **state)
{
	struct klb_explain ex = {
		.proto = IPPROTO_UDP,
		.client = { { 16, { [15] = 1 } }, 1000 },
		.vip = { { 16, { [15] = 2 } }, 53 },
	}, back = { 0 };
	struct nl_msg *msg = new_msg(KLB_CMD_EXPLAIN, 2048);
	struct nlattr *nest;

	assert_int_equal(klb_explain_put(msg, &ex), 0);
	nla_put_u8(msg, KLB_A_EXPLAIN_OUTCOME, KLB_OUTCOME_LOCAL);
	nla_put_string(msg, KLB_A_EXPLAIN_REASON, "Forwarded");
	nest = nla_nest_start(msg, KLB_A_EXPLAIN_SERVICE | NLA_F_NESTED);
	nla_put_string(msg, KLB_A_SERVICE_NAME, "dns");
	nla_nest_end(msg, nest);
	nest = nla_nest_start(msg, KLB_A_EXPLAIN_ENDPOINT);
	nla_put_u16(msg, KLB_A_ENDPOINT_WEIGHT, 3);
	nla_nest_end(msg, nest);
	nla_put_u32(msg, KLB_A_EXPLAIN_IFINDEX, 4);
	nla_put(msg, KLB_A_EXPLAIN_NEXTHOP, 4, "\x0a\0\0\1");
	nla_put_flag(msg, KLB_A_EXPLAIN_VETH_PEER);
	put_steps(msg);
	assert_int_equal(klb_explain_parse(attrs_of(msg), &back), 0);
	assert_int_equal(klb_ap_cmp(&ex.client, &back.client), 0);
	assert_int_equal(klb_ap_cmp(&ex.vip, &back.vip), 0);
	assert_int_equal(back.outcome, KLB_OUTCOME_LOCAL);
	assert_string_equal(back.reason, "Forwarded");
	assert_true(back.has_service && back.has_endpoint && !back.has_conn);
	assert_string_equal(back.service.name, "dns");
	assert_int_equal(back.endpoint.weight, 3);
	assert_int_equal(back.ifindex, 4);
	assert_int_equal(back.nexthop.len, 4);
	assert_true(back.veth_peer);
	check_steps(&back);
	nlmsg_free(msg);
}

static void test_event(void **state)
{
	struct klb_service key = {
		.proto = IPPROTO_TCP, .ap = { { 4, { 10, 0, 0, 1 } }, 80 },
	};
	struct klb_endpoint ep = endpoint(3);
	struct klb_event event;
	struct nl_msg *msg;

	msg = new_msg(KLB_CMD_ENDPOINT_DEL_NTF, 256);
	assert_int_equal(klb_service_put_key(msg, &key), 0);
	assert_int_equal(klb_endpoint_put(msg, KLB_A_SERVICE_ENDPOINT, &ep), 0);
	assert_int_equal(klb_event_parse(nlmsg_hdr(msg), &event), 0);
	assert_int_equal(event.type, KLB_EVENT_ENDPOINT_DEL);
	assert_true(klb_service_same_key(&event.service, &key));
	assert_int_equal(event.service.n_endpoints, 1);
	klb_service_free(&event.service);
	nlmsg_free(msg);

	msg = new_msg(200, 0);
	assert_int_equal(klb_event_parse(nlmsg_hdr(msg), &event), -ENOMSG);
	nlmsg_hdr(msg)->nlmsg_len = NLMSG_HDRLEN;
	assert_int_equal(klb_event_parse(nlmsg_hdr(msg), &event), -EBADMSG);
	nlmsg_free(msg);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_service),
		cmocka_unit_test(test_service_key_only),
		cmocka_unit_test(test_endpoints_none),
		cmocka_unit_test(test_service_largest),
		cmocka_unit_test(test_no_room),
		cmocka_unit_test(test_parts),
		cmocka_unit_test(test_counters),
		cmocka_unit_test(test_conn),
		cmocka_unit_test(test_empty_filter),
		cmocka_unit_test(test_net),
		cmocka_unit_test(test_counter),
		cmocka_unit_test(test_explain),
		cmocka_unit_test(test_event),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

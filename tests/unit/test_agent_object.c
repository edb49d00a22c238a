// SPDX-License-Identifier: GPL-2.0
/* Objects that are not as they should be: each value is replaced by others. */
#include "test.h"

#include "desired.h"

static const char service[] =
	"{\"metadata\": {\"namespace\": \"ns\", \"name\": \"web\", \"resourceVersion\": \"1\","
	"  \"creationTimestamp\": \"2026-01-01T00:00:00Z\", \"labels\": {\"service.kubernetes.io/service-proxy-name\": \"x\"}},"
	" \"spec\": {\"type\": \"LoadBalancer\", \"clusterIP\": \"10.96.0.1\", \"clusterIPs\": [\"10.96.0.1\", \"fd96::1\"],"
	"  \"ports\": [{\"name\": \"http\", \"port\": 80, \"nodePort\": 30080, \"protocol\": \"TCP\"}, {\"name\": \"b\", \"port\": 81}],"
	"  \"externalIPs\": [\"198.51.100.1\"], \"loadBalancerSourceRanges\": [\"10.0.0.0/8\"],"
	"  \"sessionAffinity\": \"ClientIP\", \"sessionAffinityConfig\": {\"clientIP\": {\"timeoutSeconds\": 60}},"
	"  \"internalTrafficPolicy\": \"Local\", \"externalTrafficPolicy\": \"Local\", \"healthCheckNodePort\": 32000},"
	" \"status\": {\"loadBalancer\": {\"ingress\": [{\"ip\": \"192.0.2.1\", \"ipMode\": \"VIP\"}]}}}";

static const char slice[] =
	"{\"metadata\": {\"namespace\": \"ns\", \"name\": \"web-1\", \"labels\": {\"kubernetes.io/service-name\": \"web\"}},"
	" \"addressType\": \"IPv4\", \"ports\": [{\"name\": \"http\", \"port\": 8080, \"protocol\": \"TCP\"}],"
	" \"endpoints\": [{\"addresses\": [\"10.1.0.1\"], \"nodeName\": \"n1\", \"conditions\": {\"ready\": true, \"serving\": true, \"terminating\": false},"
	"  \"hints\": {\"forZones\": [{\"name\": \"a\"}], \"forNodes\": [{\"name\": \"n1\"}]}}]}";

static const char node[] =
	"{\"metadata\": {\"name\": \"n1\", \"labels\": {\"topology.kubernetes.io/zone\": \"a\"}, \"deletionTimestamp\": \"x\"},"
	" \"spec\": {\"podCIDR\": \"10.1.1.0/24\", \"podCIDRs\": [\"10.1.1.0/24\"], \"taints\": [{\"key\": \"k\"}]},"
	" \"status\": {\"addresses\": [{\"type\": \"InternalIP\", \"address\": \"192.168.0.11\"}]}}";

static const char *const others[] = {
	"null", "true", "-1", "1e300", "9223372036854775807", "\"\"",
	"\"x\"", "\"/\"", "\"1.2.3.4/99999999999\"", "\"::/0\"", "[]",
	"[[]]", "[null, 1, \"\", {}]", "{}", "{\"name\": {}, \"ip\": []}",
};

static size_t tried, taken;

typedef bool (*parse_fn)(const json_t *obj);

/* What was taken is gone through, so that the sanitizers see all of it. */
static bool parse_service(const json_t *obj)
{
	const struct kube_settings settings = {
		.external_ips = true, .proxy_name = "x",
	};
	struct kube_claims claims = { 0 };
	struct kube_service *svc;
	struct klb_err err;

	if (kube_service_parse(obj, &svc, &err)) {
		assert_true(err.text[0]);
		assert_null(svc);
		return false;
	}
	assert_int_equal(kube_desired(svc, NULL, 0, NULL, &settings, &claims),
			 0);
	kube_claims_free(&claims);
	kube_service_free(svc);
	return true;
}

static bool parse_slice(const json_t *obj)
{
	struct kube_slice *s;
	struct klb_err err;

	if (kube_slice_parse(obj, "n1", &s, &err)) {
		assert_true(err.text[0]);
		return false;
	}
	kube_slice_free(s);
	return true;
}

static bool parse_node(const json_t *obj)
{
	struct kube_node *n;
	struct klb_err err;

	if (kube_node_parse(obj, &n, &err)) {
		assert_true(err.text[0]);
		return false;
	}
	kube_node_free(n);
	return true;
}

static json_t *value(const char *text)
{
	json_t *j = json_loads(text, JSON_DECODE_ANY, NULL);

	if (!j)
		fail_msg("no JSON: %s", text);
	return j;
}

static void try(const json_t *root, parse_fn parse)
{
	tried++;
	taken += parse(root);
}

static void mutate(json_t *at, const json_t *root, parse_fn parse);

static void mutate_member(json_t *at, const char *key, const json_t *root,
			  parse_fn parse)
{
	json_t *was = json_incref(json_object_get(at, key));
	size_t i;

	mutate(was, root, parse);
	for (i = 0; i < ARRAY_SIZE(others); i++) {
		json_object_set_new(at, key, value(others[i]));
		try(root, parse);
	}
	json_object_del(at, key);
	try(root, parse);
	json_object_set_new(at, key, was);
}

static void mutate_item(json_t *at, size_t n, const json_t *root,
			parse_fn parse)
{
	json_t *was = json_incref(json_array_get(at, n));
	size_t i;

	mutate(was, root, parse);
	for (i = 0; i < ARRAY_SIZE(others); i++) {
		json_array_set_new(at, n, value(others[i]));
		try(root, parse);
	}
	json_array_set_new(at, n, was);
}

/* Members are put back in another order: their names are collected first. */
static void mutate(json_t *at, const json_t *root, parse_fn parse)
{
	const char *keys[32], *key;
	size_t i, n = 0;
	json_t *v;

	json_object_foreach(at, key, v) {
		assert_true(n < ARRAY_SIZE(keys));
		keys[n] = strdup(key);
		assert_non_null(keys[n++]);
	}
	for (i = 0; i < n; i++) {
		mutate_member(at, keys[i], root, parse);
		free((char *)keys[i]);
	}
	for (i = 0; i < json_array_size(at); i++)
		mutate_item(at, i, root, parse);
}

static void mutate_all(const char *text, parse_fn parse)
{
	json_t *root = value(text);
	size_t i;

	assert_true(parse(root));
	tried = 0;
	taken = 0;
	mutate(root, root, parse);
	assert_true(parse(root));
	json_decref(root);
	/* neither is everything refused nor everything taken */
	assert_in_range(taken, 1, tried - 1);
	print_message("%zu objects, %zu taken\n", tried, taken);
	for (i = 0; i < ARRAY_SIZE(others); i++) {
		root = value(others[i]);
		assert_false(parse(root));
		json_decref(root);
	}
	assert_false(parse(NULL));
}

static void test_service(void **state)
{
	mutate_all(service, parse_service);
}

static void test_slice(void **state)
{
	mutate_all(slice, parse_slice);
}

static void test_node(void **state)
{
	mutate_all(node, parse_node);
}

/* What is left out of a service, and how many externalIPs and balancers' addresses are not. */
static void want_left(const char *external, const char *balancer, size_t externals, size_t balancers, const char *said)
{
	json_t *root = value(service), *spec = json_object_get(root, "spec");
	struct kube_service *svc;
	struct klb_err err;

	json_object_set_new(spec, "externalIPs", json_pack("[s,s]", external, "198.51.100.2"));
	json_object_set_new(json_object_get(root, "status"), "loadBalancer",
			    json_pack("{s:[{s:s},{s:s}]}", "ingress", "ip", balancer, "ip", "192.0.2.2"));
	assert_int_equal(kube_service_parse(root, &svc, &err), 0);
	assert_int_equal(svc->external.n, externals);
	assert_int_equal(svc->balancer.n, balancers);
	assert_string_equal(err.text, said);
	kube_service_free(svc);
	json_decref(root);
}

static void test_left_out(void **state)
{
	want_left("198.51.100.1", "192.0.2.1", 2, 2, "");
	want_left("239.1.2.3", "192.0.2.1", 1, 2,
		  "service ns/web: spec.externalIPs: \"239.1.2.3\" is left out: no service can have it");
	want_left("198.51.100.1", "127.0.0.1", 2, 1,
		  "service ns/web: status.loadBalancer.ingress: \"127.0.0.1\" is left out: no service can have it");
}

/* As the API server read them when it let them be written. */
static void test_sloppy(void **state)
{
	static const struct { const char *text, *is; } rows[] = {
		{ "192.168.001.005", "192.168.1.5" }, { "010.000.00.1", "10.0.0.1" },
		{ "100.200.100.0", "100.200.100.0" }, { "::ffff:192.0.2.1", "192.0.2.1" },
		{ "::FFFF:192.000.2.010", "192.0.2.10" }, { "fd00::10", "fd00::10" },
		{ "192.0.2", NULL }, { "192.0.2.1.", NULL }, { "192.0.2.0256", NULL }, { "::ffff:0:0", NULL },
		{ "::ffff:192.0.2", NULL }, { "00000000000000000000000000000000000000000000000000010.0.0.1", "10.0.0.1" },
		{ "1111111111111111111111111111111111111111111111111111111111.1.1.1", NULL }, { "", NULL }, { ".", NULL },
		{ "0x7f.1.1.1", NULL },
	};
	char text[KLB_ADDR_TEXT];
	struct klb_prefix p;
	struct klb_addr a;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		bool is = kube_addr_parse(rows[i].text, &a);

		assert_int_equal(is, !!rows[i].is);
		if (is)
			assert_string_equal(klb_addr_format(&a, text), rows[i].is);
	}
	assert_true(kube_prefix_parse("010.001.0.0/16", &p));
	assert_string_equal(klb_addr_format(&p.addr, text), "10.1.0.0");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_service),
		cmocka_unit_test(test_slice),
		cmocka_unit_test(test_node),
		cmocka_unit_test(test_left_out),
		cmocka_unit_test(test_sloppy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: GPL-2.0
#include "test.h"

#include <netinet/in.h>
#include <time.h>

#include "metrics.h"
#include "metrics_klb.h"
#include "page.h"
#include "prom.h"
#include "series.h"

static char *text;
static size_t len;

static FILE *begin(void)
{
	free(text);
	text = NULL;
	return open_memstream(&text, &len);
}

static void end(FILE *f)
{
	assert_int_equal(fclose(f), 0);
	assert_int_equal(strlen(text), len);
}

#define want(line)							\
	do {								\
		if (!prom_has(text, line))				\
			fail_msg("no <%s> in:\n%s", line, text);	\
	} while (0)

static void put(const struct metrics *m)
{
	FILE *f = begin();

	metrics_put(m, f);
	end(f);
	prom_check(text);
}

/* Everything is there from the beginning, so that a rate can be told. */
static void test_fresh(void **state)
{
	struct metrics *m = metrics_new();

	put(m);
	want("# TYPE kubeproxy_sync_proxy_rules_duration_seconds histogram");
	want("kubeproxy_sync_proxy_rules_duration_seconds_count 0");
	want("kubeproxy_proxy_healthz_total{code=\"503\"} 0");
	want("kubeproxy_proxy_livez_total{code=\"200\"} 0");
	want("lbagent_watch_failures_total{resource=\"nodes\"} 0");
	want("kubeproxy_sync_proxy_rules_no_local_endpoints_total{traffic_policy=\"external\",ip_family=\"IPv6\"} 0");
	metrics_free(m);
}

static void test_values(void **state)
{
	struct metrics *m = metrics_new();

	metrics_add(m, METRIC_SERVICE_CHANGES, 1);
	metrics_add(m, METRIC_SERVICE_CHANGES, 2);
	metrics_set(m, METRIC_SERVICE_PENDING, 5);
	metrics_set(m, METRIC_SERVICE_PENDING, 4);
	metrics_set(m, METRIC_SYNC_TIME, 1764252167.25);
	metrics_set_now(m, METRIC_QUEUED_TIME);
	put(m);
	want("kubeproxy_sync_proxy_rules_service_changes_total 3");
	want("kubeproxy_sync_proxy_rules_service_changes_pending 4");
	want("kubeproxy_sync_proxy_rules_last_timestamp_seconds 1764252167.25");
	assert_in_range(atof(strstr(text, "\nkubeproxy_sync_proxy_rules_last_queued_timestamp_seconds ") + 58),
			time(NULL) - 10, time(NULL) + 1);
	metrics_free(m);
}

static void test_histogram(void **state)
{
	struct metrics *m = metrics_new();

	metrics_observe(m, METRIC_SYNC, 0.0005);
	metrics_observe(m, METRIC_SYNC, 0.001);
	metrics_observe(m, METRIC_SYNC, 0.0011);
	metrics_observe(m, METRIC_SYNC, 100);
	metrics_observe(m, METRIC_PROGRAMMING, 59.5);
	put(m);
	want("kubeproxy_sync_proxy_rules_duration_seconds_bucket{le=\"0.001\"} 2");
	want("kubeproxy_sync_proxy_rules_duration_seconds_bucket{le=\"0.002\"} 3");
	want("kubeproxy_sync_proxy_rules_duration_seconds_bucket{le=\"16.384\"} 3");
	want("kubeproxy_sync_proxy_rules_duration_seconds_bucket{le=\"+Inf\"} 4");
	want("kubeproxy_sync_proxy_rules_duration_seconds_sum 100.0026");
	want("kubeproxy_sync_proxy_rules_duration_seconds_count 4");
	want("kubeproxy_network_programming_duration_seconds_bucket{le=\"0.25\"} 0");
	want("kubeproxy_network_programming_duration_seconds_bucket{le=\"59\"} 0");
	want("kubeproxy_network_programming_duration_seconds_bucket{le=\"60\"} 1");
	want("kubeproxy_network_programming_duration_seconds_bucket{le=\"115\"} 1");
	want("kubeproxy_network_programming_duration_seconds_bucket{le=\"300\"} 1");
	metrics_free(m);
}

static unsigned int count(const char *what)
{
	const char *at = text;
	unsigned int n = 0;

	for (; (at = strstr(at, what)); at++)
		n++;
	return n;
}

/* As many as kube-proxy 1.37 has, and +Inf. */
static void test_buckets(void **state)
{
	struct metrics *m = metrics_new();

	put(m);
	assert_int_equal(count("\nkubeproxy_sync_proxy_rules_duration_seconds_bucket{"),
			 15 + 1);
	assert_int_equal(count("\nkubeproxy_network_programming_duration_seconds_bucket{"),
			 2 + 59 + 12 + 7 + 1);
	metrics_free(m);
}

static double value_of(const char *name)
{
	const char *at = strstr(text, name);

	while (at && (at[-1] != '\n' || at[strlen(name)] != ' '))
		at = strstr(at + 1, name);
	assert_non_null(at);
	return atof(at + strlen(name));
}

static void test_process(void **state)
{
	FILE *f = begin();

	metrics_put_process(f);
	end(f);
	prom_check(text);
	assert_true(value_of("process_resident_memory_bytes") > 1e5);
	assert_true(value_of("process_virtual_memory_bytes") >
		    value_of("process_resident_memory_bytes"));
	assert_in_range(value_of("process_start_time_seconds"),
			time(NULL) - 600, time(NULL) + 2);
	assert_in_range(value_of("process_open_fds"), 3, 100);
	assert_true(value_of("process_max_fds") >
		    value_of("process_open_fds"));
	assert_true(value_of("process_cpu_seconds_total") < 600);
}

static void test_escapes(void **state)
{
	static const struct { const char *in, *out; } cases[] = {
		{ "plain", "plain" },
		{ "a\"b\\c\nd\te", "a\\\"b\\\\c\\nd\te" },
		{ "\xc3\xa4\xe2\x82\xac\xf0\x9f\x90\xa7",
		  "\xc3\xa4\xe2\x82\xac\xf0\x9f\x90\xa7" },
		{ "\x80" "a", "?a" }, { "\xc3", "?" }, { "\xc3" "a", "?a" },
		{ "\xc0\xaf", "??" }, { "\xc1\xbf", "??" },
		{ "\xe0\x80\x80", "???" }, { "\xed\xa0\x80", "???" },
		{ "\xe2\x82", "??" }, { "\xf0\x80\x80\x80", "????" },
		{ "\xf0\x9f\x90", "???" }, { "\xf4\x90\x80\x80", "????" },
		{ "\xf5\x80\x80\x80", "????" }, { "\xff", "?" },
	};
	char expected[256];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct series_labels labels = { 0 };

		series_label(&labels, "a", cases[i].in);
		series_label(&labels, "b", "");
		snprintf(expected, sizeof(expected), "a=\"%s\",b=\"\"",
			 cases[i].out);
		assert_string_equal(labels.text, expected);
		assert_int_equal(labels.len, strlen(expected));
	}
}

/* A label that has no room is left out whole. */
static void test_long_labels(void **state)
{
	struct series_labels labels = { 0 };
	char value[SERIES_LABELS];
	size_t n;

	for (n = SERIES_LABELS - 20; n < SERIES_LABELS - 1; n++) {
		memset(value, 'x', n);
		value[n] = 0;
		labels = (struct series_labels){ 0 };
		series_label(&labels, "first", "1");
		series_label(&labels, "n", value);
		/* first="1",n="..." and the NUL */
		if (n + 15 <= SERIES_LABELS)
			assert_int_equal(labels.len, 9 + 1 + 4 + n);
		else
			assert_string_equal(labels.text, "first=\"1\"");
		assert_int_equal(labels.len, strlen(labels.text));
		memset(value, '"', n);
		series_label(&labels, "q", value);
		assert_int_equal(labels.len, strlen(labels.text));
	}
}

static void test_help(void **state)
{
	FILE *f = begin();

	series_family(f, "a_total", "counter", "say \"no\"\\\nor \xff yes");
	series_put_u64(f, "a_total", NULL, UINT64_MAX);
	end(f);
	prom_check(text);
	want("# HELP a_total say \"no\"\\\\\\nor ? yes");
	want("a_total 18446744073709551615");
}

static struct klb_service service(const char *name, uint8_t last)
{
	struct klb_service svc = {
		.proto = IPPROTO_TCP,
		.ap = { { 4, { 10, 96, 0, last } }, 80 },
		.conns = 2, .conns_total = 12345678901234,
		.traffic = { 1, 2, 3, UINT64_MAX },
	};
	struct klb_endpoint ep = {
		.ap = { { 16, { 0xfd, [15] = last } }, 8080 },
		.conns = 4, .conns_total = 5, .traffic = { 6, 7, 8, 9 },
	};

	snprintf(svc.name, sizeof(svc.name), "%s", name);
	assert_int_equal(klb_service_add_endpoint(&svc, &ep), 0);
	return svc;
}

static void put_traffic(struct traffic *t, FILE *f)
{
	while (traffic_next(t, f))
		;
	assert_false(traffic_next(t, f));
	traffic_free(t);
}

static void put_services(size_t endpoints)
{
	static const char *const names[] = {
		"kube/ns/svc:http", "kube/ns/svc", "kube/ns/svc", "by \"hand\"",
		"kube/strange", "", "kube/a/b:c:d",
	};
	struct traffic *t = traffic_new(endpoints);
	struct klb_service svc;
	FILE *f = begin();
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		svc = service(names[i], i);
		assert_int_equal(traffic_add(&svc, t), 0);
		klb_service_free(&svc);
	}
	put_traffic(t, f);
	end(f);
	prom_check(text);
}

#define AT(n)	"protocol=\"tcp\",address=\"10.96.0." #n ":80\""

static void test_services(void **state)
{
	put_services(7);
	want("klb_service_conns{namespace=\"ns\",service=\"svc\",port=\"http\"," AT(0) "} 2");
	want("klb_service_conns_total{namespace=\"ns\",service=\"svc\",port=\"http\"," AT(0) "} 12345678901234");
	want("klb_service_packets_total{namespace=\"ns\",service=\"svc\",port=\"\"," AT(1) ",direction=\"in\"} 1");
	want("klb_service_bytes_total{namespace=\"ns\",service=\"svc\",port=\"\"," AT(2) ",direction=\"out\"} 18446744073709551615");
	want("klb_service_conns{namespace=\"\",service=\"by \\\"hand\\\"\",port=\"\"," AT(3) "} 2");
	want("klb_service_conns{namespace=\"\",service=\"kube/strange\",port=\"\"," AT(4) "} 2");
	want("klb_service_conns{namespace=\"a\",service=\"b\",port=\"c:d\"," AT(6) "} 2");
	want("klb_endpoint_conns{namespace=\"ns\",service=\"svc\",port=\"http\"," AT(0) ",endpoint=\"[fd00::]:8080\"} 4");
	want("klb_endpoint_bytes_total{namespace=\"ns\",service=\"svc\",port=\"\"," AT(1) ",endpoint=\"[fd00::1]:8080\",direction=\"in\"} 7");
	want("klb_endpoints 7");
	/* one more than there may be: none */
	put_services(6);
	assert_int_equal(count("endpoint="), 0);
	assert_int_equal(count("klb_endpoint_"), 0);
	want("klb_endpoints 7");
	assert_int_equal(count("\nklb_service_conns{"), 7);
}

/* What has the longest name has all its labels. */
static void test_long_name(void **state)
{
	struct traffic *t = traffic_new(100);
	struct klb_service svc = service("", 1);
	FILE *f = begin();

	memset(svc.name, '"', sizeof(svc.name) - 1);
	svc.name[sizeof(svc.name) - 1] = 0;
	traffic_add(&svc, t);
	klb_service_free(&svc);
	put_traffic(t, f);
	end(f);
	prom_check(text);
	assert_int_equal(count(",endpoint=\"[fd00::1]:8080\",direction="), 4);
}

/* In pieces of any size it is what it is at once. */
static void test_page(void **state)
{
	const size_t many = 300;
	struct serve_stream *page;
	struct traffic *t = traffic_new(many);
	char name[32], *all = NULL;
	struct klb_service svc;
	size_t i, len = 0;
	ssize_t n;

	for (i = 0; i < many; i++) {
		snprintf(name, sizeof(name), "kube/ns/svc%zu", i);
		svc = service(name, i % 256);
		assert_int_equal(traffic_add(&svc, t), 0);
		klb_service_free(&svc);
	}
	page = page_new(strdup("before 1\n"), 9, t);
	assert_non_null(page);
	do {
		all = realloc(all, len + 1000);
		n = page->read(page, all + len, 1 + len % 999);
		assert_in_range(n, 0, 1 + len % 999);
		len += n;
	} while (n);
	all[len] = 0;
	assert_int_equal(page->read(page, all, 1), 0);
	page->free(page);
	free(text);
	text = all;
	assert_int_equal(strncmp(all, "before 1\n# HELP klb_service_conns ", 34), 0);
	prom_check(all + 9);
	assert_int_equal(count("\nklb_endpoint_bytes_total{"), 2 * many);
	assert_int_equal(count("\nklb_service_conns{"), many);
	want("klb_endpoints 300");
}

/* Nothing of the module; and one that nobody reads. */
static void test_page_alone(void **state)
{
	struct serve_stream *page = page_new(strdup("a 1\n"), 4, NULL);
	char to[8];

	assert_int_equal(page->read(page, to, sizeof(to)), 4);
	assert_int_equal(page->read(page, to, sizeof(to)), 0);
	page->free(page);
	page = page_new(strdup("a 1\n"), 4, traffic_new(1));
	page->free(page);
}

static void test_nothing(void **state)
{
	struct traffic *t = traffic_new(100);
	FILE *f = begin();

	put_traffic(t, f);
	end(f);
	prom_check(text);
	want("klb_endpoints 0");
	assert_int_equal(count("klb_service"), 0);
}

static void test_module(void **state)
{
	static const struct klb_counter counters[] = {
		{ "forwarded", "translated", 7 }, { "veth_peer", "a\nb", 8 },
		{ "Bad-name", "", 9 }, { "", "", 10 },
	};
	struct klb_net net = {
		.conns = 1, .conn_max = 2, .evicted = 3, .version = "0.3",
	};
	FILE *f = begin();
	size_t i;

	metrics_put_net(&net, f);
	for (i = 0; i < ARRAY_SIZE(counters); i++)
		metrics_put_counter(&counters[i], f);
	end(f);
	prom_check(text);
	want("klb_info{version=\"0.3\"} 1");
	want("klb_conns 1");
	want("klb_evicted_total 3");
	want("klb_forwarded_total 7");
	want("# HELP klb_veth_peer_total a\\nb");
	assert_int_equal(count("ad-name"), 0);
}

/* In a machine without the module, as this one. */
static void test_no_module(void **state)
{
	struct klb k;
	FILE *f = begin();
	int rc;

	assert_int_equal(klb_open(&k, NULL), 0);
	rc = metrics_put_klb(&k, f);
	end(f);
	prom_check(text);
	if (rc)
		want("klb_up 0");
	else
		want("klb_up 1");
	klb_close(&k);
}

static int free_text(void **state)
{
	free(text);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fresh),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_histogram),
		cmocka_unit_test(test_buckets),
		cmocka_unit_test(test_process),
		cmocka_unit_test(test_escapes),
		cmocka_unit_test(test_long_labels),
		cmocka_unit_test(test_help),
		cmocka_unit_test(test_services),
		cmocka_unit_test(test_long_name),
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_page),
		cmocka_unit_test(test_page_alone),
		cmocka_unit_test(test_module),
		cmocka_unit_test(test_no_module),
	};

	return cmocka_run_group_tests(tests, NULL, free_text);
}

// SPDX-License-Identifier: GPL-2.0
/* /healthz and /livez, and what is beside them at the port of the metrics. */
#include "test.h"

#include <jansson.h>
#include <time.h>

#include "ask.h"
#include "listen.h"
#include "node_health.h"
#include "prom.h"
#include "scrape.h"

#define LATE_US	100000

static const struct scrape_conf conf = { .endpoints = SCRAPE_ENDPOINTS };

static sd_event *event;
static struct metrics *m;
static struct node_health *n;
static struct scrape *s;
static struct klb_ap at[2];	/* of either */
static int failures;
static char why[512];

static void on_failed(const char *text, void *arg)
{
	assert_ptr_equal(arg, &failures);
	failures++;
	snprintf(why, sizeof(why), "%s", text);
}

static int set_up(void **state)
{
	struct klb_err err;
	int i, fd;

	failures = 0;
	if (sd_event_new(&event) < 0)
		return -1;
	for (i = 0; i < 2; i++) {
		at[i] = (struct klb_ap){ .addr = { 4, { 127, 0, 0, 1 } } };
		fd = listen_at(&at[i], &err);
		close(fd);
	}
	m = metrics_new();
	n = node_health_new(event, m, LATE_US, on_failed, &failures);
	s = scrape_new(event, m, &conf, on_failed, &failures);
	return node_health_listen(n, &at[0], 1) || scrape_listen(s, &at[1], 1);
}

static int tear_down(void **state)
{
	node_health_free(n);
	scrape_free(s);
	metrics_free(m);
	sd_event_unref(event);
	return 0;
}

static const char *get(int i, const char *path)
{
	return ask(event, "127.0.0.1", at[i].port, "GET", path);
}

/* "2026-11-27T14:02:47.123456789Z"; 0 for the year 1. */
static time_t time_of(const json_t *obj, const char *key)
{
	const char *text = json_string_value(json_object_get(obj, key)), *end;
	struct tm tm = { 0 };

	assert_non_null(text);
	end = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);
	assert_non_null(end);
	if (tm.tm_year < 0) {
		assert_string_equal(end, "Z");
		return 0;
	}
	assert_int_equal(*end, '.');
	assert_int_equal(strspn(end + 1, "0123456789"), 9);
	assert_string_equal(end + 10, "Z");
	return timegm(&tm);
}

static json_t *object(const char *answer)
{
	json_t *obj = json_loads(ask_body(answer), JSON_REJECT_DUPLICATES,
				 NULL);

	assert_non_null(strstr(answer, "\r\nContent-Type: application/json\r\n"));
	assert_non_null(strstr(answer, "\r\nX-Content-Type-Options: nosniff\r\n"));
	assert_true(json_is_object(obj));
	assert_in_range(time_of(obj, "currentTime"), time(NULL) - 5,
			time(NULL));
	return obj;
}

static bool is_true(const json_t *obj, const char *key)
{
	const json_t *value = json_object_get(obj, key);

	assert_true(json_is_boolean(value));
	return json_is_true(value);
}

/* Just begun: nothing is late, nothing was done. */
static void test_begin(void **state)
{
	const char *text = get(0, "/healthz");
	json_t *obj = object(text);

	assert_int_equal(ask_status(text), 200);
	assert_in_range(time_of(obj, "lastUpdated"), time(NULL) - 5,
			time(NULL));
	assert_true(is_true(obj, "healthy") && is_true(obj, "nodeEligible"));
	assert_null(json_object_get(obj, "status"));
	json_decref(obj);
	text = get(0, "/livez");
	obj = object(text);
	assert_int_equal(ask_status(text), 200);
	assert_null(json_object_get(obj, "nodeEligible"));
	json_decref(obj);
	assert_int_equal(ask_status(get(0, "/")), 404);
	assert_int_equal(ask_status(get(0, "/metrics")), 404);
}

static void test_late(void **state)
{
	const char *text;
	json_t *obj;

	node_health_queued(n);
	assert_true(node_health_is_good(n));
	ask_wait(event, LATE_US + 20000);
	/* the oldest one counts */
	node_health_queued(n);
	assert_false(node_health_is_good(n));
	text = get(0, "/healthz");
	obj = object(text);
	assert_int_equal(ask_status(text), 503);
	assert_int_equal(time_of(obj, "lastUpdated"), 0);
	assert_false(is_true(obj, "healthy"));
	assert_true(is_true(obj, "nodeEligible"));
	json_decref(obj);
	assert_int_equal(ask_status(get(0, "/livez")), 503);
	node_health_done(n);
	assert_true(node_health_is_good(n));
	assert_int_equal(ask_status(get(0, "/healthz")), 200);
	ask_wait(event, LATE_US + 20000);
	assert_int_equal(ask_status(get(0, "/healthz")), 200);
}

/* After a success the time of that stays, for either family. */
static void test_late_again(void **state)
{
	json_t *obj, *status;
	const char *text;

	node_health_done(n);
	node_health_queued(n);
	ask_wait(event, LATE_US + 20000);
	text = get(0, "/livez");
	obj = object(text);
	assert_int_equal(ask_status(text), 503);
	assert_in_range(time_of(obj, "lastUpdated"), time(NULL) - 5,
			time(NULL));
	status = json_object_get(obj, "status");
	assert_int_equal(json_object_size(status), 2);
	assert_false(is_true(json_object_get(status, "IPv4"), "healthy"));
	assert_in_range(time_of(json_object_get(status, "IPv6"), "lastUpdated"),
			time(NULL) - 5, time(NULL));
	json_decref(obj);
}

/* Balancers have to turn away, but nobody has to be restarted. */
static void test_leaving(void **state)
{
	const char *text;
	json_t *obj;

	node_health_done(n);
	node_health_leaving(n, true);
	text = get(0, "/healthz");
	obj = object(text);
	assert_int_equal(ask_status(text), 503);
	assert_false(is_true(obj, "nodeEligible"));
	assert_true(is_true(obj, "healthy"));
	json_decref(obj);
	assert_int_equal(ask_status(get(0, "/livez")), 200);
	assert_true(node_health_is_good(n));
	node_health_leaving(n, false);
	assert_int_equal(ask_status(get(0, "/healthz")), 200);
}

static void test_words(void **state)
{
	const char *text = get(1, "/proxyMode");

	assert_int_equal(ask_status(text), 200);
	assert_string_equal(ask_body(text), "klb");
	assert_non_null(strstr(text, "\r\nContent-Type: text/plain; charset=utf-8\r\n"));
	assert_string_equal(ask_body(get(1, "/healthz")), "ok");
	assert_int_equal(ask_status(get(1, "/livez")), 404);
}

static void test_metrics(void **state)
{
	const char *text;

	node_health_queued(n);
	node_health_done(n);
	get(0, "/healthz");
	get(0, "/livez");
	node_health_leaving(n, true);
	get(0, "/healthz");
	text = get(1, "/metrics");
	assert_int_equal(ask_status(text), 200);
	assert_non_null(strstr(text, "\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n"));
	text = ask_chunks(text);
	prom_check(text);
	assert_true(prom_has(text, "kubeproxy_proxy_healthz_total{code=\"200\"} 1"));
	assert_true(prom_has(text, "kubeproxy_proxy_healthz_total{code=\"503\"} 1"));
	assert_true(prom_has(text, "kubeproxy_proxy_livez_total{code=\"200\"} 1"));
	assert_non_null(strstr(text, "\nkubeproxy_sync_proxy_rules_last_timestamp_seconds 1"));
	assert_non_null(strstr(text, "\nkubeproxy_sync_proxy_rules_last_queued_timestamp_seconds 1"));
	assert_non_null(strstr(text, "\nprocess_resident_memory_bytes "));
	assert_non_null(strstr(text, "\nklb_up "));
	/* twice is as good */
	prom_check(ask_chunks(get(1, "/metrics")));
}

static void test_taken(void **state)
{
	node_health_listen(n, &at[1], 1);
	assert_int_equal(failures, 1);
	assert_non_null(strstr(why, "Address already in use"));
	scrape_listen(s, NULL, 0);
	node_health_listen(n, &at[1], 1);
	assert_int_equal(ask_status(get(1, "/healthz")), 200);
	assert_int_equal(failures, 1);
}

#define TEST(name)	cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_begin), TEST(test_late), TEST(test_late_again),
		TEST(test_leaving), TEST(test_words), TEST(test_metrics),
		TEST(test_taken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

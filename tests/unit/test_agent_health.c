// SPDX-License-Identifier: GPL-2.0
#include "test.h"

#include "ask.h"
#include "health.h"
#include "listen.h"

static const struct klb_addr one = { 4, { 127, 0, 0, 1 } };
static const struct klb_addr two = { 4, { 127, 0, 0, 2 } };
static const struct klb_addr any4 = { .len = 4 }, any6 = { .len = 16 };

static sd_event *event;
static struct health *h;
static bool healthy;
static int failures;
static char why[512];

static bool is_healthy(void *arg)
{
	assert_ptr_equal(arg, &failures);
	return healthy;
}

static void on_failed(const char *ns, const char *name, const char *text,
		      void *arg)
{
	assert_ptr_equal(arg, &failures);
	failures++;
	snprintf(why, sizeof(why), "%s/%s: %s", ns, name, text);
}

static const struct health_ops ops = { is_healthy, on_failed };

static int set_up(void **state)
{
	healthy = true;
	failures = 0;
	if (sd_event_new(&event) < 0)
		return -1;
	h = health_new(event, &ops, &failures);
	return h ? health_listen(h, &one, 1) : -1;
}

static int tear_down(void **state)
{
	health_free(h);
	sd_event_unref(event);
	return 0;
}

/* One that nobody has; *@fd keeps it. */
static uint16_t take_port(const struct klb_addr *addr, int *fd)
{
	struct klb_ap at = { .addr = *addr };
	struct klb_err err;

	*fd = listen_at(&at, &err);
	assert_true(*fd >= 0);
	return at.port;
}

static uint16_t free_port(void)
{
	int fd;
	uint16_t port = take_port(&any4, &fd);

	close(fd);
	return port;
}

static void put(const char *name, uint16_t port, size_t n4, size_t n6)
{
	const struct kube_health health = { port, true, true, n4, n6 };

	assert_int_equal(health_put(h, "ns", name, &health), 0);
}

static const char *get(const char *addr, uint16_t port)
{
	return ask(event, addr, port, "GET", "/whatever");
}

static void test_answer(void **state)
{
	uint16_t port = free_port();
	const char *text;

	put("svc", port, 2, 5);
	text = get("127.0.0.1", port);
	assert_int_equal(ask_status(text), 200);
	assert_non_null(strstr(text, "\r\nContent-Type: application/json\r\n"));
	assert_non_null(strstr(text, "\r\nX-Content-Type-Options: nosniff\r\n"));
	assert_non_null(strstr(text, "\r\nX-Load-Balancing-Endpoint-Weight: 2\r\n"));
	assert_string_equal(ask_body(text), "{\n"
		"\t\"service\": {\n"
		"\t\t\"namespace\": \"ns\",\n"
		"\t\t\"name\": \"svc\"\n"
		"\t},\n"
		"\t\"localEndpoints\": 2,\n"
		"\t\"serviceProxyHealthy\": true\n"
		"}");
}

static void test_status(void **state)
{
	uint16_t port = free_port();
	const char *text;

	put("svc", port, 0, 5);
	text = get("127.0.0.1", port);
	assert_int_equal(ask_status(text), 503);
	assert_non_null(strstr(text, "-Weight: 0\r\n"));
	put("svc", port, 1, 5);
	assert_int_equal(ask_status(get("127.0.0.1", port)), 200);
	healthy = false;
	text = get("127.0.0.1", port);
	assert_int_equal(ask_status(text), 503);
	assert_non_null(strstr(text, "-Weight: 1\r\n"));
	assert_non_null(strstr(text, "\"serviceProxyHealthy\": false"));
	assert_int_equal(failures, 0);
}

static void test_port(void **state)
{
	uint16_t old = free_port(), new = free_port();

	put("svc", old, 1, 0);
	put("svc", new, 1, 0);
	assert_string_equal(get("127.0.0.1", old), "");
	assert_int_equal(ask_status(get("127.0.0.1", new)), 200);
	health_drop(h, "ns", "svc");
	health_drop(h, "ns", "svc");
	assert_string_equal(get("127.0.0.1", new), "");
}

static void test_addresses(void **state)
{
	const struct klb_addr both[] = { one, two, one };
	const struct klb_addr all[] = { any4, any6 };
	uint16_t port = free_port();

	put("svc", port, 1, 0);
	assert_string_equal(get("127.0.0.2", port), "");
	health_listen(h, both, 3);
	assert_int_equal(ask_status(get("127.0.0.1", port)), 200);
	assert_int_equal(ask_status(get("127.0.0.2", port)), 200);
	health_listen(h, &two, 1);
	assert_string_equal(get("127.0.0.1", port), "");
	assert_int_equal(ask_status(get("127.0.0.2", port)), 200);
	health_listen(h, all, 2);
	assert_int_equal(ask_status(get("127.0.0.3", port)), 200);
	assert_int_equal(ask_status(get("::1", port)), 503);
	health_listen(h, NULL, 0);
	assert_string_equal(get("127.0.0.2", port), "");
	assert_int_equal(failures, 0);
}

static void test_same_port(void **state)
{
	uint16_t port = free_port();
	char want[256];

	put("a", port, 1, 0);
	put("b", port, 2, 0);
	put("c", port, 3, 0);
	snprintf(want, sizeof(want),
		 "ns/c: healthCheckNodePort %u is that of ns/a", port);
	assert_string_equal(why, want);
	assert_int_equal(failures, 2);
	put("b", port, 2, 0);
	assert_int_equal(failures, 2);
	assert_non_null(strstr(get("127.0.0.1", port), "\"a\""));
	health_drop(h, "ns", "a");
	assert_non_null(strstr(get("127.0.0.1", port), "\"b\""));
	put("b", free_port(), 2, 0);
	assert_non_null(strstr(get("127.0.0.1", port), "\"c\""));
	/* who comes again is the last */
	put("a", port, 1, 0);
	assert_int_equal(failures, 3);
}

static void test_taken(void **state)
{
	const struct klb_addr both[] = { one, two };
	char want[256];
	uint16_t port;
	int fd;

	port = take_port(&one, &fd);
	health_listen(h, both, 2);
	put("svc", port, 1, 0);
	snprintf(want, sizeof(want),
		 "ns/svc: cannot listen at 127.0.0.1:%u: Address already in use",
		 port);
	assert_string_equal(why, want);
	assert_int_equal(ask_status(get("127.0.0.2", port)), 200);
	health_listen(h, both, 2);
	assert_int_equal(failures, 1);
	close(fd);
	ask_wait(event, 5200000);
	assert_int_equal(ask_status(get("127.0.0.1", port)), 200);
	assert_int_equal(failures, 1);
	health_listen(h, &two, 1);
	port = take_port(&one, &fd);
	put("svc", port, 1, 0);
	health_listen(h, &one, 1);
	assert_int_equal(failures, 2);
	close(fd);
}

/* Other names in the same namespace, the same name in another one. */
static void test_names(void **state)
{
	const struct kube_health other = { free_port(), true, true, 7, 0 };
	uint16_t port = free_port();

	put("svc", port, 1, 0);
	assert_int_equal(health_put(h, "other", "svc", &other), 0);
	assert_non_null(strstr(get("127.0.0.1", other.port), "\"other\""));
	health_drop(h, "other", "svc");
	assert_string_equal(get("127.0.0.1", other.port), "");
	assert_non_null(strstr(get("127.0.0.1", port), "\"ns\""));
}

static void test_families(void **state)
{
	static const struct klb_addr all[] = { { .len = 4 }, { .len = 16 } };
	struct kube_health health = { free_port(), true, false, 1, 0 };

	assert_int_equal(health_listen(h, all, 2), 0);
	assert_int_equal(health_put(h, "ns", "svc", &health), 0);
	assert_int_equal(ask_status(get("127.0.0.1", health.port)), 200);
	assert_string_equal(get("::1", health.port), "");
	health.ipv4 = false;
	health.ipv6 = true;
	health.local6 = 1;
	assert_int_equal(health_put(h, "ns", "svc", &health), 0);
	assert_string_equal(get("127.0.0.1", health.port), "");
	assert_int_equal(ask_status(get("::1", health.port)), 200);
}

#define TEST(name)	cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_answer), TEST(test_status), TEST(test_port),
		TEST(test_addresses), TEST(test_same_port), TEST(test_taken),
		TEST(test_names), TEST(test_families),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

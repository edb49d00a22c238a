// SPDX-License-Identifier: GPL-2.0
/* The store: which Services are touched by what, lists, memory. */
#include "test.h"

#include <errno.h>
#include <malloc.h>

#include "desired.h"
#include "store.h"

static struct kube_store *store;

static int setup(void **state)
{
	store = kube_store_new("n1");
	return store ? 0 : -1;
}

static int teardown(void **state)
{
	kube_store_free(store);
	return 0;
}

static json_t *parse(const char *fmt, ...)
{
	char text[2048];
	va_list args;
	json_t *j;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	j = json_loads(text, 0, NULL);
	if (!j)
		fail_msg("no JSON: %s", text);
	return j;
}

static json_t *service(const char *name, int version, const char *more)
{
	return parse("{\"metadata\": {\"namespace\": \"ns\", \"name\": \"%s\", \"resourceVersion\": \"%d\"},"
		     "\"spec\": {\"clusterIP\": \"10.96.0.1\", \"ports\": [{\"port\": 80}] %s}}",
		     name, version, more);
}

static json_t *slice(const char *name, int version, const char *owner,
		     const char *hint)
{
	return parse("{\"metadata\": {\"namespace\": \"ns\", \"name\": \"%s\", \"resourceVersion\": \"%d\", \"labels\": {%s%s%s}},"
		     "\"addressType\": \"IPv4\", \"ports\": [{\"name\": \"\", \"port\": 8080}],"
		     "\"endpoints\": [{\"addresses\": [\"10.1.0.1\"], \"hints\": {\"forZones\": [%s]}}]}",
		     name, version,
		     owner ? "\"kubernetes.io/service-name\": \"" : "",
		     owner ? owner : "", owner ? "\"" : "", hint);
}

static json_t *node(const char *name, const char *zone, const char *addr,
		    const char *pods)
{
	return parse("{\"metadata\": {\"name\": \"%s\", \"labels\": {\"topology.kubernetes.io/zone\": \"%s\"}},"
		     "\"spec\": {\"podCIDRs\": [\"%s\"]},"
		     "\"status\": {\"addresses\": [{\"type\": \"InternalIP\", \"address\": \"%s\"}]}}",
		     name, zone, pods, addr);
}

static void put(enum kube_kind kind, json_t *obj)
{
	struct klb_err err;

	if (kube_store_put(store, kind, obj, &err))
		fail_msg("%s", err.text);
	json_decref(obj);
}

static void gone(enum kube_kind kind, json_t *obj)
{
	struct klb_err err;

	assert_int_equal(kube_store_gone(store, kind, obj, &err), 0);
	json_decref(obj);
}

static int name_cmp(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* What is touched: "NAME:SLICES", "-" in front if there is no Service. */
static void touched(const char *want)
{
	char *names[16], got[512] = "";
	const struct kube_entry *entry;
	size_t i, n = 0;

	while ((entry = kube_store_next(store))) {
		assert_true(n < ARRAY_SIZE(names));
		assert_true(asprintf(&names[n++], "%s%s:%zu",
				     entry->svc ? "" : "-", entry->name,
				     entry->n_slices) > 0);
	}
	qsort(names, n, sizeof(*names), name_cmp);
	for (i = 0; i < n; i++) {
		strcat(got, i ? " " : "");
		strcat(got, names[i]);
		free(names[i]);
	}
	assert_string_equal(got, want);
}

static void test_touch(void **state)
{
	touched("");
	put(KUBE_SERVICE, service("a", 1, ""));
	put(KUBE_SERVICE, service("b", 2, ""));
	touched("a:0 b:0");
	put(KUBE_SLICE, slice("a-1", 3, "a", ""));
	touched("a:1");
	put(KUBE_SLICE, slice("a-2", 4, "a", ""));
	put(KUBE_SLICE, slice("a-1", 5, "a", ""));
	put(KUBE_SERVICE, service("a", 6, ""));
	touched("a:2");
	gone(KUBE_SLICE, slice("a-1", 7, "a", ""));
	touched("a:1");
	gone(KUBE_SERVICE, service("a", 8, ""));
	touched("-a:1");
	gone(KUBE_SLICE, slice("a-2", 9, "a", ""));
	touched("-a:0");
	/* nothing is left of it */
	kube_store_touch_all(store);
	touched("b:0");
	gone(KUBE_SLICE, slice("a-2", 9, "a", ""));
	gone(KUBE_SERVICE, service("a", 9, ""));
	touched("");
}

/* Slices may come before their Service, and stay behind it. */
static void test_order(void **state)
{
	put(KUBE_SLICE, slice("a-1", 1, "a", ""));
	touched("-a:1");
	put(KUBE_SERVICE, service("a", 2, ""));
	touched("a:1");
	gone(KUBE_SERVICE, service("a", 2, ""));
	put(KUBE_SERVICE, service("a", 3, ""));
	touched("a:1");
}

/*
 * An etcd that was restored from a snapshot gives its versions out once more:
 * what has the old one may be something else.
 */
static void test_same_version(void **state)
{
	put(KUBE_SERVICE, service("a", 1, ""));
	put(KUBE_SLICE, slice("a-1", 1, "a", ""));
	touched("a:1");
	put(KUBE_SLICE, slice("a-1", 1, "b", ""));
	touched("-b:1 a:0");
}

/* A slice can change hands, or become nobody's. */
static void test_owner(void **state)
{
	put(KUBE_SERVICE, service("a", 1, ""));
	put(KUBE_SERVICE, service("b", 1, ""));
	put(KUBE_SLICE, slice("s", 1, "a", ""));
	touched("a:1 b:0");
	put(KUBE_SLICE, slice("s", 2, "b", ""));
	touched("a:0 b:1");
	put(KUBE_SLICE, slice("s", 3, NULL, ""));
	touched("b:0");
	put(KUBE_SLICE, slice("s", 4, NULL, ""));
	touched("");
}

static void test_list(void **state)
{
	put(KUBE_SERVICE, service("a", 1, ""));
	put(KUBE_SERVICE, service("b", 1, ""));
	put(KUBE_SERVICE, service("c", 1, ""));
	put(KUBE_SLICE, slice("a-1", 1, "a", ""));
	put(KUBE_SLICE, slice("b-1", 1, "b", ""));
	touched("a:1 b:1 c:0");

	kube_store_begin_list(store, KUBE_SERVICE);
	put(KUBE_SERVICE, service("a", 1, ""));
	put(KUBE_SERVICE, service("b", 2, ""));
	/* broken off, and begun again */
	kube_store_begin_list(store, KUBE_SERVICE);
	put(KUBE_SERVICE, service("a", 1, ""));
	put(KUBE_SERVICE, service("d", 1, ""));
	touched("a:1 b:1 d:0");
	assert_int_equal(kube_store_end_list(store, KUBE_SERVICE), 0);
	touched("-b:1 -c:0");

	kube_store_begin_list(store, KUBE_SLICE);
	put(KUBE_SLICE, slice("a-1", 1, "a", ""));
	assert_int_equal(kube_store_end_list(store, KUBE_SLICE), 0);
	touched("-b:0 a:1");
	kube_store_begin_list(store, KUBE_SLICE);
	assert_int_equal(kube_store_end_list(store, KUBE_SLICE), 0);
	touched("a:0");
}

/* What was known of a name stays, also when a list has the refused one. */
static void test_refused(void **state)
{
	json_t *bad = service("a", 2, ", \"type\": \"Foo\"");
	struct klb_err err;

	put(KUBE_SERVICE, service("a", 1, ""));
	touched("a:0");
	kube_store_begin_list(store, KUBE_SERVICE);
	assert_int_equal(kube_store_put(store, KUBE_SERVICE, bad, &err),
			 -EINVAL);
	assert_string_equal(err.text, "service ns/a: spec.type: unknown \"Foo\"");
	assert_int_equal(kube_store_end_list(store, KUBE_SERVICE), 0);
	touched("");
	json_decref(bad);
	assert_int_equal(kube_store_put(store, KUBE_SLICE, NULL, &err),
			 -EINVAL);
	assert_int_equal(kube_store_gone(store, KUBE_NODE, NULL, &err),
			 -EINVAL);
}

static void test_node(void **state)
{
	put(KUBE_SERVICE, service("plain", 1, ""));
	put(KUBE_SERVICE, service("ranges", 1, ", \"loadBalancerSourceRanges\": [\"10.0.0.0/8\"]"));
	put(KUBE_SERVICE, service("hints", 1, ""));
	put(KUBE_SLICE, slice("s", 1, "hints", "{\"name\": \"a\"}"));
	touched("hints:1 plain:0 ranges:0");
	assert_null(kube_store_node(store));

	put(KUBE_NODE, node("n2", "b", "192.168.0.2", "10.1.2.0/24"));
	assert_null(kube_store_node(store));
	put(KUBE_NODE, node("n1", "a", "192.168.0.1", "10.1.1.0/24"));
	assert_string_equal(kube_store_node(store)->zone, "a");
	touched("hints:1 plain:0 ranges:0");
	assert_true(kube_store_net_touched(store));
	assert_false(kube_store_net_touched(store));

	put(KUBE_NODE, node("n1", "a", "192.168.0.1", "10.1.1.0/24"));
	touched("");
	put(KUBE_NODE, node("n1", "b", "192.168.0.1", "10.1.1.0/24"));
	touched("hints:1");
	assert_false(kube_store_net_touched(store));
	put(KUBE_NODE, node("n1", "b", "192.168.0.9", "10.1.1.0/24"));
	touched("ranges:0");
	assert_true(kube_store_net_touched(store));
	put(KUBE_NODE, node("n1", "b", "192.168.0.9", "10.1.9.0/24"));
	touched("hints:1 plain:0 ranges:0");
	assert_true(kube_store_net_touched(store));

	kube_store_begin_list(store, KUBE_NODE);
	put(KUBE_NODE, node("n1", "b", "192.168.0.9", "10.1.9.0/24"));
	assert_int_equal(kube_store_end_list(store, KUBE_NODE), 0);
	assert_non_null(kube_store_node(store));
	touched("");
	kube_store_begin_list(store, KUBE_NODE);
	assert_int_equal(kube_store_end_list(store, KUBE_NODE), 0);
	gone(KUBE_NODE, node("n1", "b", "192.168.0.9", "10.1.9.0/24"));
	assert_string_equal(kube_store_node(store)->zone, "b");
	touched("");
	assert_false(kube_store_net_touched(store));
}

enum { SERVICES = 10000, ENDPOINTS = 10 };

static json_t *large_service(int i)
{
	return parse("{\"metadata\": {\"namespace\": \"namespace-%d\", \"name\": \"service-%d\", \"resourceVersion\": \"%d\","
		     "\"creationTimestamp\": \"2026-01-01T00:00:00Z\"},"
		     "\"spec\": {\"clusterIP\": \"10.96.%d.%d\", \"ports\": [{\"name\": \"http\", \"port\": 80}]}}",
		     i % 100, i, i, i / 250, i % 250 + 1);
}

static json_t *large_slice(int i)
{
	json_t *obj = parse("{\"metadata\": {\"namespace\": \"namespace-%d\", \"name\": \"service-%d-x7k2p\", \"resourceVersion\": \"%d\","
			    "\"labels\": {\"kubernetes.io/service-name\": \"service-%d\"}},"
			    "\"addressType\": \"IPv4\", \"ports\": [{\"name\": \"http\", \"port\": 8080}], \"endpoints\": []}",
			    i % 100, i, i, i);
	int k;

	for (k = 0; k < ENDPOINTS; k++)
		json_array_append_new(json_object_get(obj, "endpoints"),
				      parse("{\"addresses\": [\"10.%d.%d.%d\"], \"nodeName\": \"node-%d\","
					    "\"conditions\": {\"ready\": true}, \"hints\": {\"forZones\": [{\"name\": \"zone-%d\"}]}}",
					    i / 250 + 1, i % 250, k + 1, k, k % 3));
	return obj;
}

/* Its header is not in the package of the compiler everywhere. */
size_t __sanitizer_get_current_allocated_bytes(void);

/* Without what the allocator itself needs, under the sanitizer. */
static size_t allocated(void)
{
#ifdef __SANITIZE_ADDRESS__
	return __sanitizer_get_current_allocated_bytes();
#else
	return mallinfo2().uordblks;
#endif
}

/* The whole daemon has 120 MiB for these; the objects shall not have 20. */
static void test_large(void **state)
{
	const struct kube_settings settings = { 0 };
	size_t before = allocated(), used;
	struct kube_claims claims = { 0 };
	const struct kube_entry *entry;
	size_t n = 0, endpoints = 0;
	int i;

	for (i = 0; i < SERVICES; i++) {
		put(KUBE_SERVICE, large_service(i));
		put(KUBE_SLICE, large_slice(i));
	}
	used = allocated() - before;
	print_message("%d Services, %d endpoints each: %zu KiB\n", SERVICES,
		      ENDPOINTS, used / 1024);
	assert_in_range(used, 1 << 20, 20 << 20);
	while ((entry = kube_store_next(store))) {
		assert_int_equal(kube_desired(entry->svc,
					      (const struct kube_slice *const *)entry->slices,
					      entry->n_slices, NULL, &settings,
					      &claims), 0);
		n++;
	}
	assert_int_equal(n, SERVICES);
	assert_int_equal(claims.n, SERVICES);
	for (n = 0; n < claims.n; n++)
		endpoints += claims.v[n].svc.n_endpoints;
	assert_int_equal(endpoints, SERVICES * ENDPOINTS);
	kube_claims_free(&claims);
}

#define TEST(name)	cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_touch),
		TEST(test_order),
		TEST(test_same_version),
		TEST(test_owner),
		TEST(test_list),
		TEST(test_refused),
		TEST(test_node),
		TEST(test_large),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: GPL-2.0
/* Prefixes of services, as ServiceCIDR objects come and go. */
#include "test.h"

#include <errno.h>
#include <string.h>

#include "cidrs.h"

static struct cidrs *cidrs;

static json_t *object(const char *name, const char *list)
{
	json_t *j = json_pack("{s:{s:s}, s:{s:o}}", "metadata", "name", name,
			      "spec", "cidrs",
			      json_loads(list, JSON_DECODE_ANY, NULL));

	assert_non_null(j);
	return j;
}

static void put(const char *name, const char *list)
{
	json_t *j = object(name, list);
	struct klb_err err;

	assert_int_equal(cidrs_put(cidrs, j, &err), 0);
	json_decref(j);
}

static void gone(const char *name)
{
	json_t *j = object(name, "[]");
	struct klb_err err;

	assert_int_equal(cidrs_gone(cidrs, j, &err), 0);
	json_decref(j);
}

static void refused(const char *list, const char *sentence)
{
	json_t *j = object("x", list);
	struct klb_err err;

	assert_int_equal(cidrs_put(cidrs, j, &err), -EINVAL);
	assert_string_equal(err.text, sentence);
	json_decref(j);
}

/* Whether they were touched, and what they are now. */
static void now(bool touched, const char *want)
{
	const struct klb_prefixes *all = cidrs_all(cidrs);
	char said[512] = "", text[KLB_PREFIX_TEXT];
	size_t i;

	for (i = 0; i < all->n; i++) {
		strcat(said, i ? " " : "");
		strcat(said, klb_prefix_format(&all->v[i], text));
	}
	assert_string_equal(said, want);
	assert_int_equal(cidrs_touched(cidrs), touched);
	assert_false(cidrs_touched(cidrs));
}

static void test_come_and_go(void **state)
{
	now(false, "");
	put("kubernetes", "[\"10.96.0.0/16\", \"fd00:96::/112\"]");
	now(true, "10.96.0.0/16 fd00:96::/112");
	put("more", "[\"10.97.0.0/16\"]");
	now(true, "10.96.0.0/16 10.97.0.0/16 fd00:96::/112");
	/* one that is there already, and one that changes */
	put("same", "[\"10.97.0.0/16\"]");
	now(false, "10.96.0.0/16 10.97.0.0/16 fd00:96::/112");
	put("more", "[\"10.98.0.0/16\"]");
	now(true, "10.96.0.0/16 10.97.0.0/16 10.98.0.0/16 fd00:96::/112");
	gone("more");
	gone("never");
	now(true, "10.96.0.0/16 10.97.0.0/16 fd00:96::/112");
}

static void test_list(void **state)
{
	put("a", "[\"10.96.0.0/16\"]");
	put("b", "[\"10.97.0.0/16\"]");
	now(true, "10.96.0.0/16 10.97.0.0/16");
	cidrs_begin_list(cidrs);
	put("b", "[\"10.97.0.0/16\"]");
	/* broken off, and begun again: nothing is missing meanwhile */
	cidrs_begin_list(cidrs);
	put("a", "[\"10.96.0.0/16\"]");
	now(false, "10.96.0.0/16 10.97.0.0/16");
	assert_int_equal(cidrs_end_list(cidrs), 0);
	now(true, "10.96.0.0/16");
}

static void test_refused(void **state)
{
	put("x", "[\"10.96.0.0/16\"]");
	now(true, "10.96.0.0/16");
	refused("[\"10.96.0.0/33\"]", "spec.cidrs: \"10.96.0.0/33\" is no prefix");
	refused("[7]", "spec.cidrs: \"\" is no prefix");
	now(false, "10.96.0.0/16");
	put("y", "[]");
	now(false, "10.96.0.0/16");
	put("y", "null");
	now(false, "10.96.0.0/16");
}

/* An apiserver that has none has just begun; what was true still is. */
static void test_none(void **state)
{
	put("x", "[\"10.96.0.0/16\"]");
	now(true, "10.96.0.0/16");
	cidrs_begin_list(cidrs);
	assert_int_equal(cidrs_end_list(cidrs), 0);
	now(false, "10.96.0.0/16");
	put("x", "[\"10.97.0.0/16\"]");
	now(true, "10.97.0.0/16");
}

static int set_up(void **state)
{
	cidrs = cidrs_new();
	return !cidrs;
}

static int tear_down(void **state)
{
	cidrs_free(cidrs);
	return 0;
}

#define TEST(name)	cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_come_and_go),
		TEST(test_list),
		TEST(test_refused),
		TEST(test_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: GPL-2.0
#include "test.h"

#include "addr.h"

static const struct {
	const char *text;	/* what is read and what is written again */
	const char *again;
	int len;
	int port;
} good[] = {
	{ "10.0.0.1:80", "10.0.0.1:80", 4, 80 },
	{ "0.0.0.0:30080", "0.0.0.0:30080", 4, 30080 },
	{ "255.255.255.255:65535", "255.255.255.255:65535", 4, 65535 },
	{ "1.2.3.4:1", "1.2.3.4:1", 4, 1 },
	{ "[::]:53", "[::]:53", 16, 53 },
	{ "[2001:DB8:0::1]:443", "[2001:db8::1]:443", 16, 443 },
	{ "[1:2:3:4:5:6:7:8]:65535", "[1:2:3:4:5:6:7:8]:65535", 16, 65535 },
	{ "[64:ff9b::1.2.3.4]:1", "[64:ff9b::102:304]:1", 16, 1 },
};

static void test_good(void **state)
{
	char text[KLB_ADDR_TEXT];
	struct klb_err err;
	struct klb_ap ap;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(good); i++) {
		assert_int_equal(klb_ap_parse(good[i].text, &ap, &err), 0);
		assert_int_equal(ap.addr.len, good[i].len);
		assert_int_equal(ap.port, good[i].port);
		assert_string_equal(klb_ap_format(&ap, text), good[i].again);
	}
}

/* The word at fault, with its quotes, and what was expected. */
static const struct {
	const char *text;
	const char *word;
	const char *expected;
} bad[] = {
	{ "", "\"\"", "ADDR:PORT" },
	{ ":", "\"\"", "a.b.c.d" },
	{ ":80", "\"\"", "a.b.c.d" },
	{ "10.0.0.1", "\"10.0.0.1\"", "ADDR:PORT" },
	{ "10.0.0.1:", "\"\"", "1..65535" },
	{ "10.0.0.1:0", "\"0\"", "1..65535" },
	{ "10.0.0.1:65536", "\"65536\"", "1..65535" },
	{ "10.0.0.1:70000", "\"70000\"", "1..65535" },
	{ "10.0.0.1:18446744073709551617", "\"18446744073709551617\"",
	  "1..65535" },
	{ "10.0.0.1:80x", "\"80x\"", "1..65535" },
	{ "10.0.0.1:-1", "\"-1\"", "1..65535" },
	{ "10.0.0.1:+80", "\"+80\"", "1..65535" },
	{ "10.0.0.1: 80", "\" 80\"", "1..65535" },
	{ "10.0.0.1:80:90", "lacks brackets", "[v6]:PORT" },
	{ "10.0.0:80", "\"10.0.0\"", "a.b.c.d" },
	{ "10.0.0.256:80", "\"10.0.0.256\"", "a.b.c.d" },
	{ "010.0.0.1:80", "\"010.0.0.1\"", "a.b.c.d" },
	{ " 10.0.0.1:80", "\" 10.0.0.1\"", "a.b.c.d" },
	{ "x10.0.0.1:80", "\"x10.0.0.1\"", "a.b.c.d" },
	{ "10.0.0.1.5:80", "\"10.0.0.1.5\"", "a.b.c.d" },
	{ "localhost:80", "\"localhost\"", "a.b.c.d" },
	{ "2001:db8::1:80", "lacks brackets", "[v6]:PORT" },
	{ "::1", "lacks brackets", "[v6]:PORT" },
	{ "[2001:db8::1]", "\"[2001:db8::1]\"", "[v6]:PORT" },
	{ "[2001:db8::1]80", "\"[2001:db8::1]80\"", "[v6]:PORT" },
	{ "[2001:db8::1]:0", "\"0\"", "1..65535" },
	{ "[2001:db8::1:80", "closing bracket", "[v6]:PORT" },
	{ "[]:80", "\"\"", "IPv6" },
	{ "[10.0.0.1]:80", "\"10.0.0.1\"", "IPv6" },
	{ "[::g]:80", "\"::g\"", "IPv6" },
	{ "[1:2:3:4:5:6:7:8:9]:80", "\"1:2:3:4:5:6:7:8:9\"", "IPv6" },
	{ "[::ffff:10.0.0.1]:80", "\"::ffff:10.0.0.1\"", "a.b.c.d" },
	{ "[::ffff:a00:1]:80", "\"::ffff:a00:1\"", "a.b.c.d" },
	{ "[fe80::1%eth0]:80", "\"fe80::1%eth0\"", "without \"%\"" },
	{ "10.0.0.1%lo:80", "\"10.0.0.1%lo\"", "without \"%\"" },
};

static void test_bad(void **state)
{
	struct klb_err err;
	struct klb_ap ap;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		err.text[0] = 0;
		if (!klb_ap_parse(bad[i].text, &ap, &err))
			fail_msg("\"%s\" was taken", bad[i].text);
		if (!strstr(err.text, bad[i].word) ||
		    !strstr(err.text, bad[i].expected))
			fail_msg("\"%s\": %s", bad[i].text, err.text);
	}
}

static void test_long(void **state)
{
	char text[2000];
	struct klb_err err;
	struct klb_ap ap;

	memset(text, '1', sizeof(text));
	text[sizeof(text) - 1] = 0;
	assert_int_not_equal(klb_ap_parse(text, &ap, &err), 0);
	text[0] = '[';
	strcpy(text + sizeof(text) - 6, "]:80");
	assert_int_not_equal(klb_ap_parse(text, &ap, &err), 0);
	text[0] = '1';
	strcpy(text + sizeof(text) - 6, ":80");
	assert_int_not_equal(klb_ap_parse(text, &ap, &err), 0);
}

static const struct {
	const char *text;
	int len;		/* 0: refused */
	int port;
} optional[] = {
	{ "10.0.0.1", 4, 0 },
	{ "10.0.0.1:80", 4, 80 },
	{ "::1", 16, 0 },
	{ "[::1]", 16, 0 },
	{ "[::1]:80", 16, 80 },
	{ "10.0.0.1:", 0, 0 },
	{ "10.0.0.1:0", 0, 0 },
	{ "[::1]:", 0, 0 },
	{ "[::1]x", 0, 0 },
	{ "[::1", 0, 0 },
	{ "::ffff:1.2.3.4", 0, 0 },
	{ "x", 0, 0 },
};

static void test_optional(void **state)
{
	struct klb_err err;
	struct klb_ap ap;
	size_t i;
	int rc;

	for (i = 0; i < ARRAY_SIZE(optional); i++) {
		rc = klb_ap_parse_opt(optional[i].text, &ap, &err);
		if (!rc != !!optional[i].len)
			fail_msg("\"%s\": %d", optional[i].text, rc);
		if (rc)
			continue;
		assert_int_equal(ap.addr.len, optional[i].len);
		assert_int_equal(ap.port, optional[i].port);
	}
}

static void parse(const char *text, struct klb_ap *ap)
{
	struct klb_err err;

	assert_int_equal(klb_ap_parse(text, ap, &err), 0);
}

static void test_cmp(void **state)
{
	static const char *const sorted[] = {
		"0.0.0.0:1", "9.0.0.1:80", "10.0.0.1:79", "10.0.0.1:80",
		"10.0.0.128:1", "200.0.0.1:1", "[::]:1", "[::1]:1", "[::1]:2",
		"[ff00::]:1",
	};
	struct klb_ap a, b;
	size_t i, j;
	int cmp;

	for (i = 0; i < ARRAY_SIZE(sorted); i++) {
		for (j = 0; j < ARRAY_SIZE(sorted); j++) {
			parse(sorted[i], &a);
			parse(sorted[j], &b);
			cmp = klb_ap_cmp(&a, &b);
			assert_int_equal((cmp > 0) - (cmp < 0),
					 (i > j) - (i < j));
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_optional),
		cmocka_unit_test(test_cmp),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

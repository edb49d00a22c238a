// SPDX-License-Identifier: GPL-2.0
/* What is printed: units, text in columns, JSON and its escapes. */
#include "test.h"

#include <errno.h>
#include <netinet/in.h>

#include "out.h"
#include "show.h"
#include "units.h"
#include "utf8.h"

/* Collects what one document prints. */
struct paper {
	struct out out;
	char *text;
	size_t size;
};

static struct out *begin(struct paper *p, bool json, bool pretty)
{
	out_init(&p->out, open_memstream(&p->text, &p->size), json, pretty);
	assert_non_null(p->out.f);
	return &p->out;
}

static void expect(struct paper *p, const char *text)
{
	assert_int_equal(out_end(&p->out), 0);
	fclose(p->out.f);
	assert_string_equal(p->text, text);
	out_free(&p->out);
	free(p->text);
}

static const struct {
	uint64_t n;
	const char *count;
	const char *bytes;
} units[] = {
	{ 0, "0", "0 B" },
	{ 999, "999", "999 B" },
	{ 1000, "1.0k", "1000 B" },
	{ 1023, "1.0k", "1023 B" },
	{ 1024, "1.0k", "1.0 KiB" },
	{ 1299, "1.2k", "1.2 KiB" },
	{ 999999, "999.9k", "976.5 KiB" },
	{ 1000000, "1.0M", "976.5 KiB" },
	{ 3565159, "3.5M", "3.4 MiB" },
	{ 1048575, "1.0M", "1023.9 KiB" },
	{ UINT64_C(1) << 40, "1.0T", "1.0 TiB" },
	{ UINT64_MAX, "18.4E", "15.9 EiB" },
};

static void test_units(void **state)
{
	char text[UNITS_TEXT];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(units); i++) {
		assert_string_equal(units_count(units[i].n, text),
				    units[i].count);
		assert_string_equal(units_bytes(units[i].n, text),
				    units[i].bytes);
	}
}

static const struct {
	const char *s;
	const char *json;
	const char *text;
} strings[] = {
	{ "plain", "\"plain\"", "plain" },
	{ "a\"b\\c", "\"a\\\"b\\\\c\"", "a\"b\\c" },
	{ "\n\t\r", "\"\\n\\t\\u000d\"", "\\x0a\\x09\\x0d" },
	{ "\x01\x1b[31m\x7f", "\"\\u0001\\u001b[31m\\u007f\"",
	  "\\x01\\x1b[31m\\x7f" },
	{ "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80",
	  "\"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\"",
	  "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80" },
	/* not UTF-8: stray, overlong, surrogate, cut short */
	{ "\xff", "\"\\ufffd\"", "\\xff" },
	{ "\xc0\xaf", "\"\\ufffd\\ufffd\"", "\\xc0\\xaf" },
	{ "\xed\xa0\x80", "\"\\ufffd\\ufffd\\ufffd\"", "\\xed\\xa0\\x80" },
	{ "a\xe2\x82", "\"a\\ufffd\\ufffd\"", "a\\xe2\\x82" },
	{ "\xf4\x90\x80\x80", "\"\\ufffd\\ufffd\\ufffd\\ufffd\"",
	  "\\xf4\\x90\\x80\\x80" },
	/* a control character of Latin 1, to a terminal */
	{ "\xc2\x9b", "\"\xc2\x9b\"", "\\xc2\\x9b" },
};

static void test_strings(void **state)
{
	char want[128];
	struct paper p;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(strings); i++) {
		begin(&p, true, false);
		out_list(&p.out, NULL);
		json_string(&p.out.js, NULL, strings[i].s);
		out_list_end(&p.out);
		snprintf(want, sizeof(want), "[%s]\n", strings[i].json);
		expect(&p, want);

		begin(&p, false, false);
		out_row(&p.out);
		out_word(&p.out, "k", strings[i].s);
		out_row_end(&p.out);
		snprintf(want, sizeof(want), "%s\n", strings[i].text);
		expect(&p, want);
	}
}

static void test_width(void **state)
{
	assert_int_equal(utf8_width(""), 0);
	assert_int_equal(utf8_width("abc"), 3);
	assert_int_equal(utf8_width("\xc3\xa4\xe2\x82\xac"), 2);
	assert_int_equal(utf8_width("\xff\xff"), 2);
}

static void print_two(struct out *o)
{
	out_list(o, NULL);
	out_row(o);
	out_word(o, "addr", "10.0.0.1:80");
	out_str(o, OUT_JSON, "addr", "10.0.0.1");
	out_str(o, OUT_BOTH, "name", "");
	out_count(o, OUT_BOTH, "packets", 1234);
	out_bytes(o, OUT_BOTH, "bytes", 2048);
	out_list(o, "sub");
	out_row(o);
	out_word(o, "ep", "x");
	out_num(o, OUT_BOTH, "weight", 5);
	out_row_end(o);
	out_row(o);
	out_word(o, "ep", "yyy");
	out_num(o, OUT_BOTH, "weight", 100);
	out_row_end(o);
	out_list_end(o);
	out_row_end(o);
	out_row(o);
	out_word(o, "addr", "10.0.0.100:80");
	out_str(o, OUT_JSON, "addr", "10.0.0.100");
	out_str(o, OUT_BOTH, "name", "web");
	out_count(o, OUT_BOTH, "packets", 7);
	out_bytes(o, OUT_BOTH, "bytes", 0);
	out_list(o, "sub");
	out_list_end(o);
	out_row_end(o);
	out_list_end(o);
}

static void test_text(void **state)
{
	struct paper p;

	print_two(begin(&p, false, false));
	expect(&p, "10.0.0.1:80              packets 1.2k  bytes 2.0 KiB\n"
		   "  x    weight   5\n"
		   "  yyy  weight 100\n"
		   "10.0.0.100:80  name web  packets    7  bytes     0 B\n");
}

static void test_json(void **state)
{
	struct paper p;

	print_two(begin(&p, true, false));
	expect(&p, "[{\"addr\":\"10.0.0.1\",\"name\":\"\",\"packets\":1234,"
		   "\"bytes\":2048,\"sub\":[{\"weight\":5},{\"weight\":100}]},"
		   "{\"addr\":\"10.0.0.100\",\"name\":\"web\",\"packets\":7,"
		   "\"bytes\":0,\"sub\":[]}]\n");
}

static void test_json_pretty(void **state)
{
	struct paper p;
	struct out *o = begin(&p, true, true);

	out_props(o, NULL);
	out_num(o, OUT_BOTH, "a", 1);
	out_list(o, "b");
	out_row(o);
	out_bool(o, OUT_BOTH, "c", true);
	out_row_end(o);
	out_list_end(o);
	out_null(o, "d");
	out_props_end(o);
	expect(&p, "{\n"
		   "    \"a\": 1,\n"
		   "    \"b\": [\n"
		   "        {\n"
		   "            \"c\": true\n"
		   "        }\n"
		   "    ],\n"
		   "    \"d\": null\n"
		   "}\n");
}

static void test_json_empty(void **state)
{
	struct paper p;

	begin(&p, true, false);
	out_list(&p.out, NULL);
	out_list_end(&p.out);
	expect(&p, "[]\n");
	begin(&p, true, true);
	out_list(&p.out, NULL);
	out_list_end(&p.out);
	expect(&p, "[]\n");
}

/* A request that is refused before its first answer leaves no bracket. */
static void test_json_dropped(void **state)
{
	struct paper p;

	begin(&p, true, false);
	out_list(&p.out, NULL);
	out_drop(&p.out);
	out_list(&p.out, NULL);
	out_list_end(&p.out);
	expect(&p, "[]\n");
}

static void test_props(void **state)
{
	struct paper p;
	struct out *o = begin(&p, false, false);

	out_props(o, NULL);
	out_num(o, OUT_BOTH, "conns", 1200);
	out_str(o, OUT_BOTH, "version", "1.0");
	out_str(o, OUT_BOTH, "empty", "");
	out_props(o, "conn");
	out_bool(o, OUT_BOTH, "on", false);
	out_props_end(o);
	out_props_end(o);
	expect(&p, "conns    1200\n"
		   "version  1.0\n"
		   "conn\n"
		   "  on  off\n");
}

/* Far more rows than are kept back: none is lost, all are in columns. */
static void test_many_rows(void **state)
{
	unsigned int i, lines = 0;
	struct paper p;
	const char *s;

	begin(&p, false, false);
	for (i = 0; i < 3 * TABLE_ROWS; i++) {
		out_row(&p.out);
		out_num(&p.out, OUT_BOTH, "n", i % 10);
		out_row_end(&p.out);
	}
	assert_int_equal(out_end(&p.out), 0);
	fclose(p.out.f);
	for (s = p.text; *s; s += 4, lines++) {
		assert_memory_equal(s, "n ", 2);
		assert_int_equal(s[3], '\n');
	}
	assert_int_equal(lines, 3 * TABLE_ROWS);
	out_free(&p.out);
	free(p.text);
}

static void test_full(void **state)
{
	struct out o;
	int i;

	out_init(&o, fopen("/dev/full", "w"), false, false);
	assert_non_null(o.f);
	for (i = 0; i < 10000; i++) {
		out_row(&o);
		out_word(&o, "k", "a line that will never be");
		out_row_end(&o);
	}
	assert_int_equal(out_end(&o), -ENOSPC);
	fclose(o.f);
	out_free(&o);
}

static void fill_service(struct klb_service *svc)
{
	struct klb_endpoint ep;

	*svc = (struct klb_service){
		.proto = IPPROTO_UDP,
		.ap = { { 16, { [15] = 1 } }, 53 },
		.name = "a \"b\"",
		.timeout = 30, .seed = 7, .conns = 2, .conns_total = 9,
		.maglev_slots = 251,
		.traffic = { 1, 100, 2, 200 },
	};
	klb_endpoint_init(&ep);
	ep.ap = (struct klb_ap){ { 16, { [15] = 2 } }, 5353 };
	ep.traffic = (struct klb_traffic){ 3, 30, 4, 40 };
	ep.conns = 1;
	ep.conns_total = 5;
	assert_int_equal(klb_service_add_endpoint(svc, &ep), 0);
}

static void show_one(struct out *o, const struct klb_service *svc)
{
	out_list(o, NULL);
	out_row(o);
	show_service(o, svc);
	out_row_end(o);
	out_list_end(o);
}

/* The keys are a contract: design.md, section 4. */
static void test_service(void **state)
{
	struct klb_service svc;
	struct paper p;

	fill_service(&svc);
	show_one(begin(&p, true, false), &svc);
	expect(&p, "[{\"proto\":\"udp\",\"addr\":\"::1\",\"port\":53,"
		   "\"name\":\"a \\\"b\\\"\",\"scheduler\":\"maglev\","
		   "\"forward\":\"nat\",\"masquerade\":\"never\","
		   "\"empty\":\"reject\",\"affinity\":0,"
		   "\"share\":null,\"source\":[],\"snat\":null,"
		   "\"secondary\":[],"
		   "\"timeout\":30,\"maglev_size\":0,\"seed\":7,"
		   "\"maglev_slots\":251,\"conns\":2,\"conns_total\":9,"
		   "\"packets\":3,\"bytes\":300,\"packets_in\":1,"
		   "\"bytes_in\":100,\"packets_out\":2,\"bytes_out\":200,"
		   "\"endpoints\":[{\"addr\":\"::2\",\"port\":5353,"
		   "\"weight\":1,\"state\":\"up\",\"scope\":\"all\","
		   "\"conns\":1,\"conns_total\":5,\"packets\":7,\"bytes\":70,"
		   "\"packets_in\":3,\"bytes_in\":30,\"packets_out\":4,"
		   "\"bytes_out\":40}]}]\n");
	show_one(begin(&p, false, false), &svc);
	expect(&p, "udp  [::1]:53  name \"a \\\"b\\\"\"  scheduler maglev  "
		   "forward nat  timeout 30  seed 7  conns 2  packets 3  "
		   "bytes 300 B\n"
		   "  [::2]:5353  weight 1  state up  conns 1  packets 7  "
		   "bytes 70 B\n");
	klb_service_free(&svc);
}

static void test_conn(void **state)
{
	struct klb_conn conn = {
		.proto = IPPROTO_TCP,
		.client = { { 4, { 10, 9, 0, 1 } }, 40000 },
		.vip = { { 4, { 10, 0, 0, 1 } }, 80 },
		.endpoint = { { 4, { 10, 1, 0, 1 } }, 8080 },
		.has_state = true,
		.state = KLB_CONN_STATE_ESTABLISHED,
		.expires = 86399999,
		.traffic = { 1, 60, 2, 120 },
	};
	struct paper p;
	struct out *o;

	o = begin(&p, true, false);
	out_row(o);
	show_conn(o, &conn);
	out_row_end(o);
	expect(&p, "{\"proto\":\"tcp\",\"client\":\"10.9.0.1:40000\","
		   "\"vip\":\"10.0.0.1:80\",\"endpoint\":\"10.1.0.1:8080\","
		   "\"snat\":null,\"state\":\"established\",\"expires\":86399,"
		   "\"packets_in\":1,\"bytes_in\":60,\"packets_out\":2,"
		   "\"bytes_out\":120}\n");
	conn.snat = (struct klb_ap){ { 16, { [15] = 9 } }, 5 };
	conn.state = 99;
	o = begin(&p, false, false);
	out_row(o);
	show_conn(o, &conn);
	out_row_end(o);
	expect(&p, "tcp  client 10.9.0.1:40000  vip 10.0.0.1:80  "
		   "endpoint 10.1.0.1:8080  snat [::9]:5  state unknown  "
		   "expires 86399  packets 3  bytes 180 B\n");
}

static void test_dev(void **state)
{
	struct klb_dev dev = { "eth0", 2, KLB_DEV_HOOK_EGRESS };
	struct paper p;
	struct out *o;

	o = begin(&p, true, false);
	out_row(o);
	show_dev(o, &dev);
	out_row_end(o);
	expect(&p, "{\"dev\":\"eth0\",\"ifindex\":2,\"hooks\":[\"egress\"]}\n");
	dev.hooks = 3;
	o = begin(&p, false, false);
	out_row(o);
	show_dev(o, &dev);
	out_row_end(o);
	expect(&p, "eth0  ifindex 2  ingress  egress\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_units),
		cmocka_unit_test(test_strings),
		cmocka_unit_test(test_width),
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_json_pretty),
		cmocka_unit_test(test_json_empty),
		cmocka_unit_test(test_json_dropped),
		cmocka_unit_test(test_props),
		cmocka_unit_test(test_many_rows),
		cmocka_unit_test(test_full),
		cmocka_unit_test(test_service),
		cmocka_unit_test(test_conn),
		cmocka_unit_test(test_dev),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

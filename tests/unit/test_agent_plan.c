// SPDX-License-Identifier: GPL-2.0
/* What the module has against what is wanted, and the requests that follow. */
#include "test.h"

#include <netinet/in.h>
#include <stdarg.h>

#include "desired.h"
#include "plan.h"

/* A service as one word: ADDR:PORT, name, masquerade, endpoints of a port. */
struct line {
	const char *ap, *name;
	uint8_t masquerade;
	const char *eps[3];
};

struct bench {
	struct kube_plan *plan;
	char said[1024];
};

static void make(const struct line *line, struct klb_service *svc)
{
	struct klb_endpoint ep;
	struct klb_err err;
	size_t i;

	*svc = (struct klb_service) {
		.proto = IPPROTO_TCP, .scheduler = KLB_SCHEDULER_MAGLEV,
		.forward = KLB_FORWARD_NAT, .masquerade = line->masquerade,
	};
	strcpy(svc->name, line->name);
	assert_int_equal(klb_ap_parse(line->ap, &svc->ap, &err), 0);
	for (i = 0; i < ARRAY_SIZE(line->eps) && line->eps[i]; i++) {
		klb_endpoint_init(&ep);
		assert_int_equal(klb_ap_parse(line->eps[i], &ep.ap, &err), 0);
		assert_int_equal(klb_service_add_endpoint(svc, &ep), 0);
	}
}

static void say(struct bench *b, const char *fmt, ...)
{
	size_t n = strlen(b->said);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(b->said + n, sizeof(b->said) - n, fmt, ap);
	va_end(ap);
}

static void on_conflict(const char *ns, const char *name, const char *sentence,
			void *arg)
{
	say(arg, "%s/%s: %s\n", ns, name, sentence);
}

static void begin(struct bench *b)
{
	*b->said = 0;
	b->plan = kube_plan_new(KUBE_MARK, on_conflict, b);
	assert_non_null(b->plan);
}

/* Lists end with a line without an address. */
static void has(struct bench *b, const struct line *line)
{
	struct klb_service svc;

	kube_plan_begin_dump(b->plan);
	for (; line->ap; line++) {
		make(line, &svc);
		assert_int_equal(kube_plan_has(b->plan, &svc), 0);
		klb_service_free(&svc);
	}
	kube_plan_end_dump(b->plan);
}

/* Each by a Service of its own, named like the name's last letter. */
static void want(struct bench *b, const struct line *line)
{
	struct kube_claims claims = { 0 };
	struct kube_claim claim;
	const char *name;

	for (; line->ap; line++) {
		memset(&claim, 0, sizeof(claim));
		make(line, &claim.svc);
		assert_int_equal(kube_claims_add(&claims, &claim), 0);
		name = line->name + strlen(line->name) - 1;
		assert_int_equal(kube_plan_want(b->plan, "ns", name, &claims), 0);
		assert_int_equal(claims.n, 0);
	}
}

static void want_nothing(struct bench *b, const char *name)
{
	struct kube_claims none = { 0 };

	assert_int_equal(kube_plan_want(b->plan, "ns", name, &none), 0);
}

/* All requests; those that change what has the port @refuse are refused. */
static void run(struct bench *b, uint16_t refuse)
{
	static const char *const words[] = { "del", "new", "set" };
	char text[KLB_ADDR_TEXT];
	struct kube_change c;
	bool done;

	while (kube_plan_next(b->plan, &c)) {
		done = c.svc->ap.port != refuse;
		assert_true(!c.ns == (c.type == KUBE_CHANGE_DEL));
		say(b, "%s %s %#x%s\n", words[c.type],
		    klb_ap_format(&c.svc->ap, text), c.has,
		    done ? "" : " refused");
		assert_int_equal(kube_plan_done(b->plan, &c, done), 0);
	}
	assert_int_equal(kube_plan_pending(b->plan), 0);
}

static void said(struct bench *b, const char *expect)
{
	assert_string_equal(b->said, expect);
	*b->said = 0;
}

static void compare(const struct line *is, const struct line *wanted,
		    const char *expect)
{
	struct bench b;

	begin(&b);
	want(&b, wanted);
	has(&b, is);
	run(&b, 0);
	said(&b, expect);
	/* done is done */
	run(&b, 0);
	said(&b, "");
	has(&b, wanted);
	*b.said = 0;
	run(&b, 0);
	if (!strstr(expect, "somebody"))
		said(&b, "");
	kube_plan_free(b.plan);

	/* the other way round it is the same */
	begin(&b);
	has(&b, is);
	want(&b, wanted);
	run(&b, 0);
	said(&b, expect);
	kube_plan_free(b.plan);
}

#define LIST(...)	((const struct line[]) { __VA_ARGS__, { NULL } })
#define NONE		((const struct line[]) { { NULL } })
#define A		{ "1.1.1.1:80", "kube/ns/a", 0, { "2.2.2.1:1" } }
#define B		{ "1.1.1.2:80", "kube/ns/b", 0, { NULL } }
#define C		{ "[fd00::1]:80", "kube/ns/c", 0, { "[fd00::2]:1" } }

static void test_nothing(void **state)
{
	compare(NONE, NONE, "");
	compare(LIST(A, B, C), LIST(C, B, A), "");
}

static void test_new_and_del(void **state)
{
	compare(NONE, LIST(A), "new 1.1.1.1:80 0x41\n");
	compare(LIST(A), NONE, "del 1.1.1.1:80 0\n");
	/* deletions first, whatever the order of addresses */
	compare(LIST(B, C), LIST(A, B), "del [fd00::1]:80 0\nnew 1.1.1.1:80 0x41\n");
	compare(LIST(A, C), LIST(B), "del 1.1.1.1:80 0\ndel [fd00::1]:80 0\nnew 1.1.1.2:80 0x1\n");
}

/* Only what differs, all of a service in one. */
static void test_set(void **state)
{
	const struct line a[] = { A, { NULL } };

	compare(a, LIST({ "1.1.1.1:80", "kube/ns/a", 0, { "2.2.2.2:1" } }),
		"set 1.1.1.1:80 0x40\n");
	compare(a, LIST({ "1.1.1.1:80", "kube/ns/a", 0, { NULL } }),
		"set 1.1.1.1:80 0x40\n");
	compare(a, LIST({ "1.1.1.1:80", "kube/ns/z", 1, { "2.2.2.1:1", "2.2.2.2:1" } }),
		"set 1.1.1.1:80 0xc1\n");
}

static void test_others(void **state)
{
	const struct line other[] = {
		{ "1.1.1.1:80", "by hand", 0, { "9.9.9.9:9" } },
		{ "1.1.1.3:80", "", 0, { NULL } },
		{ "1.1.1.4:80", "kubernetes", 0, { NULL } }, { NULL },
	};

	compare(other, NONE, "");
	compare(other, LIST(A, B),
		"ns/a: kube/ns/a does not get tcp 1.1.1.1:80, which somebody else has set (\"by hand\")\n"
		"new 1.1.1.2:80 0x1\n");
}

#define A_OF_X	{ "1.1.1.1:80", "kube/ns/x", 0, { "2.2.2.9:1" } }
#define D	{ "1.1.1.4:99", "kube/ns/d", 0, { NULL } }

/* Who goes before whom, and who is next when that one is gone. */
static void test_conflict(void **state)
{
	struct bench b;

	begin(&b);
	want(&b, LIST(A_OF_X, A));
	run(&b, 0);
	said(&b, "ns/x: kube/ns/x does not get tcp 1.1.1.1:80, which kube/ns/a has\n"
		 "new 1.1.1.1:80 0x41\n");
	assert_int_equal(kube_plan_conflicts(b.plan), 1);
	want_nothing(&b, "a");
	run(&b, 0);
	said(&b, "set 1.1.1.1:80 0x41\n");
	assert_int_equal(kube_plan_conflicts(b.plan), 0);
	want_nothing(&b, "x");
	run(&b, 0);
	said(&b, "del 1.1.1.1:80 0\n");
	want_nothing(&b, "x");
	want_nothing(&b, "never");
	run(&b, 0);
	said(&b, "");
	kube_plan_free(b.plan);
}

/* What changes before it was applied is applied once, as it is then. */
static void test_coalesce(void **state)
{
	struct kube_change c;
	struct bench b;

	begin(&b);
	want(&b, LIST(A, B));
	want(&b, LIST({ "1.1.1.1:80", "kube/ns/a", 1, { "2.2.2.2:1" } }));
	want_nothing(&b, "b");
	run(&b, 0);
	said(&b, "new 1.1.1.1:80 0xc1\n");
	/* looked at, and gone before it was applied */
	want(&b, LIST(B, C));
	assert_true(kube_plan_next(b.plan, &c));
	assert_int_equal(kube_plan_done(b.plan, &c, true), 0);
	want_nothing(&b, "c");
	run(&b, 0);
	said(&b, "");
	kube_plan_free(b.plan);
}

static void test_refused(void **state)
{
	struct bench b;

	begin(&b);
	want(&b, LIST(A, D));
	run(&b, 99);
	said(&b, "new 1.1.1.1:80 0x41\nnew 1.1.1.4:99 0x1 refused\n");
	assert_int_equal(kube_plan_refused(b.plan), 1);
	run(&b, 0);
	said(&b, "");
	assert_int_equal(kube_plan_retry(b.plan), 1);
	run(&b, 99);
	said(&b, "new 1.1.1.4:99 0x1 refused\n");
	/* another wish is tried at once */
	want(&b, LIST({ "1.1.1.4:99", "kube/ns/d", 1, { NULL } }));
	assert_int_equal(kube_plan_refused(b.plan), 0);
	run(&b, 0);
	said(&b, "new 1.1.1.4:99 0x81\n");
	want_nothing(&b, "d");
	run(&b, 99);
	said(&b, "del 1.1.1.4:99 0 refused\n");
	assert_int_equal(kube_plan_retry(b.plan), 1);
	run(&b, 0);
	said(&b, "del 1.1.1.4:99 0\n");
	assert_int_equal(kube_plan_retry(b.plan), 0);
	kube_plan_free(b.plan);
}

/* Somebody has changed what was applied, or the module was loaded anew. */
static void test_dump_again(void **state)
{
	struct bench b;

	begin(&b);
	want(&b, LIST(A, B));
	run(&b, 0);
	said(&b, "new 1.1.1.1:80 0x41\nnew 1.1.1.2:80 0x1\n");
	has(&b, LIST({ "1.1.1.1:80", "kube/ns/a", 0, { "6.6.6.6:1" } }, B,
		     { "1.1.1.7:80", "kube/ns/q", 0, { NULL } }));
	run(&b, 0);
	said(&b, "del 1.1.1.7:80 0\nset 1.1.1.1:80 0x40\n");
	has(&b, NONE);
	run(&b, 0);
	said(&b, "new 1.1.1.1:80 0x41\nnew 1.1.1.2:80 0x1\n");
	kube_plan_free(b.plan);
}

static void drop(struct kube_claims *claims, const char *ap, enum kube_rank rank,
		 const char *name)
{
	const struct line line = { ap, name, 0, { NULL } };
	struct kube_claim claim = { .rank = rank };

	make(&line, &claim.svc);
	claim.svc.empty = KLB_EMPTY_DROP;
	assert_int_equal(kube_claims_add(claims, &claim), 0);
}

/* Frontends of a ServicePort are one. */
static void test_no_local(void **state)
{
	struct kube_claims claims = { 0 };
	const struct kube_no_local *n;
	struct bench b;

	begin(&b);
	n = kube_plan_no_local(b.plan);
	want(&b, LIST(A, B));
	drop(&claims, "1.1.1.1:80", KUBE_RANK_CLUSTER, "kube/ns/a");
	drop(&claims, "0.0.0.0:30080", KUBE_RANK_CLUSTER, "kube/ns/a");
	drop(&claims, "2.2.2.2:80", KUBE_RANK_BALANCER, "kube/ns/a");
	drop(&claims, "2.2.2.2:81", KUBE_RANK_BALANCER, "kube/ns/a:b");
	drop(&claims, "[fd00::1]:80", KUBE_RANK_EXTERNAL, "kube/ns/a");
	assert_int_equal(n->internal4 + n->external4, 0);
	assert_int_equal(kube_plan_want(b.plan, "ns", "a", &claims), 0);
	assert_int_equal(n->internal4, 1);
	assert_int_equal(n->external4, 2);
	assert_int_equal(n->internal6, 0);
	assert_int_equal(n->external6, 1);
	want_nothing(&b, "a");
	assert_int_equal(n->internal4 + n->external4 + n->external6, 0);
	kube_plan_free(b.plan);
}

static void count(const struct klb_service *is, const struct klb_service *want,
		  void *arg)
{
	int *n = arg;

	n[0] += !!is;
	n[1] += !!want;
}

static void test_walk(void **state)
{
	int n[2] = { 0 };
	struct bench b;

	begin(&b);
	has(&b, LIST(A, B));
	want(&b, LIST(B, C, D));
	kube_plan_walk(b.plan, count, n);
	assert_int_equal(n[0], 2);
	assert_int_equal(n[1], 3);
	kube_plan_free(b.plan);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_new_and_del),
		cmocka_unit_test(test_set),
		cmocka_unit_test(test_others),
		cmocka_unit_test(test_conflict),
		cmocka_unit_test(test_coalesce),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_dump_again),
		cmocka_unit_test(test_no_local),
		cmocka_unit_test(test_walk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: GPL-2.0
/* What the module has against what is wanted. */
#include "test.h"

#include <netinet/in.h>

#include "desired.h"
#include "diff.h"

/* A service as one word: ADDR:PORT, name, masquerade, endpoints of a port. */
struct line {
	const char *ap, *name;
	uint8_t masquerade;
	const char *eps[3];
};

struct bench {
	struct klb_service is[8];
	size_t n_is;
	struct kube_claims wanted;
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

static void say(const char *sentence, void *arg)
{
	struct bench *b = arg;

	strcat(b->said, sentence);
	strcat(b->said, "\n");
}

static void say_changes(struct bench *b, const struct kube_changes *changes)
{
	static const char *const words[] = { "del", "new", "set" };
	const struct kube_change *c;
	char text[KLB_ADDR_TEXT];
	size_t i, n;

	for (i = 0; i < changes->n; i++) {
		c = &changes->v[i];
		n = strlen(b->said);
		snprintf(b->said + n, sizeof(b->said) - n, "%s %s %#x\n",
			 words[c->type], klb_ap_format(&c->svc->ap, text),
			 c->has);
	}
}

/* Lists end with a line without an address. */
static void compare(const struct line *is, const struct line *wanted,
		    const char *want)
{
	struct kube_changes changes;
	struct kube_claim claim;
	struct bench b = { 0 };
	size_t i;

	for (; is->ap; is++)
		make(is, &b.is[b.n_is++]);
	for (; wanted->ap; wanted++) {
		memset(&claim, 0, sizeof(claim));
		make(wanted, &claim.svc);
		assert_int_equal(kube_claims_add(&b.wanted, &claim), 0);
	}
	kube_claims_resolve(&b.wanted, NULL, NULL);
	assert_int_equal(kube_diff(b.is, b.n_is, &b.wanted, KUBE_MARK, say, &b,
				   &changes), 0);
	say_changes(&b, &changes);
	assert_string_equal(b.said, want);
	kube_changes_free(&changes);
	kube_claims_free(&b.wanted);
	for (i = 0; i < b.n_is; i++)
		klb_service_free(&b.is[i]);
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
		"kube/ns/a does not get tcp 1.1.1.1:80, which somebody else has set (\"by hand\")\n"
		"new 1.1.1.2:80 0x1\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_new_and_del),
		cmocka_unit_test(test_set),
		cmocka_unit_test(test_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: GPL-2.0
/* ServicePorts that drop for want of endpoints on this node, among the claims of a Service. */
#include "test.h"

#include <netinet/in.h>

#include "claim.h"

static struct kube_claims claims;

static void add(const char *name, uint8_t len, uint8_t last, enum kube_rank rank, enum klb_empty empty)
{
	struct kube_claim c = {
		.rank = rank,
		.svc = { .proto = IPPROTO_TCP, .empty = empty, .ap = { .addr = { .len = len, .b = { [3] = last } }, .port = 80 } },
	};

	snprintf(c.svc.name, sizeof(c.svc.name), "%s", name);
	assert_int_equal(kube_claims_add(&claims, &c), 0);
}

static void want(unsigned int in4, unsigned int in6, unsigned int out4, unsigned int out6)
{
	struct kube_no_local n;

	kube_claims_no_local(&claims, &n);
	assert_int_equal(n.internal4, in4);
	assert_int_equal(n.internal6, in6);
	assert_int_equal(n.external4, out4);
	assert_int_equal(n.external6, out6);
	kube_claims_free(&claims);
}

static void test_ports(void **state)
{
	want(0, 0, 0, 0);
	add("ns/a:x", 4, 1, KUBE_RANK_CLUSTER, KLB_EMPTY_DROP);
	add("ns/a:x", 4, 0, KUBE_RANK_CLUSTER, KLB_EMPTY_DROP);	/* a NodePort */
	add("ns/a:x", 4, 2, KUBE_RANK_BALANCER, KLB_EMPTY_DROP);
	add("ns/a:x", 4, 3, KUBE_RANK_EXTERNAL, KLB_EMPTY_DROP);
	add("ns/a:y", 4, 1, KUBE_RANK_CLUSTER, KLB_EMPTY_REJECT);
	add("ns/a:y", 4, 2, KUBE_RANK_BALANCER, KLB_EMPTY_DROP);
	add("ns/a:z", 16, 1, KUBE_RANK_CLUSTER, KLB_EMPTY_DROP);
	add("ns/a:z", 16, 2, KUBE_RANK_EXTERNAL, KLB_EMPTY_REJECT);
	want(1, 1, 2, 0);
}

/* As many as the API lets one Service have. */
static void test_many(void **state)
{
	char name[24];
	int port, i;

	for (port = 0; port < 1024; port++) {
		snprintf(name, sizeof(name), "ns/a:%d", port);
		for (i = 0; i < 300; i++)
			add(name, 4, 1 + i % 250, KUBE_RANK_EXTERNAL, port % 2 ? KLB_EMPTY_DROP : KLB_EMPTY_REJECT);
	}
	want(0, 0, 512, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ports),
		cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

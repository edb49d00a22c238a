// SPDX-License-Identifier: GPL-2.0
/* How dumps of qdiscs and filters are read. */
#include "test.h"

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>

#include "tc.h"

static struct nl_msg *tc_msg(int ifindex, uint32_t parent, uint32_t info,
			     const char *kind)
{
	struct tcmsg tcm = {
		.tcm_ifindex = ifindex, .tcm_parent = parent, .tcm_info = info,
	};
	struct nl_msg *msg = nlmsg_alloc();

	assert_non_null(msg);
	nlmsg_put(msg, 0, 0, RTM_NEWTFILTER, 0, 0);
	nlmsg_append(msg, &tcm, sizeof(tcm), NLMSG_ALIGNTO);
	nla_put_string(msg, TCA_KIND, kind);
	return msg;
}

static struct klb_tc_qdisc qdisc_of(int ifindex, uint32_t parent,
				    const char *kind)
{
	struct klb_tc_qdisc q = { .ifindex = 2 };
	struct nl_msg *msg = tc_msg(ifindex, parent, 0, kind);

	assert_int_equal(klb_tc_take_qdisc(nlmsg_hdr(msg), &q), 0);
	nlmsg_free(msg);
	return q;
}

static void test_qdisc(void **state)
{
	assert_int_equal(qdisc_of(2, TC_H_INGRESS, "clsact").kind,
			 KLB_TC_CLSACT);
	assert_int_equal(qdisc_of(2, TC_H_INGRESS, "ingress").kind,
			 KLB_TC_INGRESS);
	assert_int_equal(qdisc_of(3, TC_H_INGRESS, "clsact").kind, KLB_TC_NONE);
	assert_int_equal(qdisc_of(2, TC_H_ROOT, "noqueue").kind, KLB_TC_NONE);
}

static void test_shared(void **state)
{
	struct klb_tc_qdisc q = { .ifindex = 2 };
	struct nl_msg *msg = tc_msg(2, TC_H_INGRESS, 0, "clsact");

	nla_put_u32(msg, TCA_EGRESS_BLOCK, 7);
	klb_tc_take_qdisc(nlmsg_hdr(msg), &q);
	assert_int_equal(q.kind, KLB_TC_CLSACT);
	assert_true(q.shared);
	nlmsg_free(msg);
}

static void take(struct klb_tc_filters *f, int ifindex, uint32_t parent,
		 unsigned int prio, const char *kind)
{
	struct nl_msg *msg = tc_msg(ifindex, parent,
				    TC_H_MAKE(prio << 16, htons(ETH_P_ALL)),
				    kind);

	assert_int_equal(klb_tc_take_filter(nlmsg_hdr(msg), f), 0);
	nlmsg_free(msg);
}

static void test_filters(void **state)
{
	static struct klb_tc_filters f = {
		.ifindex = 2, .parent = KLB_TC_HOOK_INGRESS,
	};

	take(&f, 2, KLB_TC_HOOK_INGRESS, 1, "bpf");
	take(&f, 2, KLB_TC_HOOK_INGRESS, 1, "bpf");
	take(&f, 2, KLB_TC_HOOK_EGRESS, 2, "klb");
	take(&f, 3, KLB_TC_HOOK_INGRESS, 2, "klb");
	assert_int_equal(f.klb_prio, 0);
	assert_int_equal(f.others, 2);
	take(&f, 2, KLB_TC_HOOK_INGRESS, 49152, "klb");
	assert_int_equal(f.klb_prio, 49152);
	assert_int_equal(f.klb_proto, htons(ETH_P_ALL));
	assert_int_equal(f.klb_chain, 0);
	assert_int_equal(f.others, 2);
	assert_int_equal(f.used[0], 1 << 1);
	assert_int_equal(f.used[49152 / 8], 1);
}

/* Too short for its fixed part: not a filter of anything. */
static void test_short(void **state)
{
	static struct klb_tc_filters f;
	struct klb_tc_qdisc q = { 0 };
	struct nl_msg *msg = nlmsg_alloc();

	nlmsg_put(msg, 0, 0, RTM_NEWTFILTER, 4, 0);
	assert_int_equal(klb_tc_take_filter(nlmsg_hdr(msg), &f), 0);
	assert_int_equal(klb_tc_take_qdisc(nlmsg_hdr(msg), &q), 0);
	assert_int_equal(f.others, 0);
	assert_int_equal(q.kind, KLB_TC_NONE);
	nlmsg_free(msg);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_qdisc),
		cmocka_unit_test(test_shared),
		cmocka_unit_test(test_filters),
		cmocka_unit_test(test_short),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

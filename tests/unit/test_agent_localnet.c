// SPDX-License-Identifier: GPL-2.0
/* Where pods are, by the devices that routes lead to. */
#include "test.h"

#include <stdio.h>
#include <string.h>

#include "localnet.h"

/* As a node has them: a default, flannel by a gateway, a bridge, pods with a route each. */
static const char routes4[] =
	"Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n"
	"eth0\t00000000\t0100A8C0\t0003\t0\t0\t0\t00000000\t0\t0\t0\n"
	"eth0\t0000A8C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n"
	"cni0\t0001F40A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n"
	"cni0\t0009F40A\t0201F40A\t0003\t0\t0\t0\t00FFFFFF\t0\t0\t0\n"
	"flannel.1\t0002F40A\t0002F40A\t0003\t0\t0\t0\t00FFFFFF\t0\t0\t0\n"
	"cali1\t0501F40A\t00000000\t0005\t0\t0\t0\tFFFFFFFF\t0\t0\t0\n"
	"cali2\t0601F40A\t00000000\t0005\t0\t0\t0\tFFFFFFFF\t0\t0\t0\n"
	"cali3\tbroken\n";

#define ZERO32	"00000000000000000000000000000000"

static const char routes6[] =
	"fd000244000100000000000000000000 40 " ZERO32 " 00 " ZERO32 " 00000100 00000001 00000000 00000001     cni0\n"
	"fe800000000000000000000000000000 40 " ZERO32 " 00 " ZERO32 " 00000100 00000001 00000000 00000001     cni0\n"
	"fd000244000100000000000000000001 80 " ZERO32 " 00 " ZERO32 " 00000000 00000002 00000000 80200001     cni0\n"
	"ff000000000000000000000000000000 08 " ZERO32 " 00 " ZERO32 " 00000100 00000002 00000000 00000001     cni0\n"
	ZERO32 " 00 " ZERO32 " 00 fe800000000000000000000000000001 00000400 00000001 00000000 00000003     eth0\n"
	"fd000244000100000000000000000005 80 " ZERO32 " 00 " ZERO32 " 00000400 00000001 00000000 00000001    cali1\n"
	"short 80\n";

static void expect(const char *text, int (*read)(FILE *f, const char *pattern,
						 struct klb_prefixes *out),
		   const char *pattern, const char *want)
{
	FILE *f = fmemopen((void *)text, strlen(text), "r");
	char said[512] = "", buf[KLB_PREFIX_TEXT];
	struct klb_prefixes list = { 0 };
	size_t i;

	assert_non_null(f);
	assert_int_equal(read(f, pattern, &list), 0);
	for (i = 0; i < list.n; i++) {
		strcat(said, i ? " " : "");
		strcat(said, klb_prefix_format(&list.v[i], buf));
	}
	assert_string_equal(said, want);
	klb_prefixes_free(&list);
	fclose(f);
}

static void test_ipv4(void **state)
{
	expect(routes4, localnet_read4, "cni0", "10.244.1.0/24");
	expect(routes4, localnet_read4, "cali*", "10.244.1.5/32 10.244.1.6/32");
	expect(routes4, localnet_read4, "flannel*", "");
	expect(routes4, localnet_read4, "eth0", "192.168.0.0/24");
}

static void test_ipv6(void **state)
{
	expect(routes6, localnet_read6, "cni0", "fd00:244:1::/64");
	expect(routes6, localnet_read6, "cali*", "fd00:244:1::5/128");
	expect(routes6, localnet_read6, "eth0", "");
}

/* A device that nobody has, on whatever host this is. */
static void test_none(void **state)
{
	struct klb_prefixes list = { 0 };

	assert_int_equal(localnet_find("no-such-device", &list), 0);
	assert_int_equal(list.n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ipv4),
		cmocka_unit_test(test_ipv6),
		cmocka_unit_test(test_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

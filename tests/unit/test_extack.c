// SPDX-License-Identifier: GPL-2.0
#include "test.h"

#include <errno.h>
#include <linux/genetlink.h>
#include <linux/klb.h>

#include "extack.h"

/*
 * An answer of the kernel in memory of exactly its size, so that the address
 * sanitizer sees every byte that is read beyond it.
 */
struct answer {
	struct nlmsghdr *nlh;
};

static struct nlmsghdr *grow(struct answer *a, const void *data, size_t len)
{
	size_t at = a->nlh ? NLMSG_ALIGN(a->nlh->nlmsg_len) : 0;

	a->nlh = realloc(a->nlh, at + len);
	assert_non_null(a->nlh);
	memcpy((char *)a->nlh + at, data, len);
	if (at)
		a->nlh->nlmsg_len = at + len;
	return a->nlh;
}

static void begin(struct answer *a, int type, int flags)
{
	struct nlmsghdr nlh = {
		.nlmsg_len = sizeof(nlh), .nlmsg_type = type,
		.nlmsg_flags = flags,
	};

	a->nlh = NULL;
	grow(a, &nlh, sizeof(nlh));
}

static void add_error(struct answer *a, int error, unsigned int req_len)
{
	struct nlmsgerr e = { .error = error, .msg.nlmsg_len = req_len };

	grow(a, &e, sizeof(e));
}

static void add_tlv(struct answer *a, int type, const void *data, size_t len)
{
	struct nlattr nla = { .nla_len = NLA_HDRLEN + len, .nla_type = type };
	char buf[256];

	memcpy(buf, &nla, sizeof(nla));
	memcpy(buf + NLA_HDRLEN, data, len);
	grow(a, buf, NLA_HDRLEN + len);
}

static void add_u32(struct answer *a, int type, uint32_t value)
{
	add_tlv(a, type, &value, sizeof(value));
}

#define CAPPED	(NLM_F_CAPPED | NLM_F_ACK_TLVS)

static void test_message(void **state)
{
	struct klb_extack ack;
	struct answer a;

	begin(&a, NLMSG_ERROR, CAPPED);
	add_error(&a, -EEXIST, 100);
	add_tlv(&a, NLMSGERR_ATTR_MSG, "service exists", 15);
	add_u32(&a, NLMSGERR_ATTR_OFFS, 20);
	add_u32(&a, NLMSGERR_ATTR_MISS_TYPE, 3);
	add_u32(&a, NLMSGERR_ATTR_MISS_NEST, 28);
	add_tlv(&a, 77, "of the future", 13);
	assert_int_equal(klb_extack_parse(a.nlh, &ack), 0);
	assert_int_equal(ack.error, -EEXIST);
	assert_string_equal(ack.text, "service exists");
	assert_true(ack.has_offset);
	assert_int_equal(ack.offset, 20);
	assert_true(ack.has_missing);
	assert_int_equal(ack.missing, 3);
	assert_int_equal(ack.missing_nest, 28);
	free(a.nlh);
}

/* Without NETLINK_CAP_ACK the request stands in between. */
static void test_uncapped(void **state)
{
	char request[21 - NLMSG_HDRLEN] = { 0 };
	struct klb_extack ack;
	struct answer a;

	begin(&a, NLMSG_ERROR, NLM_F_ACK_TLVS);
	add_error(&a, -EINVAL, 21);
	grow(&a, request, sizeof(request));
	add_tlv(&a, NLMSGERR_ATTR_MSG, "no", 3);
	assert_int_equal(klb_extack_parse(a.nlh, &ack), 0);
	assert_string_equal(ack.text, "no");
	free(a.nlh);

	/* the length of the request is a lie */
	begin(&a, NLMSG_ERROR, NLM_F_ACK_TLVS);
	add_error(&a, -EINVAL, 0xfffffff0);
	add_tlv(&a, NLMSGERR_ATTR_MSG, "no", 3);
	assert_int_equal(klb_extack_parse(a.nlh, &ack), 0);
	assert_string_equal(ack.text, "");
	free(a.nlh);
}

static void test_done(void **state)
{
	struct klb_extack ack;
	struct answer a;
	int error = -EPERM;

	begin(&a, NLMSG_DONE, NLM_F_ACK_TLVS);
	grow(&a, &error, sizeof(error));
	add_tlv(&a, NLMSGERR_ATTR_MSG, "not you", 8);
	assert_int_equal(klb_extack_parse(a.nlh, &ack), 0);
	assert_int_equal(ack.error, -EPERM);
	assert_string_equal(ack.text, "not you");
	free(a.nlh);
}

/* Without the flag what follows is not ours to read. */
static void test_no_flag(void **state)
{
	struct klb_extack ack;
	struct answer a;

	begin(&a, NLMSG_ERROR, NLM_F_CAPPED);
	add_error(&a, 0, 36);
	add_tlv(&a, NLMSGERR_ATTR_MSG, "no", 3);
	assert_int_equal(klb_extack_parse(a.nlh, &ack), 0);
	assert_int_equal(ack.error, 0);
	assert_string_equal(ack.text, "");
	free(a.nlh);
}

static void build(struct answer *a)
{
	begin(a, NLMSG_ERROR, CAPPED);
	add_error(a, -EINVAL, 36);
	add_u32(a, NLMSGERR_ATTR_OFFS, 20);
	add_tlv(a, NLMSGERR_ATTR_MSG, "some text", 10);
}

/* Cut off at every byte: never read beyond, never half a text taken. */
static void test_truncated(void **state)
{
	size_t whole, len, need = NLMSG_HDRLEN + sizeof(struct nlmsgerr);
	struct klb_extack ack;
	struct answer a;
	int rc;

	build(&a);
	whole = a.nlh->nlmsg_len;
	free(a.nlh);
	for (len = NLMSG_HDRLEN; len <= whole; len++) {
		build(&a);
		a.nlh->nlmsg_len = len;
		a.nlh = realloc(a.nlh, len);
		rc = klb_extack_parse(a.nlh, &ack);
		assert_int_equal(rc, len < need ? -EBADMSG : 0);
		if (!rc)
			assert_int_equal(ack.error, -EINVAL);
		assert_int_equal(ack.has_offset, len >= need + 8);
		assert_string_equal(ack.text, len == whole ? "some text" : "");
		free(a.nlh);
	}
}

static const struct {
	uint16_t len;		/* as the attribute has it */
	size_t bytes;		/* as they are */
} lies[] = {
	{ 0, 8 }, { 3, 8 }, { 65535, 8 }, { 9, 8 }, { 4, 2 },
};

static void test_lies(void **state)
{
	struct klb_extack ack;
	struct answer a;
	char buf[16];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(lies); i++) {
		memset(buf, 'x', sizeof(buf));
		memcpy(buf, &(struct nlattr){
			.nla_len = lies[i].len, .nla_type = NLMSGERR_ATTR_MSG,
		}, NLA_HDRLEN);
		begin(&a, NLMSG_ERROR, CAPPED);
		add_error(&a, -EINVAL, 36);
		grow(&a, buf, lies[i].bytes);
		assert_int_equal(klb_extack_parse(a.nlh, &ack), 0);
		assert_string_equal(ack.text, "");
		free(a.nlh);
	}
}

static void test_short_numbers(void **state)
{
	struct klb_extack ack;
	struct answer a;

	begin(&a, NLMSG_ERROR, CAPPED);
	add_error(&a, -EINVAL, 36);
	add_tlv(&a, NLMSGERR_ATTR_OFFS, "ab", 2);
	add_tlv(&a, NLMSGERR_ATTR_MISS_TYPE, "", 0);
	assert_int_equal(klb_extack_parse(a.nlh, &ack), 0);
	assert_false(ack.has_offset);
	assert_false(ack.has_missing);
	free(a.nlh);
}

/* Not ended by NUL, and longer than there is room. */
static void test_long_text(void **state)
{
	struct klb_extack ack;
	struct answer a;
	char text[250];

	memset(text, 't', sizeof(text));
	begin(&a, NLMSG_ERROR, CAPPED);
	add_error(&a, -EINVAL, 36);
	add_tlv(&a, NLMSGERR_ATTR_MSG, text, sizeof(text));
	assert_int_equal(klb_extack_parse(a.nlh, &ack), 0);
	assert_int_equal(strlen(ack.text), sizeof(text));
	free(a.nlh);
}

/* A service-new with an endpoint nest, to look for names in. */
struct request {
	struct nlmsghdr nlh;
	struct genlmsghdr genl;
	struct nlattr proto;		/* at 20 */
	char proto_data[4];
	struct nlattr nest;		/* at 28 */
	struct nlattr weight;		/* at 32 */
	char weight_data[4];
	struct nlattr state;		/* at 40 */
	char state_data[4];
	struct nlattr seed;		/* at 48 */
	char seed_data[4];
};

static const struct request request = {
	.nlh = { .nlmsg_len = sizeof(request) },
	.genl = { .cmd = KLB_CMD_SERVICE_NEW },
	.proto = { 5, KLB_A_SERVICE_PROTO },
	.nest = { 20, KLB_A_SERVICE_ENDPOINT | NLA_F_NESTED },
	.weight = { 6, KLB_A_ENDPOINT_WEIGHT },
	.state = { 5, KLB_A_ENDPOINT_STATE },
	.seed = { 8, KLB_A_SERVICE_SEED },
};

static const struct {
	uint32_t offset;
	const char *text;
} places[] = {
	{ 20, "Invalid argument: attribute proto" },
	{ 28, "Invalid argument: attribute endpoint" },
	{ 32, "Invalid argument: attribute endpoint weight" },
	{ 40, "Invalid argument: attribute endpoint state" },
	{ 48, "Invalid argument: attribute seed" },
	/* nowhere */
	{ 0, "Invalid argument" },
	{ 21, "Invalid argument" },
	{ 34, "Invalid argument" },
	{ 56, "Invalid argument" },
	{ 0xffffffff, "Invalid argument" },
};

static void test_offset(void **state)
{
	struct klb_extack ack = { .error = -EINVAL, .has_offset = true };
	struct klb_err err;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(places); i++) {
		ack.offset = places[i].offset;
		klb_extack_text(&ack, &request.nlh, true, &err);
		assert_string_equal(err.text, places[i].text);
		/* what another family's numbers mean is not known */
		klb_extack_text(&ack, &request.nlh, false, &err);
		assert_string_equal(err.text, "Invalid argument");
	}
}

static void test_texts(void **state)
{
	struct klb_extack ack = {
		.error = -EINVAL, .has_missing = true,
		.missing = KLB_A_SERVICE_PORT,
	};
	struct klb_err err;

	klb_extack_text(&ack, &request.nlh, true, &err);
	assert_string_equal(err.text,
			    "Invalid argument: attribute port is missing");
	ack.missing = KLB_A_ENDPOINT_ADDR;
	ack.missing_nest = 28;
	klb_extack_text(&ack, &request.nlh, true, &err);
	assert_string_equal(err.text,
			    "Invalid argument: attribute endpoint addr is missing");
	ack.missing = 1000;
	klb_extack_text(&ack, &request.nlh, true, &err);
	assert_non_null(strstr(err.text, "is missing"));
	/* the kernel's own words win, as they are */
	strcpy(ack.text, "it says so");
	klb_extack_text(&ack, &request.nlh, true, &err);
	assert_string_equal(err.text, "it says so");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_message),
		cmocka_unit_test(test_uncapped),
		cmocka_unit_test(test_done),
		cmocka_unit_test(test_no_flag),
		cmocka_unit_test(test_truncated),
		cmocka_unit_test(test_lies),
		cmocka_unit_test(test_short_numbers),
		cmocka_unit_test(test_long_text),
		cmocka_unit_test(test_offset),
		cmocka_unit_test(test_texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

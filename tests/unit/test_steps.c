// SPDX-License-Identifier: GPL-2.0
/* What explain prints of what decided. */
#include "test.h"

#include <string.h>

#include "names.h"
#include "out.h"
#include "steps.h"

static void print(bool json, const struct klb_explain_step *v, size_t n,
		  const char *want)
{
	struct out o;
	size_t size;
	char *text;

	out_init(&o, open_memstream(&text, &size), json, false);
	assert_non_null(o.f);
	out_props(&o, NULL);
	show_steps(&o, v, n);
	out_props_end(&o);
	assert_int_equal(out_end(&o), 0);
	fclose(o.f);
	assert_string_equal(text, want);
	out_free(&o);
	free(text);
}

static const struct klb_explain_step steps[] = {
	{
		.kind = KLB_STEP_SOURCE, .prefix = true, .len = 8,
		.at.addr = { 4, { 10 } },
	}, {
		.kind = KLB_STEP_REMEMBERED, .has_n = true, .n = 0, .of = 600,
		.at = { { 16, { 0xfd, [15] = 1 } }, 80 },
	}, {
		.kind = KLB_STEP_TRANSLATED, .at.addr = { 4, { 10, 0, 0, 1 } },
		.to = { { 4, { 10, 0, 0, 2 } }, 8080 },
	}, {
		.kind = 250,
	},
};

static void test_text(void **state)
{
	print(false, steps, ARRAY_SIZE(steps),
	      "steps\n"
	      "  source      the service's source has 10.0.0.0/8, so the client may come\n"
	      "  remembered  the client had [fd00::1]:80 0 s ago, and keeps it for 600 s\n"
	      "  translated  from 10.0.0.1 to 10.0.0.2:8080\n"
	      "  unknown     ?\n");
	print(false, steps, 0, "");
}

static void test_json(void **state)
{
	print(true, steps + 1, 3,
	      "{\"steps\":[{\"step\":\"remembered\",\"text\":\"the client had "
	      "[fd00::1]:80 0 s ago, and keeps it for 600 s\","
	      "\"at\":\"[fd00::1]:80\",\"n\":0,\"of\":600},"
	      "{\"step\":\"translated\",\"text\":\"from 10.0.0.1 to "
	      "10.0.0.2:8080\",\"at\":\"10.0.0.1\","
	      "\"to\":\"10.0.0.2:8080\"},"
	      "{\"step\":\"unknown\",\"text\":\"\"}]}\n");
	print(true, steps, 0, "{\"steps\":[]}\n");
}

/* Every kind has a name and a sentence; the longest addresses fit in. */
static void test_all(void **state)
{
	struct klb_explain_step s = {
		.has_n = true, .n = UINT32_MAX, .of = UINT32_MAX,
		.at.port = 65535, .to.port = 65535,
	};
	struct out o;
	size_t size;
	char *text;
	int i;

	memset(s.at.addr.b, 0xff, 16);
	s.at.addr.len = 16;
	s.to = s.at;
	for (i = 0; klb_step_names[i]; i++) {
		s.kind = i;
		out_init(&o, open_memstream(&text, &size), false, false);
		out_props(&o, NULL);
		show_steps(&o, &s, 1);
		out_props_end(&o);
		out_end(&o);
		fclose(o.f);
		assert_null(strchr(text, '?'));
		assert_null(strchr(text, '#'));
		assert_non_null(strstr(text, klb_step_names[i]));
		out_free(&o);
		free(text);
	}
	assert_int_equal(i, KLB_STEP_EVICT + 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: GPL-2.0
#include "test.h"

#include <errno.h>

#include "base64.h"

static const struct {
	const char *plain;
	const char *coded;
} vectors[] = {	/* of RFC 4648 */
	{ "", "" },
	{ "f", "Zg==" },
	{ "fo", "Zm8=" },
	{ "foo", "Zm9v" },
	{ "foob", "Zm9vYg==" },
	{ "fooba", "Zm9vYmE=" },
	{ "foobar", "Zm9vYmFy" },
};

static int decode(const char *text, char **out, size_t *len)
{
	size_t n = strlen(text);
	char *copy = malloc(n + !n);
	int rc;

	memcpy(copy, text, n);
	rc = base64_decode(copy, n, out, len);
	free(copy);
	return rc;
}

static void test_vectors(void **state)
{
	char *out;
	size_t i, len;

	for (i = 0; i < ARRAY_SIZE(vectors); i++) {
		out = base64_encode(vectors[i].plain, strlen(vectors[i].plain));
		assert_string_equal(out, vectors[i].coded);
		free(out);
		assert_int_equal(decode(vectors[i].coded, &out, &len), 0);
		assert_int_equal(len, strlen(vectors[i].plain));
		assert_string_equal(out, vectors[i].plain);
		free(out);
	}
}

static void test_all_bytes(void **state)
{
	unsigned char all[256];
	char *coded, *out;
	size_t i, len;

	for (i = 0; i < 256; i++)
		all[i] = 255 - i;
	coded = base64_encode(all, 256);
	assert_int_equal(decode(coded, &out, &len), 0);
	assert_int_equal(len, 256);
	assert_memory_equal(out, all, 256);
	free(coded);
	free(out);
}

static void test_space(void **state)
{
	size_t len;
	char *out;

	assert_int_equal(decode(" Zm9v\r\n\tYm Fy\n", &out, &len), 0);
	assert_string_equal(out, "foobar");
	free(out);
}

static void test_bad(void **state)
{
	static const char *const bad[] = {
		"Z", "Zg", "Zg=", "=", "====", "Z===", "Zg==Zg==", "Zg==Z",
		"Zg===", "Zm8=m9v=", "Zg=g", "Zm9v!", "Zm9-", "Zm9_", "Z\xc3\xa9=",
	};
	char *out;
	size_t i, len;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		if (decode(bad[i], &out, &len) != -EINVAL)
			fail_msg("\"%s\" was taken", bad[i]);
	}
	assert_int_equal(base64_decode("Zm9v\0m9v", 8, &out, &len), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vectors),
		cmocka_unit_test(test_all_bytes),
		cmocka_unit_test(test_space),
		cmocka_unit_test(test_bad),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

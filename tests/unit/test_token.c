// SPDX-License-Identifier: GPL-2.0
#include "test.h"

#include "token.h"

static const struct {
	const char *line;
	int n;
	const char *words[5];
} good[] = {
	{ "", 0, { NULL } },
	{ "   \t \r\n", 0, { NULL } },
	{ "# all of it", 0, { NULL } },
	{ "  # all of it", 0, { NULL } },
	{ "a", 1, { "a" } },
	{ "a b\tc\r\n", 3, { "a", "b", "c" } },
	{ "a # b", 1, { "a" } },
	{ "a#b c", 2, { "a#b", "c" } },
	{ "'#' \"#\"", 2, { "#", "#" } },
	{ "'a b'", 1, { "a b" } },
	{ "'a\"b' \"a'b\"", 2, { "a\"b", "a'b" } },
	{ "'a\\b'", 1, { "a\\b" } },
	{ "a'b c'd", 1, { "ab cd" } },
	{ "'' \"\" x", 3, { "", "", "x" } },
	{ "\"\\\"\\\\\"", 1, { "\"\\" } },
	{ "\"\\d\\x41\\x0a\\x00\\xg\"", 1, { "\\dA\n\\x00\\xg" } },
	{ "a\\ b \\'", 2, { "a b", "'" } },
	{ "a\\", 1, { "a\\" } },
	{ "\"a\"\"b\"", 1, { "ab" } },
};

static void test_good(void **state)
{
	char line[256], *argv[TOKEN_MAX + 1];
	struct klb_err err;
	size_t i;
	int j, n;

	for (i = 0; i < ARRAY_SIZE(good); i++) {
		strcpy(line, good[i].line);
		n = token_split(line, argv, &err);
		if (n != good[i].n)
			fail_msg("<%s> has %d words", good[i].line, n);
		for (j = 0; j < n; j++)
			assert_string_equal(argv[j], good[i].words[j]);
		assert_null(argv[n]);
	}
}

static void test_open_quote(void **state)
{
	static const char *const lines[] = {
		"'", "\"", "a 'b", "a \"b", "\"a\\\"", "\"\\", "'a\\", "a'b\"",
	};
	char line[64], *argv[TOKEN_MAX + 1];
	struct klb_err err;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(lines); i++) {
		strcpy(line, lines[i]);
		if (token_split(line, argv, &err) >= 0)
			fail_msg("<%s> was taken", lines[i]);
		assert_non_null(strstr(err.text, "not closed"));
	}
}

static void test_many(void **state)
{
	char line[2 * TOKEN_MAX + 8] = "", *argv[TOKEN_MAX + 1];
	struct klb_err err;
	int i;

	for (i = 0; i < TOKEN_MAX; i++)
		strcat(line, "w ");
	assert_int_equal(token_split(line, argv, &err), TOKEN_MAX);
	line[0] = 0;
	for (i = 0; i < TOKEN_MAX + 1; i++) {
		line[2 * i] = 'w';
		line[2 * i + 1] = ' ';
		line[2 * i + 2] = 0;
	}
	assert_true(token_split(line, argv, &err) < 0);
}

static void test_quote_plain(void **state)
{
	char text[TOKEN_QUOTED(32)];

	assert_string_equal(token_quote("web-1.x", text, sizeof(text)),
			    "web-1.x");
	assert_string_equal(token_quote("\xc3\xa4", text, sizeof(text)),
			    "\xc3\xa4");
	assert_string_equal(token_quote("a b", text, sizeof(text)),
			    "\"a b\"");
	assert_string_equal(token_quote("", text, sizeof(text)), "\"\"");
}

/* Whatever a name holds, it is read back as it was. */
static void test_round_trip(void **state)
{
	char word[4], text[TOKEN_QUOTED(sizeof(word))], *argv[TOKEN_MAX + 1];
	struct klb_err err;
	int a, b;

	for (a = 1; a < 256; a++) {
		for (b = 1; b < 256; b++) {
			word[0] = a;
			word[1] = b;
			word[2] = a;
			word[3] = 0;
			token_quote(word, text, sizeof(text));
			assert_null(strchr(text, '\n'));
			assert_int_equal(token_split(text, argv, &err), 1);
			assert_string_equal(argv[0], word);
		}
	}
}

static void test_round_trip_long(void **state)
{
	char word[256], text[TOKEN_QUOTED(sizeof(word))];
	char *argv[TOKEN_MAX + 1];
	struct klb_err err;

	memset(word, 1, 255);
	word[255] = 0;
	token_quote(word, text, sizeof(text));
	assert_int_equal(token_split(text, argv, &err), 1);
	assert_string_equal(argv[0], word);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_open_quote),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_quote_plain),
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_round_trip_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

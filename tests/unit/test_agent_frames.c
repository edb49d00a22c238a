// SPDX-License-Identifier: GPL-2.0
#include "test.h"

#include <errno.h>

#include "frames.h"

#define CAP	8

struct seen {
	char text[512];
	int lines;
	int stop_at;
	const char *last;	/* where the last line was */
};

static int see(const char *line, size_t len, void *arg)
{
	struct seen *s = arg;

	s->last = line;
	s->lines++;
	strncat(s->text, line, len);
	strcat(s->text, "|");
	return s->lines == s->stop_at ? -ECANCELED : 0;
}

/* Every piece is a block of its own: the sanitizer sees a read beyond it. */
static int feed(struct frames *f, const char *data, size_t len, struct seen *s)
{
	char *copy = malloc(len + !len);
	int rc;

	memcpy(copy, data, len);
	rc = frames_feed(f, copy, len, see, s);
	free(copy);
	return rc;
}

static const struct {
	const char *data;
	const char *lines;
} good[] = {
	{ "", "" },
	{ "abc", "" },
	{ "abc\n", "abc|" },
	{ "\n", "" },
	{ "\n\n\nabc\n\n", "abc|" },
	{ "a\nbb\nccc\ndddd", "a|bb|ccc|" },
	{ "12345678\n12345678\n", "12345678|12345678|" },
	{ "a\r\n", "a\r|" },
};

/* However the stream is cut, the lines are the same. */
static void test_pieces(void **state)
{
	struct frames f;
	size_t i, piece, at, n, len;

	frames_init(&f, CAP);
	for (i = 0; i < ARRAY_SIZE(good); i++) {
		len = strlen(good[i].data);
		for (piece = 1; piece <= len + 1; piece++) {
			struct seen s = { .lines = 0 };

			for (at = 0; at < len; at += n) {
				n = len - at < piece ? len - at : piece;
				assert_int_equal(feed(&f, good[i].data + at, n,
						      &s), 0);
			}
			assert_string_equal(s.text, good[i].lines);
			frames_reset(&f);
		}
	}
	frames_free(&f);
}

static void test_nul(void **state)
{
	struct seen s = { .lines = 0 };
	struct frames f;

	frames_init(&f, CAP);
	assert_int_equal(feed(&f, "a\0b\nc\n", 6, &s), 0);
	assert_int_equal(s.lines, 2);
	frames_free(&f);
}

static void test_no_copy(void **state)
{
	static const char data[] = "one\ntwo\n";
	struct seen s = { .lines = 0 };
	struct frames f;

	frames_init(&f, CAP);
	assert_int_equal(frames_feed(&f, data, 8, see, &s), 0);
	assert_ptr_equal(s.last, data + 4);
	assert_null(f.held);
	frames_free(&f);
}

/* One byte more than the cap, whole or in pieces, ended or not. */
static void test_cap(void **state)
{
	static const char *const pieces[][3] = {
		{ "123456789" }, { "123456789\n" }, { "12345678", "9" },
		{ "12345678", "9\n" }, { "1", "23456789" }, { "x\n123456789" },
		{ "1\n", "12345678", "9" },
	};
	struct frames f;
	size_t i, j;
	int rc;

	frames_init(&f, CAP);
	for (i = 0; i < ARRAY_SIZE(pieces); i++) {
		struct seen s = { .lines = 0 };

		for (rc = 0, j = 0; !rc && j < 3 && pieces[i][j]; j++)
			rc = feed(&f, pieces[i][j], strlen(pieces[i][j]), &s);
		if (rc != -EMSGSIZE)
			fail_msg("%s...: %d", pieces[i][0], rc);
		frames_reset(&f);
	}
	assert_true(f.room <= 4096);
	frames_free(&f);
}

static void test_stop(void **state)
{
	struct seen s = { .stop_at = 2 };
	struct frames f;

	frames_init(&f, CAP);
	assert_int_equal(feed(&f, "a\nb\nc\n", 6, &s), -ECANCELED);
	assert_string_equal(s.text, "a|b|");
	frames_free(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pieces),
		cmocka_unit_test(test_nul),
		cmocka_unit_test(test_no_copy),
		cmocka_unit_test(test_cap),
		cmocka_unit_test(test_stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

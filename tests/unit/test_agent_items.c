// SPDX-License-Identifier: GPL-2.0
/* The answer to a list, taken apart however it comes. */
#include "test.h"

#include <errno.h>
#include <string.h>

#include "items.h"

struct seen {
	char items[1024];
	int stop;
};

static int on_item(const char *text, size_t len, void *arg)
{
	struct seen *s = arg;
	size_t n = strlen(s->items);

	snprintf(s->items + n, sizeof(s->items) - n, "%.*s;", (int)len, text);
	return s->stop;
}

/* In pieces of @step bytes; what is left of the head goes to @head. */
static int feed(const char *text, size_t step, size_t cap, struct seen *s,
		char *head)
{
	size_t len = strlen(text), at, n;
	struct items it;
	int rc = 0;

	memset(s, 0, sizeof(*s));
	items_init(&it, cap);
	for (at = 0; at < len && !rc; at += n) {
		n = len - at < step ? len - at : step;
		/* of the very size, for ASan to see what is read behind it */
		char *piece = malloc(n);

		memcpy(piece, text + at, n);
		rc = items_feed(&it, piece, n, on_item, s);
		free(piece);
	}
	snprintf(head, 512, "%.*s", (int)it.head.len, it.head.text);
	items_free(&it);
	return rc;
}

static void test_apart(void **state)
{
	static const struct {
		const char *text, *items, *head;
	} cases[] = {
		{ "{\"items\": []}", "", "{\"items\": []}" },
		{ "{\"a\":1,\"items\": [ {} ,\n{\"b\":[{}]}],\"z\":{}}",
		  "{};{\"b\":[{}]};", "{\"a\":1,\"items\": [],\"z\":{}}" },
		{ "{\"items\":[{\"s\":\"]}\\\"{[,\\\\\"},{\"t\":\"\\\\\"}]}",
		  "{\"s\":\"]}\\\"{[,\\\\\"};{\"t\":\"\\\\\"};", "{\"items\":[]}" },
		/* other arrays, and other items, are not it */
		{ "{\"m\":{\"items\":[{}]},\"itemsx\":[{}],\"item\":[{}],\"items\":[{\"items\":[{}]}]}",
		  "{\"items\":[{}]};", "{\"m\":{\"items\":[{}]},\"itemsx\":[{}],\"item\":[{}],\"items\":[]}" },
		{ "{\"items\":null}", "", "{\"items\":null}" },
		{ "{\"items\":\"items\",\"b\":[1]}", "", "{\"items\":\"items\",\"b\":[1]}" },
		{ "[{}]", "", "[{}]" },
		{ "]]}}{\"items\":[{}]}", "{};", "]]}}{\"items\":[]}" },
		/* nothing of what has only begun */
		{ "{\"items\":[{\"a\":1},{\"b\":", "{\"a\":1};", "{\"items\":[" },
	};
	char head[512];
	struct seen s;
	size_t i, step;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		for (step = 1; step <= strlen(cases[i].text); step++) {
			assert_int_equal(feed(cases[i].text, step, 256, &s, head), 0);
			assert_string_equal(s.items, cases[i].items);
			assert_string_equal(head, cases[i].head);
		}
	}
}

static void test_given_up(void **state)
{
	static const struct {
		const char *text;
		int rc;
	} cases[] = {
		{ "{\"items\":[7]}", -EBADMSG },
		{ "{\"items\":[{},\"x\"]}", -EBADMSG },
		{ "{\"items\":[[{}]]}", -EBADMSG },
		{ "{\"items\":[{\"a\":\"0123456789012345678901234567890\"}]}", -EMSGSIZE },
		{ "{\"a\":\"0123456789012345678901234567890\",\"items\":[]}", -EMSGSIZE },
	};
	char head[512];
	struct seen s;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++)
		assert_int_equal(feed(cases[i].text, 3, 32, &s, head), cases[i].rc);
}

static int refuse(const char *text, size_t len, void *arg)
{
	return -ECANCELED;
}

static void test_refused(void **state)
{
	struct items it;

	items_init(&it, 100);
	assert_int_equal(items_feed(&it, "{\"items\":[{}", 12, refuse, NULL),
			 -ECANCELED);
	items_free(&it);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_apart),
		cmocka_unit_test(test_given_up),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

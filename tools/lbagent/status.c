// SPDX-License-Identifier: GPL-2.0
#include "status.h"

#include <stdio.h>
#include <string.h>

static const char *text_at(json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

/* The cause is of 1.19 and later; before there was the message alone. */
static int is_too_large(json_t *object)
{
	json_t *cause, *causes;
	size_t i;

	causes = json_object_get(json_object_get(object, "details"), "causes");
	json_array_foreach(causes, i, cause) {
		if (!strcmp(text_at(cause, "reason"), "ResourceVersionTooLarge"))
			return 1;
	}
	return !!strstr(text_at(object, "message"),
			"Too large resource version");
}

static enum status_kind kind_of(json_t *object, long code)
{
	const char *reason = text_at(object, "reason");

	if (code == 410 || !strcmp(reason, "Expired") ||
	    !strcmp(reason, "Gone"))
		return STATUS_EXPIRED;
	if (is_too_large(object))
		return STATUS_TOO_LARGE;
	/* What we are is not what the version is: 401 and 403 keep it. */
	if (code == 401 || code == 403 || code == 429 || code >= 500 ||
	    !strcmp(reason, "TooManyRequests"))
		return STATUS_LATER;
	return STATUS_OTHER;
}

static uint64_t retry_after(json_t *object)
{
	json_int_t s;

	s = json_integer_value(json_object_get(json_object_get(object,
							       "details"),
					       "retryAfterSeconds"));
	if (s <= 0)
		return 0;
	return s < UINT32_MAX ? s * 1000000ull : UINT64_MAX;
}

/* What an apiserver says goes to a log: one line, whatever it is. */
static void clean(char *text)
{
	for (; *text; text++) {
		if ((unsigned char)*text < ' ' || *text == 127)
			*text = ' ';
	}
}

void status_read(struct status *s, json_t *object, long http_code)
{
	json_int_t code = json_integer_value(json_object_get(object, "code"));

	if (!code)
		code = http_code;
	s->kind = kind_of(object, code);
	s->retry_after_us = retry_after(object);
	snprintf(s->text, sizeof(s->text), "%lld %.64s: %.160s",
		 (long long)code, text_at(object, "reason"),
		 text_at(object, "message"));
	clean(s->text);
}

void status_parse(struct status *s, const char *body, size_t len,
		  long http_code)
{
	json_t *object = json_loadb(body, len, 0, NULL);

	status_read(s, object, http_code);
	/* Proxies in between answer with a text of their own. */
	if (!object) {
		snprintf(s->text, sizeof(s->text), "%ld: %.*s", http_code,
			 len < 160 ? (int)len : 160, body);
		clean(s->text);
	}
	json_decref(object);
}

/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LBAGENT_STATUS_H
#define LBAGENT_STATUS_H

#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

/* What an apiserver's refusal asks of a reflector. */
enum status_kind {
	STATUS_OTHER,
	STATUS_EXPIRED,		/* it does not know that version any more */
	STATUS_TOO_LARGE,	/* it does not know that version yet */
	STATUS_LATER,		/* the same again, later */
};

#define STATUS_TEXT	256

struct status {
	enum status_kind kind;
	uint64_t retry_after_us;	/* 0: not said */
	char text[STATUS_TEXT];
};

/* @object is a Status, or anything, or NULL; @http_code is 200 in an event. */
void status_read(struct status *s, json_t *object, long http_code);
void status_parse(struct status *s, const char *body, size_t len,
		  long http_code);

#endif

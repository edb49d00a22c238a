// SPDX-License-Identifier: GPL-2.0
/* Events as core/v1 has them. */
#include "note.h"

#include <stdio.h>
#include <string.h>

#include <jansson.h>

#define COMPONENT	"lbagent"

char *note_create_path(const struct note *note)
{
	char *path;

	return asprintf(&path, "/api/v1/namespaces/%s/events",
			note->says.ns) < 0 ? NULL : path;
}

char *note_patch_path(const struct note *note)
{
	char *path;

	return asprintf(&path, "/api/v1/namespaces/%s/events/%s",
			note->says.ns, note->event) < 0 ? NULL : path;
}

static json_t *stamp(time_t t)
{
	char text[32];
	struct tm tm;

	if (!gmtime_r(&t, &tm) ||
	    !strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm))
		return NULL;
	return json_string(text);
}

/*
 * No more than may be, cut between characters. What is no UTF-8 would not be
 * JSON: of such a text only ASCII is left.
 */
static json_t *message(const char *text)
{
	size_t len = strlen(text), i;
	char cut[NOTE_TEXT + 1];
	json_t *j;

	if (len > NOTE_TEXT)
		len = NOTE_TEXT;
	while (len && text[len] && (text[len] & 0xc0) == 0x80)
		len--;
	memcpy(cut, text, len);
	cut[len] = 0;
	j = json_string(cut);
	if (j)
		return j;
	for (i = 0; i < len; i++) {
		if (cut[i] & 0x80)
			cut[i] = '?';
	}
	return json_string(cut);
}

static char *dump(json_t *j)
{
	char *text = j ? json_dumps(j, JSON_COMPACT) : NULL;

	json_decref(j);
	return text;
}

static json_t *involved(const struct note_says *s)
{
	return json_pack("{s:s s:s s:s s:s s:s*}", "apiVersion", "v1",
			 "kind", "Service", "namespace", s->ns,
			 "name", s->service, "uid", s->uid);
}

char *note_create_body(const struct note *note, const char *node)
{
	const struct note_says *s = &note->says;

	return dump(json_pack("{s:s s:s s:{s:s s:s} s:o s:s s:o s:s s:{s:s s:s} s:o s:o s:I s:s s:s}",
			      "apiVersion", "v1", "kind", "Event",
			      "metadata", "name", note->event,
			      "namespace", s->ns,
			      "involvedObject", involved(s),
			      "reason", s->reason,
			      "message", message(s->sentence),
			      "type", "Warning",
			      "source", "component", COMPONENT, "host", node,
			      "firstTimestamp", stamp(note->first),
			      "lastTimestamp", stamp(note->last),
			      "count", (json_int_t)note->count,
			      "reportingComponent", COMPONENT,
			      "reportingInstance", node));
}

char *note_patch_body(const struct note *note)
{
	return dump(json_pack("{s:I s:o}", "count", (json_int_t)note->count,
			      "lastTimestamp", stamp(note->last)));
}

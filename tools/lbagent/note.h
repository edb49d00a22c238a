/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LBAGENT_NOTE_H
#define LBAGENT_NOTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#define NOTES_ROOM	1024
#define NOTE_TEXT	1024	/* what Kubernetes lets a message be */

/* What is said of a Service. */
struct note_says {
	const char *ns, *service;
	const char *uid;	/* of the Service; NULL: not known */
	const char *reason;	/* a word in CamelCase */
	const char *sentence;
};

/* That as an Event of Kubernetes, however often it is said. */
struct note {
	struct note_says says;
	char *event;		/* name of the Event: SERVICE.HEX16 */
	uint32_t count;
	time_t first, last;	/* of the wall's clock */
	uint64_t said;		/* the last time, as @now of notes_say() */
	bool there;		/* the apiserver has it */

	/* for who writes it; while either is set it is not forgotten */
	bool queued, busy;
	struct note *next;
	uint64_t queued_at;
};

/* NOTES_ROOM of them; who was silent for the longest time makes room. */
struct notes {
	size_t n;
	struct note *v[NOTES_ROOM];
};

void notes_init(struct notes *t);
void notes_free(struct notes *t);

/*
 * @now in microseconds, of a clock that does not go back. What was said last
 * within @span is said once more, else it is a new Event. NULL when out of
 * memory, or when all that is there is to be written.
 */
struct note *notes_say(struct notes *t, const struct note_says *says,
		       uint64_t now, uint64_t span, time_t wall);

/* Requests; allocated, NULL when out of memory. @node is who saw it. */
char *note_create_path(const struct note *note);
char *note_create_body(const struct note *note, const char *node);
char *note_patch_path(const struct note *note);
char *note_patch_body(const struct note *note);	/* a merge patch */

#endif

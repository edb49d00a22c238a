// SPDX-License-Identifier: GPL-2.0
#include "note.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backoff.h"

void notes_init(struct notes *t)
{
	memset(t, 0, sizeof(*t));
}

static void note_free(struct note *note)
{
	if (!note)
		return;
	free((char *)note->says.ns);
	free((char *)note->says.service);
	free((char *)note->says.uid);
	free((char *)note->says.reason);
	free((char *)note->says.sentence);
	free(note->event);
	free(note);
}

void notes_free(struct notes *t)
{
	while (t->n)
		note_free(t->v[--t->n]);
}

static bool same(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

/* The sentence is compared last, as it is what most often begins alike. */
static bool says_same(const struct note_says *a, const struct note_says *b)
{
	return same(a->service, b->service) && same(a->ns, b->ns) &&
	       same(a->uid, b->uid) && same(a->reason, b->reason) &&
	       same(a->sentence, b->sentence);
}

static struct note *note_new(const struct note_says *says)
{
	struct note *note = calloc(1, sizeof(*note));

	if (!note)
		return NULL;
	note->says = (struct note_says){
		.ns = strdup(says->ns), .service = strdup(says->service),
		.uid = says->uid ? strdup(says->uid) : NULL,
		.reason = strdup(says->reason),
		.sentence = strdup(says->sentence),
	};
	if (note->says.ns && note->says.service && note->says.reason &&
	    note->says.sentence && !says->uid == !note->says.uid)
		return note;
	note_free(note);
	return NULL;
}

/* By chance, so that no two nodes take the same one. */
static int name_event(struct note *note, uint64_t now, time_t wall)
{
	uint64_t x = (uint64_t)backoff_random() << 32 | backoff_random();
	char *name;

	x ^= (uint64_t)wall << 32 ^ now;
	if (asprintf(&name, "%s.%016llx", note->says.service,
		     (unsigned long long)x) < 0)
		return -1;
	free(note->event);
	note->event = name;
	return 0;
}

static struct note *find(struct notes *t, const struct note_says *says)
{
	size_t i;

	for (i = 0; i < t->n; i++) {
		if (says_same(&t->v[i]->says, says))
			return t->v[i];
	}
	return NULL;
}

static bool waits(const struct note *note)
{
	return note->queued || note->busy;
}

/* A place in the table, by that of who was silent for the longest time. */
static struct note **place(struct notes *t)
{
	struct note **oldest = NULL;
	size_t i;

	if (t->n < NOTES_ROOM) {
		t->v[t->n] = NULL;
		return &t->v[t->n];
	}
	for (i = 0; i < t->n; i++) {
		if (!waits(t->v[i]) &&
		    (!oldest || t->v[i]->said < (*oldest)->said))
			oldest = &t->v[i];
	}
	return oldest;
}

static struct note *add(struct notes *t, const struct note_says *says)
{
	struct note **to = place(t), *note;

	note = to ? note_new(says) : NULL;
	if (!note)
		return NULL;
	if (to == &t->v[t->n])
		t->n++;
	note_free(*to);
	*to = note;
	return note;
}

struct note *notes_say(struct notes *t, const struct note_says *says,
		       uint64_t now, uint64_t span, time_t wall)
{
	struct note *note = find(t, says);

	if (!note)
		note = add(t, says);
	if (!note)
		return NULL;
	/* One that is being written stays what it is. */
	if (!note->event || (now - note->said > span && !waits(note))) {
		if (name_event(note, now, wall))
			return NULL;
		note->count = 0;
		note->first = wall;
		note->there = false;
	}
	note->count++;
	note->last = wall;
	note->said = now;
	return note;
}

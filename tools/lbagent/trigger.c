// SPDX-License-Identifier: GPL-2.0
#include "trigger.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "exec_cred.h"
#include "field.h"

#define TRIGGER	"endpoints.kubernetes.io/last-change-trigger-time"
/* Between two rounds; more is a list, and no change. */
#define MOST	4096

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

void triggers_init(struct triggers *t)
{
	memset(t, 0, sizeof(*t));
	t->since = now();
}

void triggers_free(struct triggers *t)
{
	free(t->v);
	t->v = NULL;
	t->n = 0;
	t->room = 0;
}

/* RFC 3339 with a fraction; 0 for what is none. */
static double time_of(const char *text)
{
	const char *point = text ? strchr(text, '.') : NULL;
	int64_t seconds;

	if (!text || exec_cred_time(text, &seconds))
		return 0;
	return seconds + (point ? strtod(point, NULL) : 0);
}

void triggers_add(struct triggers *t, const json_t *slice)
{
	const json_t *notes = field(field(slice, "metadata"), "annotations");
	double at = time_of(field_text(notes, TRIGGER)), *v;

	if (at < t->since || t->n == MOST)
		return;
	if (t->n == t->room) {
		v = realloc(t->v, (2 * t->room + 16) * sizeof(*v));
		if (!v)
			return;
		t->v = v;
		t->room = 2 * t->room + 16;
	}
	t->v[t->n++] = at;
}

void triggers_done(struct triggers *t, struct metrics *m)
{
	double end = now();
	size_t i;

	for (i = 0; i < t->n; i++) {
		/* clocks of nodes differ */
		if (end >= t->v[i])
			metrics_observe(m, METRIC_PROGRAMMING, end - t->v[i]);
	}
	t->n = 0;
}

// SPDX-License-Identifier: GPL-2.0
#include "recorder.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "note.h"
#include "status.h"

/* As client-go's, but for the time after which it gives up. */
const struct recorder_conf recorder_default = {
	.same_us = 600000000,
	.give_up_us = 60000000,
	.budget = { .burst = 25, .gap = 300000000 },
	.backoff = { .first = 1000000, .most = 10000000, .good = 120000000 },
};

struct recorder {
	sd_event *event;
	struct http *http;
	char *node;
	const struct recorder_conf *conf;
	struct notes notes;
	struct budget budget;
	struct note *first, **last;	/* the queue */
	struct note *busy;		/* not in it; one at a time */
	bool created;			/* by the request that is under way */
	struct http_req *req;		/* NULL: the timer begins the next */
	sd_event_source *timer;
	struct backoff backoff;
	struct recorder_counts counts;
	bool told;			/* that one was lost, since one was not */
	char why[256];			/* the last refusal of the busy one */
};

static uint64_t now_us(const struct recorder *r, clockid_t clock)
{
	uint64_t t = 0;

	sd_event_now(r->event, clock, &t);
	return t;
}

static void arm(struct recorder *r, uint64_t wait)
{
	sd_event_source_set_time_relative(r->timer, wait);
	sd_event_source_set_enabled(r->timer, SD_EVENT_ONESHOT);
}

static uint64_t left(const struct recorder *r)
{
	uint64_t age = now_us(r, CLOCK_MONOTONIC) - r->busy->queued_at;

	return age < r->conf->give_up_us ? r->conf->give_up_us - age : 0;
}

/* ---- the queue */

static void enqueue(struct recorder *r, struct note *note)
{
	note->queued = true;
	note->queued_at = now_us(r, CLOCK_MONOTONIC);
	note->next = NULL;
	*r->last = note;
	r->last = &note->next;
}

static struct note *dequeue(struct recorder *r)
{
	struct note *note = r->first;

	if (!note)
		return NULL;
	r->first = note->next;
	if (!r->first)
		r->last = &r->first;
	note->queued = false;
	note->busy = true;
	r->why[0] = 0;
	return note;
}

/* The next one, but not from within what calls us. */
static void release(struct recorder *r)
{
	r->busy->busy = false;
	r->busy = NULL;
	arm(r, 0);
}

static void lose(struct recorder *r, const char *why)
{
	r->counts.lost++;
	log_say(r->told ? LOG_DEBUG : LOG_WARNING,
		"an Event about Service %s/%s is lost: %s", r->busy->says.ns,
		r->busy->says.service, why);
	r->told = true;
	release(r);
}

/* ---- one request */

static void try_later(struct recorder *r, const char *why, uint64_t asked)
{
	uint64_t wait = backoff_next(&r->backoff, now_us(r, CLOCK_MONOTONIC),
				     backoff_random());

	if (wait < asked)
		wait = asked;
	snprintf(r->why, sizeof(r->why), "%s", why);
	if (wait < left(r))
		arm(r, wait);
	else
		lose(r, why);
}

static void heard(struct recorder *r)
{
	r->counts.written++;
	r->told = false;
	r->busy->there = true;
	release(r);
}

/*
 * That it is there already is an answer of ours that did not come. That it is
 * gone is an Event that has grown old, or a namespace that is no more.
 */
static void refused(struct recorder *r, const struct http_result *res)
{
	struct status s;

	status_parse(&s, res->body, res->body_len, res->status);
	if (res->status == 409 && r->created) {
		heard(r);
	} else if (res->status == 404 && !r->created) {
		r->busy->there = false;
		arm(r, 0);
	} else if (res->status == 429 || res->status >= 500) {
		try_later(r, s.text, s.retry_after_us);
	} else {
		lose(r, s.text);
	}
}

static void on_done(const struct http_result *res, void *arg)
{
	struct recorder *r = arg;

	r->req = NULL;
	if (res->status >= 200 && res->status < 300)
		heard(r);
	else if (res->status)
		refused(r, res);
	else
		try_later(r, res->err.text, res->retry_after_us);
}

static int begin(struct recorder *r, const struct note *note)
{
	static const struct http_ops ops = { .done = on_done };
	struct http_send what = {
		.method = note->there ? "PATCH" : "POST",
		.type = note->there ? "application/merge-patch+json" :
				      "application/json",
	};
	char *path, *body;

	path = note->there ? note_patch_path(note) : note_create_path(note);
	body = note->there ? note_patch_body(note) :
			     note_create_body(note, r->node);
	what.text = body;
	r->created = !note->there;
	if (path && body)
		r->req = http_send(r->http, path, &what, &ops, r);
	free(path);
	free(body);
	return r->req ? 0 : -1;
}

/* Something is to be done, or what is under way has taken too long. */
static int on_timer(sd_event_source *s, uint64_t usec, void *arg)
{
	struct recorder *r = arg;

	http_cancel(r->req);
	r->req = NULL;
	if (!r->busy)
		r->busy = dequeue(r);
	if (!r->busy)
		return 0;
	if (!left(r))
		lose(r, r->why[0] ? r->why : "no answer in time");
	else if (begin(r, r->busy))
		lose(r, "out of memory");
	else
		arm(r, left(r));
	return 0;
}

/* ---- */

void recorder_say(struct recorder *r, const char *ns, const char *name,
		  const char *uid, const char *reason, const char *sentence)
{
	struct note_says says = { ns, name, uid, reason, sentence };
	uint64_t now = now_us(r, CLOCK_MONOTONIC);
	struct note *note;
	char who[512];

	note = notes_say(&r->notes, &says, now, r->conf->same_us,
			 now_us(r, CLOCK_REALTIME) / 1000000);
	if (!note) {
		r->counts.lost++;
		return;
	}
	snprintf(who, sizeof(who), "%s/%s", ns, name);
	/* What already waits will have all in it. */
	if (note->queued)
		return;
	if (!budget_take(&r->budget, who, now)) {
		r->counts.spared++;
		return;
	}
	enqueue(r, note);
	if (!r->busy)
		arm(r, 0);
}

void recorder_counts(const struct recorder *r, struct recorder_counts *out)
{
	*out = r->counts;
}

struct recorder *recorder_new(sd_event *event, struct http *http,
			      const char *node,
			      const struct recorder_conf *conf)
{
	struct recorder *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	r->event = sd_event_ref(event);
	r->http = http;
	r->conf = conf;
	r->last = &r->first;
	notes_init(&r->notes);
	budget_init(&r->budget, &conf->budget);
	backoff_init(&r->backoff, &conf->backoff);
	r->node = strdup(node);
	if (r->node &&
	    sd_event_add_time_relative(event, &r->timer, CLOCK_MONOTONIC, 0,
				       10000, on_timer, r) >= 0 &&
	    sd_event_source_set_enabled(r->timer, SD_EVENT_OFF) >= 0)
		return r;
	recorder_free(r);
	return NULL;
}

void recorder_free(struct recorder *r)
{
	if (!r)
		return;
	http_cancel(r->req);
	sd_event_source_disable_unref(r->timer);
	notes_free(&r->notes);
	budget_free(&r->budget);
	sd_event_unref(r->event);
	free(r->node);
	free(r);
}

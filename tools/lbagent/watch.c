// SPDX-License-Identifier: GPL-2.0
#include "watch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "event.h"
#include "frames.h"
#include "items.h"
#include "status.h"

const struct watch_conf watch_default = {
	.backoff = { .first = 800000, .most = 30000000, .good = 120000000 },
	/* five seconds after a partition nothing shall be old any more */
	.away = { .first = 200000, .most = 500000, .good = 120000000 },
	.waking_us = 10000000,
	.short_us = 1000000,
	.retry_after_us = 300000000,
	.timeout_s = 300,
	.line_cap = FRAMES_CAP,
};

struct watch {
	sd_event *event;
	struct http *http;
	const struct query *q;
	const struct watch_conf *conf;
	const struct watch_ops *ops;
	void *arg;
	struct backoff backoff, away;
	long status;		/* of the last answer */
	uint64_t cut;		/* when the last one ended so; 0: never */
	struct http_req *req;
	sd_event_source *timer;
	/* the last one seen; NULL: none, the first list takes what there is */
	char *version;
	bool quorum;		/* the next list: the version is of no use */
	bool relist;		/* the next request is a list */
	/* of a list */
	struct items items;
	/* of a watch */
	struct frames frames;
	uint64_t began;
	bool heard;		/* an event, or the begin of a list */
	struct status refusal;	/* of an ERROR event, if stopped by one */
	struct klb_err why;
};

static uint64_t now_us(struct watch *w)
{
	uint64_t t = 0;

	sd_event_now(w->event, CLOCK_MONOTONIC, &t);
	return t;
}

static uint32_t random_u32(void)
{
	uint32_t x = 0;

	/* Without it the spread is none, which does no harm. */
	if (getrandom(&x, sizeof(x), GRND_NONBLOCK) < 0)
		return 0;
	return x;
}

static void set_timer(struct watch *w, uint64_t us)
{
	sd_event_source_set_time_relative(w->timer, us);
	sd_event_source_set_enabled(w->timer, SD_EVENT_ONESHOT);
}

/*
 * Who comes back refuses for a while what it will grant, as what it decides by
 * is not loaded yet.
 */
static bool was_away(const struct watch *w, uint64_t now)
{
	return w->cut && now < w->cut + w->conf->waking_us;
}

static void fail(struct watch *w, const char *why, uint64_t retry_after)
{
	uint64_t now = now_us(w), wait;

	wait = backoff_next(was_away(w, now) ? &w->away : &w->backoff, now,
			    random_u32());
	if (retry_after > w->conf->retry_after_us)
		retry_after = w->conf->retry_after_us;
	set_timer(w, wait > retry_after ? wait : retry_after);
	w->ops->failed(why, w->arg);
}

/*
 * Nobody answered, or somebody was cut off, so a try costs nobody much. Who
 * answers next may have been restored from a backup, with versions that begin
 * again: a list tells, and a watch would wait in silence until the old ones
 * are reached.
 */
static void fail_away(struct watch *w, const char *what, const char *why)
{
	struct klb_err err;

	w->relist = true;
	w->cut = now_us(w);
	klb_err_set(&err, 0, "%s of %.128s: %.340s", what, w->q->path, why);
	set_timer(w, backoff_next(&w->away, now_us(w), random_u32()));
	w->ops->failed(err.text, w->arg);
}

/* No answer, or not all of it; the others are reasons of ours to give it up. */
static bool is_cut(const struct http_result *res)
{
	switch (res->rc) {
	case 0:
	case -ENOMEM:
	case -EMSGSIZE:
	case -EBADMSG:
	case -ECANCELED:
		return false;
	}
	return true;
}

static int set_version(struct watch *w, const char *version)
{
	char *copy;

	if (w->version && !strcmp(w->version, version))
		return 0;
	copy = strdup(version);
	if (!copy)
		return -ENOMEM;
	free(w->version);
	w->version = copy;
	return 0;
}

static void request(struct watch *w, char *path, const struct http_ops *ops)
{
	w->req = path ? http_get(w->http, path, ops, w) : NULL;
	free(path);
	if (!w->req)
		fail(w, "out of memory", 0);
}

/* ---- lists */

static int take_item(const char *text, size_t len, void *arg)
{
	struct watch *w = arg;
	json_t *object;
	int rc = item_parse(&object, text, len, &w->why);

	if (rc)
		return rc;
	w->ops->put(object, w->arg);
	json_decref(object);
	return 0;
}

static int list_data(const char *data, size_t len, void *arg)
{
	struct watch *w = arg;
	int rc;

	if (!w->heard)
		w->ops->begin_list(w->arg);
	w->heard = true;
	rc = items_feed(&w->items, data, len, take_item, w);
	if (rc == -EBADMSG && !w->why.text[0])
		klb_err_set(&w->why, rc, "an item is no object");
	return rc;
}

/* All items were handed on. */
static int take_list(struct watch *w, struct klb_err *err)
{
	struct listing l;
	int rc = listing_parse(&l, w->items.head.text, w->items.head.len, err);

	if (rc)
		return rc;
	rc = set_version(w, l.version);
	listing_free(&l);
	if (rc)
		return klb_err_set(err, rc, "out of memory");
	w->quorum = false;
	w->relist = false;
	w->ops->end_list(w->arg);
	return 0;
}

/*
 * A version that is not known (any more, or yet) is left out, at once; without
 * one there cannot be such an answer, and what there is then has to wait.
 */
static void list_refused(struct watch *w, const struct http_result *res)
{
	struct status s;
	uint64_t wait = res->retry_after_us;

	status_parse(&s, res->body, res->body_len, res->status);
	if ((s.kind == STATUS_EXPIRED || s.kind == STATUS_TOO_LARGE) &&
	    !w->quorum) {
		w->quorum = true;
		set_timer(w, 0);
		return;
	}
	klb_err_set(&w->why, 0, "list of %.128s: %s", w->q->path, s.text);
	fail(w, w->why.text, wait > s.retry_after_us ? wait : s.retry_after_us);
}

static void list_failed(struct watch *w, int rc, const char *why)
{
	struct klb_err err;

	if (rc == -EMSGSIZE)
		why = "an item is too long";
	else if (rc == -EBADMSG && w->why.text[0])
		why = w->why.text;
	klb_err_set(&err, rc, "list of %.128s: %.340s", w->q->path, why);
	fail(w, err.text, 0);
}

static void list_done(const struct http_result *res, void *arg)
{
	struct watch *w = arg;
	struct klb_err err = res->err;
	int rc = res->rc;

	w->req = NULL;
	w->status = res->status;
	if (is_cut(res)) {
		fail_away(w, "list", res->err.text);
	} else if (!rc && res->status != 200) {
		list_refused(w, res);
	} else {
		if (!rc)
			rc = take_list(w, &err);
		if (rc)
			list_failed(w, rc, err.text);
		else
			set_timer(w, 0);
	}
	items_free(&w->items);
}

static void list(struct watch *w)
{
	static const struct http_ops ops = {
		.data = list_data, .done = list_done,
	};
	const char *version = w->version ? w->version : "0";

	w->heard = false;
	w->why.text[0] = 0;
	request(w, query_list(w->q, w->quorum ? "" : version), &ops);
}

/* ---- watches */

static void hand_on(struct watch *w, struct event *e)
{
	if (e->type == EVENT_DELETED)
		w->ops->gone(e->object, w->arg);
	else if (e->type != EVENT_BOOKMARK)
		w->ops->put(e->object, w->arg);
}

/* The version is taken last: what was not handed on has to come again. */
static int take_event(struct watch *w, struct event *e, struct klb_err *err)
{
	w->heard = true;
	if (e->type == EVENT_UNKNOWN)
		return 0;
	if (e->type == EVENT_ERROR) {
		status_read(&w->refusal, e->object, 200);
		return klb_err_set(err, -ECANCELED, "%s", w->refusal.text);
	}
	hand_on(w, e);
	return set_version(w, e->version);
}

static int on_line(const char *line, size_t len, void *arg)
{
	struct watch *w = arg;
	struct event e;
	int rc;

	rc = event_parse(&e, line, len, &w->why);
	if (rc)
		return rc;
	rc = take_event(w, &e, &w->why);
	event_free(&e);
	return rc;
}

static int watch_data(const char *data, size_t len, void *arg)
{
	struct watch *w = arg;

	return frames_feed(&w->frames, data, len, on_line, w);
}

static void watch_ended(struct watch *w)
{
	if (w->heard || now_us(w) - w->began >= w->conf->short_us) {
		set_timer(w, 0);
		return;
	}
	/* Else a server that has nothing to say would be asked in a circle. */
	klb_err_set(&w->why, 0, "watch of %.128s: it ended at once",
		    w->q->path);
	fail(w, w->why.text, 0);
}

static void watch_failed(struct watch *w, const char *why, bool relist,
			 uint64_t wait)
{
	struct klb_err err;

	w->relist = relist;
	klb_err_set(&err, 0, "watch of %.128s: %.340s", w->q->path, why);
	fail(w, err.text, wait);
}

static void watch_refused(struct watch *w, const struct status *s,
			  uint64_t wait)
{
	if (s->retry_after_us > wait)
		wait = s->retry_after_us;
	/* the list that helps is not what is to be held back */
	if (s->kind == STATUS_EXPIRED)
		fail_away(w, "watch", s->text);
	else
		watch_failed(w, s->text, s->kind != STATUS_LATER, wait);
}

static void watch_cut(struct watch *w, const struct http_result *res)
{
	switch (res->rc) {
	case -ECANCELED:
		watch_refused(w, &w->refusal, 0);
		break;
	case -EMSGSIZE:
		watch_failed(w, "a line is too long", true, 0);
		break;
	case -EBADMSG:
		watch_failed(w, w->why.text, true, 0);
		break;
	default:
		watch_failed(w, res->err.text, true, 0);
	}
}

static void watch_done(const struct http_result *res, void *arg)
{
	struct watch *w = arg;
	struct status s;

	w->req = NULL;
	w->status = res->status;
	frames_free(&w->frames);
	if (is_cut(res)) {
		fail_away(w, "watch", res->err.text);
	} else if (res->rc) {
		watch_cut(w, res);
	} else if (res->status == 200) {
		watch_ended(w);
	} else {
		status_parse(&s, res->body, res->body_len, res->status);
		watch_refused(w, &s, res->retry_after_us);
	}
}

static void follow(struct watch *w)
{
	static const struct http_ops ops = {
		.data = watch_data, .done = watch_done,
	};
	unsigned int timeout = w->conf->timeout_s;

	timeout += random_u32() % (timeout + 1);
	w->began = now_us(w);
	w->heard = false;
	request(w, query_watch(w->q, w->version, timeout), &ops);
}

/* ---- */

static int on_timer(sd_event_source *s, uint64_t usec, void *arg)
{
	struct watch *w = arg;

	if (w->relist)
		list(w);
	else
		follow(w);
	return 0;
}

struct watch *watch_new(sd_event *event, struct http *http,
			const struct query *q, const struct watch_conf *conf,
			const struct watch_ops *ops, void *arg)
{
	struct watch *w = calloc(1, sizeof(*w));

	if (!w)
		return NULL;
	*w = (struct watch){
		.event = sd_event_ref(event), .http = http, .q = q,
		.conf = conf, .ops = ops, .arg = arg, .relist = true,
	};
	backoff_init(&w->backoff, &conf->backoff);
	backoff_init(&w->away, &conf->away);
	frames_init(&w->frames, conf->line_cap);
	items_init(&w->items, conf->line_cap);
	if (sd_event_add_time_relative(event, &w->timer, CLOCK_MONOTONIC, 0,
				       10000, on_timer, w) < 0) {
		watch_free(w);
		return NULL;
	}
	return w;
}

void watch_free(struct watch *w)
{
	if (!w)
		return;
	http_cancel(w->req);
	sd_event_source_disable_unref(w->timer);
	frames_free(&w->frames);
	items_free(&w->items);
	free(w->version);
	sd_event_unref(w->event);
	free(w);
}

long watch_status(const struct watch *w)
{
	return w->status;
}

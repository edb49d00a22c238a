// SPDX-License-Identifier: GPL-2.0
#include "serves.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#define RETRY_US	5000000

struct listener {
	SLIST_ENTRY(listener) link;
	struct klb_ap at;
	struct serve *serve;
	struct serves *of;
};

struct serves {
	SLIST_HEAD(, listener) listeners;
	sd_event *event;
	const struct serve_conf *conf;
	const struct serves_ops *ops;
	void *arg;
	struct klb_ap *wanted;
	size_t n_wanted;
	sd_event_source *timer;
	int told;		/* why not all of them, -errno; 0: all */
};

static void answer(const char *path, struct serve_answer *a, void *arg)
{
	const struct listener *l = arg;

	l->of->ops->answer(&l->at, path, a, l->of->arg);
}

static void close_listener(struct listener *l)
{
	SLIST_REMOVE(&l->of->listeners, l, listener, link);
	serve_free(l->serve);
	free(l);
}

static int open_listener(struct serves *s, const struct klb_ap *at,
			 struct klb_err *err)
{
	struct listener *l = calloc(1, sizeof(*l));
	int rc;

	if (!l)
		return klb_err_set(err, -ENOMEM, "out of memory");
	l->at = *at;
	l->of = s;
	rc = serve_new(&l->serve, s->event, at, s->conf, answer, l, err);
	if (!rc) {
		SLIST_INSERT_HEAD(&s->listeners, l, link);
		return 0;
	}
	free(l);
	/* A host without IPv6 is asked nothing by it. */
	return rc == -EAFNOSUPPORT ? 0 : rc;
}

static bool is_wanted(const struct serves *s, const struct klb_ap *at)
{
	size_t i;

	for (i = 0; i < s->n_wanted; i++) {
		if (!klb_ap_cmp(&s->wanted[i], at))
			return true;
	}
	return false;
}

static bool is_open(const struct serves *s, const struct klb_ap *at)
{
	const struct listener *l;

	SLIST_FOREACH(l, &s->listeners, link) {
		if (!klb_ap_cmp(&l->at, at))
			return true;
	}
	return false;
}

static void close_unwanted(struct serves *s)
{
	struct listener *l, *next;

	for (l = SLIST_FIRST(&s->listeners); l; l = next) {
		next = SLIST_NEXT(l, link);
		if (!is_wanted(s, &l->at))
			close_listener(l);
	}
}

/* All that can be; the sentence is about the last that cannot. */
static int open_wanted(struct serves *s, struct klb_err *err)
{
	int rc, failed = 0;
	size_t i;

	for (i = 0; i < s->n_wanted; i++) {
		rc = is_open(s, &s->wanted[i]) ? 0 :
		     open_listener(s, &s->wanted[i], err);
		if (rc)
			failed = rc;
	}
	return failed;
}

/* The old ones first: all addresses and one of them exclude each other. */
static void settle(struct serves *s)
{
	struct klb_err err;
	int rc;

	close_unwanted(s);
	rc = open_wanted(s, &err);
	if (rc)
		sd_event_source_set_time_relative(s->timer, RETRY_US);
	sd_event_source_set_enabled(s->timer, rc ? SD_EVENT_ONESHOT :
				    SD_EVENT_OFF);
	if (rc && rc != s->told)
		s->ops->failed(err.text, s->arg);
	s->told = rc;
}

static int on_timer(sd_event_source *source, uint64_t usec, void *arg)
{
	settle(arg);
	return 0;
}

int serves_listen(struct serves *s, const struct klb_ap *at, size_t n)
{
	struct klb_ap *copy = calloc(n + 1, sizeof(*copy));

	if (!copy)
		return -ENOMEM;
	if (n)
		memcpy(copy, at, n * sizeof(*copy));
	free(s->wanted);
	s->wanted = copy;
	s->n_wanted = n;
	settle(s);
	return 0;
}

struct serves *serves_new(sd_event *event, const struct serve_conf *conf,
			  const struct serves_ops *ops, void *arg)
{
	struct serves *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->event = sd_event_ref(event);
	s->conf = conf;
	s->ops = ops;
	s->arg = arg;
	if (sd_event_add_time_relative(event, &s->timer, CLOCK_MONOTONIC,
				       RETRY_US, 0, on_timer, s) < 0) {
		serves_free(s);
		return NULL;
	}
	sd_event_source_set_enabled(s->timer, SD_EVENT_OFF);
	return s;
}

void serves_free(struct serves *s)
{
	if (!s)
		return;
	while (!SLIST_EMPTY(&s->listeners))
		close_listener(SLIST_FIRST(&s->listeners));
	sd_event_source_disable_unref(s->timer);
	sd_event_unref(s->event);
	free(s->wanted);
	free(s);
}

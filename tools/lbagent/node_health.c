// SPDX-License-Identifier: GPL-2.0
#include "node_health.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* "2026-11-27T14:02:47.123456789Z" */
#define TIME_TEXT	64

struct node_health {
	struct metrics *metrics;
	struct serves *serves;
	void (*failed)(const char *why, void *arg);
	void *arg;
	uint64_t timeout_us;
	uint64_t queued_us;	/* the oldest that is not done; 0: none */
	struct timespec done;	/* since 1970; zero: never */
	bool leaving;
};

/* Never 0. */
static uint64_t now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000ull + now.tv_nsec / 1000 + 1;
}

void node_health_queued(struct node_health *n)
{
	metrics_set_now(n->metrics, METRIC_QUEUED_TIME);
	if (!n->queued_us)
		n->queued_us = now_us();
}

void node_health_done(struct node_health *n)
{
	metrics_set_now(n->metrics, METRIC_SYNC_TIME);
	n->queued_us = 0;
	clock_gettime(CLOCK_REALTIME, &n->done);
}

void node_health_leaving(struct node_health *n, bool leaving)
{
	n->leaving = leaving;
}

/* Unlike kube-proxy's also if the very first change is late. */
bool node_health_is_good(const struct node_health *n)
{
	return !n->queued_us || now_us() - n->queued_us < n->timeout_us;
}

/* RFC 3339, as Go writes times in JSON; what never was is of the year 1. */
static const char *time_text(const struct timespec *t, char text[TIME_TEXT])
{
	struct tm tm;
	size_t len;

	if (!t->tv_sec)
		return "0001-01-01T00:00:00Z";
	gmtime_r(&t->tv_sec, &tm);
	len = strftime(text, TIME_TEXT, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(text + len, TIME_TEXT - len, ".%09ldZ", t->tv_nsec);
	return text;
}

static const char *word(bool value)
{
	return value ? "true" : "false";
}

/* kube-proxy has a proxier a family; lbagent does both at once. */
static void put_status(const struct node_health *n, char *text, size_t size)
{
	const char *good = word(node_health_is_good(n));
	char done[TIME_TEXT];

	*text = 0;
	if (!n->done.tv_sec)
		return;
	time_text(&n->done, done);
	snprintf(text, size,
		 ",\"status\":{\"IPv4\":{\"lastUpdated\":\"%s\",\"healthy\":%s},\"IPv6\":{\"lastUpdated\":\"%s\",\"healthy\":%s}}",
		 done, good, done, good);
}

/* @eligible is a member of the object, or nothing. */
static void answer(const struct node_health *n, bool good,
		   const char *eligible, struct serve_answer *a)
{
	char now[TIME_TEXT], done[TIME_TEXT], status[256];
	struct timespec is;

	clock_gettime(CLOCK_REALTIME, &is);
	put_status(n, status, sizeof(status));
	a->status = good ? 200 : 503;
	a->type = "application/json";
	serve_header(a, "X-Content-Type-Options", "nosniff");
	/* What has all there is to have was last updated now. */
	serve_body(a, "{\"lastUpdated\":\"%s\",\"currentTime\":\"%s\"%s,\"healthy\":%s%s}",
		   time_text(good ? &is : &n->done, done), time_text(&is, now),
		   eligible, word(node_health_is_good(n)), status);
}

static void answer_healthz(struct node_health *n, struct serve_answer *a)
{
	bool good = node_health_is_good(n) && !n->leaving;

	metrics_add(n->metrics,
		    good ? METRIC_HEALTHZ_GOOD : METRIC_HEALTHZ_BAD, 1);
	answer(n, good, n->leaving ? ",\"nodeEligible\":false" :
				     ",\"nodeEligible\":true", a);
}

static void answer_livez(struct node_health *n, struct serve_answer *a)
{
	bool good = node_health_is_good(n);

	metrics_add(n->metrics, good ? METRIC_LIVEZ_GOOD : METRIC_LIVEZ_BAD, 1);
	answer(n, good, "", a);
}

static void on_request(const struct klb_ap *at, const char *path,
		       struct serve_answer *a, void *arg)
{
	if (!strcmp(path, "/healthz"))
		answer_healthz(arg, a);
	else if (!strcmp(path, "/livez"))
		answer_livez(arg, a);
}

static void on_failed(const char *why, void *arg)
{
	const struct node_health *n = arg;

	n->failed(why, n->arg);
}

static const struct serves_ops ops = { on_request, on_failed };

int node_health_listen(struct node_health *n, const struct klb_ap *at,
		       size_t n_at)
{
	return serves_listen(n->serves, at, n_at);
}

struct node_health *node_health_new(sd_event *event, struct metrics *m,
				    uint64_t timeout_us,
				    void (*failed)(const char *why, void *arg),
				    void *arg)
{
	struct node_health *n = calloc(1, sizeof(*n));

	if (!n)
		return NULL;
	n->metrics = m;
	n->timeout_us = timeout_us;
	n->failed = failed;
	n->arg = arg;
	n->serves = serves_new(event, &serve_default, &ops, n);
	if (n->serves)
		return n;
	free(n);
	return NULL;
}

void node_health_free(struct node_health *n)
{
	if (!n)
		return;
	serves_free(n->serves);
	free(n);
}

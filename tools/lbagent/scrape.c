// SPDX-License-Identifier: GPL-2.0
#include "scrape.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "metrics_klb.h"
#include "page.h"
#include "series.h"

struct scrape {
	const struct metrics *metrics;
	const struct scrape_conf *conf;
	struct klb klb;
	struct serves *serves;
	void (*failed)(const char *why, void *arg);
	void *arg;
};

/* An answer can be many megabytes, and takes the module's time. */
static const struct serve_conf serve_conf = {
	.conns = 4, .conns_of_source = 2, .timeout_us = 30000000,
};

/* Traffic of all services; NULL if that is not to be known. */
static struct traffic *ask_traffic(struct scrape *s)
{
	struct traffic *t = traffic_new(s->conf->endpoints);

	if (!t || !klb_service_dump(&s->klb, traffic_add, t))
		return t;
	traffic_free(t);
	return NULL;
}

/* It may have been loaded anew, and have another family: find it again. */
static struct traffic *put_klb(struct scrape *s, FILE *f)
{
	if (!metrics_put_klb(&s->klb, f))
		return ask_traffic(s);
	klb_close(&s->klb);
	klb_open(&s->klb, NULL);
	return NULL;
}

static void answer_metrics(struct scrape *s, struct serve_answer *a)
{
	struct traffic *t;
	char *text = NULL;
	size_t len;
	FILE *f;

	a->status = 200;
	a->type = SERIES_TYPE;
	f = open_memstream(&text, &len);
	if (!f)
		return;
	metrics_put(s->metrics, f);
	metrics_put_process(f);
	t = put_klb(s, f);
	if (!fclose(f)) {
		a->stream = page_new(text, len, t);
		return;
	}
	traffic_free(t);
	free(text);
}

static void answer_word(const char *word, struct serve_answer *a)
{
	a->status = 200;
	a->type = "text/plain; charset=utf-8";
	serve_header(a, "X-Content-Type-Options", "nosniff");
	serve_body(a, "%s", word);
}

static void on_request(const struct klb_ap *at, const char *path,
		       struct serve_answer *a, void *arg)
{
	if (!strcmp(path, "/metrics"))
		answer_metrics(arg, a);
	else if (!strcmp(path, "/proxyMode"))
		answer_word("klb", a);
	else if (!strcmp(path, "/healthz"))
		answer_word("ok", a);
}

static void on_failed(const char *why, void *arg)
{
	const struct scrape *s = arg;

	s->failed(why, s->arg);
}

static const struct serves_ops ops = { on_request, on_failed };

int scrape_listen(struct scrape *s, const struct klb_ap *at, size_t n)
{
	return serves_listen(s->serves, at, n);
}

struct scrape *scrape_new(sd_event *event, const struct metrics *m,
			  const struct scrape_conf *conf,
			  void (*failed)(const char *why, void *arg),
			  void *arg)
{
	struct scrape *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->metrics = m;
	s->conf = conf;
	s->failed = failed;
	s->arg = arg;
	klb_open(&s->klb, NULL);
	s->serves = serves_new(event, &serve_conf, &ops, s);
	if (s->serves)
		return s;
	free(s);
	return NULL;
}

void scrape_free(struct scrape *s)
{
	if (!s)
		return;
	serves_free(s->serves);
	klb_close(&s->klb);
	free(s);
}

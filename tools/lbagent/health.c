// SPDX-License-Identifier: GPL-2.0
#include "health.h"

#include <errno.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#define PORTS	65536

struct check {
	TAILQ_ENTRY(check) link;
	struct health *h;
	char *ns, *name;
	struct kube_health is;
	struct serves *serves;	/* nowhere as long as another has the port */
};

struct health {
	TAILQ_HEAD(check_list, check) checks;	/* the first to come first */
	sd_event *event;
	const struct health_ops *ops;
	void *arg;
	void *names;			/* of checks, tsearch() */
	struct klb_ap *at;		/* their ports are of no meaning */
	size_t n_at;
	struct check *owners[PORTS];
};

static int check_cmp(const void *a, const void *b)
{
	const struct check *x = a, *y = b;
	int rc = strcmp(x->ns, y->ns);

	return rc ? rc : strcmp(x->name, y->name);
}

/* Names are DNS labels: there is nothing in them to escape. */
static void answer_check(const struct klb_ap *at, const char *path,
			 struct serve_answer *a, void *arg)
{
	const struct check *c = arg;
	size_t n = at->addr.len == 4 ? c->is.local4 : c->is.local6;
	bool healthy = c->h->ops->proxy_healthy(c->h->arg);

	a->status = n && healthy ? 200 : 503;
	a->type = "application/json";
	serve_header(a, "X-Content-Type-Options", "nosniff");
	serve_header(a, "X-Load-Balancing-Endpoint-Weight", "%zu", n);
	serve_body(a, "{\n"
		   "\t\"service\": {\n"
		   "\t\t\"namespace\": \"%s\",\n"
		   "\t\t\"name\": \"%s\"\n"
		   "\t},\n"
		   "\t\"localEndpoints\": %zu,\n"
		   "\t\"serviceProxyHealthy\": %s\n"
		   "}", c->ns, c->name, n, healthy ? "true" : "false");
}

static void tell(const char *why, void *arg)
{
	const struct check *c = arg;

	c->h->ops->failed(c->ns, c->name, why, c->h->arg);
}

static const struct serves_ops serves_ops = { answer_check, tell };

/* Where the owner of a port listens, and nobody else does. */
static int listen_for(struct check *c)
{
	struct health *h = c->h;
	size_t i;

	if (h->owners[c->is.port] != c)
		return serves_listen(c->serves, NULL, 0);
	for (i = 0; i < h->n_at; i++)
		h->at[i].port = c->is.port;
	return serves_listen(c->serves, h->at, h->n_at);
}

/* Who has waited longest has the port next. */
static int give_up_port(struct check *c)
{
	struct health *h = c->h;
	const uint16_t port = c->is.port;
	struct check *next;
	int rc;

	if (h->owners[port] != c)
		return 0;
	h->owners[port] = NULL;
	rc = listen_for(c);
	TAILQ_FOREACH(next, &h->checks, link) {
		if (next != c && next->is.port == port)
			break;
	}
	h->owners[port] = next;
	return rc || !next ? rc : listen_for(next);
}

static int take_port(struct check *c)
{
	struct check **owner = &c->h->owners[c->is.port];
	char why[512];

	if (!*owner)
		*owner = c;
	if (*owner == c)
		return listen_for(c);
	snprintf(why, sizeof(why), "healthCheckNodePort %u is that of %s/%s",
		 c->is.port, (*owner)->ns, (*owner)->name);
	tell(why, c);
	return 0;
}

static void check_free(struct check *c)
{
	serves_free(c->serves);
	free(c->ns);
	free(c->name);
	free(c);
}

static struct check *find(struct health *h, const char *ns, const char *name)
{
	const struct check key = { .ns = (char *)ns, .name = (char *)name };
	void *node = tfind(&key, &h->names, check_cmp);

	return node ? *(struct check **)node : NULL;
}

static struct check *make(struct health *h, const char *ns, const char *name)
{
	struct check *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->h = h;
	c->ns = strdup(ns);
	c->name = strdup(name);
	c->serves = serves_new(h->event, &serve_default, &serves_ops, c);
	if (!c->ns || !c->name || !c->serves ||
	    !tsearch(c, &h->names, check_cmp)) {
		check_free(c);
		return NULL;
	}
	TAILQ_INSERT_TAIL(&h->checks, c, link);
	return c;
}

int health_put(struct health *h, const char *ns, const char *name,
	       const struct kube_health *health)
{
	struct check *c = find(h, ns, name);
	int rc;

	if (!c)
		c = make(h, ns, name);
	if (!c)
		return -ENOMEM;
	if (c->is.port == health->port) {
		c->is = *health;
		return 0;
	}
	rc = give_up_port(c);
	c->is = *health;
	return rc ? rc : take_port(c);
}

static void drop(struct check *c)
{
	struct health *h = c->h;

	tdelete(c, &h->names, check_cmp);
	TAILQ_REMOVE(&h->checks, c, link);
	give_up_port(c);
	check_free(c);
}

void health_drop(struct health *h, const char *ns, const char *name)
{
	struct check *c = find(h, ns, name);

	if (c)
		drop(c);
}

int health_listen(struct health *h, const struct klb_addr *addrs, size_t n)
{
	struct klb_ap *at = calloc(n + 1, sizeof(*at));
	struct check *c;
	size_t i;
	int rc = 0;

	if (!at)
		return -ENOMEM;
	for (i = 0; i < n; i++)
		at[i].addr = addrs[i];
	free(h->at);
	h->at = at;
	h->n_at = n;
	TAILQ_FOREACH(c, &h->checks, link) {
		if (!rc)
			rc = listen_for(c);
	}
	return rc;
}

struct health *health_new(sd_event *event, const struct health_ops *ops,
			  void *arg)
{
	struct health *h = calloc(1, sizeof(*h));

	if (!h)
		return NULL;
	TAILQ_INIT(&h->checks);
	h->event = sd_event_ref(event);
	h->ops = ops;
	h->arg = arg;
	return h;
}

void health_free(struct health *h)
{
	struct check *c;

	if (!h)
		return;
	/* Nobody begins to listen because another one ends. */
	h->n_at = 0;
	while ((c = TAILQ_LAST(&h->checks, check_list)))
		drop(c);
	sd_event_unref(h->event);
	free(h->at);
	free(h);
}

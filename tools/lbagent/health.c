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
	struct klb_addr *addrs;
	struct klb_ap *at;		/* those of one check; as much room */
	size_t n_addrs;
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

static bool is_asked(const struct check *c, const struct klb_addr *addr)
{
	return addr->len == 4 ? c->is.ipv4 : c->is.ipv6;
}

/* Where the owner of a port listens, and nobody else does. */
static int listen_for(struct check *c)
{
	struct health *h = c->h;
	size_t i, n = 0;

	if (h->owners[c->is.port] != c)
		return serves_listen(c->serves, NULL, 0);
	for (i = 0; i < h->n_addrs; i++) {
		if (is_asked(c, &h->addrs[i]))
			h->at[n++] = (struct klb_ap){
				.addr = h->addrs[i], .port = c->is.port,
			};
	}
	return serves_listen(c->serves, h->at, n);
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
	struct kube_health was;
	int rc;

	if (!c)
		c = make(h, ns, name);
	if (!c)
		return -ENOMEM;
	was = c->is;
	if (was.port == health->port) {
		c->is = *health;
		return was.ipv4 == health->ipv4 && was.ipv6 == health->ipv6 ?
		       0 : listen_for(c);
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
	struct klb_addr *copy = calloc(n + 1, sizeof(*copy));
	struct klb_ap *at = calloc(n + 1, sizeof(*at));
	struct check *c;
	int rc = 0;

	if (!copy || !at) {
		free(copy);
		free(at);
		return -ENOMEM;
	}
	if (n)
		memcpy(copy, addrs, n * sizeof(*copy));
	free(h->addrs);
	free(h->at);
	h->addrs = copy;
	h->at = at;
	h->n_addrs = n;
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
	h->n_addrs = 0;
	while ((c = TAILQ_LAST(&h->checks, check_list)))
		drop(c);
	sd_event_unref(h->event);
	free(h->addrs);
	free(h->at);
	free(h);
}

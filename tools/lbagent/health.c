// SPDX-License-Identifier: GPL-2.0
#include "health.h"

#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "serve.h"

#define RETRY_US	5000000
#define PORTS		65536

/* An address where the checks of one Service are answered. */
struct listener {
	SLIST_ENTRY(listener) link;
	struct klb_ap at;
	struct serve *serve;
	const struct check *check;
};

SLIST_HEAD(listeners, listener);

struct check {
	TAILQ_ENTRY(check) link;
	struct health *h;
	char *ns, *name;
	struct kube_health is;
	struct listeners listeners;	/* none without the port */
	int told;		/* why not all listen, -errno; 0: they do */
};

struct health {
	TAILQ_HEAD(check_list, check) checks;	/* the first to come first */
	sd_event *event;
	const struct health_ops *ops;
	void *arg;
	void *names;			/* of checks, tsearch() */
	struct klb_addr *addrs;
	size_t n_addrs;
	sd_event_source *timer;
	struct check *owners[PORTS];
};

static int check_cmp(const void *a, const void *b)
{
	const struct check *x = a, *y = b;
	int rc = strcmp(x->ns, y->ns);

	return rc ? rc : strcmp(x->name, y->name);
}

/* Names are DNS labels: there is nothing in them to escape. */
static void answer_check(const char *path, struct serve_answer *a, void *arg)
{
	const struct listener *l = arg;
	const struct check *c = l->check;
	size_t n = l->at.addr.len == 4 ? c->is.local4 : c->is.local6;
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

static void close_listener(struct check *c, struct listener *l)
{
	SLIST_REMOVE(&c->listeners, l, listener, link);
	serve_free(l->serve);
	free(l);
}

static int open_listener(struct check *c, const struct klb_addr *addr,
			 struct klb_err *err)
{
	struct listener *l = calloc(1, sizeof(*l));
	int rc;

	if (!l)
		return klb_err_set(err, -ENOMEM, "out of memory");
	l->at = (struct klb_ap){ *addr, c->is.port };
	l->check = c;
	rc = serve_new(&l->serve, c->h->event, &l->at, &serve_default,
		       answer_check, l, err);
	if (!rc) {
		SLIST_INSERT_HEAD(&c->listeners, l, link);
		return 0;
	}
	free(l);
	/* A host without IPv6 is asked nothing by it. */
	return rc == -EAFNOSUPPORT ? 0 : rc;
}

static bool is_wanted(const struct check *c, const struct listener *l)
{
	const struct health *h = c->h;
	size_t i;

	if (h->owners[c->is.port] != c || l->at.port != c->is.port)
		return false;
	for (i = 0; i < h->n_addrs; i++) {
		if (!klb_addr_cmp(&h->addrs[i], &l->at.addr))
			return true;
	}
	return false;
}

static void close_unwanted(struct check *c)
{
	struct listener *l, *next;

	for (l = SLIST_FIRST(&c->listeners); l; l = next) {
		next = SLIST_NEXT(l, link);
		if (!is_wanted(c, l))
			close_listener(c, l);
	}
}

static bool listens(const struct check *c, const struct klb_addr *addr)
{
	const struct listener *l;

	SLIST_FOREACH(l, &c->listeners, link) {
		if (!klb_addr_cmp(&l->at.addr, addr))
			return true;
	}
	return false;
}

/* All that can be; the sentence is about the last that cannot. */
static int open_wanted(struct check *c, struct klb_err *err)
{
	const struct health *h = c->h;
	const struct check *owner = h->owners[c->is.port];
	int rc, failed = 0;
	size_t i;

	if (owner != c)
		return klb_err_set(err, -EBUSY,
				   "healthCheckNodePort %u is that of %s/%s",
				   c->is.port, owner->ns, owner->name);
	for (i = 0; i < h->n_addrs; i++) {
		rc = listens(c, &h->addrs[i]) ? 0 :
		     open_listener(c, &h->addrs[i], err);
		if (rc)
			failed = rc;
	}
	return failed;
}

static void try_later(struct health *h)
{
	if (sd_event_source_get_enabled(h->timer, NULL) > 0)
		return;
	sd_event_source_set_time_relative(h->timer, RETRY_US);
	sd_event_source_set_enabled(h->timer, SD_EVENT_ONESHOT);
}

/* The old ones first: all addresses and one of them exclude each other. */
static void settle(struct check *c)
{
	struct health *h = c->h;
	struct klb_err err;
	int rc;

	close_unwanted(c);
	rc = open_wanted(c, &err);
	if (rc && rc != c->told)
		h->ops->failed(c->ns, c->name, err.text, h->arg);
	c->told = rc;
	if (rc && rc != -EBUSY)
		try_later(h);
}

static int on_timer(sd_event_source *source, uint64_t usec, void *arg)
{
	struct health *h = arg;
	struct check *c;

	TAILQ_FOREACH(c, &h->checks, link) {
		if (c->told)
			settle(c);
	}
	return 0;
}

/* Who waits longest for the port has it next. */
static void give_up_port(struct check *c)
{
	struct health *h = c->h;
	const uint16_t port = c->is.port;
	struct check *next;

	if (h->owners[port] != c)
		return;
	h->owners[port] = NULL;
	c->is.port = 0;
	close_unwanted(c);
	TAILQ_FOREACH(next, &h->checks, link) {
		if (next->is.port == port)
			break;
	}
	h->owners[port] = next;
	if (next)
		settle(next);
}

static void check_free(struct check *c)
{
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
	if (!c->ns || !c->name || !tsearch(c, &h->names, check_cmp)) {
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

	if (!c)
		c = make(h, ns, name);
	if (!c)
		return -ENOMEM;
	if (c->is.port == health->port) {
		c->is = *health;
		return 0;
	}
	give_up_port(c);
	c->is = *health;
	if (!h->owners[c->is.port])
		h->owners[c->is.port] = c;
	settle(c);
	return 0;
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
	struct check *c;

	if (!copy)
		return -ENOMEM;
	if (n)
		memcpy(copy, addrs, n * sizeof(*copy));
	free(h->addrs);
	h->addrs = copy;
	h->n_addrs = n;
	TAILQ_FOREACH(c, &h->checks, link)
		settle(c);
	return 0;
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
	if (sd_event_add_time_relative(event, &h->timer, CLOCK_MONOTONIC,
				       RETRY_US, 0, on_timer, h) < 0) {
		health_free(h);
		return NULL;
	}
	sd_event_source_set_enabled(h->timer, SD_EVENT_OFF);
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
	sd_event_source_disable_unref(h->timer);
	sd_event_unref(h->event);
	free(h->addrs);
	free(h);
}

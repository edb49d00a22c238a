// SPDX-License-Identifier: GPL-2.0
#include "feeds.h"

#include <stdio.h>
#include <stdlib.h>

#include "watch.h"

struct feed {
	struct feeds *of;
	int kind;
	struct query query;
	struct watch *watch;	/* NULL: not wanted */
	bool listed;		/* once at least */
	bool failing;
};

struct feeds {
	struct feeds_conf conf;
	char *labels, *fields;	/* of queries */
	struct feed v[FEEDS];
};

static int put(const struct feed *f, const json_t *object, struct klb_err *err)
{
	const struct feeds_conf *c = &f->of->conf;

	return f->kind == FEED_CIDRS ?
	       cidrs_put(c->cidrs, object, err) :
	       kube_store_put(c->store, f->kind, object, err);
}

static int take_out(const struct feed *f, const json_t *object,
		    struct klb_err *err)
{
	const struct feeds_conf *c = &f->of->conf;

	return f->kind == FEED_CIDRS ?
	       cidrs_gone(c->cidrs, object, err) :
	       kube_store_gone(c->store, f->kind, object, err);
}

static void tell(const struct feed *f, const json_t *object, const char *why,
		 bool whole)
{
	const bool has_ns = f->kind == KUBE_SERVICE || f->kind == KUBE_SLICE;
	const struct feeds_conf *c = &f->of->conf;
	const char *ns = NULL, *name = "?";
	struct klb_err err;

	(void)kube_meta_parse(object, has_ns ? &ns : NULL, &name, &err);
	if (whole)
		klb_err_set(&err, 0, "%s%s%s is left as it was: %.400s",
			    ns ? ns : "", ns ? "/" : "", name, why);
	else
		klb_err_set(&err, 0, "%s", why);
	c->ops->refused(f->kind, ns, name, err.text, c->arg);
}

static void on_begin_list(void *arg)
{
	struct feed *f = arg;
	const struct feeds_conf *c = &f->of->conf;

	if (f->kind == FEED_CIDRS)
		cidrs_begin_list(c->cidrs);
	else
		kube_store_begin_list(c->store, f->kind);
}

static void on_end_list(void *arg)
{
	struct feed *f = arg;
	const struct feeds_conf *c = &f->of->conf;

	if (f->kind == FEED_CIDRS ? cidrs_end_list(c->cidrs) :
				    kube_store_end_list(c->store, f->kind))
		c->ops->failed(f->kind,
			       "out of memory: what is gone may stay", false,
			       c->arg);
	f->listed = true;
	f->failing = false;
	c->ops->listed(f->kind, c->arg);
}

static void on_put(json_t *object, void *arg)
{
	struct feed *f = arg;
	const struct feeds_conf *c = &f->of->conf;
	struct klb_err err = { 0 };

	f->failing = false;
	if (put(f, object, &err))
		tell(f, object, err.text, true);
	else if (*err.text)
		tell(f, object, err.text, false);
	c->ops->changed(f->kind, object, c->arg);
}

static void on_gone(json_t *object, void *arg)
{
	struct feed *f = arg;
	const struct feeds_conf *c = &f->of->conf;
	struct klb_err err;

	f->failing = false;
	if (take_out(f, object, &err))
		tell(f, object, err.text, true);
	c->ops->changed(f->kind, NULL, c->arg);
}

static void on_failed(const char *why, void *arg)
{
	struct feed *f = arg;
	const struct feeds_conf *c = &f->of->conf;
	bool again = f->failing;

	f->failing = true;
	c->ops->failed(f->kind, why, again, c->arg);
}

/* facts/kubernetes.md, 1.1 */
static int make_queries(struct feeds *f)
{
	static const char *const paths[FEEDS] = {
		[KUBE_SERVICE] = "/api/v1/services",
		[KUBE_SLICE] = "/apis/discovery.k8s.io/v1/endpointslices",
		[KUBE_NODE] = "/api/v1/nodes",
		[FEED_CIDRS] = "/apis/networking.k8s.io/v1/servicecidrs",
	};
	const char *name = f->conf.conf->proxy_name;
	int i;

	if (asprintf(&f->labels, "%sservice.kubernetes.io/service-proxy-name%s%s",
		     name ? "" : "!", name ? "=" : "", name ? name : "") < 0)
		f->labels = NULL;
	if (asprintf(&f->fields, "metadata.name=%s", f->conf.conf->node) < 0)
		f->fields = NULL;
	if (!f->labels || !f->fields)
		return -1;
	for (i = 0; i < FEEDS; i++)
		f->v[i] = (struct feed){
			.of = f, .kind = i, .query.path = paths[i],
		};
	f->v[KUBE_SERVICE].query.labels = f->labels;
	f->v[KUBE_SERVICE].query.fields = "spec.clusterIP!=None";
	f->v[KUBE_SLICE].query.labels = "!service.kubernetes.io/headless";
	f->v[KUBE_NODE].query.fields = f->fields;
	return 0;
}

static int start(struct feeds *f)
{
	static const struct watch_ops ops = {
		.begin_list = on_begin_list, .end_list = on_end_list,
		.put = on_put, .gone = on_gone, .failed = on_failed,
	};
	const struct feeds_conf *c = &f->conf;
	struct feed *one;
	int i;

	if (make_queries(f))
		return -1;
	for (i = 0; i < FEEDS; i++) {
		one = &f->v[i];
		if (i == FEED_CIDRS && !c->conf->services_auto)
			continue;
		one->watch = watch_new(c->event, c->http, &one->query,
				       &watch_default, &ops, one);
		if (!one->watch)
			return -1;
	}
	return 0;
}

struct feeds *feeds_new(const struct feeds_conf *conf)
{
	struct feeds *f = calloc(1, sizeof(*f));

	if (!f)
		return NULL;
	f->conf = *conf;
	if (!start(f))
		return f;
	feeds_free(f);
	return NULL;
}

void feeds_free(struct feeds *f)
{
	int i;

	if (!f)
		return;
	for (i = 0; i < FEEDS; i++)
		watch_free(f->v[i].watch);
	free(f->labels);
	free(f->fields);
	free(f);
}

bool feeds_are_whole(const struct feeds *f)
{
	int i;

	for (i = 0; i < FEED_CIDRS; i++) {
		if (!f->v[i].listed)
			return false;
	}
	return true;
}

bool feeds_know_cidrs(const struct feeds *f)
{
	const struct feed *one = &f->v[FEED_CIDRS];

	if (one->listed)
		return cidrs_all(f->conf.cidrs)->n;
	return one->watch && watch_status(one->watch) == 404;
}

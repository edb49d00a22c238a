// SPDX-License-Identifier: GPL-2.0
#include "agent.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-daemon.h>

#include "apply.h"
#include "cidrs.h"
#include "cred.h"
#include "host.h"
#include "http.h"
#include "localnet.h"
#include "log.h"
#include "plan.h"
#include "reach.h"
#include "recorder.h"
#include "report.h"
#include "store.h"
#include "tally.h"
#include "watch.h"

#define KINDS	(KUBE_NODE + 1)
/* Not of the store: ServiceCIDRs, which old API servers do not have. */
#define CIDRS	KINDS

/* The watch of one kind of objects. */
struct feed {
	struct agent *agent;
	enum kube_kind kind;	/* or CIDRS */
	struct query query;
	struct watch *watch;
	bool listed;		/* once at least */
	bool failing;
};

struct agent {
	sd_event *event;
	const struct conf *conf;
	struct kubeconfig kubeconfig;
	struct cred *cred;
	struct http *http;
	struct kube_settings settings;	/* conf's, .services as of now */
	struct cidrs *cidrs;
	struct recorder *recorder;
	struct apply_conf apply_conf;
	struct kube_store *store;
	struct kube_plan *plan;
	struct apply *apply;
	struct metrics *metrics;
	struct tally tally;
	struct report *report;
	struct host *host;
	/* instead of changing anything: what is wanted, and what is, is known */
	agent_look_cb look;
	void *look_arg;
	bool pods_due;		/* where pods are has changed */
	bool vips_due;		/* what this host reaches may have changed */
	struct feed feeds[KINDS + 1];
	char *labels, *fields;	/* of queries */
	bool ready;		/* systemd was told */
};

/* ---- what is wanted */

static int want(struct agent *a, const struct kube_entry *e)
{
	const struct kube_slice *const *slices =
		(const struct kube_slice *const *)e->slices;
	struct kube_claims claims = { 0 };
	int rc = 0;

	if (e->svc)
		rc = kube_desired(e->svc, slices, e->n_slices,
				  kube_store_node(a->store),
				  &a->settings, &claims);
	if (!rc)
		rc = kube_plan_want(a->plan, e->ns, e->name, &claims);
	kube_claims_free(&claims);
	a->vips_due = true;
	return rc || a->look ? rc : report_service(a->report, e);
}

/* Else what was set before stays: it may be right, and nothing is not. */
static bool knows_services(const struct agent *a)
{
	return !a->conf->services_auto || a->feeds[CIDRS].listed ||
	       a->feeds[CIDRS].failing;
}

static int want_net(struct agent *a)
{
	struct klb_net net;
	int rc = kube_net_desired(&a->settings,
				  kube_store_node(a->store), &net);

	if (!knows_services(a))
		net.has &= ~KLB_NET_HAS_GUARD;
	if (!rc && a->conf->conn_max) {
		net.conn_max = a->conf->conn_max;
		net.has |= KLB_NET_HAS_CONN_MAX;
	}
	if (!rc) {
		apply_net(a->apply, &net);
		a->pods_due = false;
	}
	klb_net_free(&net);
	return rc;
}

/* Lent by @cidrs, of which one change is looked at before the next. */
static int want_cidrs(struct agent *a)
{
	a->settings.services = *cidrs_all(a->cidrs);
	a->vips_due = true;
	return want_net(a);
}

static int want_node(struct agent *a)
{
	const struct kube_node *node = kube_store_node(a->store);

	host_node(a->host, node);
	return report_node(a->report, node);
}

/* Before anything is wanted: source ranges look at it. */
static void look_at_source(struct agent *a)
{
	const struct kube_node *node = kube_store_node(a->store);
	static const struct klb_prefixes none;
	struct source source, was = {
		.addr4 = a->settings.source4, .addr6 = a->settings.source6,
	};

	if (a->look)
		source_find(a->conf, node ? &node->pods : &none, &source);
	else
		source = *host_source(a->host);
	if (source_equal(&source, &was))
		return;
	a->settings.source4 = source.addr4;
	a->settings.source6 = source.addr6;
	kube_store_touch_all(a->store);
}

static void reach_all(struct agent *a)
{
	struct klb_prefixes routes = { 0 };

	a->vips_due = false;
	if (reach_routes(a->plan, &a->settings.services, a->conf->klb_device,
			 &routes))
		log_say(LOG_ERR, "cannot tell routes: they will be late");
	else
		host_routes(a->host, &routes);
	klb_prefixes_free(&routes);
}

/* Until everything was listed what is missing may only not be known yet. */
static bool is_whole(const struct agent *a)
{
	size_t i;

	for (i = 0; i < KINDS; i++) {
		if (!a->feeds[i].listed)
			return false;
	}
	return true;
}

static int on_prepare(void *arg)
{
	const struct kube_entry *e;
	struct agent *a = arg;
	int rc = 0;

	if (!a->look)
		rc = want_node(a);
	look_at_source(a);
	while (!rc && (e = kube_store_next(a->store)))
		rc = want(a, e);
	if (!rc && (kube_store_net_touched(a->store) || a->pods_due))
		rc = want_net(a);
	if (!rc && a->conf->services_auto && cidrs_touched(a->cidrs))
		rc = want_cidrs(a);
	if (!rc)
		return 0;
	/* which one it was is not known any more */
	log_say(LOG_ERR, "out of memory: services will be late");
	kube_store_touch_all(a->store);
	return rc;
}

/* ---- what the apiserver tells */

/* About a Service: for the administrator, and for who made it. */
static void tell(struct agent *a, const char *ns, const char *name,
		 const char *reason, const char *sentence)
{
	log_service(LOG_WARNING, ns, name, sentence);
	if (a->recorder)
		recorder_say(a->recorder, ns, name, NULL, reason, sentence);
}

static void changed(struct agent *a)
{
	if (!a->look)
		report_queued(a->report);
	if (is_whole(a))
		apply_soon(a->apply);
}

static void complain(const struct feed *f, const json_t *obj, const char *why)
{
	const char *ns = NULL, *name = "?";
	bool has_ns = f->kind == KUBE_SERVICE || f->kind == KUBE_SLICE;
	struct klb_err err;

	metrics_add(f->agent->metrics, METRIC_OBJECTS_REFUSED, 1);
	(void)kube_meta_parse(obj, has_ns ? &ns : NULL, &name, &err);
	klb_err_set(&err, 0, "%s%s%s is left as it was: %.400s", ns ? ns : "",
		    ns ? "/" : "", name, why);
	if (ns && f->kind == KUBE_SERVICE)
		tell(f->agent, ns, name, "InvalidService", err.text);
	else
		log_say(LOG_WARNING, "%s", err.text);
}

static void on_begin_list(void *arg)
{
	struct feed *f = arg;

	if (f->kind == CIDRS)
		cidrs_begin_list(f->agent->cidrs);
	else
		kube_store_begin_list(f->agent->store, f->kind);
}

static void on_end_list(void *arg)
{
	struct feed *f = arg;
	struct agent *a = f->agent;

	if (f->kind == CIDRS ? cidrs_end_list(a->cidrs) :
			       kube_store_end_list(a->store, f->kind))
		log_say(LOG_ERR, "out of memory: what is gone may stay");
	f->listed = true;
	f->failing = false;
	changed(a);
}

static void on_put(json_t *object, void *arg)
{
	struct feed *f = arg;
	struct klb_err err;

	f->failing = false;
	if (f->kind == CIDRS ? cidrs_put(f->agent->cidrs, object, &err) :
	    kube_store_put(f->agent->store, f->kind, object, &err))
		complain(f, object, err.text);
	tally_change(&f->agent->tally, f->kind, object);
	changed(f->agent);
}

static void on_gone(json_t *object, void *arg)
{
	struct feed *f = arg;
	struct klb_err err;

	f->failing = false;
	if (f->kind == CIDRS ? cidrs_gone(f->agent->cidrs, object, &err) :
	    kube_store_gone(f->agent->store, f->kind, object, &err))
		complain(f, object, err.text);
	tally_change(&f->agent->tally, f->kind, NULL);
	changed(f->agent);
}

/* The first failure is worth a line; it is tried again quietly. */
static void on_failed(const char *why, void *arg)
{
	struct feed *f = arg;

	if (f->kind != CIDRS)
		metrics_add(f->agent->metrics,
			    METRIC_WATCH_SERVICES + f->kind, 1);
	log_say(f->failing ? LOG_DEBUG : LOG_WARNING, "%s", why);
	f->failing = true;
	/* what has waited for it waits no longer */
	if (f->kind == CIDRS && !f->listed)
		changed(f->agent);
}

/* ---- what the module tells */

static void on_module(bool up, const char *why, void *arg)
{
	struct agent *a = arg;

	if (a->look)
		return;
	if (up) {
		log_say(LOG_INFO, "the klb module is there");
		host_again(a->host);
	} else {
		log_say(LOG_WARNING, "%s; waiting for it", why);
	}
}

static void on_refused(const struct kube_change *c, const char *sentence,
		       void *arg)
{
	static const char *const verbs[] = { "delete", "add", "change" };
	char text[1024], ap[KLB_ADDR_TEXT];
	struct agent *a = arg;

	metrics_add(a->metrics, METRIC_KERNEL_REFUSALS, 1);
	if (!c) {
		log_say(LOG_ERR, "the klb module refused the settings: %s",
			sentence);
		return;
	}
	snprintf(text, sizeof(text), "the klb module refused to %s %s %s (%s): %s",
		 verbs[c->type], klb_proto_name(c->svc->proto),
		 klb_ap_format(&c->svc->ap, ap), c->svc->name, sentence);
	if (c->ns)
		tell(a, c->ns, c->name, "FailedToProgramService", text);
	else
		log_say(LOG_ERR, "%s", text);
}

static void on_conflict(const char *ns, const char *name, const char *sentence,
			void *arg)
{
	tell(arg, ns, name, "AddressInUse", sentence);
}

static void on_round(bool done, uint64_t took_us, void *arg)
{
	struct agent *a = arg;

	if (a->look) {
		a->look(a->plan, a->look_arg);
		return;
	}
	metrics_observe(a->metrics, METRIC_SYNC, took_us / 1e6);
	if (!done)
		return;
	tally_round(&a->tally, a->plan);
	report_done(a->report);
	if (a->vips_due && knows_services(a))
		reach_all(a);
	if (a->ready)
		return;
	a->ready = true;
	log_say(LOG_INFO, "the module is in step with the apiserver");
	sd_notify(0, "READY=1\nSTATUS=In step with the apiserver");
}

/* ---- what this host tells */

static void on_host_failed(const char *sentence, void *arg)
{
	log_say(LOG_WARNING, "%s", sentence);
}

static void on_sourced(void *arg)
{
	changed(arg);
}

static void on_unchecked(const char *ns, const char *name, const char *sentence,
			 void *arg)
{
	tell(arg, ns, name, "FailedToStartServiceHealthcheck", sentence);
}

/* 1.4: detect-local by devices. Services only depend on whether there is any. */
static void find_pods(void *arg)
{
	struct klb_prefixes pods = { 0 };
	struct agent *a = arg;
	bool had = a->settings.pods.n;

	if (!a->conf->pods_devices)
		return;
	if (localnet_find(a->conf->pods_devices, &pods) ||
	    klb_prefixes_same(&pods, &a->settings.pods)) {
		klb_prefixes_free(&pods);
		return;
	}
	klb_prefixes_free(&a->settings.pods);
	a->settings.pods = pods;
	a->pods_due = true;
	if (had != !!pods.n)
		kube_store_touch_all(a->store);
	changed(a);
}

static int start_host(struct agent *a, struct klb_err *err)
{
	static const struct report_ops report_ops = {
		.failed = on_host_failed, .unchecked = on_unchecked,
	};
	static const struct host_ops host_ops = {
		.failed = on_host_failed, .sourced = on_sourced,
		.settled = find_pods,
	};

	a->metrics = metrics_new();
	tally_init(&a->tally, a->metrics);
	if (a->metrics)
		a->report = report_new(a->event, a->conf, a->metrics,
				       &report_ops, a);
	if (!a->report)
		return klb_err_set(err, -ENOMEM, "out of memory");
	a->host = host_new(a->event, a->conf, a->metrics, &host_ops, a, err);
	return a->host ? 0 : -EIO;
}

static int no_host(struct agent *a, struct klb_err *err)
{
	a->metrics = metrics_new();
	tally_init(&a->tally, a->metrics);
	return a->metrics ? 0 : klb_err_set(err, -ENOMEM, "out of memory");
}

/* ---- */

static int make_queries(struct agent *a)
{
	static const char *const paths[] = {
		[KUBE_SERVICE] = "/api/v1/services",
		[KUBE_SLICE] = "/apis/discovery.k8s.io/v1/endpointslices",
		[KUBE_NODE] = "/api/v1/nodes",
		[CIDRS] = "/apis/networking.k8s.io/v1/servicecidrs",
	};
	const char *name = a->conf->proxy_name;
	size_t i;

	if (asprintf(&a->labels, "%sservice.kubernetes.io/service-proxy-name%s%s",
		     name ? "" : "!", name ? "=" : "", name ? name : "") < 0)
		a->labels = NULL;
	if (asprintf(&a->fields, "metadata.name=%s", a->conf->node) < 0)
		a->fields = NULL;
	if (!a->labels || !a->fields)
		return -ENOMEM;
	for (i = 0; i <= CIDRS; i++)
		a->feeds[i] = (struct feed){
			.agent = a, .kind = i, .query.path = paths[i],
		};
	/* facts/kubernetes.md, 1.1 */
	a->feeds[KUBE_SERVICE].query.labels = a->labels;
	a->feeds[KUBE_SERVICE].query.fields = "spec.clusterIP!=None";
	a->feeds[KUBE_SLICE].query.labels = "!service.kubernetes.io/headless";
	a->feeds[KUBE_NODE].query.fields = a->fields;
	return 0;
}

static int read_kubeconfig(struct agent *a, struct klb_err *err)
{
	const struct conf *c = a->conf;
	size_t i;
	int rc;

	rc = c->kubeconfig ?
	     kubeconfig_read(&a->kubeconfig, c->kubeconfig, err) :
	     kubeconfig_in_cluster(&a->kubeconfig, NULL, err);
	for (i = 0; i < c->n_servers && !rc; i++)
		rc = kubeconfig_add_server(&a->kubeconfig, c->servers[i], !i,
					   err);
	return rc ? rc : kubeconfig_check(&a->kubeconfig, err);
}

static int start_apply(struct agent *a, struct klb_err *err)
{
	static const struct apply_ops ops = {
		.module = on_module, .prepare = on_prepare,
		.refused = on_refused, .round = on_round,
	};

	a->apply_conf = apply_default;
	a->apply_conf.gap_us = a->conf->sync_ms * 1000ULL;
	a->apply_conf.resync_us = a->conf->resync_s * 1000000ULL;
	a->apply_conf.look_only = a->look;
	a->store = kube_store_new(a->conf->node);
	a->plan = kube_plan_new(KUBE_MARK, on_conflict, a);
	a->cidrs = cidrs_new();
	if (!a->store || !a->plan || !a->cidrs)
		return klb_err_set(err, -ENOMEM, "out of memory");
	a->apply = apply_new(a->event, a->plan, &a->apply_conf, &ops, a, err);
	if (!a->apply)
		return -EIO;
	find_pods(a);
	return want_net(a) ? klb_err_set(err, -ENOMEM, "out of memory") : 0;
}

static int start_watches(struct agent *a, struct klb_err *err)
{
	static const struct watch_ops ops = {
		.begin_list = on_begin_list, .end_list = on_end_list,
		.put = on_put, .gone = on_gone, .failed = on_failed,
	};
	const size_t last = a->conf->services_auto ? CIDRS : KUBE_NODE;
	size_t i;
	int rc;

	a->cred = cred_new(a->event, &a->kubeconfig, &cred_default);
	if (!a->cred || make_queries(a))
		return klb_err_set(err, -ENOMEM, "out of memory");
	rc = http_new(&a->http, a->event, &a->kubeconfig, a->cred,
		      &http_default, err);
	a->recorder = rc || a->look ? NULL : recorder_new(a->event, a->http, a->conf->node,
					       &recorder_default);
	if (!rc && !a->look && !a->recorder)
		rc = klb_err_set(err, -ENOMEM, "out of memory");
	for (i = 0; i <= last && !rc; i++) {
		a->feeds[i].watch = watch_new(a->event, a->http,
					      &a->feeds[i].query,
					      &watch_default, &ops,
					      &a->feeds[i]);
		if (!a->feeds[i].watch)
			rc = klb_err_set(err, -ENOMEM, "out of memory");
	}
	return rc;
}

static struct agent *make(sd_event *event, const struct conf *conf,
			  agent_look_cb look, void *arg, struct klb_err *err)
{
	struct agent *a = calloc(1, sizeof(*a));
	int rc;

	if (!a) {
		klb_err_set(err, -ENOMEM, "out of memory");
		return NULL;
	}
	a->event = sd_event_ref(event);
	a->conf = conf;
	a->settings = conf->settings;
	a->look = look;
	a->look_arg = arg;
	rc = read_kubeconfig(a, err);
	if (!rc)
		rc = look ? no_host(a, err) : start_host(a, err);
	if (!rc)
		rc = start_apply(a, err);
	if (!rc)
		rc = start_watches(a, err);
	if (!rc)
		return a;
	agent_free(a);
	return NULL;
}

struct agent *agent_new(sd_event *event, const struct conf *conf,
			struct klb_err *err)
{
	return make(event, conf, NULL, NULL, err);
}

struct agent *agent_look(sd_event *event, const struct conf *conf,
			 agent_look_cb look, void *arg, struct klb_err *err)
{
	return make(event, conf, look, arg, err);
}

void agent_free(struct agent *a)
{
	size_t i;

	if (!a)
		return;
	for (i = 0; i <= CIDRS; i++)
		watch_free(a->feeds[i].watch);
	if (a->recorder)
		recorder_free(a->recorder);
	if (a->http)
		http_free(a->http);
	if (a->cred)
		cred_free(a->cred);
	apply_free(a->apply);
	host_free(a->host);
	report_free(a->report);
	metrics_free(a->metrics);
	tally_fini(&a->tally);
	kube_plan_free(a->plan);
	kube_store_free(a->store);
	cidrs_free(a->cidrs);
	kubeconfig_free(&a->kubeconfig);
	free(a->labels);
	free(a->fields);
	/* else they are the configuration's */
	if (a->conf->pods_devices)
		klb_prefixes_free(&a->settings.pods);
	sd_event_unref(a->event);
	free(a);
}

// SPDX-License-Identifier: GPL-2.0
#include "agent.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-daemon.h>

#include "apply.h"
#include "cred.h"
#include "feeds.h"
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

struct agent {
	sd_event *event;
	const struct conf *conf;
	struct kubeconfig kubeconfig;
	struct cred *cred;
	struct http *http;
	struct kube_settings settings;	/* conf's, some as of now */
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
	bool net_due;		/* the settings of the network have changed */
	unsigned int node_seen;	/* of kube_store_node_changes() */
	bool vips_due;		/* what this host reaches may have changed */
	struct feeds *feeds;
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
	return !a->conf->services_auto ||
	       (a->feeds && feeds_know_cidrs(a->feeds));
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
		a->net_due = false;
	}
	klb_net_free(&net);
	return rc;
}

/* What is lent by @cidrs is another list after each of their changes. */
static void look_at_cidrs(struct agent *a)
{
	if (!a->conf->services_auto)
		return;
	a->settings.services = *cidrs_all(a->cidrs);
	if (!cidrs_touched(a->cidrs))
		return;
	a->vips_due = true;
	a->net_due = true;
}

static int look_at_node(struct agent *a)
{
	const struct kube_node *node = kube_store_node(a->store);
	unsigned int changes = kube_store_node_changes(a->store);

	if (a->look || changes == a->node_seen)
		return 0;
	host_node(a->host, node);
	if (report_node(a->report, node))
		return -ENOMEM;
	a->node_seen = changes;
	return 0;
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
	struct klb_prefixes vips;

	a->vips_due = reach_vips(a->plan, &a->settings.services, &vips) ||
		      host_reach(a->host, &a->settings.services, &vips);
	if (a->vips_due)
		log_say(LOG_ERR, "out of memory: routes will be late");
	klb_prefixes_free(&vips);
}

static int on_prepare(void *arg)
{
	const struct kube_entry *e;
	struct agent *a = arg;
	int rc;

	look_at_cidrs(a);
	rc = look_at_node(a);
	look_at_source(a);
	while (!rc && (e = kube_store_next(a->store)))
		rc = want(a, e);
	a->net_due |= kube_store_net_touched(a->store);
	if (!rc && a->net_due)
		rc = want_net(a);
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
	const struct kube_service *svc = kube_store_service(a->store, ns, name);

	log_service(LOG_WARNING, ns, name, sentence);
	if (a->recorder)
		recorder_say(a->recorder, ns, name, svc ? svc->uid : NULL,
			     reason, sentence);
}

static void changed(struct agent *a)
{
	if (!a->look)
		report_queued(a->report);
	if (a->feeds && feeds_are_whole(a->feeds))
		apply_soon(a->apply);
}

static void on_object(int kind, const json_t *object, void *arg)
{
	struct agent *a = arg;

	tally_change(&a->tally, kind, object);
	changed(a);
}

static void on_listed(int kind, void *arg)
{
	struct agent *a = arg;

	/* which may be none, as it was before anybody knew */
	a->net_due |= kind == FEED_CIDRS;
	a->vips_due |= kind == FEED_CIDRS;
	changed(a);
}

static void on_invalid(int kind, const char *ns, const char *name,
		       const char *sentence, void *arg)
{
	struct agent *a = arg;

	metrics_add(a->metrics, METRIC_OBJECTS_REFUSED, 1);
	if (ns && kind == KUBE_SERVICE)
		tell(a, ns, name, "InvalidService", sentence);
	else
		log_say(LOG_WARNING, "%s", sentence);
}

/* The first failure is worth a line; it is tried again quietly. */
static void on_failed(int kind, const char *why, bool again, void *arg)
{
	struct agent *a = arg;

	if (kind != FEED_CIDRS)
		metrics_add(a->metrics, METRIC_WATCH_SERVICES + kind, 1);
	log_say(again ? LOG_DEBUG : LOG_WARNING, "%s", why);
	/* what has waited for it may wait no longer */
	if (kind == FEED_CIDRS && knows_services(a))
		on_listed(kind, a);
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
static void find_pods(struct agent *a)
{
	struct klb_prefixes pods = { 0 };
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
	a->net_due = true;
	if (had != !!pods.n)
		kube_store_touch_all(a->store);
	changed(a);
}

/* A failure is made good at the next look. */
static void on_settled(void *arg)
{
	struct agent *a = arg;

	find_pods(a);
	(void)report_node(a->report, kube_store_node(a->store));
}

static int start_host(struct agent *a, struct klb_err *err)
{
	static const struct report_ops report_ops = {
		.failed = on_host_failed, .unchecked = on_unchecked,
	};
	static const struct host_ops host_ops = {
		.failed = on_host_failed, .sourced = on_sourced,
		.settled = on_settled,
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

static int start_feeds(struct agent *a, struct klb_err *err)
{
	static const struct feeds_ops ops = {
		.changed = on_object, .listed = on_listed,
		.refused = on_invalid, .failed = on_failed,
	};
	struct feeds_conf conf = {
		.event = a->event, .conf = a->conf, .store = a->store,
		.cidrs = a->cidrs, .ops = &ops, .arg = a,
	};
	int rc;

	a->cred = cred_new(a->event, &a->kubeconfig, &cred_default);
	if (!a->cred)
		return klb_err_set(err, -ENOMEM, "out of memory");
	rc = http_new(&a->http, a->event, &a->kubeconfig, a->cred,
		      &http_default, err);
	if (rc)
		return rc;
	conf.http = a->http;
	if (!a->look)
		a->recorder = recorder_new(a->event, a->http, a->conf->node,
					   &recorder_default);
	a->feeds = feeds_new(&conf);
	if (!a->feeds || (!a->look && !a->recorder))
		return klb_err_set(err, -ENOMEM, "out of memory");
	return 0;
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
		rc = start_feeds(a, err);
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
	if (!a)
		return;
	feeds_free(a->feeds);
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
	/* else they are the configuration's */
	if (a->conf->pods_devices)
		klb_prefixes_free(&a->settings.pods);
	sd_event_unref(a->event);
	free(a);
}

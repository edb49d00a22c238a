// SPDX-License-Identifier: GPL-2.0
#include "apply.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "module.h"

const struct apply_conf apply_default = {
	.gap_us = 100000,
	.slice_us = 50000,
	.changed_us = 1000000,
	.resync_us = 300000000,
	.refused = { .first = 1000000, .most = 60000000, .good = 120000000 },
};

struct apply {
	sd_event *event;
	struct kube_plan *plan;
	const struct apply_conf *conf;
	const struct apply_ops *ops;
	void *arg;
	struct module *module;
	struct klb_net net;
	bool wanted;		/* apply_soon() was called */
	bool net_due;
	bool dump_due;
	struct backoff refused;
	uint64_t began;		/* the last round; 0: none yet */
	/* the next round; the next try of what was refused; the next dump */
	sd_event_source *timer, *retry, *dump;
};

static uint64_t now_us(const struct apply *a)
{
	uint64_t t = 0;

	sd_event_now(a->event, CLOCK_MONOTONIC, &t);
	return t;
}

/* The time itself, not that of the loop's turn. */
static uint64_t clock_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000ULL + ts.tv_nsec / 1000;
}

static void arm(sd_event_source *timer, uint64_t us)
{
	sd_event_source_set_time_relative(timer, us);
	sd_event_source_set_enabled(timer, SD_EVENT_ONESHOT);
}

static bool is_armed(sd_event_source *timer)
{
	int enabled;

	return sd_event_source_get_enabled(timer, &enabled) > 0;
}

/* A round that is due keeps its time. */
static void soon(struct apply *a)
{
	uint64_t next = a->began ? a->began + a->conf->gap_us : 0;
	uint64_t now = now_us(a);

	if (a->wanted && module_is_up(a->module) && !is_armed(a->timer))
		arm(a->timer, next > now ? next - now : 0);
}

/* Never later than it would be anyway. */
static void dump_after(struct apply *a, uint64_t us)
{
	uint64_t at = 0;

	sd_event_source_get_time(a->dump, &at);
	if (!is_armed(a->dump) || at > now_us(a) + us)
		arm(a->dump, us);
}

/* ---- what the module has */

static int take_service(const struct klb_service *svc, void *arg)
{
	return kube_plan_has(arg, svc);
}

/* What is read of a dump that failed is true, and what is not is not gone. */
static void dump(struct apply *a)
{
	struct klb *k = module_klb(a->module);

	a->dump_due = false;
	a->net_due = true;
	kube_plan_begin_dump(a->plan);
	if (klb_service_dump(k, take_service, a->plan) || k->interrupted) {
		dump_after(a, a->conf->changed_us);
		return;
	}
	kube_plan_end_dump(a->plan);
	if (a->conf->resync_us)
		dump_after(a, a->conf->resync_us);
}

/* ---- what is changed */

/* @guard: that too, which rejects what no service is there for yet. */
static int set_net(struct apply *a, bool guard)
{
	struct klb *k = module_klb(a->module);
	struct klb_net is, wanted = a->net;
	int rc = klb_net_get(k, &is);

	if (!guard)
		wanted.has &= ~KLB_NET_HAS_GUARD;
	wanted.has &= klb_net_differences(&is, &wanted);
	if (!rc && wanted.has)
		rc = klb_net_set(k, &wanted);
	klb_net_free(&is);
	if (rc)
		module_poll(a->module);
	if (rc && module_is_up(a->module))
		a->ops->refused(NULL, k->err.text, a->arg);
	return rc;
}

static int request(struct apply *a, const struct kube_change *c)
{
	struct klb *k = module_klb(a->module);
	/* the lists are only read */
	struct klb_service svc = *c->svc;

	svc.has = c->has;
	switch (c->type) {
	case KUBE_CHANGE_DEL:
		return klb_service_del(k, &svc);
	case KUBE_CHANGE_NEW:
		return klb_service_new(k, &svc);
	default:
		return klb_service_set(k, &svc);
	}
}

/* Somebody was faster: what the module has is not what we think it has. */
static bool is_stale(int rc)
{
	return rc == -EEXIST || rc == -ENOENT;
}

static void change(struct apply *a, const struct kube_change *c)
{
	struct klb *k = module_klb(a->module);
	int rc = request(a, c);

	if (rc)
		module_poll(a->module);
	if (rc && module_is_up(a->module)) {
		a->ops->refused(c, k->err.text, a->arg);
		if (is_stale(rc))
			dump_after(a, 0);
	}
	if (kube_plan_done(a->plan, c, !rc))
		dump_after(a, a->conf->changed_us);
}

/* False: the time is over and there is more. */
static bool change_all(struct apply *a, uint64_t end)
{
	struct kube_change c;

	while (clock_us() < end) {
		if (!module_is_up(a->module) || !kube_plan_next(a->plan, &c))
			return true;
		change(a, &c);
	}
	return !kube_plan_pending(a->plan);
}

static void retry_later(struct apply *a)
{
	uint32_t spread = 0;

	if (a->conf->look_only ||
	    (!a->net_due && !kube_plan_refused(a->plan)))
		return;
	if (is_armed(a->retry))
		return;
	(void)!getrandom(&spread, sizeof(spread), GRND_NONBLOCK);
	arm(a->retry, backoff_next(&a->refused, now_us(a), spread));
}

/* Endpoints' scopes are about pods, so these come first, and guard is last. */
static bool round_of(struct apply *a, uint64_t end)
{
	bool net_due = a->net_due;

	if (a->conf->look_only)
		return true;
	if (net_due)
		(void)set_net(a, false);
	if (!change_all(a, end))
		return false;
	if (net_due)
		a->net_due = set_net(a, true);
	return true;
}

static int on_round(sd_event_source *s, uint64_t usec, void *arg)
{
	struct apply *a = arg;
	uint64_t began = clock_us();
	bool done;

	if (!module_is_up(a->module))
		return 0;
	a->began = now_us(a);
	if (a->ops->prepare(a->arg))
		arm(a->retry, a->conf->changed_us);
	if (a->dump_due)
		dump(a);
	done = round_of(a, began + a->conf->slice_us);
	if (!done)
		arm(a->timer, 0);
	else
		retry_later(a);
	a->ops->round(done, clock_us() - began, a->arg);
	return 0;
}

static int on_retry(sd_event_source *s, uint64_t usec, void *arg)
{
	struct apply *a = arg;

	kube_plan_retry(a->plan);
	soon(a);
	return 0;
}

static int on_dump(sd_event_source *s, uint64_t usec, void *arg)
{
	struct apply *a = arg;

	a->dump_due = true;
	soon(a);
	return 0;
}

/* ---- the module's news */

static void on_up(void *arg)
{
	struct apply *a = arg;

	a->dump_due = true;
	a->ops->module(true, NULL, a->arg);
	kube_plan_retry(a->plan);
	soon(a);
}

static void on_down(const char *why, void *arg)
{
	struct apply *a = arg;

	a->ops->module(false, why, a->arg);
}

static void on_changed(void *arg)
{
	struct apply *a = arg;

	dump_after(a, a->conf->changed_us);
}

static int add_timers(struct apply *a)
{
	const uint64_t never = UINT64_MAX;
	int rc;

	rc = sd_event_add_time(a->event, &a->timer, CLOCK_MONOTONIC, never,
			       1000, on_round, a);
	if (rc >= 0)
		rc = sd_event_add_time(a->event, &a->retry, CLOCK_MONOTONIC,
				       never, 0, on_retry, a);
	if (rc >= 0)
		rc = sd_event_add_time(a->event, &a->dump, CLOCK_MONOTONIC,
				       never, 0, on_dump, a);
	if (rc < 0)
		return rc;
	sd_event_source_set_enabled(a->timer, SD_EVENT_OFF);
	sd_event_source_set_enabled(a->retry, SD_EVENT_OFF);
	return sd_event_source_set_enabled(a->dump, SD_EVENT_OFF);
}

struct apply *apply_new(sd_event *event, struct kube_plan *plan,
			const struct apply_conf *conf,
			const struct apply_ops *ops, void *arg,
			struct klb_err *err)
{
	static const struct module_ops module_ops = {
		.up = on_up, .down = on_down, .changed = on_changed,
	};
	struct apply *a = calloc(1, sizeof(*a));

	if (!a) {
		klb_err_set(err, -ENOMEM, "out of memory");
		return NULL;
	}
	*a = (struct apply){
		.event = sd_event_ref(event), .plan = plan, .conf = conf,
		.ops = ops, .arg = arg,
	};
	backoff_init(&a->refused, &conf->refused);
	if (add_timers(a) < 0) {
		klb_err_set(err, -ENOMEM, "out of memory");
		goto fail;
	}
	a->module = module_new(event, &module_ops, a, err);
	if (a->module)
		return a;
fail:
	apply_free(a);
	return NULL;
}

void apply_free(struct apply *a)
{
	if (!a)
		return;
	module_free(a->module);
	sd_event_source_disable_unref(a->timer);
	sd_event_source_disable_unref(a->retry);
	sd_event_source_disable_unref(a->dump);
	klb_net_free(&a->net);
	sd_event_unref(a->event);
	free(a);
}

void apply_soon(struct apply *a)
{
	a->wanted = true;
	soon(a);
}

void apply_net(struct apply *a, struct klb_net *net)
{
	klb_net_free(&a->net);
	a->net = *net;
	memset(net, 0, sizeof(*net));
	a->net_due = true;
	soon(a);
}

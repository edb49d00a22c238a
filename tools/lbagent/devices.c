// SPDX-License-Identifier: GPL-2.0
#include "devices.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "backoff.h"
#include "dev.h"

const struct devices_how devices_klb = { klb_dev_attach, klb_dev_detach };

/* A device that something was done to, or shall be. */
struct device {
	SLIST_ENTRY(device) link;
	int ifindex;
	uint32_t has;		/* the hooks that it was attached to */
	int told;		/* why it could not be, -errno; 0: it could */
	uint64_t due;		/* when to try again; UINT64_MAX: not */
	struct backoff backoff;
};

struct devices {
	SLIST_HEAD(, device) v;
	sd_event *event;
	const struct devices_conf *conf;
	sd_event_source *timer;
};

static bool is_about(const struct device_rule *rule, const struct links *links,
		     const struct link *link)
{
	const struct link *of = link;

	if (rule->ports) {
		of = links_find(links, link->master);
		if (!of || strcmp(of->kind, "bridge"))
			return false;
	}
	return !fnmatch(rule->pattern, of->name, 0);
}

uint32_t device_rules_hooks(const struct device_rules *rules,
			    const struct links *links, const struct link *link)
{
	size_t i;

	if (!strcmp(link->kind, LINK_KIND_KLB))
		return 0;
	for (i = 0; i < rules->n; i++) {
		if (is_about(&rules->v[i], links, link))
			return rules->v[i].hooks;
	}
	return 0;
}

static uint64_t now_us(const struct devices *d)
{
	uint64_t now = 0;

	sd_event_now(d->event, CLOCK_MONOTONIC, &now);
	return now;
}

static struct device *find(struct devices *d, int ifindex)
{
	struct device *dev;

	SLIST_FOREACH(dev, &d->v, link) {
		if (dev->ifindex == ifindex)
			return dev;
	}
	return NULL;
}

static struct device *get(struct devices *d, int ifindex)
{
	struct device *dev = find(d, ifindex);

	if (dev)
		return dev;
	dev = calloc(1, sizeof(*dev));
	if (!dev)
		return NULL;
	dev->ifindex = ifindex;
	dev->due = UINT64_MAX;
	backoff_init(&dev->backoff, &backoff_kernel);
	SLIST_INSERT_HEAD(&d->v, dev, link);
	return dev;
}

static void forget(struct devices *d, struct device *dev)
{
	SLIST_REMOVE(&d->v, dev, device, link);
	free(dev);
}

static void count(struct devices *d)
{
	const struct device *dev;
	unsigned int n = 0;

	SLIST_FOREACH(dev, &d->v, link)
		n += !!dev->has;
	metrics_set(d->conf->metrics, METRIC_DEVICES, n);
}

static void set_timer(struct devices *d)
{
	const struct device *dev;
	uint64_t at = UINT64_MAX;

	SLIST_FOREACH(dev, &d->v, link)
		at = dev->due < at ? dev->due : at;
	sd_event_source_set_time(d->timer, at);
	sd_event_source_set_enabled(d->timer, at == UINT64_MAX ?
				    SD_EVENT_OFF : SD_EVENT_ONESHOT);
}

/* Attaching adds hooks only: what is too much is taken off with the rest. */
static int change(struct devices *d, struct device *dev, const char *name,
		  uint32_t want)
{
	const struct devices_conf *conf = d->conf;
	int rc = 0;

	if (dev->has & ~want) {
		rc = conf->how->detach(conf->k, name);
		if (!rc)
			dev->has = 0;
	}
	if (!rc && want)
		rc = conf->how->attach(conf->k, name, want);
	if (!rc)
		dev->has = want;
	return rc;
}

static void settle(struct devices *d, struct device *dev,
		   const struct link *link, uint32_t want)
{
	const struct devices_conf *conf = d->conf;
	int rc = change(d, dev, link->name, want);
	/* It went a moment ago, or has another name: links will say so. */
	const bool failed = rc && rc != -ENODEV;

	dev->due = UINT64_MAX;
	if (failed)
		metrics_add(conf->metrics, METRIC_DEVICE_FAILURES, 1);
	if (rc)
		dev->due = now_us(d) + backoff_next(&dev->backoff, now_us(d),
						    backoff_random());
	if (failed && rc != dev->told)
		conf->failed(link->name, conf->k->err.text, conf->arg);
	dev->told = rc;
	if (!dev->has && !want && !rc)
		forget(d, dev);
}

static int look_at(struct devices *d, const struct link *link)
{
	uint32_t want = device_rules_hooks(d->conf->rules, d->conf->links, link);
	struct device *dev = want ? get(d, link->ifindex) :
				    find(d, link->ifindex);

	if (dev)
		settle(d, dev, link, want);
	return want && !dev ? -ENOMEM : 0;
}

/* Rules about ports ask for the bridge, too. */
static int look_at_ports(struct devices *d, int master)
{
	const struct link *link;
	int rc = 0;
	size_t i;

	for (i = 0; (link = links_at(d->conf->links, i)) && !rc; i++) {
		if (link->master == master)
			rc = look_at(d, link);
	}
	return rc;
}

static bool is_other_bridge(const struct link *now, const struct link *was)
{
	return !now || !was || strcmp(now->name, was->name) ||
	       strcmp(now->kind, was->kind);
}

int devices_changed(struct devices *d, const struct link *now,
		    const struct link *was)
{
	int rc = 0, ifindex = now ? now->ifindex : was->ifindex;
	struct device *gone = now ? NULL : find(d, ifindex);

	/* Its filters went with it. */
	if (gone)
		forget(d, gone);
	if (now)
		rc = look_at(d, now);
	if (!rc && is_other_bridge(now, was))
		rc = look_at_ports(d, ifindex);
	count(d);
	set_timer(d);
	return rc;
}

int devices_again(struct devices *d)
{
	const struct link *link;
	struct device *dev;
	int rc = 0;
	size_t i;

	SLIST_FOREACH(dev, &d->v, link)
		backoff_init(&dev->backoff, &backoff_kernel);
	for (i = 0; (link = links_at(d->conf->links, i)) && !rc; i++)
		rc = look_at(d, link);
	count(d);
	set_timer(d);
	return rc;
}

static int on_timer(sd_event_source *source, uint64_t usec, void *arg)
{
	struct devices *d = arg;
	struct device *dev, *next;
	const struct link *link;

	for (dev = SLIST_FIRST(&d->v); dev; dev = next) {
		next = SLIST_NEXT(dev, link);
		link = links_find(d->conf->links, dev->ifindex);
		if (link && dev->due <= now_us(d))
			look_at(d, link);
	}
	count(d);
	set_timer(d);
	return 0;
}

struct devices *devices_new(sd_event *event, const struct devices_conf *conf)
{
	struct devices *d = calloc(1, sizeof(*d));

	if (!d)
		return NULL;
	d->event = sd_event_ref(event);
	d->conf = conf;
	if (sd_event_add_time(event, &d->timer, CLOCK_MONOTONIC, UINT64_MAX, 0,
			      on_timer, d) < 0) {
		devices_free(d);
		return NULL;
	}
	set_timer(d);
	return d;
}

void devices_free(struct devices *d)
{
	if (!d)
		return;
	while (!SLIST_EMPTY(&d->v))
		forget(d, SLIST_FIRST(&d->v));
	sd_event_source_disable_unref(d->timer);
	sd_event_unref(d->event);
	free(d);
}

int devices_cleanup(const struct devices_conf *conf)
{
	const struct link *link;
	struct klb_err err;
	int rc, first = 0;
	size_t i;

	for (i = 0; (link = links_at(conf->links, i)); i++) {
		if (!device_rules_hooks(conf->rules, conf->links, link))
			continue;
		rc = conf->how->detach(conf->k, link->name);
		if (rc && !first) {
			err = conf->k->err;
			first = rc;
		}
	}
	if (first)
		conf->k->err = err;
	return first;
}

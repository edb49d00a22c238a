// SPDX-License-Identifier: GPL-2.0
#include "host.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "netdev.h"
#include "unclaimed.h"

/* Addresses come and go without a word; routes may want another source then. */
#define LOOK_AGAIN_US	10000000
/* A device that comes gets its addresses a little later. */
#define SETTLE_US	500000

struct host {
	const struct conf *conf;
	const struct host_ops *ops;
	void *arg;
	struct klb klb;
	struct links *links;
	struct devices *devices;
	struct netdev *netdev;
	struct unclaimed *unclaimed;
	struct devices_conf devices_conf;
	struct netdev_conf netdev_conf;
	struct klb_prefixes pods;	/* of this node */
	struct source source;
	struct klb_prefixes services;
	struct outfit outfit;
	bool routed;			/* host_reach() was called */
	bool routes_due;		/* and they are others */
	bool sourceless;		/* routes may have gone with theirs */
	sd_event_source *timer;
};

/* Makes klb0 what it is to be, if that is another thing now. */
static void dress(struct host *h)
{
	const struct source was = h->source;

	source_find(h->conf, &h->pods, &h->source);
	if (!h->netdev || !h->routed ||
	    (!h->routes_due && source_equal(&was, &h->source)))
		return;
	h->routes_due = false;
	h->outfit.src4 = h->source.addr4;
	h->outfit.src6 = h->source.addr6;
	h->routes_due = netdev_set(h->netdev, &h->outfit);
	if (h->routes_due)
		h->ops->failed("out of memory: routes will be late", h->arg);
}

/* The services' prefixes, and addresses that nobody else has. */
static int reroute(struct host *h)
{
	struct klb_prefixes routes = { 0 };
	int rc = klb_prefixes_copy(&routes, &h->services);

	if (!rc && h->unclaimed)
		rc = unclaimed_list(h->unclaimed, &routes);
	klb_prefixes_uniq(&routes);
	if (rc || (h->routed && klb_prefixes_same(&routes, &h->outfit.routes))) {
		klb_prefixes_free(&routes);
		return rc;
	}
	klb_prefixes_free(&h->outfit.routes);
	h->outfit.routes = routes;
	h->routed = true;
	h->routes_due = true;
	dress(h);
	return 0;
}

static void on_unclaimed(void *arg)
{
	struct host *h = arg;

	if (h->routed && reroute(h))
		h->ops->failed("out of memory: routes will be late", h->arg);
}

int host_reach(struct host *h, const struct klb_prefixes *services,
	       const struct klb_prefixes *vips)
{
	struct klb_prefixes copy = { 0 };
	int rc = klb_prefixes_copy(&copy, services);

	if (!rc && h->unclaimed)
		rc = unclaimed_set(h->unclaimed, vips);
	if (rc) {
		klb_prefixes_free(&copy);
		return rc;
	}
	klb_prefixes_free(&h->services);
	h->services = copy;
	return reroute(h);
}

static int on_timer(sd_event_source *s, uint64_t usec, void *arg)
{
	struct host *h = arg;
	struct source was = h->source;

	dress(h);
	if (h->sourceless)
		netdev_again(h->netdev);
	h->sourceless = false;
	if (h->unclaimed)
		unclaimed_look(h->unclaimed);
	h->ops->settled(h->arg);
	if (!source_equal(&was, &h->source))
		h->ops->sourced(h->arg);
	sd_event_source_set_time_relative(s, LOOK_AGAIN_US);
	return sd_event_source_set_enabled(s, SD_EVENT_ONESHOT);
}

/* ---- */

static void settle(struct host *h)
{
	if (!h->sourceless)
		sd_event_source_set_time_relative(h->timer, SETTLE_US);
}

static void on_changed(const struct link *now, const struct link *was,
		       void *arg)
{
	struct host *h = arg;

	if (devices_changed(h->devices, now, was))
		h->ops->failed("out of memory: a device will be late", h->arg);
	if (h->netdev)
		netdev_changed(h->netdev, now, was);
	if (h->unclaimed && now && now->up && !(was && was->up))
		unclaimed_again(h->unclaimed,
				now->master ? now->master : now->ifindex);
	/* One that goes takes the routes along whose source it had. */
	if (!was || !now)
		settle(h);
}

static void on_missed(void *arg)
{
	struct host *h = arg;

	if (h->netdev)
		netdev_again(h->netdev);
	settle(h);
}

/* Looks for another one before the routes are put back. */
static void on_sourceless(void *arg)
{
	struct host *h = arg;

	h->sourceless = true;
	sd_event_source_set_time_relative(h->timer, 0);
}

static void on_failed(const char *why, void *arg)
{
	struct host *h = arg;

	h->ops->failed(why, h->arg);
}

static void on_device_failed(const char *name, const char *why, void *arg)
{
	char text[512];

	snprintf(text, sizeof(text), "device %s: %s", name, why);
	on_failed(text, arg);
}

static void configure(struct host *h, struct metrics *metrics)
{
	h->devices_conf = (struct devices_conf){
		.links = h->links, .rules = &h->conf->devices, .k = &h->klb,
		.how = &devices_klb, .metrics = metrics,
		.failed = on_device_failed, .arg = h,
	};
	h->netdev_conf = (struct netdev_conf){
		.name = h->conf->klb_device, .kind = LINK_KIND_KLB,
		.links = h->links, .k = &h->klb, .metrics = metrics,
		.failed = on_failed, .sourceless = on_sourceless, .arg = h,
	};
}

static int start(struct host *h, sd_event *event, struct klb_err *err)
{
	int rc;

	h->devices = devices_new(event, &h->devices_conf);
	if (!h->devices ||
	    sd_event_add_time_relative(event, &h->timer, CLOCK_MONOTONIC,
				       LOOK_AGAIN_US, 1000, on_timer, h) < 0)
		return klb_err_set(err, -ENOMEM, "out of memory");
	if (!h->conf->klb_device)
		return 0;
	rc = netdev_new(&h->netdev, event, &h->netdev_conf, err);
	return rc ? rc : unclaimed_new(&h->unclaimed, event, &h->klb,
				       h->conf->klb_device, on_unclaimed, h,
				       err);
}

struct host *host_new(sd_event *event, const struct conf *conf,
		      struct metrics *metrics, const struct host_ops *ops,
		      void *arg, struct klb_err *err)
{
	static const struct links_ops links_ops = {
		.changed = on_changed, .missed = on_missed,
		.failed = on_failed,
	};
	struct host *h = calloc(1, sizeof(*h));
	int rc;

	if (!h) {
		klb_err_set(err, -ENOMEM, "out of memory");
		return NULL;
	}
	h->conf = conf;
	h->ops = ops;
	h->arg = arg;
	rc = klb_open(&h->klb, NULL);
	if (!rc)
		rc = links_new(&h->links, event, &h->klb, &links_ops, h, err);
	if (!rc) {
		configure(h, metrics);
		rc = start(h, event, err);
	}
	if (!rc)
		rc = links_start(h->links, err);
	if (!rc) {
		dress(h);
		return h;
	}
	host_free(h);
	return NULL;
}

void host_free(struct host *h)
{
	if (!h)
		return;
	sd_event_source_disable_unref(h->timer);
	unclaimed_free(h->unclaimed);
	if (h->netdev)
		netdev_free(h->netdev);
	if (h->devices)
		devices_free(h->devices);
	if (h->links)
		links_free(h->links);
	klb_prefixes_free(&h->pods);
	klb_prefixes_free(&h->services);
	outfit_free(&h->outfit);
	klb_close(&h->klb);
	free(h);
}

void host_node(struct host *h, const struct kube_node *node)
{
	klb_prefixes_free(&h->pods);
	if (node && klb_prefixes_copy(&h->pods, &node->pods))
		klb_prefixes_free(&h->pods);
	dress(h);
}

const struct source *host_source(const struct host *h)
{
	return &h->source;
}

void host_again(struct host *h)
{
	/* the number of the module's family may be another one */
	h->klb.family = 0;
	if (devices_again(h->devices))
		h->ops->failed("out of memory: devices will be late", h->arg);
	if (h->netdev)
		netdev_again(h->netdev);
}

/* ---- cleanup */

static void ignore_link(const struct link *now, const struct link *was,
			void *arg)
{
}

static void ignore_missed(void *arg)
{
}

static void ignore(const char *why, void *arg)
{
}

static int clean(struct host *h, sd_event *event, struct klb_err *err)
{
	static const struct links_ops links_ops = {
		.changed = ignore_link, .missed = ignore_missed,
		.failed = ignore,
	};
	int rc = links_new(&h->links, event, &h->klb, &links_ops, h, err), end;

	if (!rc)
		rc = links_start(h->links, err);
	if (rc)
		return rc;
	configure(h, NULL);
	if (h->conf->klb_device)
		rc = netdev_cleanup(&h->netdev_conf);
	if (rc)
		*err = h->klb.err;
	end = devices_cleanup(&h->devices_conf);
	if (!rc && end)
		*err = h->klb.err;
	return rc ? rc : end;
}

int host_cleanup(sd_event *event, const struct conf *conf,
		 struct klb_err *err)
{
	struct host h = { .conf = conf };
	int rc = klb_open(&h.klb, NULL);

	if (!rc)
		rc = clean(&h, event, err);
	if (h.links)
		links_free(h.links);
	klb_close(&h.klb);
	return rc;
}

// SPDX-License-Identifier: GPL-2.0
#include "netdev.h"

#include <errno.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <stdlib.h>
#include <string.h>

#include "backoff.h"
#include "losses.h"
#include "rtnl.h"

/* What is told of comes together, and what it ends with may come last. */
#define SOON_US	50000

struct netdev {
	sd_event *event;
	const struct netdev_conf *conf;
	struct outfit outfit;
	bool is_set;
	struct losses *losses;
	sd_event_source *timer;
	struct backoff backoff;
	int told;		/* why it is not so, -errno; 0: it is */
	bool steady;		/* it was so */
	unsigned int changes;	/* since then */
};

static int put_kind(struct nl_msg *msg, const struct netdev_conf *conf)
{
	struct nlattr *info;
	int rc;

	rc = nla_put_string(msg, IFLA_IFNAME, conf->name);
	info = rc ? NULL : nla_nest_start(msg, IFLA_LINKINFO);
	if (!info)
		return -ENOMEM;
	rc = nla_put_string(msg, IFLA_INFO_KIND, conf->kind);
	nla_nest_end(msg, info);
	return rc;
}

static int create(const struct netdev_conf *conf)
{
	const struct ifinfomsg ifi = {
		.ifi_flags = IFF_UP, .ifi_change = IFF_UP,
	};
	struct nl_msg *msg;

	msg = klb_rt_request(conf->k, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL,
			     &ifi, sizeof(ifi));
	return klb_rt_do(conf->k, msg, msg ? put_kind(msg, conf) : 0);
}

static int set_up(const struct netdev_conf *conf, int ifindex)
{
	const struct ifinfomsg ifi = {
		.ifi_index = ifindex, .ifi_flags = IFF_UP,
		.ifi_change = IFF_UP,
	};

	return klb_rt_do(conf->k, klb_rt_request(conf->k, RTM_NEWLINK, 0, &ifi,
						 sizeof(ifi)), 0);
}

static int delete(const struct netdev_conf *conf, int ifindex)
{
	const struct ifinfomsg ifi = { .ifi_index = ifindex };

	return klb_rt_do(conf->k, klb_rt_request(conf->k, RTM_DELLINK, 0, &ifi,
						 sizeof(ifi)), 0);
}

/* It is gone on with when the kernel tells that it has become so. */
static int make(struct netdev *n, const struct link *link)
{
	const struct netdev_conf *conf = n->conf;
	const struct klb_err *why = &conf->k->err;
	int rc = link ? set_up(conf, link->ifindex) : create(conf);
	struct klb_err err;

	n->changes += !rc;
	if (!rc)
		return 0;
	klb_err_set(&err, rc, "cannot %s %s, a device of kind %s: %.400s",
		    link ? "set up" : "make", conf->name, conf->kind,
		    why->text);
	conf->k->err = err;
	return rc;
}

static int apply(struct netdev *n, int ifindex)
{
	int rc = outfit_apply(n->conf->k, ifindex, &n->outfit, &n->changes);

	if (rc)
		return rc;
	if (n->steady)
		metrics_add(n->conf->metrics, METRIC_REPAIRS, n->changes);
	n->changes = 0;
	n->steady = true;
	return 0;
}

static int go_on(struct netdev *n)
{
	const struct netdev_conf *conf = n->conf;
	const struct link *link = links_named(conf->links, conf->name);

	if (link && strcmp(link->kind, conf->kind))
		return klb_err_set(&conf->k->err, -EEXIST,
				   "%s is there, and is no device of kind %s",
				   conf->name, conf->kind);
	return link && link->up ? apply(n, link->ifindex) : make(n, link);
}

static void try_in(struct netdev *n, uint64_t usec)
{
	sd_event_source_set_time_relative(n->timer, usec);
	sd_event_source_set_enabled(n->timer, SD_EVENT_ONESHOT);
}

static int on_timer(sd_event_source *source, uint64_t usec, void *arg)
{
	struct netdev *n = arg;
	const struct netdev_conf *conf = n->conf;
	int rc = go_on(n);

	/* The device has gone, and links will say so. */
	if (rc && rc != n->told && rc != -ENODEV)
		conf->failed(conf->k->err.text, conf->arg);
	n->told = rc;
	if (!rc)
		return 0;
	metrics_add(conf->metrics, METRIC_DEVICE_FAILURES, 1);
	try_in(n, backoff_next(&n->backoff, usec, backoff_random()));
	return 0;
}

static void wake(struct netdev *n)
{
	if (n->is_set)
		try_in(n, SOON_US);
}

static bool is_source(const struct outfit *o, const struct klb_addr *addr)
{
	return !klb_addr_cmp(addr, &o->src4) || !klb_addr_cmp(addr, &o->src6);
}

static bool is_at(const struct netdev *n, const struct devaddr *addr)
{
	const struct link *link = links_named(n->conf->links, n->conf->name);

	return link && link->ifindex == addr->ifindex;
}

static void on_loss(const struct klb_prefix *to, const struct devaddr *addr,
		    void *arg)
{
	struct netdev *n = arg;

	if (!n->is_set)
		return;
	if (!to && (!addr || is_source(&n->outfit, &addr->addr)))
		n->conf->sourceless(n->conf->arg);
	else if (to ? outfit_has_route(&n->outfit, to) : is_at(n, addr))
		wake(n);
}

int netdev_set(struct netdev *n, const struct outfit *outfit)
{
	int rc = outfit_copy(&n->outfit, outfit);

	if (rc)
		return rc;
	n->is_set = true;
	n->steady = false;
	n->changes = 0;
	try_in(n, 0);
	return 0;
}

void netdev_changed(struct netdev *n, const struct link *now,
		    const struct link *was)
{
	const char *name = n->conf->name;

	if ((now && !strcmp(now->name, name)) ||
	    (was && !strcmp(was->name, name)))
		wake(n);
}

void netdev_again(struct netdev *n)
{
	backoff_init(&n->backoff, &backoff_kernel);
	wake(n);
}

int netdev_new(struct netdev **out, sd_event *event,
	       const struct netdev_conf *conf, struct klb_err *err)
{
	struct netdev *n = calloc(1, sizeof(*n));
	int rc;

	if (!n)
		return klb_err_set(err, -ENOMEM, "out of memory");
	n->event = sd_event_ref(event);
	n->conf = conf;
	backoff_init(&n->backoff, &backoff_kernel);
	rc = losses_new(&n->losses, event, on_loss, n, err);
	if (!rc && sd_event_add_time_relative(event, &n->timer, CLOCK_MONOTONIC,
					      0, 1000, on_timer, n) < 0)
		rc = klb_err_set(err, -ENOMEM, "out of memory");
	if (rc) {
		netdev_free(n);
		return rc;
	}
	sd_event_source_set_enabled(n->timer, SD_EVENT_OFF);
	*out = n;
	return 0;
}

void netdev_free(struct netdev *n)
{
	if (!n)
		return;
	losses_free(n->losses);
	sd_event_source_disable_unref(n->timer);
	sd_event_unref(n->event);
	outfit_free(&n->outfit);
	free(n);
}

int netdev_cleanup(const struct netdev_conf *conf)
{
	const struct link *link = links_named(conf->links, conf->name);
	const struct outfit nothing = { 0 };
	unsigned int changes = 0;
	int rc;

	/* Its addresses go with it, but routes may lead elsewhere by now. */
	rc = outfit_apply(conf->k, link ? link->ifindex : 0, &nothing,
			  &changes);
	if (!rc && link && !strcmp(link->kind, conf->kind))
		rc = delete(conf, link->ifindex);
	return rc;
}

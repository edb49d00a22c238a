/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LBAGENT_NETDEV_H
#define LBAGENT_NETDEV_H

#include <systemd/sd-event.h>

#include "links.h"
#include "metrics.h"
#include "outfit.h"

/*
 * Keeps the network device that processes of this host reach services by:
 * there, up, with its addresses and routes. What others take away comes back.
 */
struct netdev;

struct netdev_conf {
	const char *name;		/* "klb0" */
	const char *kind;		/* LINK_KIND_KLB; tests have another */
	const struct links *links;
	struct klb *k;
	struct metrics *metrics;	/* METRIC_REPAIRS, _DEVICE_FAILURES */
	/*
	 * Something is not as it is to be. Said once as long as it is for the
	 * same reason; it is tried again after a second or two, then ever
	 * later, up to a minute.
	 */
	void (*failed)(const char *why, void *arg);
	/*
	 * The address that routes have as their source was removed, from any
	 * device, and they went with it; or it is not known what was. To be
	 * followed by netdev_set(), or netdev_again() if it has come back.
	 * May not call back in here.
	 */
	void (*sourceless)(void *arg);
	void *arg;
};

/*
 * @conf and all in it must outlive it. Nothing is done until netdev_set().
 * 0 or -errno with a sentence.
 */
int netdev_new(struct netdev **out, sd_event *event,
	       const struct netdev_conf *conf, struct klb_err *err);
/* Leaves all as it is: the node goes on without lbagent. */
void netdev_free(struct netdev *n);

/*
 * What it is to have from now on; it is copied. Routes and addresses that
 * carry lbagent's number and are not wanted go; all others are left alone, and
 * a route of somebody else to a prefix that is wanted is a failure. -ENOMEM.
 */
int netdev_set(struct netdev *n, const struct outfit *outfit);

/* From links_ops.changed(). */
void netdev_changed(struct netdev *n, const struct link *now,
		    const struct link *was);
/* Looks 50 ms later, without waiting for the next try. */
void netdev_again(struct netdev *n);
/*
 * Removes the device, if it is of the kind, and all routes that carry
 * lbagent's number. 0 or -errno with a sentence in k->err.
 */
int netdev_cleanup(const struct netdev_conf *conf);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LBAGENT_DEVICES_H
#define LBAGENT_DEVICES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <systemd/sd-event.h>

#include "links.h"
#include "metrics.h"

/* Keeps klb attached to the devices that rules say. */
struct devices;

struct device_rule {
	const char *pattern;	/* fnmatch() of the name of the device, */
	bool ports;		/* or of the bridge that it is a port of */
	uint32_t hooks;		/* KLB_DEV_HOOK_... or'ed; 0: none */
};

/* The first that is about a device decides; without one it is left alone. */
struct device_rules {
	const struct device_rule *v;
	size_t n;
};

/* How it is done; tests have another way than devices_klb. */
struct devices_how {
	/* As klb_dev_attach() and klb_dev_detach(). */
	int (*attach)(struct klb *k, const char *name, uint32_t hooks);
	int (*detach)(struct klb *k, const char *name);
};

extern const struct devices_how devices_klb;

struct devices_conf {
	const struct links *links;
	const struct device_rules *rules;
	struct klb *k;
	const struct devices_how *how;
	struct metrics *metrics;	/* METRIC_DEVICES, _DEVICE_FAILURES */
	/*
	 * Said once as long as it is for the same reason; it is tried again
	 * after a second or two, then ever later, up to a minute.
	 */
	void (*failed)(const char *name, const char *why, void *arg);
	void *arg;
};

/*
 * What klb is to be on of @link, or nothing: devices of klb are attached by
 * their nature.
 */
uint32_t device_rules_hooks(const struct device_rules *rules,
			    const struct links *links,
			    const struct link *link);

/* @conf and all in it must outlive it. NULL: no memory. */
struct devices *devices_new(sd_event *event, const struct devices_conf *conf);
/* Leaves klb attached: the node goes on without lbagent. */
void devices_free(struct devices *d);

/*
 * From links_ops.changed(). Attaches what is to be, and detaches what it had
 * attached itself and is not to be any more. What somebody has detached comes
 * back when the device changes. -ENOMEM.
 */
int devices_changed(struct devices *d, const struct link *now,
		    const struct link *was);
/* The module was loaded anew, or anything may be otherwise: all at once. */
int devices_again(struct devices *d);
/*
 * Takes klb off all devices that the rules say, whoever attached it. The
 * first failure, with its sentence in k->err; others are gone on with.
 */
int devices_cleanup(const struct devices_conf *conf);

#endif

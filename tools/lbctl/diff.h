/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LBCTL_DIFF_H
#define LBCTL_DIFF_H

#include "config.h"

enum change_type {
	CHANGE_NET,		/* net: the settings that differ */
	CHANGE_POOL_DEL,	/* pool: the name */
	CHANGE_POOL_ADD,	/* pool: all of it */
	CHANGE_SERVICE_DEL,	/* service: the key */
	CHANGE_SERVICE_ADD,	/* service: all of it */
	CHANGE_SERVICE_SET,	/* service: what differs */
	CHANGE_DEV_ATTACH,	/* dev: the hooks that it lacks */
	CHANGE_DEV_DETACH,
};

/*
 * One request to the kernel. Endpoint lists are those of the wanted
 * configuration, which must outlive the changes.
 */
struct change {
	enum change_type type;
	struct klb_net net;
	struct klb_net net_was;
	struct klb_service service;
	struct klb_dev dev;
	struct klb_pool pool;
};

struct changes {
	struct change *v;
	size_t n, room;
};

/*
 * What makes @is equal to @wanted; both are sorted. Settings of net that
 * @wanted does not name stay, devices stay if it names none. A device whose
 * hooks are too many is detached and attached anew, a pool that is to be
 * another one removed and added anew.
 */
int diff(const struct config *is, const struct config *wanted,
	 struct changes *changes);
void changes_free(struct changes *changes);

#endif

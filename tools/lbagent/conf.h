/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LBAGENT_CONF_H
#define LBAGENT_CONF_H

#include <stdbool.h>

#include "addr.h"
#include "desired.h"
#include "devices.h"
#include "err.h"

#define CONF_PATH	"/etc/klb/lbagent.yaml"

/* What an administrator says; man/lbagent.yaml.5 tells of each. */
struct conf {
	char *node;		/* this node's name */
	char *kubeconfig;	/* NULL: in the cluster */
	char **servers;		/* in the place of the kubeconfig's */
	size_t n_servers;
	char *proxy_name;
	struct kube_settings settings;
	char *pods_devices;	/* pattern: pods are behind these; NULL: see settings */
	bool services_auto;	/* those of the ServiceCIDR objects */
	uint32_t conn_max;	/* 0: as it is */
	struct klb_ap healthz, metrics;	/* port 0: off */
	struct device_rules devices;
	char *klb_device;	/* NULL: none is made */
	struct klb_addr source4, source6;	/* length 0: found out */
	uint32_t sync_ms;	/* between rounds of changes */
	uint32_t resync_s;
};

/*
 * Takes a zeroed @c, and frees it in case of an error: 0 or -errno with a
 * sentence, which for what the file says begins with FILE:LINE.
 */
int conf_read(struct conf *c, const char *path, struct klb_err *err);
void conf_free(struct conf *c);

#endif

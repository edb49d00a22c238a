/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LBCTL_CONFIG_H
#define LBCTL_CONFIG_H

#include <stddef.h>

#include "klb.h"

/* The configuration of a network namespace, of the kernel or of a file. */
struct config {
	struct klb_net net;	/* only the settings that net.has names */
	struct klb_service *services;
	size_t n_services, services_room;
	struct klb_pool *pools;
	size_t n_pools, pools_room;
	struct klb_dev *devs;
	size_t n_devs, devs_room;
};

void config_init(struct config *cfg);
void config_free(struct config *cfg);
/* Take over what @svc points to, or copy. -ENOMEM. */
int config_add_service(struct config *cfg, struct klb_service *svc);
int config_add_pool(struct config *cfg, const struct klb_pool *pool);
int config_add_dev(struct config *cfg, const struct klb_dev *dev);
/* Services by address, port, protocol, pools and devices by name. */
void config_sort(struct config *cfg);

/* Reads the kernel; what is without hooks is no attachment and left out. */
int config_load(struct klb *k, struct config *cfg);

#endif

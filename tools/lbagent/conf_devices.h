/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LBAGENT_CONF_DEVICES_H
#define LBAGENT_CONF_DEVICES_H

#include "conf.h"
#include "ydoc.h"

/* "devices" and "klb" of the configuration; without them what most nodes have. */
int conf_read_devices(struct ydoc *d, yaml_node_t *root, struct conf *c);
int conf_default_devices(struct conf *c);
void conf_free_devices(struct conf *c);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LBCTL_CONFIG_READ_H
#define LBCTL_CONFIG_READ_H

#include "args.h"
#include "config.h"

/*
 * Reads a file of commands into a configuration, sorted. Understood are net
 * set, service add, endpoint add and dev attach. -EINVAL or another -errno,
 * and the sentence with FILE:LINE.
 */
int config_read(const char *path, struct config *cfg, struct klb_err *err);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LBAGENT_OWNADDR_H
#define LBAGENT_OWNADDR_H

#include "prefix.h"

/* An address of this host, and how many bits the network of it has. */
struct ownaddr {
	const char *device;
	struct klb_addr addr;
	uint8_t len;
};

/* What is returned if it is not 0 ends the walk, and is returned. */
typedef int (*ownaddr_cb)(const struct ownaddr *own, void *arg);

/* -errno if they cannot be told. */
int ownaddr_walk(ownaddr_cb cb, void *arg);

#endif

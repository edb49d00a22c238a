/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LBAGENT_LOCALNET_H
#define LBAGENT_LOCALNET_H

#include <stdio.h>

#include "prefix.h"

/*
 * Where this node's pods are, by the devices that they are behind: the
 * prefixes of the main table's routes to devices whose name matches @pattern
 * (fnmatch(3)), without those by a gateway and the default. Of a bridge that is
 * its network, of a CNI that routes each pod, each pod. Appended and sorted.
 * -ENOMEM, or -errno if there is no /proc/net.
 */
int localnet_find(const char *pattern, struct klb_prefixes *out);

/* /proc/net/route and /proc/net/ipv6_route; here for their tests. -ENOMEM. */
int localnet_read4(FILE *f, const char *pattern, struct klb_prefixes *out);
int localnet_read6(FILE *f, const char *pattern, struct klb_prefixes *out);

#endif

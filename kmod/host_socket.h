/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KLB_HOST_SOCKET_H
#define KLB_HOST_SOCKET_H

#include <net/net_namespace.h>

#include "tuple.h"

/* Whether this host's sockets could take a packet with tuple @t, which is for
 * an address of this host and came by device @ifindex, for their own. Of TCP:
 * whether any has that port, listening, connected or only bound, since one
 * that is bound may be connected later. Never of SCTP: its sockets are a
 * module's. Under RCU, BH off.
 */
bool klb_host_socket(struct net *net, const struct klb_tuple *t, int ifindex);

#endif

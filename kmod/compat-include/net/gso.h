/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KLB_COMPAT_NET_GSO_H
#define KLB_COMPAT_NET_GSO_H

#ifdef KLB_HAVE_NET_GSO
#include_next <net/gso.h>
#else
#include <linux/netdevice.h>	/* up to 6.4 */
#endif

#endif

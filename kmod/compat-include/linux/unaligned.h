/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KLB_COMPAT_LINUX_UNALIGNED_H
#define KLB_COMPAT_LINUX_UNALIGNED_H

#ifdef KLB_HAVE_LINUX_UNALIGNED
#include_next <linux/unaligned.h>
#else
#include <asm/unaligned.h>	/* up to 6.11 */
#endif

#endif

/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KLB_VERSION_H
#define KLB_VERSION_H

#define KLB_VERSION "0.1.0"

#endif

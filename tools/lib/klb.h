/* SPDX-License-Identifier: GPL-2.0 */
/* libklb: what programs need to talk to the klb module. No printing, no exit. */
#ifndef KLB_H
#define KLB_H

#include <linux/klb.h>

#include "addr.h"
#include "conn.h"
#include "dev.h"
#include "endpoint.h"
#include "err.h"
#include "explain.h"
#include "handle.h"
#include "monitor.h"
#include "names.h"
#include "net.h"
#include "pool.h"
#include "prefix.h"
#include "service.h"
#include "service_diff.h"
#include "stats.h"

#endif

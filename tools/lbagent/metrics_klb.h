/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LBAGENT_METRICS_KLB_H
#define LBAGENT_METRICS_KLB_H

#include <stdio.h>

#include "klb.h"

/*
 * What the module counts, in Prometheus' format, asked of it now: its reasons
 * and its size. Without the module it is klb_up 0. 0 or -errno, with a
 * sentence in k->err; what was written is well-formed either way.
 */
int metrics_put_klb(struct klb *k, FILE *f);

/* What the parts are made of; here for their tests. */
void metrics_put_net(const struct klb_net *net, FILE *f);
/* A klb_counter_cb. */
int metrics_put_counter(const struct klb_counter *counter, void *f);

#endif

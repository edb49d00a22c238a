/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LBAGENT_METRICS_KLB_H
#define LBAGENT_METRICS_KLB_H

#include <stddef.h>
#include <stdio.h>

#include "klb.h"

/*
 * What the module counts, in Prometheus' format, asked of it now: its reasons,
 * its size, and traffic of services and of each endpoint of each of them. If
 * there are more than @endpoints of the latter none is told, but how many they
 * are. Without the module it is klb_up 0. 0 or -errno, with a sentence in
 * k->err; what was written is well-formed either way.
 */
int metrics_put_klb(struct klb *k, size_t endpoints, FILE *f);

/* What the parts are made of; here for their tests. */
struct traffic;

/* NULL: no memory. */
struct traffic *traffic_new(size_t endpoints);
void traffic_free(struct traffic *t);
/* A klb_service_cb. */
int traffic_add(const struct klb_service *svc, void *t);
/* Series of a name stand together, so all of them are written at the end. */
int traffic_put(struct traffic *t, FILE *f);

void metrics_put_net(const struct klb_net *net, FILE *f);
/* A klb_counter_cb. */
int metrics_put_counter(const struct klb_counter *counter, void *f);

#endif

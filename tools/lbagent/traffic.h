/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LBAGENT_TRAFFIC_H
#define LBAGENT_TRAFFIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "klb.h"

/*
 * Traffic of services and of each endpoint of each of them, as series. Those
 * of a name stand together, so all are known before the first is written;
 * known they take a tenth of what they take as text.
 */
struct traffic;

/*
 * If there are more than @endpoints of all services together none is told,
 * but how many they are. NULL: no memory.
 */
struct traffic *traffic_new(size_t endpoints);
void traffic_free(struct traffic *t);
/* A klb_service_cb; -ENOMEM ends it. */
int traffic_add(const struct klb_service *svc, void *t);
/* Writes some lines, the next of all. False: there are no more. */
bool traffic_next(struct traffic *t, FILE *f);

#endif

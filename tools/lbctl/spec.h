/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LBCTL_SPEC_H
#define LBCTL_SPEC_H

#include "args.h"
#include "klb.h"

/* What the words of the grammar mean; the option tables serve help, too. */
extern const char *const spec_protos[];
extern const struct opt service_opts[];
extern const struct opt endpoint_opts[];
extern const struct opt net_opts[];
extern const struct opt pool_opts[];
extern const struct opt conn_opts[];

int spec_proto(struct args *a, uint8_t *proto);
int spec_ap(struct args *a, const char *what, struct klb_ap *ap);

/* PROTO ADDR:PORT */
int spec_key(struct args *a, struct klb_service *svc);
/*
 * PROTO ADDR:PORT [ OPTION... ]; sets the defaults and clears svc->has. To be
 * freed if it returns 0.
 */
int spec_service(struct args *a, struct klb_service *svc);
/* PROTO ADDR:PORT EADDR:EPORT */
int spec_endpoint_key(struct args *a, struct klb_service *key,
		      struct klb_endpoint *ep);
/* PROTO ADDR:PORT EADDR:EPORT [ OPTION... ] */
int spec_endpoint(struct args *a, struct klb_service *key,
		  struct klb_endpoint *ep);
/* OPTION... of net set; to be freed if it returns 0 */
int spec_net(struct args *a, struct klb_net *net);
/* NAME ADDR[-ADDR] [ ports LOW-HIGH ] */
int spec_pool(struct args *a, struct klb_pool *pool);
int spec_pool_name(struct args *a, const char **name);
/* PREFIX[,PREFIX...], or @none for an empty list; to be freed if 0 */
int spec_prefixes(struct args *a, const char *value, const char *none,
		  struct klb_prefixes *list);
/* Whether @word can be the name of a pool or a share. */
int spec_name(struct args *a, const char *word, const char *what);
/* FILTER... of conn */
int spec_filter(struct args *a, struct klb_conn *filter);
/* DEV [ ingress | egress | both ] */
int spec_dev(struct args *a, struct klb_dev *dev);

#endif

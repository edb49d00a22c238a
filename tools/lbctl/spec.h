/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LBCTL_SPEC_H
#define LBCTL_SPEC_H

#include "args.h"
#include "klb.h"

/* What the words of the grammar mean; the option tables serve help, too. */
extern const char *const spec_protos[];
extern const struct opt service_opts[];
extern const struct opt endpoint_opts[];
extern const struct opt endpoint_set_opts[];
extern const struct opt net_opts[];
extern const struct opt conn_opts[];

int spec_proto(struct args *a, uint8_t *proto);
int spec_ap(struct args *a, const char *what, struct klb_ap *ap);

/* PROTO ADDR:PORT */
int spec_key(struct args *a, struct klb_service *svc);
/* PROTO ADDR:PORT [ OPTION... ]; sets the defaults and clears svc->has. */
int spec_service(struct args *a, struct klb_service *svc);
/* PROTO ADDR:PORT EADDR:EPORT */
int spec_endpoint_key(struct args *a, struct klb_service *key,
		      struct klb_endpoint *ep);
/* PROTO ADDR:PORT EADDR:EPORT [ OPTION... ] */
int spec_endpoint(struct args *a, const struct opt *opts,
		  struct klb_service *key, struct klb_endpoint *ep);
/* OPTION... of net set */
int spec_net(struct args *a, struct klb_net *net);
/* FILTER... of conn */
int spec_filter(struct args *a, struct klb_conn *filter);
/* DEV [ ingress | egress | both ] */
int spec_dev(struct args *a, struct klb_dev *dev);

#endif

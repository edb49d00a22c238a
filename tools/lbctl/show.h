/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LBCTL_SHOW_H
#define LBCTL_SHOW_H

#include "klb.h"
#include "out.h"

/* How things look, the same in every command. They fill a row or properties. */
void show_key(struct out *o, const struct klb_service *svc);
/* Key and settings, without counters and endpoints. */
void show_config(struct out *o, const struct klb_service *svc);
void show_service(struct out *o, const struct klb_service *svc);
void show_endpoint_config(struct out *o, const struct klb_endpoint *ep);
void show_endpoint(struct out *o, const struct klb_endpoint *ep);
void show_conn(struct out *o, const struct klb_conn *conn);
/* Begin or end of a connection. */
void show_conn_event(struct out *o, const struct klb_event *event);
void show_net(struct out *o, const struct klb_net *net);
void show_prefixes(struct out *o, const char *key,
		   const struct klb_prefixes *list);
void show_pool(struct out *o, const struct klb_pool *pool);
void show_dev(struct out *o, const struct klb_dev *dev);

#endif

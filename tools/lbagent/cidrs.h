/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LBAGENT_CIDRS_H
#define LBAGENT_CIDRS_H

#include <stdbool.h>

#include <jansson.h>

#include "prefix.h"

/* The prefixes of the cluster's services, as ServiceCIDR objects tell them. */
struct cidrs;

/* NULL: no memory. */
struct cidrs *cidrs_new(void);
void cidrs_free(struct cidrs *c);

/* As kube_store's. */
void cidrs_begin_list(struct cidrs *c);
int cidrs_end_list(struct cidrs *c);
int cidrs_put(struct cidrs *c, const json_t *obj, struct klb_err *err);
int cidrs_gone(struct cidrs *c, const json_t *obj, struct klb_err *err);

/*
 * All of them, sorted, each once; good until the next change. None: there has
 * been none so far.
 */
const struct klb_prefixes *cidrs_all(const struct cidrs *c);
/* True once after they have changed. */
bool cidrs_touched(struct cidrs *c);

#endif

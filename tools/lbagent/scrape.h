/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LBAGENT_SCRAPE_H
#define LBAGENT_SCRAPE_H

#include <stddef.h>

#include "metrics.h"
#include "serves.h"

/*
 * What kube-proxy answers at port 10249: /metrics (with the module's),
 * /proxyMode and /healthz.
 */
struct scrape;

struct scrape_conf {
	/* with more of them /metrics tells traffic of services alone */
	size_t endpoints;
};

/* Some 20 MB of text. */
#define SCRAPE_ENDPOINTS	20000

/*
 * @failed is that of struct serves_ops, with @arg. @m and @conf must outlive
 * it. NULL: no memory.
 */
struct scrape *scrape_new(sd_event *event, const struct metrics *m,
			  const struct scrape_conf *conf,
			  void (*failed)(const char *why, void *arg),
			  void *arg);
void scrape_free(struct scrape *s);
/* As serves_listen(). */
int scrape_listen(struct scrape *s, const struct klb_ap *at, size_t n);

#endif

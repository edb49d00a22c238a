/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LBAGENT_FEEDS_H
#define LBAGENT_FEEDS_H

#include "cidrs.h"
#include "conf.h"
#include "http.h"
#include "store.h"

/* The watches of all that matters, which keep the store and the cidrs. */
struct feeds;

/* Not of the store: ServiceCIDRs, which old API servers do not have. */
#define FEED_CIDRS	(KUBE_NODE + 1)
#define FEEDS		(FEED_CIDRS + 1)

/* @kind is one of enum kube_kind, or FEED_CIDRS. */
struct feeds_ops {
	/* @object is NULL: one has gone. */
	void (*changed)(int kind, const json_t *object, void *arg);
	/* A list has come to its end. */
	void (*listed)(int kind, void *arg);
	/* An object, or a part, is of no use; @ns is NULL where its kind has none. */
	void (*refused)(int kind, const char *ns, const char *name,
			const char *sentence, void *arg);
	/* @again: so it was at the last try. */
	void (*failed)(int kind, const char *why, bool again, void *arg);
};

struct feeds_conf {
	sd_event *event;
	struct http *http;
	const struct conf *conf;
	struct kube_store *store;
	struct cidrs *cidrs;
	const struct feeds_ops *ops;
	void *arg;
};

/* All that it is given must outlive it, but for @conf. NULL: no memory. */
struct feeds *feeds_new(const struct feeds_conf *conf);
void feeds_free(struct feeds *f);

/* Until everything was listed what is missing may only not be known yet. */
bool feeds_are_whole(const struct feeds *f);
/* All ServiceCIDRs are known, or nobody will tell of any. */
bool feeds_know_cidrs(const struct feeds *f);

#endif

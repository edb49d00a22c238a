/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LBAGENT_SERVES_H
#define LBAGENT_SERVES_H

#include "serve.h"

/* The same answers at several addresses. */
struct serves;

struct serves_ops {
	/* As serve_cb, at one of the addresses. */
	void (*answer)(const struct klb_ap *at, const char *path,
		       struct serve_answer *answer, void *arg);
	/*
	 * Not all addresses are listened at, and this is why. Said once as
	 * long as it is for the same reason; it is tried again every five
	 * seconds. May not call back in here.
	 */
	void (*failed)(const char *why, void *arg);
};

/* @conf and @ops must outlive it. It listens nowhere yet. NULL: no memory. */
struct serves *serves_new(sd_event *event, const struct serve_conf *conf,
			  const struct serves_ops *ops, void *arg);
void serves_free(struct serves *s);

/*
 * From now on at these, as far as it can be; where it was and is still wanted
 * connections go on. -ENOMEM, and nothing is changed.
 */
int serves_listen(struct serves *s, const struct klb_ap *at, size_t n);

#endif

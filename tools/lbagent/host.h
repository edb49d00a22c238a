/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LBAGENT_HOST_H
#define LBAGENT_HOST_H

#include <systemd/sd-event.h>

#include "conf.h"
#include "metrics.h"
#include "object.h"
#include "source.h"

/*
 * This host's part: klb at its devices, and klb0 with the routes by which its
 * own processes reach services.
 */
struct host;

struct host_ops {
	/* Something is not as it is to be; it is tried again. */
	void (*failed)(const char *sentence, void *arg);
	/* A device has come, or some seconds are over: look what is otherwise. */
	void (*settled)(void *arg);
	/* host_source() is another one, although the node is the same. */
	void (*sourced)(void *arg);
};

/* All that it is given must outlive it. NULL with a sentence. */
struct host *host_new(sd_event *event, const struct conf *conf,
		      struct metrics *metrics, const struct host_ops *ops,
		      void *arg, struct klb_err *err);
/* Leaves all as it is: the node goes on without lbagent. */
void host_free(struct host *h);

/*
 * Where services are: prefixes that are all theirs, and addresses outside of
 * them; copied. Before the first time klb0 is left as it is. -ENOMEM.
 */
int host_reach(struct host *h, const struct klb_prefixes *services,
	       const struct klb_prefixes *vips);
/* This node, copied as far as it matters; NULL: not known. */
void host_node(struct host *h, const struct kube_node *node);
/* As of the last look, which is at most some seconds ago. */
const struct source *host_source(const struct host *h);
/* The module is there, or another one. */
void host_again(struct host *h);

/* Takes away what lbagent may have made. 0 or -errno with a sentence. */
int host_cleanup(sd_event *event, const struct conf *conf,
		 struct klb_err *err);

#endif

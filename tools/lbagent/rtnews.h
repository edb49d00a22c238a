/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LBAGENT_RTNEWS_H
#define LBAGENT_RTNEWS_H

#include <linux/rtnetlink.h>
#include <systemd/sd-event.h>

#include "handle.h"

struct sock_fprog;

/* What the kernel tells the groups of rtnetlink. */
struct rtnews;

/*
 * A message; NULL: some may have been lost. What it returns if it is not 0 is
 * the end of those that wait, as if they had been lost, too.
 */
typedef int (*rtnews_cb)(const struct nlmsghdr *nlh, void *arg);

/*
 * @groups: RTNLGRP_..., RTNLGRP_NONE ends them; @filter: only what it lets
 * through; NULL: all. 0 or -errno with a sentence.
 */
int rtnews_new(struct rtnews **out, sd_event *event, const int *groups,
	       const struct sock_fprog *filter, rtnews_cb cb, void *arg,
	       struct klb_err *err);
void rtnews_free(struct rtnews *n);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LBAGENT_LOSSES_H
#define LBAGENT_LOSSES_H

#include <systemd/sd-event.h>

#include "devaddr.h"
#include "route.h"

/*
 * Tells when a route or an address of lbagent's may have been taken away. The
 * socket has a filter, so that a router's changes do not wake it.
 */
struct losses;

/*
 * A route to @to; or (@to is NULL) an address, whoever's it was: with the last
 * one the kernel takes a device's routes of IPv4, and with each those whose
 * source it was, and does not tell. Neither: it is not known what.
 */
typedef void (*losses_cb)(const struct klb_prefix *to,
			  const struct devaddr *addr, void *arg);

/* 0 or -errno with a sentence. */
int losses_new(struct losses **out, sd_event *event, losses_cb cb, void *arg,
	       struct klb_err *err);
void losses_free(struct losses *l);

#endif

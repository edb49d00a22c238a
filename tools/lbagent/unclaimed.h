/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LBAGENT_UNCLAIMED_H
#define LBAGENT_UNCLAIMED_H

#include <systemd/sd-event.h>

#include "handle.h"
#include "prefix.h"

/*
 * Which addresses of balancers lie in this host's own networks and are nobody's
 * there. What processes of this host send to any other address of a balancer
 * leaves by a device, where klb takes it; here nobody answers ARP, as the one
 * who announces the address to others may be this very host (MetalLB), and
 * nothing ever leaves. An address that somebody has (k3s' ServiceLB gives those
 * of nodes) is not to be led elsewhere: most of what goes there is for that host.
 */
struct unclaimed;

/* The list is another one. */
typedef void (*unclaimed_cb)(void *arg);

/*
 * @device: klb's, whose addresses are no network. It and @k are to outlive it.
 * Routes of lbagent's from before it was started are taken back as soon as
 * somebody has what they lead to. 0 or -errno with a sentence.
 */
int unclaimed_new(struct unclaimed **out, sd_event *event, struct klb *k,
		  const char *device, unclaimed_cb cb, void *arg,
		  struct klb_err *err);
void unclaimed_free(struct unclaimed *u);

/*
 * The balancers' addresses, sorted, each once, all their bits. Of new ones it
 * is not known: they are asked for, and are taken for claimed until nobody has
 * answered, but those that there is a route of lbagent's to, from before it was
 * started. What an administrator has made permanent is claimed, and not asked
 * for, which would undo it. Of more than 512 in this host's networks the others
 * are taken for claimed. -ENOMEM, and nothing has changed.
 */
int unclaimed_set(struct unclaimed *u, const struct klb_prefixes *vips);
/* The host's own addresses and networks may be others. */
void unclaimed_look(struct unclaimed *u);
/* Who did not answer behind a device may have been cut off, and is there again. */
void unclaimed_again(struct unclaimed *u, int ifindex);
/* Appends them, sorted. -ENOMEM. */
int unclaimed_list(const struct unclaimed *u, struct klb_prefixes *out);

#endif

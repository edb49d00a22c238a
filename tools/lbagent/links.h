/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LBAGENT_LINKS_H
#define LBAGENT_LINKS_H

#include <linux/netlink.h>
#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>

#include <systemd/sd-event.h>

#include "handle.h"

/* The network devices of this namespace, as the kernel tells of them. */
struct links;

#define LINK_KIND	16
#define LINK_KIND_KLB	"klb"	/* what processes of this host send through */

struct link {
	int ifindex;
	int master;		/* its ifindex; 0: none */
	bool up;
	char name[IF_NAMESIZE];
	char kind[LINK_KIND];	/* "veth"; "" for what is no kind */
};

struct links_ops {
	/*
	 * What is known of a device is another thing now. @was is NULL for a
	 * new one, @now for one that is gone. Good as long as the call; @links
	 * has it as it is now.
	 */
	void (*changed)(const struct link *now, const struct link *was,
			void *arg);
	/*
	 * News were lost, and what there is was found out anew: what is the
	 * same may have been another thing meanwhile.
	 */
	void (*missed)(void *arg);
	/* What is known may be old; it goes on by itself. */
	void (*failed)(const char *why, void *arg);
};

/*
 * @k and @ops must outlive it; requests go by k->route. It knows nothing until
 * links_start(). 0 or -errno with a sentence.
 */
int links_new(struct links **out, sd_event *event, struct klb *k,
	      const struct links_ops *ops, void *arg, struct klb_err *err);
void links_free(struct links *l);
/* Finds out what there is, and calls back for each. -errno with a sentence. */
int links_start(struct links *l, struct klb_err *err);

/* NULL if there is none. Good until control is back in the event loop. */
const struct link *links_find(const struct links *l, int ifindex);
const struct link *links_named(const struct links *l, const char *name);
/* The @i-th of them, NULL behind the last. */
const struct link *links_at(const struct links *l, size_t i);

/*
 * How a message is read (true if it tells of a device as such), and taken: 0
 * or -ENOMEM. Here for their tests.
 */
bool link_parse(const struct nlmsghdr *nlh, struct link *link);
int links_take(struct links *l, const struct nlmsghdr *nlh);

#endif

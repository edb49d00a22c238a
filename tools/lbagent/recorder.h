/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LBAGENT_RECORDER_H
#define LBAGENT_RECORDER_H

#include <stdint.h>

#include <systemd/sd-event.h>

#include "backoff.h"
#include "budget.h"
#include "http.h"

/*
 * Tells of Services by Events of Kubernetes, for who has no look at this
 * node's journal. It may fail to: nothing waits for it.
 */
struct recorder;

struct recorder_conf {
	uint64_t same_us;	/* said again within that: the same Event */
	uint64_t give_up_us;	/* what is not written by then is lost */
	struct budget_conf budget;	/* of each Service */
	struct backoff_conf backoff;
};

extern const struct recorder_conf recorder_default;

struct recorder_counts {
	uint64_t written;	/* requests that were heard */
	uint64_t spared;	/* beyond the Service's budget */
	uint64_t lost;		/* refused, or nobody heard them */
};

/* What it is given must outlive it, but @node is copied. NULL: no memory. */
struct recorder *recorder_new(sd_event *event, struct http *http,
			      const char *node,
			      const struct recorder_conf *conf);
void recorder_free(struct recorder *r);

/*
 * A Warning about the Service @ns/@name, whose @uid is NULL where it is not
 * known. @reason is one word in CamelCase. Returns at once, also in the
 * callback of a watch.
 */
void recorder_say(struct recorder *r, const char *ns, const char *name,
		  const char *uid, const char *reason, const char *sentence);

void recorder_counts(const struct recorder *r, struct recorder_counts *out);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LBAGENT_WATCH_H
#define LBAGENT_WATCH_H

#include <jansson.h>
#include <systemd/sd-event.h>

#include "backoff.h"
#include "http.h"
#include "query.h"

/*
 * Keeps its owner in step with one resource of an apiserver, as client-go's
 * reflector does: lists it, watches it from there, and does either again when
 * it has to.
 */
struct watch;

struct watch_conf {
	struct backoff_conf backoff;
	struct backoff_conf away;	/* as long as nobody answers */
	uint64_t waking_us;	/* so long after it, a refusal is no more than that */
	uint64_t short_us;	/* a watch that ends sooner, without an event, failed */
	uint64_t retry_after_us;	/* no longer wait is obeyed */
	unsigned int timeout_s;	/* of a watch: this to twice this */
	size_t line_cap;	/* of an event, and of an item of a list */
};

extern const struct watch_conf watch_default;

/*
 * Objects are lent: json_incref() what is kept. None of these may free the
 * watch.
 */
struct watch_ops {
	/*
	 * What is put until end_list() is all there is: whatever else the
	 * owner has is gone. A list that breaks off has no end and is begun
	 * again.
	 */
	void (*begin_list)(void *arg);
	void (*end_list)(void *arg);
	void (*put)(json_t *object, void *arg);
	void (*gone)(json_t *object, void *arg);
	/* It goes on by itself; what the owner has may be old meanwhile. */
	void (*failed)(const char *why, void *arg);
};

/* All that it is given must outlive it. It begins at once. NULL: no memory. */
struct watch *watch_new(sd_event *event, struct http *http,
			const struct query *q, const struct watch_conf *conf,
			const struct watch_ops *ops, void *arg);
void watch_free(struct watch *w);
/* Of HTTP, the last answer's; 0: nobody answered, or none came yet. */
long watch_status(const struct watch *w);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LBAGENT_BACKOFF_H
#define LBAGENT_BACKOFF_H

#include <stdint.h>

/* Times in microseconds, of a clock that does not go back. */
struct backoff_conf {
	uint64_t first;
	uint64_t most;
	uint64_t good;	/* so long without a failure starts anew */
};

extern const struct backoff_conf backoff_default;
extern const struct backoff_conf backoff_kernel;	/* what it refuses */

struct backoff {
	const struct backoff_conf *conf;
	uint64_t delay;	/* the next one; 0: the first */
	uint64_t until;	/* the end of the last one */
};

void backoff_init(struct backoff *b, const struct backoff_conf *conf);

/*
 * How long to wait after a failure at @now. @random, evenly spread, spreads
 * the agents of a cluster: a wait of d becomes one of d to 2 d.
 */
uint64_t backoff_next(struct backoff *b, uint64_t now, uint32_t random);

/* Such a one; 0 where there is none yet. */
uint32_t backoff_random(void);

#endif

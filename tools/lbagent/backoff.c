// SPDX-License-Identifier: GPL-2.0
#include "backoff.h"

#include <sys/random.h>

/* Those of client-go's reflector. */
const struct backoff_conf backoff_default = {
	.first = 800000,
	.most = 30000000,
	.good = 120000000,
};

const struct backoff_conf backoff_kernel = {
	.first = 1000000,
	.most = 30000000,
	.good = 120000000,
};

void backoff_init(struct backoff *b, const struct backoff_conf *conf)
{
	*b = (struct backoff){ .conf = conf };
}

uint64_t backoff_next(struct backoff *b, uint64_t now, uint32_t random)
{
	const struct backoff_conf *c = b->conf;
	uint64_t wait;

	/* A clock that went back must not start anew, nor wait for ever. */
	if (now > b->until && now - b->until >= c->good)
		b->delay = 0;
	if (!b->delay)
		b->delay = c->first;
	wait = b->delay + (b->delay * random >> 32);
	b->delay = b->delay > c->most / 2 ? c->most : b->delay * 2;
	b->until = now + wait;
	return wait;
}

uint32_t backoff_random(void)
{
	uint32_t x;

	/* Without it all nodes try at once, and that is all. */
	if (getrandom(&x, sizeof(x), GRND_NONBLOCK) != sizeof(x))
		return 0;
	return x;
}

// SPDX-License-Identifier: GPL-2.0
#include "hash.h"

#include <linux/kernel.h>

static u64 splitmix64(u64 *state)
{
	u64 z = *state += 0x9e3779b97f4a7c15ull;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ z >> 27) * 0x94d049bb133111ebull;
	return z ^ z >> 31;
}

/**
 * klb_hash_key_derive() - a key that is no secret
 * @key: written
 * @seed: any; equal seeds give equal keys
 */
void klb_hash_key_derive(struct klb_hash_key *key, u64 seed)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(key->nh); i++)
		key->nh[i] = splitmix64(&seed);
	key->lo = splitmix64(&seed);
	key->hi = splitmix64(&seed);
}

// SPDX-License-Identifier: GPL-2.0
#include "csum.h"

/**
 * klb_csum_delta() - what a change of 16-bit words does to a checksum
 * @delta: of the words that change besides, 0 for none
 * @from: the words as they were, aligned to 2 bytes, network byte order
 * @to: the words as they will be, likewise
 * @words: how many, 0 to 32767: the sum must not overflow 32 bits
 *
 * Deltas add up in any order, and the one of a change and its reverse is a
 * zero of one's complement, 0xffff. It is 0 only if nothing was added up, so
 * klb_csum_apply() never turns a checksum into the other zero by mistake:
 * RFC 1624, section 3. A UDP checksum that comes out as 0 is the caller's to
 * replace by CSUM_MANGLED_0.
 *
 * Return: the folded sum of @delta and ~@from + @to of every word.
 */
u16 klb_csum_delta(u16 delta, const void *from, const void *to, int words)
{
	const u16 *f = from, *t = to;
	u32 sum = delta;

	while (words-- > 0)
		sum += (u16)~*f++ + *t++;
	return klb_csum_fold(sum);
}

/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KLB_CSUM_H
#define KLB_CSUM_H

#include <linux/types.h>

/* Incremental update of the Internet checksum, RFC 1624, equation 3:
 * HC' = ~(~HC + ~m + m'). A delta is the folded ~m + m' of all words that
 * change, so that a connection adds it up once and packets only add it.
 */

/* 16 bits of a 32 bit one's complement sum. */
static inline u16 klb_csum_fold(u32 sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	return sum + (sum >> 16);
}

/* Delta of @words 16-bit words that change from @from to @to, plus @delta. */
u16 klb_csum_delta(u16 delta, const void *from, const void *to, int words);

/* A checksum field after a change by @delta. */
static inline __sum16 klb_csum_apply(__sum16 check, u16 delta)
{
	u32 sum = (u16)~(__force u16)check;

	return (__force __sum16)~klb_csum_fold(sum + delta);
}

/* A pseudo header sum (CHECKSUM_PARTIAL) after a change by @delta. */
static inline __sum16 klb_csum_apply_partial(__sum16 check, u16 delta)
{
	return (__force __sum16)klb_csum_fold((__force u16)check + (u32)delta);
}

#endif

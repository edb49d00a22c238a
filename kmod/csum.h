/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KLB_CSUM_H
#define KLB_CSUM_H

#include <linux/bitops.h>
#include <linux/types.h>

/* Incremental update of the Internet checksum, RFC 1624, equation 3:
 * HC' = ~(~HC + ~m + m'). A delta is the folded ~m + m' of all words that
 * change, so that a connection adds it up once and packets only add it.
 */

/* 16 bits of a 32 bit one's complement sum. */
static inline u16 klb_csum_fold(u32 sum)
{
	return (sum + ror32(sum, 16)) >> 16;
}

/* The same of a 64 bit word taken as four of 16 bits. */
static inline u16 klb_csum_fold64(u64 words)
{
	words += ror64(words, 32);
	return klb_csum_fold(words >> 32);
}

/* Delta of words whose sum was @from and will be @to. Deltas add up in any
 * order, and the one of a change and its reverse is a zero of one's
 * complement, 0xffff. It is 0 only if all words are 0 in the end, so
 * klb_csum_apply() does not turn a checksum into the other zero by mistake:
 * RFC 1624, section 3. A UDP checksum that comes out as 0 is the caller's to
 * replace by CSUM_MANGLED_0.
 */
static inline u16 klb_csum_delta(u16 from, u16 to)
{
	return klb_csum_fold((u16)~from + (u32)to);
}

/* The delta of the change back. */
static inline u16 klb_csum_back(u16 delta)
{
	return delta == 0xffff ? delta : ~delta;
}

/* A checksum field after a change by @delta, of which there may be several
 * added up.
 */
static inline __sum16 klb_csum_apply(__sum16 check, u32 delta)
{
	u32 sum = (u16)~(__force u16)check + delta;

	sum += ror32(sum, 16);
	return (__force __sum16)(~sum >> 16);
}

/* A pseudo header sum (CHECKSUM_PARTIAL) after a change by @delta. */
static inline __sum16 klb_csum_apply_partial(__sum16 check, u16 delta)
{
	return (__force __sum16)klb_csum_fold((__force u16)check + (u32)delta);
}

#endif

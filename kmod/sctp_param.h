/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KLB_SCTP_PARAM_H
#define KLB_SCTP_PARAM_H

#include <linux/types.h>

#include "tuple.h"

/* Parameters of INIT and INIT ACK: addresses. Pure, as sctp.h. */

/* What is to become of the addresses in an INIT or INIT ACK. */
struct klb_sctp_edit {
	u8 keep;		/* those of this family stay; 0: none */
	u8 family;		/* of those that are put in */
	u8 n;
	const union klb_addr *addrs;
};

/* Bytes that an edit may add. */
static inline u32 klb_sctp_edit_room(const struct klb_sctp_edit *e)
{
	return e->n * (4 + klb_addr_len(e->family));
}

/* Length of the chunk after the edit; 0: a parameter is malformed. */
u32 klb_sctp_edit_len(const struct klb_sctp_edit *e, const u8 *chunk, u32 len);
/* Does it; @chunk has room for what it may add, klb_sctp_edit_len() was not
 * 0. Sets the chunk's length and pads it with zeros to a multiple of four.
 */
void klb_sctp_edit(const struct klb_sctp_edit *e, u8 *chunk, u32 len);
/* Addresses of @family in the chunk, at most @max of them. */
u32 klb_sctp_addrs(const u8 *chunk, u32 len, u8 family, union klb_addr *addrs,
		   u32 max);

#endif

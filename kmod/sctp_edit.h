/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KLB_SCTP_EDIT_H
#define KLB_SCTP_EDIT_H

#include <linux/klb_reason.h>

#include "parse.h"
#include "sctp.h"
#include "sctp_param.h"

/* Reads the chunks of a packet that klb_parse_check() has found whole. */
bool klb_sctp_look_at(const struct klb_pkt *pkt, struct klb_sctp_look *look);

/* Changes the addresses within an INIT or INIT ACK; the packet may become
 * longer or shorter. False: it is to be dropped for *@reason.
 */
bool klb_sctp_edit_packet(struct klb_pkt *pkt, const struct klb_sctp_look *look,
			  const struct klb_sctp_edit *e,
			  enum klb_reason *reason);

#endif

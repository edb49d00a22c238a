/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KLB_RUN_SCTP_H
#define KLB_RUN_SCTP_H

#include <linux/klb_reason.h>

#include "parse.h"

struct klb_choice;
struct klb_conn;
struct klb_net;
struct klb_sctp_look;

/* klb_run() for a packet of SCTP, parsed and no fragment. */
enum klb_verdict klb_run_sctp(struct klb_net *kn, struct klb_pkt *pkt);

/* Whether a packet that no path has is of an association, or for a service; and
 * in which direction it goes.
 */
bool klb_sctp_whose(struct klb_net *kn, const struct klb_pkt *pkt, u8 *dir);

/* klb_outlived() for what is read of the client's packet. */
bool klb_sctp_outlived(const struct klb_conn *conn,
		       const struct klb_sctp_look *look);

/* Why no association can be made with what was chosen for a packet; 0: it can. */
enum klb_reason klb_sctp_obstacle(const struct klb_choice *c, u8 family,
				  const struct klb_sctp_look *look);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KLB_CONN_PROTO_H
#define KLB_CONN_PROTO_H

#include <linux/types.h>
#include <linux/klb.h>

/* Protocol state machines, as an observer between the two ends sees them.
 * Pure: no skb, no lock.
 */

enum klb_dir {
	KLB_DIR_ORIG,	/* from the client */
	KLB_DIR_REPLY,	/* from the endpoint */
};

/* TCP flags as they stand in the header's 14th byte */
#define KLB_TCP_FIN	0x01
#define KLB_TCP_SYN	0x02
#define KLB_TCP_RST	0x04
#define KLB_TCP_ACK	0x10

/* States that are shown as another, see klb_conn_state_shown(). */
enum klb_tcp_state {
	KLB_TCP_FIN_WAIT_BACK = 32,	/* the endpoint's FIN came first */
	KLB_TCP_CLOSE_WAIT_BACK,
	KLB_TCP_RESET,			/* by the client, if it was */
	KLB_TCP_RESET_BACK,		/* by the endpoint */
	KLB_STATES
};

/* Seconds that a UDP flow is remembered that nobody has answered. */
#define KLB_UNREPLIED_TIMEOUT	30
/* That a TCP connection is remembered whose answers klb does not see. */
#define KLB_ALONE_TIMEOUT	900

/* State that a segment with @flags in direction @dir leads to from @state;
 * @state itself where it changes nothing.
 */
u8 klb_tcp_next(u8 state, enum klb_dir dir, u8 flags);

/* State of a connection whose first segment seen has @flags. */
u8 klb_tcp_first(u8 flags);

/* Whether a SYN from the client on a connection in @state starts a new one.
 * @serving: whether the endpoint is there to answer.
 */
bool klb_tcp_reopens(u8 state, bool serving);

/* enum klb_conn_state for @state */
u8 klb_conn_state_shown(u8 state);
/* Whether both ends seem to be done with it: what a scheduler does not count. */
bool klb_conn_over(u8 state);
/* Whether a connection in @state is one that a full table can do without. */
bool klb_conn_makes_way(u8 state);

/* The same for segments from the client whose answers klb does not see. */
u8 klb_tcp_next_alone(u8 state, u8 flags);

/* Seconds without a packet after which a connection of @proto in @state is
 * forgotten; @established replaces those of KLB_CONN_STATE_ESTABLISHED and
 * KLB_CONN_STATE_REPLIED unless it is 0.
 */
u32 klb_conn_timeout(u8 proto, u8 state, u32 established);
/* The same of one whose answers klb does not see. */
u32 klb_conn_timeout_alone(u8 proto, u8 state, u32 established);

#endif

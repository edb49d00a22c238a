/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KLB_SCTP_H
#define KLB_SCTP_H

#include <linux/types.h>

#include "conn_proto.h"
#include "tuple.h"

/* SCTP (RFC 9260) as an observer between the two ends sees it: checksum,
 * chunks, verification tags, states. Pure: no skb, no lock.
 */

#define KLB_SCTP_HDR_LEN	12	/* common header: ports, tag, CRC32c */
#define KLB_SCTP_TAG_AT		4
#define KLB_SCTP_CRC_AT		8
#define KLB_SCTP_INIT_LEN	20	/* INIT, INIT ACK without parameters */

/* Addresses that one end of an association may have, at most. */
#define KLB_SCTP_ADDRS_MAX	8

/* CRC32c as a register, without the inversions at both ends. */
u32 klb_crc32c(u32 crc, const u8 *data, u32 len);
/* What a change of the first four bytes by @diff (xor, as they lie in memory)
 * does to the CRC of @len bytes: to be applied by xor to the checksum as it
 * stands in the header. A CRC is linear, so nothing else has to be read, and
 * what was wrong stays wrong.
 */
__le32 klb_crc32c_delta(u32 diff, u32 len);
/* The checksum of a packet, whose own field is taken for 0. */
__le32 klb_sctp_checksum(const u8 *packet, u32 len);

/* What a packet is to the state machine: its strongest chunk. */
enum klb_sctp_event {
	KLB_SCTP_OTHER,		/* DATA and all that says nothing of states */
	KLB_SCTP_SHUTDOWN,
	KLB_SCTP_SHUTDOWN_ACK,
	KLB_SCTP_COOKIE_ACK,
	KLB_SCTP_COOKIE_ECHO,
	KLB_SCTP_INIT_ACK,
	KLB_SCTP_INIT,
	KLB_SCTP_SHUTDOWN_COMPLETE,
	KLB_SCTP_ABORT,
	KLB_SCTP_EVENTS
};

/* What is read of a packet. Tags are compared only: as on the wire. */
struct klb_sctp_look {
	u32 tag;		/* verification tag */
	u32 init_tag;		/* initiate tag, of INIT and INIT ACK */
	u16 chunk_len;		/* likewise, without padding */
	u8 event;		/* enum klb_sctp_event */
	bool reflected;		/* T bit of ABORT and SHUTDOWN COMPLETE */
	bool heartbeat;		/* begins with HEARTBEAT */
	bool heartbeat_ack;	/* begins with HEARTBEAT ACK */
};

/* A packet and how to read it. */
struct klb_sctp_packet {
	const void *packet;
	/* @len bytes at offset @at, perhaps copied to @room; NULL: it ends
	 * before.
	 */
	const void *(*peek)(const void *packet, unsigned int at,
			    unsigned int len, void *room);
};

/* Reads the packet whose common header is at @at and that ends at @end. False:
 * it is malformed.
 */
bool klb_sctp_read(struct klb_sctp_look *look, const struct klb_sctp_packet *p,
		   unsigned int at, unsigned int end);

/* Tags that an INIT and its INIT ACK have proposed, of packets by direction. */
struct klb_sctp_offer {
	u32 tag[2];		/* [enum klb_dir], 0: not known */
	u8 echoed;		/* bit of who sent the COOKIE ECHO */
};

/* INITs are sent again, INIT ACKs too and each with another tag, and anybody
 * can send an INIT: so several are remembered.
 */
#define KLB_SCTP_OFFERS	4

struct klb_sctp_tags {
	u32 tag[2];		/* [enum klb_dir], 0: not known */
	struct klb_sctp_offer offer[KLB_SCTP_OFFERS];
	u8 next;		/* the offer that is given up next */
};

/* State of a connection that begins with a packet of the client, 0: none does.
 * @tags is all zero before.
 */
u8 klb_sctp_first(struct klb_sctp_tags *tags, const struct klb_sctp_look *look);

/* What a later packet does. False: its tag is wrong, it did nothing. */
bool klb_sctp_next(struct klb_sctp_tags *tags, u8 *state, enum klb_dir dir,
		   const struct klb_sctp_look *look);

/* The same where the client's packets are seen alone. */
bool klb_sctp_next_alone(struct klb_sctp_tags *tags, u8 *state,
			 enum klb_dir dir, const struct klb_sctp_look *look);

/* Whether an INIT from the client in @state begins anew, with a new choice. */
bool klb_sctp_reopens(u8 state);

/* As klb_conn_timeout(). */
u32 klb_sctp_timeout(u8 state, u32 established);
/* The same where the client's packets are seen alone. */
u32 klb_sctp_timeout_alone(u8 state, u32 established);

#endif

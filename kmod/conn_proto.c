// SPDX-License-Identifier: GPL-2.0
#include "conn_proto.h"

/* What a segment is to the state machine: its strongest flag. */
enum klb_tcp_event {
	SEG_SYN,
	SEG_SYNACK,
	SEG_FIN,
	SEG_ACK,
	SEG_RST,
	SEG_NONE,
	SEG_COUNT
};

#define UR KLB_CONN_STATE_UNREPLIED	/* the first two are not TCP's */
#define RE KLB_CONN_STATE_REPLIED
#define SS KLB_CONN_STATE_SYN_SENT	/* client's SYN seen */
#define SR KLB_CONN_STATE_SYN_RECV	/* endpoint's SYN seen */
#define ES KLB_CONN_STATE_ESTABLISHED	/* client has answered it */
#define FW KLB_CONN_STATE_FIN_WAIT	/* first FIN seen */
#define CW KLB_CONN_STATE_CLOSE_WAIT	/* ACK seen after it */
#define LA KLB_CONN_STATE_LAST_ACK	/* FIN seen after a FIN */
#define TW KLB_CONN_STATE_TIME_WAIT	/* ACK seen after that */
#define CL KLB_CONN_STATE_CLOSE		/* RST seen */
#define KLB_STATES (KLB_CONN_STATE_CLOSE + 1)

/* The states are nf_conntrack's and so is most of what leads from one to the
 * other (tcp_conntracks in nf_conntrack_proto_tcp.c), as are its shortcuts:
 * no sequence numbers, and nobody remembers who sent the first FIN, so that
 * one sent again counts as the second. The price is a shorter timeout for a
 * connection that is closing anyway. What is wrong here never stops a
 * segment; it decides only how long the connection is remembered and whether
 * a SYN starts a new one. Where this table differs:
 *
 * SYN from the client in LA: both ends have said that they are done, so a
 *	client that comes back is not held up by a last ACK that got lost.
 *	In FW and CW one end may still send for long, and in SR and ES both:
 *	there the SYN goes to the old endpoint. One that still knows the
 *	connection answers with a challenge ACK (RFC 5961, section 4), the
 *	client with a RST, and the SYN sent again a second later finds CL.
 * SYN-ACK from the endpoint in FW and CW: so it did not know the connection
 *	any more and has accepted a new one from the same port.
 * ACK or FIN from the endpoint in SS: it knows the connection, which klb has
 *	seen from the middle on.
 * SYN from the endpoint in SS: simultaneous open. SR stands for it, and the
 *	client's SYN-ACK is the ACK that ends the handshake.
 */
static const u8 klb_tcp_table[2][SEG_COUNT][KLB_STATES] = {
	[KLB_DIR_ORIG] = {
		/* in:	         UR  RE  SS  SR  ES  FW  CW  LA  TW  CL */
		[SEG_SYN]    = { UR, RE, SS, SR, ES, FW, CW, SS, SS, SS },
		[SEG_SYNACK] = { UR, RE, SS, ES, ES, FW, CW, LA, TW, CL },
		[SEG_FIN]    = { UR, RE, SS, FW, FW, LA, LA, LA, TW, CL },
		[SEG_ACK]    = { UR, RE, SS, ES, ES, CW, CW, TW, TW, CL },
		[SEG_RST]    = { UR, RE, CL, CL, CL, CL, CL, CL, CL, CL },
		[SEG_NONE]   = { UR, RE, SS, SR, ES, FW, CW, LA, TW, CL },
	},
	[KLB_DIR_REPLY] = {
		/* in:	         UR  RE  SS  SR  ES  FW  CW  LA  TW  CL */
		[SEG_SYN]    = { UR, RE, SR, SR, ES, FW, CW, LA, TW, CL },
		[SEG_SYNACK] = { UR, RE, SR, SR, ES, SR, SR, LA, TW, CL },
		[SEG_FIN]    = { UR, RE, FW, FW, FW, LA, LA, LA, TW, CL },
		[SEG_ACK]    = { UR, RE, ES, SR, ES, CW, CW, TW, TW, CL },
		[SEG_RST]    = { UR, RE, CL, CL, CL, CL, CL, CL, CL, CL },
		[SEG_NONE]   = { UR, RE, SS, SR, ES, FW, CW, LA, TW, CL },
	},
};

/* Of the first segment, which comes from a client that klb may have missed
 * the beginning of: it was loaded or given the connection in mid-stream. Such
 * a one is established when the endpoint has answered, and only then kept for
 * long: anybody can send an ACK.
 */
static const u8 klb_tcp_start[SEG_COUNT] = {
	[SEG_SYN]    = SS,
	[SEG_SYNACK] = CL,	/* no client begins so: let it go soon */
	[SEG_FIN]    = FW,
	[SEG_ACK]    = SS,
	[SEG_RST]    = CL,
	[SEG_NONE]   = CL,
};

/* In seconds: the defaults of nf_conntrack but for established TCP, which it
 * keeps for five days.
 */
static const u32 klb_timeouts[KLB_STATES] = {
	[UR] = KLB_UNREPLIED_TIMEOUT,
	[RE] = 120,
	[SS] = 120,
	[SR] = 60,
	[ES] = 86400,
	[FW] = 120,
	[CW] = 60,
	[LA] = 30,
	[TW] = 120,
	[CL] = 10,
};

static enum klb_tcp_event klb_tcp_event(u8 flags)
{
	if (flags & KLB_TCP_RST)
		return SEG_RST;
	if (flags & KLB_TCP_SYN)
		return flags & KLB_TCP_ACK ? SEG_SYNACK : SEG_SYN;
	if (flags & KLB_TCP_FIN)
		return SEG_FIN;
	return flags & KLB_TCP_ACK ? SEG_ACK : SEG_NONE;
}

/**
 * klb_tcp_next() - state after a segment
 * @state: before it, enum klb_conn_state; those of UDP are left alone
 * @dir: who sent it
 * @flags: byte 13 of its TCP header; of RST, SYN, FIN and ACK the first that
 *	   is set counts, but SYN with ACK is a thing of its own
 *
 * Return: the new state, or @state where the segment changes nothing. A SYN
 * on a connection that klb_tcp_reopens() makes SYN_SENT of it.
 */
u8 klb_tcp_next(u8 state, enum klb_dir dir, u8 flags)
{
	return klb_tcp_table[dir][klb_tcp_event(flags)][state];
}

/**
 * klb_tcp_first() - state of a new connection
 * @flags: byte 13 of the TCP header of its first segment, from the client
 *
 * Return: enum klb_conn_state; what cannot begin a connection gives CLOSE,
 * the state that is forgotten first.
 */
u8 klb_tcp_first(u8 flags)
{
	return klb_tcp_start[klb_tcp_event(flags)];
}

/**
 * klb_tcp_reopens() - whether a client may start anew on a connection
 * @state: of the connection, enum klb_conn_state
 *
 * A client may use a port again as soon as the old connection is over for
 * it: RFC 9293, section 3.6.1, for TIME_WAIT, and RFC 6191. The other states
 * are argued at klb_tcp_table.
 *
 * Return: true if a SYN from the client (without ACK, RST) is the beginning
 * of a new connection rather than a part of this one.
 */
bool klb_tcp_reopens(u8 state)
{
	return state != SS &&
	       klb_tcp_next(state, KLB_DIR_ORIG, KLB_TCP_SYN) == SS;
}

/**
 * klb_conn_timeout() - how long a silent connection is remembered
 * @proto: IPPROTO_TCP or IPPROTO_UDP; no two protocols share a state, so it
 *	   decides nothing as yet
 * @state: enum klb_conn_state
 * @established: seconds for ESTABLISHED and REPLIED, 0: the default
 *
 * Return: seconds since the last packet, never 0.
 */
u32 klb_conn_timeout(u8 proto, u8 state, u32 established)
{
	if (established && (state == ES || state == RE))
		return established;
	return klb_timeouts[state];
}

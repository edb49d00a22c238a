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
#define RP KLB_CONN_STATE_REPLIED
#define SS KLB_CONN_STATE_SYN_SENT	/* client's SYN seen */
#define SR KLB_CONN_STATE_SYN_RECV	/* endpoint's SYN seen */
#define ES KLB_CONN_STATE_ESTABLISHED	/* client has answered it */
#define FC KLB_CONN_STATE_FIN_WAIT	/* client's FIN seen */
#define FE KLB_TCP_FIN_WAIT_BACK	/* endpoint's FIN seen */
#define CC KLB_CONN_STATE_CLOSE_WAIT	/* and the endpoint's ACK after it */
#define CE KLB_TCP_CLOSE_WAIT_BACK	/* and the client's ACK after it */
#define LA KLB_CONN_STATE_LAST_ACK	/* FIN of both seen */
#define TW KLB_CONN_STATE_TIME_WAIT	/* ACK seen after that */
#define XC KLB_TCP_RESET		/* client's RST seen */
#define XE KLB_TCP_RESET_BACK		/* endpoint's RST seen */
#define CL KLB_CONN_STATE_CLOSE		/* RST seen, and no doubt about it */

/* The states are nf_conntrack's and so is most of what leads from one to the
 * other (tcp_conntracks in nf_conntrack_proto_tcp.c). There are no sequence
 * numbers, so a FIN or a RST may be one that the receiver ignores: anybody
 * may have sent it who knows the addresses and ports. What is wrong here never
 * stops a segment; it decides only how long the connection is remembered and
 * whether a SYN starts a new one. So what one side sends must not make klb
 * forget a connection that the other side still has:
 *
 * - It is remembered who sent the first FIN. One sent again is not the
 *   other's, and an ACK of the sender acknowledges nothing.
 * - After a RST in a connection its sender has nothing more to say, but
 *   RSTs. What else comes from there says that the RST was forged or ignored
 *   (by RFC 5961, section 3), and brings the connection back. Until then it
 *   is kept as long as one in TIME_WAIT, counted from the last packet of
 *   either side. A SYN goes to the old endpoint: if that has seen the RST too it
 *   answers as any other would, if not the connection is alive.
 *
 * Where the table differs otherwise:
 *
 * SYN from the client in LA: both ends have said that they are done, so a
 *	client that comes back is not held up by a last ACK that got lost.
 *	In FC to CE one end may still send for long, and in SR and ES both:
 *	there the SYN goes to the old endpoint. One that still knows the
 *	connection answers with a challenge ACK (RFC 5961, section 4), the
 *	client with a RST, and the SYN sent again a second later is answered.
 * SYN-ACK from the endpoint in FC to CE, XC and XE: so it did not know the
 *	connection any more and has accepted a new one from the same port.
 * ACK or FIN from the endpoint in SS: it knows the connection, which klb has
 *	seen from the middle on.
 * SYN from the endpoint in SS: simultaneous open. SR stands for it, and the
 *	client's SYN-ACK is the ACK that ends the handshake.
 */
#define FROM_CLIENT KLB_DIR_ORIG
#define FROM_ENDPOINT KLB_DIR_REPLY

static const u8 klb_tcp_table[2][KLB_STATES][SEG_COUNT] = {
	[FROM_CLIENT] = {
		/*	 SYN SYNACK FIN ACK RST none */
		[UR] = { UR, UR, UR, UR, UR, UR },
		[RP] = { RP, RP, RP, RP, RP, RP },
		[SS] = { SS, SS, SS, SS, CL, SS },
		[SR] = { SR, ES, FC, ES, CL, SR },
		[ES] = { ES, ES, FC, ES, XC, ES },
		[FC] = { FC, FC, FC, FC, XC, FC },
		[FE] = { FE, FE, LA, CE, XC, FE },
		[CC] = { CC, CC, CC, CC, XC, CC },
		[CE] = { CE, CE, LA, CE, XC, CE },
		[LA] = { SS, LA, LA, TW, CL, LA },
		[TW] = { SS, TW, TW, TW, CL, TW },
		[XC] = { XC, XC, FC, ES, XC, XC },
		[XE] = { XE, XE, XE, XE, CL, XE },
		[CL] = { SS, CL, CL, CL, CL, CL },
	},
	[FROM_ENDPOINT] = {
		/*	 SYN SYNACK FIN ACK RST none */
		[UR] = { UR, UR, UR, UR, UR, UR },
		[RP] = { RP, RP, RP, RP, RP, RP },
		[SS] = { SR, SR, FE, ES, CL, SS },
		[SR] = { SR, SR, FE, SR, CL, SR },
		[ES] = { ES, ES, FE, ES, XE, ES },
		[FC] = { FC, SR, LA, CC, XE, FC },
		[FE] = { FE, SR, FE, FE, XE, FE },
		[CC] = { CC, SR, LA, CC, XE, CC },
		[CE] = { CE, SR, CE, CE, XE, CE },
		[LA] = { LA, LA, LA, TW, CL, LA },
		[TW] = { TW, TW, TW, TW, CL, TW },
		[XC] = { XC, SR, XC, XC, CL, XC },
		[XE] = { XE, SR, FE, ES, CL, XE },
		[CL] = { CL, CL, CL, CL, CL, CL },
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
	[SEG_FIN]    = FC,
	[SEG_ACK]    = SS,
	[SEG_RST]    = CL,
	[SEG_NONE]   = CL,
};

/* In seconds: the defaults of nf_conntrack but for established TCP, which it
 * keeps for five days, and for one end that has closed: the other may take its
 * time to answer, and kube-proxy allows it an hour.
 */
static const u32 klb_timeouts[KLB_STATES] = {
	[UR] = KLB_UNREPLIED_TIMEOUT,
	[RP] = 120,
	[SS] = 120,
	[SR] = 60,
	[ES] = 86400,
	[FC] = 120,
	[FE] = 120,
	[CC] = 3600,
	[CE] = 3600,
	[LA] = 30,
	[TW] = 120,
	[XC] = 120,
	[XE] = 120,
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
	return klb_tcp_table[dir][state][klb_tcp_event(flags)];
}

/**
 * klb_tcp_next_alone() - state after a segment where only the client is seen
 * @state: before it, enum klb_conn_state
 * @flags: byte 13 of its TCP header
 *
 * An ACK after the SYN says that the endpoint has answered. A FIN is the last
 * that is certain: the endpoint's own may be long past when the client comes
 * back from the same port, so that counts as a new connection from then on.
 * Answers that klb happens to see are klb_tcp_next()'s, with the same states.
 *
 * Return: the new state, or @state where the segment changes nothing.
 */
u8 klb_tcp_next_alone(u8 state, u8 flags)
{
	enum klb_tcp_event event = klb_tcp_event(flags);
	u8 next = klb_tcp_table[KLB_DIR_ORIG][state][event];

	if (event == SEG_ACK && state == SS)
		next = ES;
	else if (event == SEG_FIN && next != XE && next != CL && state >= SS)
		next = TW;
	return next == FC ? TW : next;
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
 * @state: of the connection
 * @serving: whether its endpoint is there to answer
 *
 * A client may use a port again as soon as the old connection is over for
 * it: RFC 9293, section 3.6.1, for TIME_WAIT, and RFC 6191. The other states
 * are argued at klb_tcp_table. Where it is not known whether there is, or still is, a
 * connection, a SYN does not wait for an endpoint that is gone.
 *
 * Return: true if a SYN from the client (without ACK, RST) is the beginning
 * of a new connection rather than a part of this one.
 */
bool klb_tcp_reopens(u8 state, bool serving)
{
	if (state == SS || state == XC || state == XE)
		return !serving;
	return klb_tcp_next(state, KLB_DIR_ORIG, KLB_TCP_SYN) == SS;
}

/**
 * klb_conn_state_shown() - a state as others know it
 * @state: of a connection
 *
 * Return: enum klb_conn_state
 */
u8 klb_conn_state_shown(u8 state)
{
	switch (state) {
	case FE:
		return KLB_CONN_STATE_FIN_WAIT;
	case CE:
		return KLB_CONN_STATE_CLOSE_WAIT;
	case XC:
	case XE:
		return KLB_CONN_STATE_CLOSE;
	default:
		return state;
	}
}

bool klb_conn_over(u8 state)
{
	return state == LA || state == TW || state == XC || state == XE ||
	       state == CL;
}

/**
 * klb_conn_makes_way() - whether a full table can do without a connection
 * @state: of the connection
 *
 * One that is begun and not yet both answered and heard of again: anybody can
 * make those, with any address. And one that both ends know to be over. Not
 * one that was reset, which may be alive (see klb_tcp_table).
 *
 * Return: true if so.
 */
bool klb_conn_makes_way(u8 state)
{
	switch (state) {
	case UR:
	case SS:
	case SR:
	case TW:
	case CL:
	case KLB_CONN_STATE_COOKIE_WAIT:
	case KLB_CONN_STATE_COOKIE_ECHOED:
		return true;
	default:
		return false;
	}
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
	if (established && (state == ES || state == RP))
		return established;
	return klb_timeouts[state];
}

/**
 * klb_conn_timeout_alone() - the same where only the client is seen
 * @proto: IPPROTO_TCP or IPPROTO_UDP
 * @state: enum klb_conn_state
 * @established: seconds for ESTABLISHED and REPLIED, 0: the default
 *
 * Anybody can send a SYN and an ACK, which is all that is known of an
 * established connection. Its endpoint is found by Maglev again when it comes
 * back after a longer silence; IPVS forgets it as soon.
 *
 * Return: seconds since the last packet, never 0.
 */
u32 klb_conn_timeout_alone(u8 proto, u8 state, u32 established)
{
	if (state == ES && !established)
		return KLB_ALONE_TIMEOUT;
	return klb_conn_timeout(proto, state, established);
}

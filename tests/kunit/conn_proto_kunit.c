// SPDX-License-Identifier: GPL-2.0
/* Protocol state machines: whole conversations, and rules that hold for all
 * states and segments.
 */
#include <kunit/test.h>
#include <linux/in.h>
#include <linux/module.h>

#include "../../kmod/conn_proto.c"

#define FIN	KLB_TCP_FIN
#define SYN	KLB_TCP_SYN
#define RST	KLB_TCP_RST
#define ACK	KLB_TCP_ACK
#define PSH	0x08
#define URG	0x20
#define ECE	0x40
#define CWR	0x80

#define SEGMENTS_MAX	12

/* A segment from the client or the endpoint, and the state shown after it. State 0,
 * which TCP does not have, ends a conversation.
 */
struct segment {
	u8 dir, flags, state;
};

#define CLIENT(f, s)	{ KLB_DIR_ORIG, (f), KLB_CONN_STATE_##s }
#define ENDPOINT(f, s)	{ KLB_DIR_REPLY, (f), KLB_CONN_STATE_##s }

static const struct segment handshake[] = {
	CLIENT(SYN, SYN_SENT),
	ENDPOINT(SYN | ACK, SYN_RECV),
	CLIENT(ACK, ESTABLISHED),
};

static const struct talk {
	const char *name;
	bool open;	/* begins after a handshake */
	struct segment seg[SEGMENTS_MAX];
} talks[] = {
	{ "handshake and data", true, {
		CLIENT(PSH | ACK, ESTABLISHED),
		ENDPOINT(ACK, ESTABLISHED),
		ENDPOINT(PSH | ACK, ESTABLISHED),
		CLIENT(ACK, ESTABLISHED),
	} },
	{ "handshake with ECN", false, {
		CLIENT(SYN | ECE | CWR, SYN_SENT),
		ENDPOINT(SYN | ACK | ECE, SYN_RECV),
		CLIENT(ACK, ESTABLISHED),
		CLIENT(PSH | ACK | CWR, ESTABLISHED),
	} },
	{ "handshake ends with data", false, {
		CLIENT(SYN, SYN_SENT),
		ENDPOINT(SYN | ACK, SYN_RECV),
		CLIENT(PSH | ACK, ESTABLISHED),
	} },
	{ "SYN sent again", false, {
		CLIENT(SYN, SYN_SENT),
		CLIENT(SYN, SYN_SENT),
		CLIENT(SYN, SYN_SENT),
		ENDPOINT(SYN | ACK, SYN_RECV),
		CLIENT(ACK, ESTABLISHED),
	} },
	{ "SYN-ACK lost, both sent again", false, {
		CLIENT(SYN, SYN_SENT),
		ENDPOINT(SYN | ACK, SYN_RECV),
		ENDPOINT(SYN | ACK, SYN_RECV),
		CLIENT(SYN, SYN_RECV),
		ENDPOINT(SYN | ACK, SYN_RECV),
		CLIENT(ACK, ESTABLISHED),
	} },
	{ "ACK of the handshake lost behind klb", true, {
		ENDPOINT(SYN | ACK, ESTABLISHED),
		CLIENT(ACK, ESTABLISHED),
		CLIENT(SYN, ESTABLISHED),
	} },
	{ "simultaneous open", false, {
		CLIENT(SYN, SYN_SENT),
		ENDPOINT(SYN, SYN_RECV),
		CLIENT(SYN | ACK, ESTABLISHED),
		ENDPOINT(SYN | ACK, ESTABLISHED),
		CLIENT(ACK, ESTABLISHED),
	} },
	{ "simultaneous open, endpoint answers first", false, {
		CLIENT(SYN, SYN_SENT),
		ENDPOINT(SYN, SYN_RECV),
		ENDPOINT(SYN | ACK, SYN_RECV),
		CLIENT(SYN | ACK, ESTABLISHED),
	} },
	{ "client closes first", true, {
		CLIENT(FIN | ACK, FIN_WAIT),
		ENDPOINT(ACK, CLOSE_WAIT),
		ENDPOINT(FIN | ACK, LAST_ACK),
		CLIENT(ACK, TIME_WAIT),
	} },
	{ "endpoint closes first", true, {
		ENDPOINT(FIN | ACK, FIN_WAIT),
		CLIENT(ACK, CLOSE_WAIT),
		CLIENT(FIN | ACK, LAST_ACK),
		ENDPOINT(ACK, TIME_WAIT),
	} },
	{ "FIN answered by FIN-ACK", true, {
		CLIENT(FIN | ACK, FIN_WAIT),
		ENDPOINT(FIN | ACK, LAST_ACK),
		CLIENT(ACK, TIME_WAIT),
	} },
	{ "simultaneous close", true, {
		CLIENT(FIN | ACK, FIN_WAIT),
		ENDPOINT(FIN | ACK, LAST_ACK),
		ENDPOINT(ACK, TIME_WAIT),
		CLIENT(ACK, TIME_WAIT),
	} },
	{ "half closed: the answer comes after the FIN", true, {
		CLIENT(PSH | FIN | ACK, FIN_WAIT),
		ENDPOINT(ACK, CLOSE_WAIT),
		ENDPOINT(PSH | ACK, CLOSE_WAIT),
		CLIENT(ACK, CLOSE_WAIT),
		ENDPOINT(PSH | FIN | ACK, LAST_ACK),
		CLIENT(ACK, TIME_WAIT),
	} },
	{ "last ACK lost, FIN and ACK sent again", true, {
		CLIENT(FIN | ACK, FIN_WAIT),
		ENDPOINT(FIN | ACK, LAST_ACK),
		ENDPOINT(FIN | ACK, LAST_ACK),
		CLIENT(ACK, TIME_WAIT),
		ENDPOINT(FIN | ACK, TIME_WAIT),
		CLIENT(ACK, TIME_WAIT),
	} },
	{ "FIN straight after the SYN-ACK", false, {
		CLIENT(SYN, SYN_SENT),
		ENDPOINT(SYN | ACK, SYN_RECV),
		CLIENT(FIN | ACK, FIN_WAIT),
		ENDPOINT(FIN | ACK, LAST_ACK),
		CLIENT(ACK, TIME_WAIT),
	} },
	{ "port closed", false, {
		CLIENT(SYN, SYN_SENT),
		ENDPOINT(RST | ACK, CLOSE),
	} },
	{ "client gives up", false, {
		CLIENT(SYN, SYN_SENT),
		ENDPOINT(SYN | ACK, SYN_RECV),
		CLIENT(RST, CLOSE),
		ENDPOINT(SYN | ACK, CLOSE),
	} },
	{ "client aborts", true, {
		CLIENT(RST | ACK, CLOSE),
		ENDPOINT(PSH | ACK, CLOSE),
		CLIENT(RST, CLOSE),
	} },
	{ "endpoint aborts", true, {
		ENDPOINT(RST, CLOSE),
		CLIENT(ACK, CLOSE),
		ENDPOINT(RST, CLOSE),
	} },
	{ "endpoint aborts, client's segments are under way", true, {
		ENDPOINT(RST, CLOSE),
		CLIENT(PSH | ACK, CLOSE),
		CLIENT(FIN | ACK, CLOSE),
		ENDPOINT(RST, CLOSE),
		CLIENT(SYN, SYN_SENT),
	} },
	{ "RST of the client that nobody believes", true, {
		CLIENT(RST, CLOSE),
		ENDPOINT(PSH | ACK, CLOSE),
		CLIENT(ACK, ESTABLISHED),
		CLIENT(RST, CLOSE),
		CLIENT(PSH | ACK, ESTABLISHED),
	} },
	{ "RST of the endpoint that nobody believes", true, {
		ENDPOINT(RST, CLOSE),
		CLIENT(PSH | ACK, CLOSE),
		ENDPOINT(ACK, ESTABLISHED),
	} },
	{ "RST and SYN that nobody believes", true, {
		CLIENT(RST, CLOSE),
		CLIENT(SYN, CLOSE),
		ENDPOINT(ACK, CLOSE),
		CLIENT(ACK, ESTABLISHED),
	} },
	{ "RST that nobody believes, then closed", true, {
		CLIENT(RST, CLOSE),
		CLIENT(FIN | ACK, FIN_WAIT),
		ENDPOINT(FIN | ACK, LAST_ACK),
		CLIENT(ACK, TIME_WAIT),
	} },
	{ "FIN and RST that nobody believes", true, {
		CLIENT(FIN | ACK, FIN_WAIT),
		ENDPOINT(ACK, CLOSE_WAIT),
		CLIENT(RST, CLOSE),
		CLIENT(SYN, CLOSE),
		CLIENT(PSH | ACK, ESTABLISHED),
	} },
	{ "FINs of one end are not the other's", true, {
		CLIENT(FIN | ACK, FIN_WAIT),
		CLIENT(FIN | ACK, FIN_WAIT),
		CLIENT(PSH | ACK, FIN_WAIT),
		ENDPOINT(ACK, CLOSE_WAIT),
		CLIENT(FIN | ACK, CLOSE_WAIT),
		CLIENT(PSH | ACK, CLOSE_WAIT),
		ENDPOINT(PSH | FIN | ACK, LAST_ACK),
	} },
	{ "nor the endpoint's the client's", true, {
		ENDPOINT(FIN | ACK, FIN_WAIT),
		ENDPOINT(FIN | ACK, FIN_WAIT),
		ENDPOINT(ACK, FIN_WAIT),
		CLIENT(ACK, CLOSE_WAIT),
		ENDPOINT(FIN | ACK, CLOSE_WAIT),
		CLIENT(PSH | ACK, CLOSE_WAIT),
		CLIENT(FIN | ACK, LAST_ACK),
		ENDPOINT(ACK, TIME_WAIT),
	} },
	{ "RST while closing", true, {
		CLIENT(FIN | ACK, FIN_WAIT),
		ENDPOINT(RST | ACK, CLOSE),
	} },
	{ "port used again in TIME_WAIT", true, {
		CLIENT(FIN | ACK, FIN_WAIT),
		ENDPOINT(FIN | ACK, LAST_ACK),
		CLIENT(ACK, TIME_WAIT),
		CLIENT(SYN, SYN_SENT),
		ENDPOINT(SYN | ACK, SYN_RECV),
		CLIENT(ACK, ESTABLISHED),
	} },
	{ "port used again after the last ACK was lost", true, {
		ENDPOINT(FIN | ACK, FIN_WAIT),
		CLIENT(FIN | ACK, LAST_ACK),
		CLIENT(SYN, SYN_SENT),
	} },
	{ "port used again after RST", false, {
		CLIENT(SYN, SYN_SENT),
		ENDPOINT(RST | ACK, CLOSE),
		CLIENT(SYN, SYN_SENT),
	} },
	{ "client crashed, endpoint knows the old connection", true, {
		CLIENT(SYN, ESTABLISHED),
		ENDPOINT(ACK, ESTABLISHED),
		CLIENT(RST, CLOSE),
		CLIENT(SYN, CLOSE),
		ENDPOINT(SYN | ACK, SYN_RECV),
		CLIENT(ACK, ESTABLISHED),
	} },
	{ "both crashed", true, {
		CLIENT(SYN, ESTABLISHED),
		ENDPOINT(SYN | ACK, ESTABLISHED),
		CLIENT(ACK, ESTABLISHED),
	} },
	{ "port used again while half closed, endpoint has forgotten", true, {
		CLIENT(FIN | ACK, FIN_WAIT),
		ENDPOINT(ACK, CLOSE_WAIT),
		CLIENT(SYN, CLOSE_WAIT),
		ENDPOINT(SYN | ACK, SYN_RECV),
		CLIENT(ACK, ESTABLISHED),
	} },
	{ "picked up in mid-stream", false, {
		CLIENT(PSH | ACK, SYN_SENT),
		CLIENT(PSH | ACK, SYN_SENT),
		ENDPOINT(ACK, ESTABLISHED),
		CLIENT(FIN | ACK, FIN_WAIT),
	} },
	{ "picked up in mid-stream, endpoint closes", false, {
		CLIENT(ACK, SYN_SENT),
		ENDPOINT(FIN | ACK, FIN_WAIT),
		CLIENT(FIN | ACK, LAST_ACK),
	} },
	{ "picked up, endpoint knows nothing of it", false, {
		CLIENT(ACK, SYN_SENT),
		ENDPOINT(RST, CLOSE),
	} },
	{ "picked up at the FIN", false, {
		CLIENT(FIN | ACK, FIN_WAIT),
		ENDPOINT(FIN | ACK, LAST_ACK),
		CLIENT(ACK, TIME_WAIT),
	} },
	{ "begins with a SYN-ACK", false, {
		CLIENT(SYN | ACK, CLOSE),
		ENDPOINT(RST, CLOSE),
	} },
	{ "begins with a RST", false, { CLIENT(RST, CLOSE) } },
	{ "begins with nothing", false, { CLIENT(0, CLOSE) } },
	{ "begins with PSH and URG", false, { CLIENT(PSH | URG, CLOSE) } },
	{ "Christmas tree", false, { CLIENT(0xff, CLOSE) } },
	{ "SYN and FIN at once", false, {
		CLIENT(SYN | FIN, SYN_SENT),
		CLIENT(SYN | FIN, SYN_SENT),
	} },
	{ "out of turn: segments before the endpoint has answered", false, {
		CLIENT(SYN, SYN_SENT),
		CLIENT(ACK, SYN_SENT),
		CLIENT(FIN | ACK, SYN_SENT),
		CLIENT(SYN | ACK, SYN_SENT),
	} },
	{ "client comes back after its RST", true, {
		CLIENT(RST | ACK, CLOSE),
		CLIENT(SYN, CLOSE),
		ENDPOINT(SYN | ACK, SYN_RECV),
		CLIENT(ACK, ESTABLISHED),
	} },
	{ "client comes back, and nobody listens any more", true, {
		CLIENT(RST | ACK, CLOSE),
		CLIENT(SYN, CLOSE),
		ENDPOINT(RST | ACK, CLOSE),
		CLIENT(SYN, SYN_SENT),
	} },
	{ "fresh SYN answered by a challenge ACK", false, {
		CLIENT(SYN, SYN_SENT),
		ENDPOINT(ACK, ESTABLISHED),
		CLIENT(RST, CLOSE),
		CLIENT(SYN, CLOSE),
		ENDPOINT(SYN | ACK, SYN_RECV),
	} },
};

KUNIT_ARRAY_PARAM_DESC(talk, talks, name);

/* Goes on from @state with segments up to the one of state 0. */
static u8 talk_on(struct kunit *test, u8 state, const struct segment *s, int n)
{
	int i;

	for (i = 0; i < n && s[i].state; i++) {
		state = klb_tcp_next(state, s[i].dir, s[i].flags);
		KUNIT_EXPECT_EQ_MSG(test, klb_conn_state_shown(state),
				    s[i].state, "segment %d", i);
	}
	return state;
}

static void conversation(struct kunit *test)
{
	const struct talk *talk = test->param_value;
	const struct segment *first = talk->open ? handshake : talk->seg;
	u8 state = klb_tcp_first(first->flags);

	KUNIT_EXPECT_EQ(test, first->dir, KLB_DIR_ORIG);
	KUNIT_EXPECT_EQ(test, state, first->state);
	if (talk->open)
		state = talk_on(test, state, handshake + 1,
				ARRAY_SIZE(handshake) - 1);
	talk_on(test, state, talk->seg + !talk->open,
		SEGMENTS_MAX - !talk->open);
}

/* ---- only the client is seen ---- */

static const struct segment alone[][SEGMENTS_MAX] = {
	{
		CLIENT(SYN, SYN_SENT),
		CLIENT(SYN, SYN_SENT),
		CLIENT(ACK, ESTABLISHED),
		CLIENT(SYN, ESTABLISHED),
		CLIENT(PSH | ACK, ESTABLISHED),
		CLIENT(FIN | ACK, TIME_WAIT),
		CLIENT(ACK, TIME_WAIT),
		CLIENT(SYN, SYN_SENT),
		CLIENT(RST, CLOSE),
		CLIENT(ACK, CLOSE),
		CLIENT(SYN, SYN_SENT),
	}, {	/* picked up in mid-stream */
		CLIENT(ACK, SYN_SENT),
		CLIENT(ACK, ESTABLISHED),
	}, {
		CLIENT(SYN, SYN_SENT),
		CLIENT(FIN | ACK, TIME_WAIT),
		CLIENT(FIN | ACK, TIME_WAIT),
	},
};

static void client_alone(struct kunit *test)
{
	const struct segment *s;
	u8 state;
	int i;

	for (i = 0; i < ARRAY_SIZE(alone); i++) {
		s = alone[i];
		state = klb_tcp_first(s->flags);
		KUNIT_EXPECT_EQ(test, state, s->state);
		for (s++; s < alone[i] + SEGMENTS_MAX && s->state; s++) {
			state = klb_tcp_next_alone(state, s->flags);
			KUNIT_EXPECT_EQ_MSG(test, state, s->state,
					    "segment %d of talk %d",
					    (int)(s - alone[i]), i);
		}
	}
}

/* ---- rules ---- */

static const u8 tcp_states[] = {
	KLB_CONN_STATE_SYN_SENT, KLB_CONN_STATE_SYN_RECV,
	KLB_CONN_STATE_ESTABLISHED, KLB_CONN_STATE_FIN_WAIT,
	KLB_CONN_STATE_CLOSE_WAIT, KLB_CONN_STATE_LAST_ACK,
	KLB_CONN_STATE_TIME_WAIT, KLB_CONN_STATE_CLOSE,
	KLB_TCP_FIN_WAIT_BACK, KLB_TCP_CLOSE_WAIT_BACK,
	KLB_TCP_RESET, KLB_TCP_RESET_BACK,
};

static bool is_tcp_state(u8 state)
{
	return memchr(tcp_states, state, sizeof(tcp_states));
}

/* Calls @rule for every state, direction and set of flags. */
static void for_all(struct kunit *test,
		    void (*rule)(struct kunit *test, u8 state, u8 dir, u8 flags,
				 u8 next))
{
	int i, dir, flags;

	for (i = 0; i < ARRAY_SIZE(tcp_states); i++)
		for (dir = 0; dir < 2; dir++)
			for (flags = 0; flags < 256; flags++)
				rule(test, tcp_states[i], dir, flags,
				     klb_tcp_next(tcp_states[i], dir, flags));
}

static void rule_sane(struct kunit *test, u8 state, u8 dir, u8 flags, u8 next)
{
	u8 known = flags & (FIN | SYN | RST | ACK);

	KUNIT_EXPECT_TRUE(test, is_tcp_state(next));
	/* flags that say nothing about the state change nothing */
	KUNIT_EXPECT_EQ(test, next, klb_tcp_next(state, dir, known));
	if (!known)
		KUNIT_EXPECT_EQ(test, next, state);
	if (flags & RST)
		KUNIT_EXPECT_EQ(test, klb_conn_state_shown(next),
				KLB_CONN_STATE_CLOSE);
}

static void rules_of_flags(struct kunit *test)
{
	for_all(test, rule_sane);
}

/* The long timeout takes both: the client's ACK after the endpoint's SYN, or
 * an ACK of the endpoint that says that it knows the connection. There is none
 * after a FIN without a new handshake, and after a RST only if whoever sent it
 * shows that he has not.
 */
static void rule_established(struct kunit *test, u8 state, u8 dir, u8 flags,
			     u8 next)
{
	u8 before = dir == KLB_DIR_ORIG ? KLB_CONN_STATE_SYN_RECV :
					  KLB_CONN_STATE_SYN_SENT;
	u8 reset = dir == KLB_DIR_ORIG ? KLB_TCP_RESET : KLB_TCP_RESET_BACK;

	if (next != KLB_CONN_STATE_ESTABLISHED || state == next)
		return;
	KUNIT_EXPECT_TRUE(test, state == reset || state == before);
	KUNIT_EXPECT_TRUE(test, flags & ACK);
}

static void rules_of_established(struct kunit *test)
{
	for_all(test, rule_established);
}

/* Only a SYN of the client makes SYN_SENT, and just where it reopens. */
static void rule_reopen(struct kunit *test, u8 state, u8 dir, u8 flags,
			u8 next)
{
	bool syn = dir == KLB_DIR_ORIG &&
		   (flags & (SYN | RST | ACK)) == SYN;
	bool anew = state != KLB_CONN_STATE_SYN_SENT &&
		    next == KLB_CONN_STATE_SYN_SENT;

	KUNIT_EXPECT_EQ(test, anew, syn && klb_tcp_reopens(state, true));
}

static void rules_of_reopening(struct kunit *test)
{
	for_all(test, rule_reopen);
}

/* What the client alone sends, whoever that is, takes no connection from its
 * endpoint.
 */
static void rule_alone(struct kunit *test, u8 state, u8 dir, u8 flags, u8 next)
{
	bool open = state == KLB_CONN_STATE_ESTABLISHED ||
		    state == KLB_CONN_STATE_FIN_WAIT ||
		    state == KLB_CONN_STATE_CLOSE_WAIT ||
		    state == KLB_TCP_RESET;

	if (dir == KLB_DIR_REPLY || !open)
		return;
	KUNIT_EXPECT_FALSE(test, klb_tcp_reopens(next, true));
	KUNIT_EXPECT_GE(test, klb_conn_timeout(IPPROTO_TCP, next, 0), 120);
}

static void rules_of_forgery(struct kunit *test)
{
	for_all(test, rule_alone);
}

/* Where no answer is seen a client's FIN is the last that is certain: it may
 * come back as soon as it has said that.
 */
static void alone_reopens(struct kunit *test)
{
	int i, flags;

	for (i = 0; i < ARRAY_SIZE(tcp_states); i++) {
		for (flags = 0; flags < 256; flags++) {
			u8 state = tcp_states[i];
			u8 next = klb_tcp_next_alone(state, flags);

			KUNIT_EXPECT_TRUE(test, is_tcp_state(next));
			if ((flags & (FIN | SYN | RST)) == FIN &&
			    state != KLB_TCP_RESET_BACK)
				KUNIT_EXPECT_TRUE(test,
						  klb_tcp_reopens(next, true));
		}
	}
}

static void reopening_states(struct kunit *test)
{
	static const u8 yes[] = {
		KLB_CONN_STATE_LAST_ACK, KLB_CONN_STATE_TIME_WAIT,
		KLB_CONN_STATE_CLOSE,
	};
	/* a SYN sent again is no new connection, unless nobody is there */
	static const u8 if_gone[] = {
		KLB_CONN_STATE_SYN_SENT, KLB_TCP_RESET, KLB_TCP_RESET_BACK,
	};
	/* a forged SYN must not take a connection away from its endpoint; the
	 * last are not TCP's
	 */
	static const u8 no[] = {
		KLB_CONN_STATE_SYN_RECV, KLB_CONN_STATE_ESTABLISHED,
		KLB_CONN_STATE_FIN_WAIT, KLB_CONN_STATE_CLOSE_WAIT,
		KLB_TCP_FIN_WAIT_BACK, KLB_TCP_CLOSE_WAIT_BACK,
		KLB_CONN_STATE_UNREPLIED, KLB_CONN_STATE_REPLIED,
	};
	int i, serving;

	for (serving = 0; serving < 2; serving++) {
		for (i = 0; i < ARRAY_SIZE(yes); i++)
			KUNIT_EXPECT_TRUE(test, klb_tcp_reopens(yes[i],
								serving));
		for (i = 0; i < ARRAY_SIZE(if_gone); i++)
			KUNIT_EXPECT_EQ(test, !serving,
					klb_tcp_reopens(if_gone[i], serving));
		for (i = 0; i < ARRAY_SIZE(no); i++)
			KUNIT_EXPECT_FALSE(test, klb_tcp_reopens(no[i],
								 serving));
	}
}

/* What anybody can bring about alone makes way, what both ends stand behind
 * does not.
 */
static void making_way(struct kunit *test)
{
	u8 state = klb_tcp_first(KLB_TCP_SYN), reset;

	KUNIT_EXPECT_TRUE(test, klb_conn_makes_way(KLB_CONN_STATE_UNREPLIED));
	KUNIT_EXPECT_FALSE(test, klb_conn_makes_way(KLB_CONN_STATE_REPLIED));
	KUNIT_EXPECT_TRUE(test, klb_conn_makes_way(state));
	state = klb_tcp_next(state, KLB_DIR_REPLY, KLB_TCP_SYN | KLB_TCP_ACK);
	KUNIT_EXPECT_TRUE(test, klb_conn_makes_way(state));
	state = klb_tcp_next(state, KLB_DIR_ORIG, KLB_TCP_ACK);
	KUNIT_EXPECT_FALSE(test, klb_conn_makes_way(state));
	reset = klb_tcp_next(state, KLB_DIR_ORIG, KLB_TCP_RST);
	KUNIT_EXPECT_FALSE(test, klb_conn_makes_way(reset));
	state = klb_tcp_next(state, KLB_DIR_ORIG, KLB_TCP_FIN | KLB_TCP_ACK);
	KUNIT_EXPECT_FALSE(test, klb_conn_makes_way(state));
	state = klb_tcp_next(state, KLB_DIR_REPLY, KLB_TCP_FIN | KLB_TCP_ACK);
	KUNIT_EXPECT_FALSE(test, klb_conn_makes_way(state));
	state = klb_tcp_next(state, KLB_DIR_ORIG, KLB_TCP_ACK);
	KUNIT_EXPECT_TRUE(test, klb_conn_makes_way(state));
}

static void states_shown(struct kunit *test)
{
	int state;

	for (state = 0; state <= KLB_CONN_STATE_CLOSE; state++)
		KUNIT_EXPECT_EQ(test, klb_conn_state_shown(state), state);
	for (; state < KLB_STATES; state++)
		KUNIT_EXPECT_TRUE(test, !is_tcp_state(state) ||
				  klb_conn_state_shown(state) <=
				  KLB_CONN_STATE_CLOSE);
}

static void first_of_all_flags(struct kunit *test)
{
	int flags;

	for (flags = 0; flags < 256; flags++) {
		u8 state = klb_tcp_first(flags);

		KUNIT_EXPECT_TRUE(test, is_tcp_state(state));
		/* nobody gets the long timeout by himself */
		KUNIT_EXPECT_NE(test, state, KLB_CONN_STATE_ESTABLISHED);
		KUNIT_EXPECT_EQ(test, state == KLB_CONN_STATE_SYN_SENT,
				(flags & (SYN | RST | ACK)) == SYN ||
				(flags & (SYN | RST | FIN | ACK)) == ACK);
	}
}

static void udp_states_stay(struct kunit *test)
{
	int flags;

	for (flags = 0; flags < 256; flags++) {
		KUNIT_EXPECT_EQ(test, klb_tcp_next(KLB_CONN_STATE_UNREPLIED,
						   KLB_DIR_REPLY, flags),
				KLB_CONN_STATE_UNREPLIED);
		KUNIT_EXPECT_EQ(test, klb_tcp_next(KLB_CONN_STATE_REPLIED,
						   KLB_DIR_ORIG, flags),
				KLB_CONN_STATE_REPLIED);
	}
}

/* ---- timeouts ---- */

static const struct timeout_case {
	const char *name;
	u8 proto, state;
	u32 seconds;
	bool settable;
} timeout_cases[] = {
	{ "UDP unreplied", IPPROTO_UDP, KLB_CONN_STATE_UNREPLIED, 30 },
	{ "UDP replied", IPPROTO_UDP, KLB_CONN_STATE_REPLIED, 120, true },
	{ "SYN sent", IPPROTO_TCP, KLB_CONN_STATE_SYN_SENT, 120 },
	{ "SYN received", IPPROTO_TCP, KLB_CONN_STATE_SYN_RECV, 60 },
	{ "established", IPPROTO_TCP, KLB_CONN_STATE_ESTABLISHED, 86400, true },
	{ "FIN wait", IPPROTO_TCP, KLB_CONN_STATE_FIN_WAIT, 120 },
	{ "endpoint's FIN first", IPPROTO_TCP, KLB_TCP_FIN_WAIT_BACK, 120 },
	{ "close wait", IPPROTO_TCP, KLB_CONN_STATE_CLOSE_WAIT, 3600 },
	{ "endpoint closed", IPPROTO_TCP, KLB_TCP_CLOSE_WAIT_BACK, 3600 },
	{ "reset by the client", IPPROTO_TCP, KLB_TCP_RESET, 120 },
	{ "reset by the endpoint", IPPROTO_TCP, KLB_TCP_RESET_BACK, 120 },
	{ "last ACK", IPPROTO_TCP, KLB_CONN_STATE_LAST_ACK, 30 },
	{ "time wait", IPPROTO_TCP, KLB_CONN_STATE_TIME_WAIT, 120 },
	{ "closed", IPPROTO_TCP, KLB_CONN_STATE_CLOSE, 10 },
};

KUNIT_ARRAY_PARAM_DESC(timeout, timeout_cases, name);

static void timeout_of_state(struct kunit *test)
{
	const struct timeout_case *c = test->param_value;

	KUNIT_EXPECT_EQ(test, klb_conn_timeout(c->proto, c->state, 0),
			c->seconds);
	KUNIT_EXPECT_EQ(test, klb_conn_timeout(c->proto, c->state, 7),
			c->settable ? 7 : c->seconds);
	KUNIT_EXPECT_EQ(test, klb_conn_timeout(c->proto, c->state, 2147483),
			c->settable ? 2147483 : c->seconds);
}

static void timeout_alone(struct kunit *test)
{
	const struct timeout_case *c = test->param_value;
	bool long_one = c->state == KLB_CONN_STATE_ESTABLISHED;

	KUNIT_EXPECT_EQ(test, klb_conn_timeout_alone(c->proto, c->state, 0),
			long_one ? 900 : c->seconds);
	KUNIT_EXPECT_EQ(test, klb_conn_timeout_alone(c->proto, c->state, 7),
			c->settable ? 7 : c->seconds);
}

static struct kunit_case conn_proto_cases[] = {
	KUNIT_CASE(client_alone),
	KUNIT_CASE(alone_reopens),
	KUNIT_CASE_PARAM(conversation, talk_gen_params),
	KUNIT_CASE(rules_of_flags),
	KUNIT_CASE(rules_of_established),
	KUNIT_CASE(rules_of_reopening),
	KUNIT_CASE(rules_of_forgery),
	KUNIT_CASE(reopening_states),
	KUNIT_CASE(states_shown),
	KUNIT_CASE(making_way),
	KUNIT_CASE(first_of_all_flags),
	KUNIT_CASE(udp_states_stay),
	KUNIT_CASE_PARAM(timeout_of_state, timeout_gen_params),
	KUNIT_CASE_PARAM(timeout_alone, timeout_gen_params),
	{}
};

static struct kunit_suite conn_proto_suite = {
	.name = "klb_conn_proto",
	.test_cases = conn_proto_cases,
};

kunit_test_suite(conn_proto_suite);

MODULE_DESCRIPTION("KUnit tests of klb's protocol state machines");
MODULE_LICENSE("GPL");

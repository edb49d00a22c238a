// SPDX-License-Identifier: GPL-2.0
#include <kunit/test.h>
#include <linux/crc32.h>
#include <linux/module.h>
#include <linux/random.h>
#include <linux/slab.h>

#include "sctp.c"
#include "sctp_param.c"
#include "tuple.c"

/* ---- CRC32c ---- */

static void crc_known(struct kunit *test)
{
	u32 crc = klb_crc32c(~0, (const u8 *)"123456789", 9);

	KUNIT_EXPECT_EQ(test, ~crc, 0xe3069283u);
}

static void crc_of_kernel(struct kunit *test)
{
	u8 *data = kunit_kmalloc(test, 300, GFP_KERNEL);
	int len;

	KUNIT_ASSERT_NOT_NULL(test, data);
	get_random_bytes(data, 300);
	for (len = 0; len <= 300; len++)
		KUNIT_EXPECT_EQ(test, klb_crc32c(len, data, len),
				__crc32c_le(len, data, len));
}

/* Ports replaced, and the sum follows; also where it was wrong before. */
static void crc_delta(struct kunit *test)
{
	static const u32 lens[] = { 12, 13, 16, 17, 28, 100, 1480, 4095, 9000,
				    65515 };
	u8 *data = kunit_kmalloc(test, 65536, GFP_KERNEL);
	__le32 before, after;
	u32 diff, old, new;
	int i;

	KUNIT_ASSERT_NOT_NULL(test, data);
	get_random_bytes(data, 65536);
	for (i = 0; i < ARRAY_SIZE(lens); i++) {
		before = klb_sctp_checksum(data, lens[i]);
		memcpy(&old, data, 4);
		get_random_bytes(&new, 4);
		memcpy(data, &new, 4);
		after = klb_sctp_checksum(data, lens[i]);
		diff = old ^ new;
		KUNIT_EXPECT_EQ(test, le32_to_cpu(before ^ after),
				le32_to_cpu(klb_crc32c_delta(diff, lens[i])));
	}
	KUNIT_EXPECT_EQ(test, le32_to_cpu(klb_crc32c_delta(0, 1000)), 0);
}

/* ---- chunks ---- */

struct flat {
	const u8 *data;
	u32 len;
};

static const void *flat_peek(const void *packet, unsigned int at,
			     unsigned int len, void *room)
{
	const struct flat *f = packet;

	if (at > f->len || len > f->len - at)
		return NULL;
	return memcpy(room, f->data + at, len);
}

static bool read_flat(struct klb_sctp_look *look, const u8 *data, u32 len)
{
	const struct flat f = { data, len };
	const struct klb_sctp_packet p = { .packet = &f, .peek = flat_peek };

	return klb_sctp_read(look, &p, 0, len);
}

#define HDR	0x12, 0x34, 0, 80, 1, 2, 3, 4, 0, 0, 0, 0
#define INIT(type)							\
	type, 0, 0, 20, 5, 6, 7, 8, 0, 1, 0, 0, 0, 1, 0, 1, 9, 9, 9, 9
#define DATA	0, 3, 0, 17, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0
#define CHUNK(type, flags)	type, flags, 0, 4

static const struct read_case {
	const char *name;
	bool ok;
	u8 event;
	bool reflected;
	u8 len;
	u8 data[80];
} read_cases[] = {
#define C(name, ok, event, reflected, ...)				\
	{ name, ok, KLB_SCTP_##event, reflected,			\
	  sizeof((u8 []) { __VA_ARGS__ }), { __VA_ARGS__ } }
	C("INIT", true, INIT, false, HDR, INIT(1)),
	C("INIT ACK", true, INIT_ACK, false, HDR, INIT(2)),
	C("INIT, too short", false, OTHER, false, HDR, 1, 0, 0, 16, 5, 6, 7, 8,
	  0, 0, 0, 0, 0, 0, 0, 0),
	C("INIT, tag 0", false, OTHER, false, HDR, 1, 0, 0, 20, 0, 0, 0, 0,
	  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0),
	C("INIT with DATA", false, OTHER, false, HDR, INIT(1), DATA),
	C("INIT with COOKIE ECHO", false, OTHER, false, HDR, INIT(1),
	  CHUNK(10, 0)),
	C("SACK with INIT", false, OTHER, false, HDR, CHUNK(3, 0), INIT(1)),
	C("SHUTDOWN COMPLETE", true, SHUTDOWN_COMPLETE, false, HDR,
	  CHUNK(14, 0)),
	C("SHUTDOWN COMPLETE, T", true, SHUTDOWN_COMPLETE, true, HDR,
	  CHUNK(14, 1)),
	C("SHUTDOWN COMPLETE with SACK", false, OTHER, false, HDR,
	  CHUNK(14, 0), CHUNK(3, 0)),
	C("DATA", true, OTHER, false, HDR, DATA),
	C("DATA without padding", true, OTHER, false, HDR, 0, 3, 0, 5, 1),
	C("SACK, SHUTDOWN", true, SHUTDOWN, false, HDR, CHUNK(3, 0),
	  7, 0, 0, 8, 0, 0, 0, 0),
	C("ERROR, COOKIE ACK, DATA", true, COOKIE_ACK, false, HDR, 9, 0, 0, 5,
	  0, 0, 0, 0, CHUNK(11, 0), DATA),
	C("COOKIE ECHO, DATA", true, COOKIE_ECHO, false, HDR, CHUNK(10, 0),
	  DATA),
	C("ABORT behind SACK", true, ABORT, true, HDR, CHUNK(3, 0),
	  CHUNK(6, 1)),
	C("what is behind DATA does not count", true, OTHER, false, HDR, DATA,
	  CHUNK(6, 0)),
	C("no chunk", false, OTHER, false, HDR),
	C("half a chunk header", false, OTHER, false, HDR, 0, 0),
	C("chunk of length 0", false, OTHER, false, HDR, 3, 0, 0, 0),
	C("chunk of length 3", false, OTHER, false, HDR, 3, 0, 0, 3),
	C("chunk beyond the end", false, OTHER, false, HDR, 3, 0, 0, 8, 0, 0),
	C("second chunk beyond the end", false, OTHER, false, HDR, CHUNK(3, 0),
	  9, 0, 0xff, 0xff),
	C("rubbish behind the last chunk", false, OTHER, false, HDR,
	  CHUNK(3, 0), 1, 2),
#undef C
};

KUNIT_ARRAY_PARAM_DESC(read, read_cases, name);

static void read_one(struct kunit *test)
{
	const struct read_case *c = test->param_value;
	struct klb_sctp_look look;
	const u32 tag = (__force u32)htonl(0x01020304);
	const u32 init_tag = (__force u32)htonl(0x05060708);

	KUNIT_EXPECT_EQ(test, read_flat(&look, c->data, c->len), c->ok);
	if (!c->ok)
		return;
	KUNIT_EXPECT_EQ(test, look.event, c->event);
	KUNIT_EXPECT_EQ(test, look.reflected, c->reflected);
	KUNIT_EXPECT_EQ(test, look.tag, tag);
	KUNIT_EXPECT_EQ(test, look.init_tag, is_init(c->event) ? init_tag : 0);
}

/* Under KASAN: what is read lies in the packet. */
static void read_prefixes(struct kunit *test)
{
	const struct read_case *c = test->param_value;
	struct klb_sctp_look look;
	u32 len;
	u8 *data;

	for (len = 0; len <= c->len; len++) {
		data = kmemdup(c->data, len ?: 1, GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, data);
		if (read_flat(&look, data, len))
			KUNIT_EXPECT_GE(test, len, 16);
		kfree(data);
	}
}

/* ---- associations ---- */

#define C_TAG	0xc1u	/* what the endpoint writes: the client's tag */
#define E_TAG	0xe1u

/* A packet: from whom, event, verification tag, initiate tag or T bit, and
 * the state after it; 0: its tag is wrong.
 */
struct step {
	u8 dir, event;
	u32 tag, init;
	u8 state;
};

#define O(ev, tag, init, st)						\
	{ KLB_DIR_ORIG, KLB_SCTP_##ev, tag, init, KLB_CONN_STATE_##st }
#define R(ev, tag, init, st)						\
	{ KLB_DIR_REPLY, KLB_SCTP_##ev, tag, init, KLB_CONN_STATE_##st }
#define O_BAD(ev, tag, init)						\
	{ KLB_DIR_ORIG, KLB_SCTP_##ev, tag, init, 0 }
#define R_BAD(ev, tag, init)						\
	{ KLB_DIR_REPLY, KLB_SCTP_##ev, tag, init, 0 }
#define END	{ .event = KLB_SCTP_EVENTS }
#define T	1

#define OPENED								\
	O(INIT, 0, C_TAG, COOKIE_WAIT),					\
	R(INIT_ACK, C_TAG, E_TAG, COOKIE_WAIT),				\
	O(COOKIE_ECHO, E_TAG, 0, COOKIE_ECHOED),			\
	R(COOKIE_ACK, C_TAG, 0, ESTABLISHED)

static const struct talk {
	const char *name;
	struct step step[20];
} talks[] = {
	{ "handshake and data", {
		OPENED,
		O(OTHER, E_TAG, 0, ESTABLISHED),
		R(OTHER, C_TAG, 0, ESTABLISHED),
		O_BAD(OTHER, C_TAG, 0), R_BAD(OTHER, E_TAG, 0),
		O_BAD(OTHER, 0, 0), R_BAD(OTHER, 77, 0), END } },
	{ "client shuts down", {
		OPENED,
		O(SHUTDOWN, E_TAG, 0, SHUTDOWN),
		R(OTHER, C_TAG, 0, SHUTDOWN),
		R(SHUTDOWN_ACK, C_TAG, 0, SHUTDOWN_ACK),
		O(SHUTDOWN_COMPLETE, E_TAG, 0, CLOSE),
		R(SHUTDOWN_ACK, C_TAG, 0, CLOSE),
		O(SHUTDOWN_COMPLETE, C_TAG, T, CLOSE), END } },
	{ "endpoint shuts down", {
		OPENED,
		R(SHUTDOWN, C_TAG, 0, SHUTDOWN),
		O(SHUTDOWN_ACK, E_TAG, 0, SHUTDOWN_ACK),
		R(SHUTDOWN_COMPLETE, C_TAG, 0, CLOSE), END } },
	{ "both shut down", {
		OPENED,
		R(SHUTDOWN, C_TAG, 0, SHUTDOWN),
		O(SHUTDOWN, E_TAG, 0, SHUTDOWN),
		O(SHUTDOWN_ACK, E_TAG, 0, SHUTDOWN_ACK),
		R(SHUTDOWN_ACK, C_TAG, 0, SHUTDOWN_ACK),
		R(SHUTDOWN_COMPLETE, C_TAG, 0, CLOSE), END } },
	{ "SHUTDOWN COMPLETE out of turn", {
		OPENED,
		R(SHUTDOWN_COMPLETE, C_TAG, 0, ESTABLISHED), END } },
	{ "abort", { OPENED, O(ABORT, E_TAG, 0, CLOSE), END } },
	{ "abort by the endpoint", {
		OPENED, R(ABORT, C_TAG, 0, CLOSE), END } },
	{ "abort by one that has forgotten", {
		OPENED, R(ABORT, E_TAG, T, CLOSE), END } },
	{ "forged aborts", {
		OPENED,
		O_BAD(ABORT, 0, 0), O_BAD(ABORT, C_TAG, 0),
		O_BAD(ABORT, E_TAG, T), O_BAD(ABORT, 99, T),
		R_BAD(ABORT, C_TAG, T), R_BAD(ABORT, E_TAG, 0),
		R_BAD(ABORT, 0, T), R_BAD(SHUTDOWN_COMPLETE, C_TAG, T),
		O(OTHER, E_TAG, 0, ESTABLISHED), END } },
	{ "port closed", {
		O(INIT, 0, C_TAG, COOKIE_WAIT),
		R_BAD(ABORT, 99, 0),
		R(ABORT, C_TAG, 0, CLOSE), END } },
	{ "nothing before the handshake", {
		O(INIT, 0, C_TAG, COOKIE_WAIT),
		R_BAD(OTHER, C_TAG, 0), R_BAD(COOKIE_ACK, C_TAG, 0),
		R_BAD(INIT_ACK, 99, E_TAG), R_BAD(INIT_ACK, 0, E_TAG),
		O_BAD(COOKIE_ECHO, E_TAG, 0), O_BAD(COOKIE_ECHO, 0, 0),
		O_BAD(OTHER, E_TAG, 0), O_BAD(SHUTDOWN, 0, 0), END } },
	{ "INIT with a tag", {
		O(INIT, 0, C_TAG, COOKIE_WAIT),
		O_BAD(INIT, 5, C_TAG), R_BAD(INIT, 5, E_TAG), END } },
	{ "INIT sent again, answered twice, first answer taken", {
		O(INIT, 0, C_TAG, COOKIE_WAIT),
		O(INIT, 0, C_TAG, COOKIE_WAIT),
		R(INIT_ACK, C_TAG, E_TAG, COOKIE_WAIT),
		R(INIT_ACK, C_TAG, 0xe2, COOKIE_WAIT),
		R(INIT_ACK, C_TAG, 0xe3, COOKIE_WAIT),
		O(COOKIE_ECHO, E_TAG, 0, COOKIE_ECHOED),
		R(COOKIE_ACK, C_TAG, 0, ESTABLISHED),
		O(OTHER, E_TAG, 0, ESTABLISHED),
		O_BAD(OTHER, 0xe2, 0), END } },
	{ "COOKIE ACK lost before klb", {
		O(INIT, 0, C_TAG, COOKIE_WAIT),
		R(INIT_ACK, C_TAG, E_TAG, COOKIE_WAIT),
		O(COOKIE_ECHO, E_TAG, 0, COOKIE_ECHOED),
		R(OTHER, C_TAG, 0, ESTABLISHED),
		O(COOKIE_ECHO, E_TAG, 0, ESTABLISHED),
		R(COOKIE_ACK, C_TAG, 0, ESTABLISHED), END } },
	{ "client gives up", {
		O(INIT, 0, C_TAG, COOKIE_WAIT),
		R(INIT_ACK, C_TAG, E_TAG, COOKIE_WAIT),
		O(COOKIE_ECHO, E_TAG, 0, COOKIE_ECHOED),
		O(ABORT, E_TAG, 0, CLOSE), END } },
	{ "restart", {
		OPENED,
		O(INIT, 0, 0xc2, ESTABLISHED),
		R(OTHER, C_TAG, 0, ESTABLISHED),
		R(INIT_ACK, 0xc2, 0xe2, ESTABLISHED),
		O(OTHER, E_TAG, 0, ESTABLISHED),
		O(COOKIE_ECHO, 0xe2, 0, ESTABLISHED),
		R(COOKIE_ACK, 0xc2, 0, ESTABLISHED),
		O(OTHER, 0xe2, 0, ESTABLISHED),
		R(OTHER, 0xc2, 0, ESTABLISHED),
		O_BAD(OTHER, E_TAG, 0), R_BAD(OTHER, C_TAG, 0),
		O_BAD(ABORT, E_TAG, 0), END } },
	{ "restart refused", {
		OPENED,
		O(INIT, 0, 0xc2, ESTABLISHED),
		R(ABORT, 0xc2, 0, ESTABLISHED),
		O(OTHER, E_TAG, 0, ESTABLISHED), END } },
	{ "forged restart", {
		OPENED,
		O(INIT, 0, 0xc2, ESTABLISHED),
		R(INIT_ACK, 0xc2, 0xe2, ESTABLISHED),
		O_BAD(COOKIE_ECHO, 0xe3, 0), O_BAD(COOKIE_ECHO, 0xc2, 0),
		R_BAD(OTHER, 0xc2, 0), R_BAD(COOKIE_ACK, 0xc2, 0),
		O(OTHER, E_TAG, 0, ESTABLISHED),
		R(OTHER, C_TAG, 0, ESTABLISHED), END } },
	{ "forged INITs during a handshake", {
		O(INIT, 0, C_TAG, COOKIE_WAIT),
		R(INIT_ACK, C_TAG, E_TAG, COOKIE_WAIT),
		O(COOKIE_ECHO, E_TAG, 0, COOKIE_ECHOED),
		O(INIT, 0, 1, COOKIE_ECHOED), O(INIT, 0, 2, COOKIE_ECHOED),
		O(INIT, 0, 3, COOKIE_ECHOED), O(INIT, 0, 4, COOKIE_ECHOED),
		O(INIT, 0, 5, COOKIE_ECHOED),
		R(COOKIE_ACK, C_TAG, 0, ESTABLISHED),
		O(OTHER, E_TAG, 0, ESTABLISHED), END } },
	{ "client restarts while the endpoint shuts down", {
		OPENED,
		R(SHUTDOWN, C_TAG, 0, SHUTDOWN),
		O(SHUTDOWN_ACK, E_TAG, 0, SHUTDOWN_ACK),
		O(INIT, 0, 0xc2, SHUTDOWN_ACK),
		R(SHUTDOWN_ACK, C_TAG, 0, SHUTDOWN_ACK),
		O(SHUTDOWN_COMPLETE, C_TAG, T, CLOSE), END } },
	{ "INITs collide", {
		O(INIT, 0, C_TAG, COOKIE_WAIT),
		R(INIT, 0, E_TAG, COOKIE_WAIT),
		R(INIT_ACK, C_TAG, E_TAG, COOKIE_WAIT),
		O(INIT_ACK, E_TAG, C_TAG, COOKIE_WAIT),
		O(COOKIE_ECHO, E_TAG, 0, COOKIE_ECHOED),
		R(COOKIE_ECHO, C_TAG, 0, COOKIE_ECHOED),
		R(COOKIE_ACK, C_TAG, 0, ESTABLISHED),
		O(COOKIE_ACK, E_TAG, 0, ESTABLISHED),
		R(OTHER, C_TAG, 0, ESTABLISHED), END } },
	{ "endpoint restarts and keeps the client's tag", {
		OPENED,
		R(INIT, 0, C_TAG, ESTABLISHED),
		O(INIT_ACK, C_TAG, 0xe5, ESTABLISHED),
		END } },
	{ "new handshake with the same tag of the client", {
		OPENED,
		O(INIT, 0, C_TAG, ESTABLISHED),
		R(INIT_ACK, C_TAG, 0xe2, ESTABLISHED),
		O(COOKIE_ECHO, 0xe2, 0, ESTABLISHED),
		R(COOKIE_ACK, C_TAG, 0, ESTABLISHED),
		O(OTHER, 0xe2, 0, ESTABLISHED),
		O_BAD(OTHER, E_TAG, 0), END } },
	{ "picked up", {
		O(OTHER, 0xe9, 0, COOKIE_ECHOED),
		O(OTHER, E_TAG, 0, COOKIE_ECHOED),
		R_BAD(COOKIE_ACK, C_TAG, 0), R_BAD(ABORT, 99, T),
		R(OTHER, C_TAG, 0, ESTABLISHED),
		O_BAD(OTHER, 0xe9, 0),
		O(OTHER, E_TAG, 0, ESTABLISHED), END } },
	{ "picked up, endpoint knows nothing of it", {
		O(OTHER, E_TAG, 0, COOKIE_ECHOED),
		R(ABORT, E_TAG, T, CLOSE), END } },
	{ "picked up, then a handshake", {
		O(OTHER, 0xe9, 0, COOKIE_ECHOED),
		O(INIT, 0, C_TAG, COOKIE_ECHOED),
		R(INIT_ACK, C_TAG, E_TAG, COOKIE_ECHOED),
		O(COOKIE_ECHO, E_TAG, 0, COOKIE_ECHOED),
		R(COOKIE_ACK, C_TAG, 0, ESTABLISHED),
		O(OTHER, E_TAG, 0, ESTABLISHED), END } },
	{ "INIT with a tag begins nothing", { O_BAD(INIT, 1, C_TAG), END } },
	{ "INIT ACK begins nothing", { O_BAD(INIT_ACK, 1, C_TAG), END } },
	{ "COOKIE ECHO begins nothing", { O_BAD(COOKIE_ECHO, 1, 0), END } },
	{ "COOKIE ACK begins nothing", { O_BAD(COOKIE_ACK, 1, 0), END } },
	{ "ABORT begins nothing", { O_BAD(ABORT, 1, 0), END } },
	{ "tag 0 begins nothing", { O_BAD(OTHER, 0, 0), END } },
};

KUNIT_ARRAY_PARAM_DESC(talk, talks, name);

/* The same by the client's packets alone, and answers that come by at times. */
#define OPENED_ALONE							\
	O(INIT, 0, C_TAG, COOKIE_WAIT),					\
	O(COOKIE_ECHO, E_TAG, 0, ESTABLISHED)

static const struct talk talks_alone[] = {
	{ "handshake and data", {
		OPENED_ALONE,
		O(OTHER, E_TAG, 0, ESTABLISHED),
		O(COOKIE_ECHO, E_TAG, 0, ESTABLISHED),
		O_BAD(OTHER, C_TAG, 0), O_BAD(OTHER, 0, 0),
		O_BAD(ABORT, 99, 0), O_BAD(ABORT, 99, T),
		O_BAD(SHUTDOWN, 99, 0), O_BAD(SHUTDOWN_COMPLETE, 99, 0),
		O_BAD(INIT_ACK, 99, 1), O_BAD(INIT, 99, C_TAG),
		R(INIT_ACK, C_TAG, E_TAG, ESTABLISHED),
		R(OTHER, C_TAG, 0, ESTABLISHED),
		R(OTHER, 99, 0, ESTABLISHED), R(ABORT, 99, 0, ESTABLISHED),
		END } },
	{ "INIT sent again", {
		O(INIT, 0, C_TAG, COOKIE_WAIT), OPENED_ALONE,
		O_BAD(OTHER, 99, 0), END } },
	{ "nothing before the cookie", {
		O(INIT, 0, C_TAG, COOKIE_WAIT),
		O_BAD(OTHER, E_TAG, 0), O_BAD(SHUTDOWN, E_TAG, 0),
		O_BAD(ABORT, E_TAG, 0), O_BAD(COOKIE_ECHO, 0, 0), END } },
	{ "client shuts down", {
		OPENED_ALONE,
		O(SHUTDOWN, E_TAG, 0, SHUTDOWN),
		O(OTHER, E_TAG, 0, SHUTDOWN),
		O(SHUTDOWN_COMPLETE, E_TAG, 0, CLOSE), END } },
	{ "endpoint shuts down", {
		OPENED_ALONE,
		O(SHUTDOWN_ACK, E_TAG, 0, SHUTDOWN_ACK), END } },
	{ "answers come by", {
		O(INIT, 0, C_TAG, COOKIE_WAIT),
		R(ABORT, C_TAG, 0, CLOSE), END } },
	{ "endpoint shuts down, and answers come by", {
		OPENED_ALONE,
		R(SHUTDOWN, C_TAG, 0, SHUTDOWN),
		O(SHUTDOWN_ACK, E_TAG, 0, SHUTDOWN_ACK),
		R(SHUTDOWN_COMPLETE, C_TAG, 0, CLOSE), END } },
	{ "abort", { OPENED_ALONE, O(ABORT, E_TAG, 0, CLOSE), END } },
	{ "abort by a client that has forgotten", {
		OPENED_ALONE, O(ABORT, C_TAG, T, CLOSE), END } },
	{ "cookie without INIT", {
		O(OTHER, E_TAG, 0, COOKIE_ECHOED),
		O(COOKIE_ECHO, 99, 0, ESTABLISHED), END } },
	{ "restart", {
		OPENED_ALONE,
		O(INIT, 0, 0xc2, ESTABLISHED),
		O_BAD(OTHER, 0xe2, 0),
		O(COOKIE_ECHO, 0xe2, 0, ESTABLISHED),
		O(OTHER, 0xe2, 0, ESTABLISHED),
		O(SHUTDOWN, 0xe2, 0, SHUTDOWN),
		O(SHUTDOWN_COMPLETE, 0xe2, 0, CLOSE), END } },
	{ "restart with the same port after the end", {
		OPENED_ALONE,
		O(SHUTDOWN_ACK, E_TAG, 0, SHUTDOWN_ACK),
		O(INIT, 0, 0xc2, SHUTDOWN_ACK),
		O(COOKIE_ECHO, 0xe2, 0, ESTABLISHED), END } },
	{ "forged restart cuts nothing", {
		OPENED_ALONE,
		O(INIT, 0, 1, ESTABLISHED),
		O(COOKIE_ECHO, 99, 0, ESTABLISHED),
		O(ABORT, 99, 0, CLOSE),
		O(OTHER, E_TAG, 0, ESTABLISHED),
		O(COOKIE_ECHO, 98, 0, ESTABLISHED),
		O(COOKIE_ECHO, 97, 0, ESTABLISHED),
		O(COOKIE_ECHO, 96, 0, ESTABLISHED),
		O(SHUTDOWN_ACK, 96, 0, SHUTDOWN_ACK),
		O(ABORT, E_TAG, 0, SHUTDOWN_ACK),
		O(OTHER, E_TAG, 0, ESTABLISHED), END } },
	{ "cookie forged before the client's", {
		O(INIT, 0, C_TAG, COOKIE_WAIT),
		O(COOKIE_ECHO, 99, 0, ESTABLISHED),
		O(COOKIE_ECHO, E_TAG, 0, ESTABLISHED),
		O(OTHER, E_TAG, 0, ESTABLISHED), END } },
	{ "picked up", {
		O(OTHER, 99, 0, COOKIE_ECHOED),
		O(OTHER, E_TAG, 0, COOKIE_ECHOED),
		O(OTHER, E_TAG, 0, ESTABLISHED),
		O(ABORT, E_TAG, 0, CLOSE), END } },
	{ "picked up at its end", {
		O(SHUTDOWN, E_TAG, 0, COOKIE_ECHOED),
		O(SHUTDOWN_COMPLETE, E_TAG, 0, CLOSE), END } },
};

KUNIT_ARRAY_PARAM_DESC(talk_alone, talks_alone, name);

static void look_of(struct klb_sctp_look *look, const struct step *s)
{
	memset(look, 0, sizeof(*look));
	look->event = s->event;
	look->tag = s->tag;
	if (is_init(s->event))
		look->init_tag = s->init;
	else
		look->reflected = s->init;
}

typedef bool next_fn(struct klb_sctp_tags *tags, u8 *state, enum klb_dir dir,
		     const struct klb_sctp_look *look);

static void follow(struct kunit *test, next_fn *next)
{
	const struct talk *talk = test->param_value;
	struct klb_sctp_tags tags = {}, before;
	struct klb_sctp_look look;
	const struct step *s;
	u8 state, was;
	bool ok;
	int i;

	look_of(&look, talk->step);
	state = klb_sctp_first(&tags, &look);
	KUNIT_EXPECT_EQ(test, state, talk->step[0].state);
	for (i = 1; state && talk->step[i].event != KLB_SCTP_EVENTS; i++) {
		s = &talk->step[i];
		look_of(&look, s);
		before = tags;
		was = state;
		ok = next(&tags, &state, s->dir, &look);
		KUNIT_EXPECT_EQ_MSG(test, ok, s->state != 0, "step %d", i);
		if (s->state)
			KUNIT_EXPECT_EQ_MSG(test, state, s->state, "step %d",
					    i);
		else
			KUNIT_EXPECT_TRUE_MSG(test, state == was &&
					      !memcmp(&tags, &before,
						      sizeof(tags)),
					      "step %d changes something", i);
	}
}

static void conversation(struct kunit *test)
{
	follow(test, klb_sctp_next);
}

static void conversation_alone(struct kunit *test)
{
	follow(test, klb_sctp_next_alone);
}

/* Whatever is forged: without the right tag nothing changes but offers. */
static void random_forgeries(struct kunit *test)
{
	const struct talk *open = &talks[0];
	struct klb_sctp_tags tags = {};
	struct klb_sctp_look look;
	struct step s;
	u8 state;
	int i;

	look_of(&look, open->step);
	state = klb_sctp_first(&tags, &look);
	for (i = 1; i < 4; i++) {
		look_of(&look, &open->step[i]);
		klb_sctp_next(&tags, &state, open->step[i].dir, &look);
	}
	for (i = 0; i < 100000; i++) {
		s.dir = get_random_u32() & 1;
		s.event = get_random_u32() % KLB_SCTP_EVENTS;
		s.tag = get_random_u32() % 64;
		s.init = is_init(s.event) ? 1 + get_random_u32() % 64 :
					    get_random_u32() & 1;
		/* a blind forger sees no INIT ACK, so cannot echo a cookie */
		if (s.event == KLB_SCTP_COOKIE_ECHO)
			continue;
		look_of(&look, &s);
		klb_sctp_next(&tags, &state, s.dir, &look);
		if (!(i & 4095))
			cond_resched();
	}
	KUNIT_EXPECT_EQ(test, state, KLB_CONN_STATE_ESTABLISHED);
	KUNIT_EXPECT_EQ(test, tags.tag[KLB_DIR_ORIG], E_TAG);
	KUNIT_EXPECT_EQ(test, tags.tag[KLB_DIR_REPLY], C_TAG);
}

static void timeouts(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, klb_sctp_timeout(ES, 0), 900);
	KUNIT_EXPECT_EQ(test, klb_sctp_timeout(ES, 7), 7);
	KUNIT_EXPECT_EQ(test, klb_sctp_timeout(CW, 7), 60);
	KUNIT_EXPECT_EQ(test, klb_sctp_timeout(CE, 7), 60);
	KUNIT_EXPECT_EQ(test, klb_sctp_timeout(SD, 7), 60);
	KUNIT_EXPECT_EQ(test, klb_sctp_timeout(SA, 7), 30);
	KUNIT_EXPECT_EQ(test, klb_sctp_timeout(CL, 7), 10);
	KUNIT_EXPECT_EQ(test, klb_sctp_timeout_alone(ES, 0), 900);
	KUNIT_EXPECT_EQ(test, klb_sctp_timeout_alone(ES, 7), 7);
	KUNIT_EXPECT_EQ(test, klb_sctp_timeout_alone(SA, 7), 60);
	KUNIT_EXPECT_EQ(test, klb_sctp_timeout_alone(CL, 7), 60);
}

/* ---- parameters ---- */

#define FIXED	1, 0, 0, 0, 5, 6, 7, 8, 0, 1, 0, 0, 0, 1, 0, 1, 9, 9, 9, 9
#define P4(n)	0, 5, 0, 8, 10, 0, 0, n
#define P6(n)	0, 6, 0, 20, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, n
#define COOKIE	0, 7, 0, 9, 1, 2, 3, 4, 5, 0, 0, 0
#define COOKIE_END	0, 7, 0, 9, 1, 2, 3, 4, 5
#define ECN	0x80, 0, 0, 4

static const union klb_addr vips4[] = {
	{ .ip = cpu_to_be32(0x0a000065) }, { .ip = cpu_to_be32(0x0a000066) },
};

static const struct edit_case {
	const char *name;
	u8 keep, n;
	u8 len, want_len;	/* 0: malformed */
	u8 data[120], want[120];
} edit_cases[] = {
#define IN(...)	.len = sizeof((u8 []) { FIXED, __VA_ARGS__ }),		\
		.data = { FIXED, __VA_ARGS__ }
#define OUT(...)	.want_len = sizeof((u8 []) { FIXED, __VA_ARGS__ }), \
			.want = { FIXED, __VA_ARGS__ }
	{ "nothing to do", 0, 0, IN(ECN, COOKIE_END), OUT(ECN, COOKIE_END) },
	{ "all go", 0, 0, IN(P4(1), P6(2), ECN, COOKIE_END),
	  OUT(ECN, COOKIE_END) },
	{ "between others", 0, 0, IN(ECN, P4(1), COOKIE, P4(2), P6(3), ECN),
	  OUT(ECN, COOKIE, ECN) },
	{ "at the end", 0, 0, IN(ECN, COOKIE, P4(1)), OUT(ECN, COOKIE_END) },
	{ "IPv4 stays", AF_INET, 0, IN(P4(1), P6(2), P4(3), COOKIE_END),
	  OUT(P4(1), P4(3), COOKIE_END) },
	{ "IPv6 stays", AF_INET6, 0, IN(P4(1), P6(2), P4(3), COOKIE_END),
	  OUT(P6(2), COOKIE_END) },
	{ "replaced by more", 0, 2, IN(P4(1), ECN, COOKIE_END),
	  OUT(P4(101), P4(102), ECN, COOKIE_END) },
	{ "replaced by as many", 0, 1, IN(ECN, P4(1), COOKIE_END),
	  OUT(P4(101), ECN, COOKIE_END) },
	{ "put in", 0, 2, IN(COOKIE_END), OUT(P4(101), P4(102), COOKIE_END) },
	{ "an address of a wrong length goes", AF_INET, 0,
	  IN(0, 5, 0, 6, 1, 2, 0, 0, ECN), OUT(ECN) },
	{ "parameter of length 0", 0, 0, IN(0, 5, 0, 0) },
	{ "parameter of length 3", 0, 0, IN(ECN, 0, 7, 0, 3) },
	{ "parameter beyond the end", 0, 0, IN(P4(1), 0, 7, 0, 9, 1) },
	{ "parameter far beyond the end", 0, 0, IN(0, 7, 0xff, 0xff) },
	{ "less than a header at the end", 0, 0, IN(ECN, 0, 5),
	  OUT(ECN) },
#undef IN
#undef OUT
};

KUNIT_ARRAY_PARAM_DESC(edit, edit_cases, name);

static void edit_one(struct kunit *test)
{
	const struct edit_case *c = test->param_value;
	const struct klb_sctp_edit e = {
		.keep = c->keep, .family = AF_INET, .n = c->n, .addrs = vips4,
	};
	u32 room = ALIGN(max_t(u32, c->len, c->want_len), 4) +
		   klb_sctp_edit_room(&e);
	u32 len = klb_sctp_edit_len(&e, c->data, c->len);
	u8 *chunk;

	KUNIT_EXPECT_EQ(test, len, c->want_len);
	if (!len)
		return;
	chunk = kmalloc(room, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, chunk);
	memset(chunk, 0xff, room);
	memcpy(chunk, c->data, c->len);
	klb_sctp_edit(&e, chunk, c->len);
	KUNIT_EXPECT_EQ(test, get_unaligned_be16(chunk + 2), len);
	chunk[2] = 0;
	chunk[3] = 0;
	KUNIT_EXPECT_EQ(test, memcmp(chunk, c->want, ALIGN(len, 4)), 0);
	kfree(chunk);
}

static void addresses(struct kunit *test)
{
	static const u8 chunk[] = { FIXED, P4(1), ECN, P6(9), P4(2), P4(3),
				    0, 5, 0, 6, 1, 2, 0, 0 };
	union klb_addr a[4];

	KUNIT_EXPECT_EQ(test, klb_sctp_addrs(chunk, sizeof(chunk), AF_INET, a,
					     4), 3);
	KUNIT_EXPECT_EQ(test, ntohl(a[2].ip), 0x0a000003);
	KUNIT_EXPECT_EQ(test, klb_sctp_addrs(chunk, sizeof(chunk), AF_INET, a,
					     2), 2);
	KUNIT_EXPECT_EQ(test, klb_sctp_addrs(chunk, sizeof(chunk), AF_INET6, a,
					     4), 1);
	KUNIT_EXPECT_EQ(test, a[0].in6.s6_addr[15], 9);
}

/* Under KASAN, in memory that ends where the packet does. */
static void random_packets(struct kunit *test)
{
	struct klb_sctp_edit e = { .family = AF_INET, .addrs = vips4 };
	struct klb_sctp_look look;
	union klb_addr a[4];
	u32 i, k, len, new;
	u8 *data;

	for (i = 0; i < 20000; i++) {
		len = KLB_SCTP_INIT_LEN + get_random_u32() % 80;
		e.keep = i & 1 ? AF_INET : i & 2 ? AF_INET6 : 0;
		e.n = i % 3;
		data = kmalloc(ALIGN(len, 4) + klb_sctp_edit_room(&e),
			       GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, data);
		get_random_bytes(data, len);
		for (k = 12; k + 4 <= len; k += 4)
			if (data[k] & 1) {
				data[k] = 0;
				data[k + 1] &= 15;
				data[k + 2] = 0;
				data[k + 3] &= 31;
			}
		read_flat(&look, data, len);
		klb_sctp_addrs(data, len, AF_INET, a, 4);
		new = klb_sctp_edit_len(&e, data, len);
		if (new) {
			klb_sctp_edit(&e, data, len);
			if (get_unaligned_be16(data + 2) != new)
				KUNIT_FAIL(test, "length %u, said %u",
					   get_unaligned_be16(data + 2), new);
		}
		kfree(data);
		if (!(i & 255))
			cond_resched();
	}
}

static struct kunit_case sctp_cases[] = {
	KUNIT_CASE(crc_known),
	KUNIT_CASE(crc_of_kernel),
	KUNIT_CASE(crc_delta),
	KUNIT_CASE_PARAM(read_one, read_gen_params),
	KUNIT_CASE_PARAM(read_prefixes, read_gen_params),
	KUNIT_CASE_PARAM(conversation, talk_gen_params),
	KUNIT_CASE_PARAM(conversation_alone, talk_alone_gen_params),
	KUNIT_CASE(random_forgeries),
	KUNIT_CASE(timeouts),
	KUNIT_CASE_PARAM(edit_one, edit_gen_params),
	KUNIT_CASE(addresses),
	KUNIT_CASE(random_packets),
	{}
};

static struct kunit_suite sctp_suite = {
	.name = "klb_sctp",
	.test_cases = sctp_cases,
};

kunit_test_suite(sctp_suite);

MODULE_DESCRIPTION("KUnit tests of klb's SCTP");
MODULE_LICENSE("GPL");

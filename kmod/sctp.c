// SPDX-License-Identifier: GPL-2.0
#include "sctp.h"

#include <linux/string.h>
#include <linux/unaligned.h>

/* CRC32c */

#define POLYNOMIAL	0x82f63b78u	/* bit 31 is x^0 */

u32 klb_crc32c(u32 crc, const u8 *data, u32 len)
{
	static const u32 nibble[16] = {
		0x00000000, 0x105ec76f, 0x20bd8ede, 0x30e349b1,
		0x417b1dbc, 0x5125dad3, 0x61c69362, 0x7198540d,
		0x82f63b78, 0x92a8fc17, 0xa24bb5a6, 0xb21572c9,
		0xc38d26c4, 0xd3d3e1ab, 0xe330a81a, 0xf36e6f75,
	};

	while (len--) {
		crc ^= *data++;
		crc = nibble[crc & 15] ^ crc >> 4;
		crc = nibble[crc & 15] ^ crc >> 4;
	}
	return crc;
}

static u32 multiply(u32 a, u32 b)
{
	u32 product = 0;

	for (; a; a <<= 1) {
		if (a >> 31)
			product ^= b;
		b = b >> 1 ^ (b & 1 ? POLYNOMIAL : 0);
	}
	return product;
}

/* A register after @len bytes of zeros: times x^(8 len). */
static u32 shift(u32 crc, u32 len)
{
	static const u32 power[] = {	/* x^(8 2^i) */
		0x00800000, 0x00008000, 0x82f63b78, 0x6ea2d55c, 0x18b8ea18,
		0x510ac59a, 0xb82be955, 0xb8fdb1e7, 0x88e56f72, 0x74c360a4,
		0xe4172b16, 0x0d65762a, 0x35d73a62, 0x28461564, 0xbf455269,
		0xe2ea32dc, 0xfe7740e6,
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(power); i++)
		if (len & 1u << i)
			crc = multiply(crc, power[i]);
	return crc;
}

__le32 klb_crc32c_delta(u32 diff, u32 len)
{
	return cpu_to_le32(shift(klb_crc32c(0, (const u8 *)&diff,
					    sizeof(diff)),
				 len - sizeof(diff)));
}

__le32 klb_sctp_checksum(const u8 *packet, u32 len)
{
	static const u8 none[4];
	u32 crc = klb_crc32c(~0, packet, KLB_SCTP_CRC_AT);

	crc = klb_crc32c(crc, none, sizeof(none));
	return cpu_to_le32(~klb_crc32c(crc, packet + KLB_SCTP_HDR_LEN,
				       len - KLB_SCTP_HDR_LEN));
}

/* Chunks */

#define CHUNK_DATA		0
#define CHUNK_HEARTBEAT		4
#define CHUNK_HEARTBEAT_ACK	5
#define CHUNK_I_DATA		64	/* RFC 8260 */

#define T_BIT			1

static u8 event_of(u8 type)
{
	switch (type) {
	case 1:
		return KLB_SCTP_INIT;
	case 2:
		return KLB_SCTP_INIT_ACK;
	case 6:
		return KLB_SCTP_ABORT;
	case 7:
		return KLB_SCTP_SHUTDOWN;
	case 8:
		return KLB_SCTP_SHUTDOWN_ACK;
	case 10:
		return KLB_SCTP_COOKIE_ECHO;
	case 11:
		return KLB_SCTP_COOKIE_ACK;
	case 14:
		return KLB_SCTP_SHUTDOWN_COMPLETE;
	default:
		return KLB_SCTP_OTHER;
	}
}

/* RFC 9260, section 6.10: nothing else is in a packet with one of these. */
static bool stands_alone(u8 event)
{
	return event == KLB_SCTP_INIT || event == KLB_SCTP_INIT_ACK ||
	       event == KLB_SCTP_SHUTDOWN_COMPLETE;
}

static bool is_init(u8 event)
{
	return event == KLB_SCTP_INIT || event == KLB_SCTP_INIT_ACK;
}

static bool read_init(struct klb_sctp_look *look,
		      const struct klb_sctp_packet *p, unsigned int at, u16 len)
{
	__be32 room;
	const __be32 *tag = p->peek(p->packet, at + 4, sizeof(*tag), &room);

	if (!tag || len < KLB_SCTP_INIT_LEN)
		return false;
	look->init_tag = (__force u32)*tag;
	look->chunk_len = len;
	return look->init_tag;
}

/* Of one chunk, the first if @first. */
static bool read_chunk(struct klb_sctp_look *look,
		       const struct klb_sctp_packet *p, unsigned int at,
		       const u8 *hdr, bool first)
{
	u8 event = event_of(hdr[0]);

	if (first) {
		look->heartbeat = hdr[0] == CHUNK_HEARTBEAT;
		look->heartbeat_ack = hdr[0] == CHUNK_HEARTBEAT_ACK;
	} else if (stands_alone(event) || stands_alone(look->event)) {
		return false;
	}
	if (event <= look->event)
		return true;
	look->event = event;
	look->reflected = hdr[1] & T_BIT;
	return !is_init(event) ||
	       read_init(look, p, at, get_unaligned_be16(hdr + 2));
}

/**
 * klb_sctp_read() - what a packet says about its association
 * @look: written
 * @p: the packet
 * @at: offset of the common header
 * @end: of the packet's end
 *
 * Chunks that say something stand before DATA, behind which nothing is looked
 * at: in a GSO packet the next one begins there.
 *
 * Return: false if the packet is malformed.
 */
bool klb_sctp_read(struct klb_sctp_look *look, const struct klb_sctp_packet *p,
		   unsigned int at, unsigned int end)
{
	const u8 *hdr;
	u32 room, len;
	bool first;

	memset(look, 0, sizeof(*look));
	hdr = p->peek(p->packet, at + KLB_SCTP_TAG_AT, sizeof(look->tag),
		      &room);
	if (!hdr)
		return false;
	memcpy(&look->tag, hdr, sizeof(look->tag));
	at += KLB_SCTP_HDR_LEN;
	for (first = true; first || at < end; first = false) {
		hdr = p->peek(p->packet, at, sizeof(room), &room);
		if (!hdr || end < at + sizeof(room))
			return false;
		len = get_unaligned_be16(hdr + 2);
		if (len < 4 || len > end - at)
			return false;
		if (hdr[0] == CHUNK_DATA || hdr[0] == CHUNK_I_DATA)
			return !stands_alone(look->event);
		if (!read_chunk(look, p, at, hdr, first))
			return false;
		at += ALIGN(len, 4);
	}
	return true;
}

/* States */

#define CW KLB_CONN_STATE_COOKIE_WAIT	/* INIT seen */
#define CE KLB_CONN_STATE_COOKIE_ECHOED	/* COOKIE ECHO seen, or picked up */
#define ES KLB_CONN_STATE_ESTABLISHED	/* COOKIE ACK seen, or as good */
#define SD KLB_CONN_STATE_SHUTDOWN	/* SHUTDOWN seen, of either side */
#define SA KLB_CONN_STATE_SHUTDOWN_ACK	/* SHUTDOWN ACK seen */
#define CL KLB_CONN_STATE_CLOSE		/* ABORT or SHUTDOWN COMPLETE seen */

/* Of a packet whose tags are those of the association. Handshakes go by their
 * offers.
 */
static u8 state_after(u8 state, u8 event)
{
	switch (event) {
	case KLB_SCTP_SHUTDOWN:
		return state == ES ? SD : state;
	case KLB_SCTP_SHUTDOWN_ACK:
		return state == ES || state == SD ? SA : state;
	case KLB_SCTP_SHUTDOWN_COMPLETE:
		return state == SA ? CL : state;
	case KLB_SCTP_ABORT:
		return CL;
	default:
		return state;
	}
}

/* RFC 9260, section 8.5.1: with the T bit the tag is that of the other
 * direction, which the sender has read in the packet that it answers.
 */
static bool tag_fits(const u32 *tag, enum klb_dir dir,
		     const struct klb_sctp_look *look)
{
	if (look->reflected && (look->event == KLB_SCTP_ABORT ||
				look->event == KLB_SCTP_SHUTDOWN_COMPLETE))
		dir = !dir;
	return tag[dir] && tag[dir] == look->tag;
}

/* The place for an offer with these tags: one that has them, or one to give
 * up. What a cookie was sent for is kept: only who has seen an INIT ACK can
 * make it so.
 */
static struct klb_sctp_offer *offer_for(struct klb_sctp_tags *tags,
					const u32 *tag)
{
	struct klb_sctp_offer *o;
	int i;

	for (i = 0; i < KLB_SCTP_OFFERS; i++) {
		o = &tags->offer[i];
		if (o->tag[0] == tag[0] && o->tag[1] == tag[1])
			return o;
	}
	for (i = 0; i < KLB_SCTP_OFFERS; i++) {
		o = &tags->offer[tags->next++ % KLB_SCTP_OFFERS];
		if (!o->echoed)
			break;
	}
	o->tag[0] = tag[0];
	o->tag[1] = tag[1];
	o->echoed = 0;
	return o;
}

static void note_init(struct klb_sctp_tags *tags, enum klb_dir dir,
		      const struct klb_sctp_look *look)
{
	u32 tag[2] = {};
	int i;

	for (i = 0; i < KLB_SCTP_OFFERS; i++)
		if (tags->offer[i].tag[!dir] == look->init_tag)
			return;
	tag[!dir] = look->init_tag;
	offer_for(tags, tag);
}

static bool see_init(struct klb_sctp_tags *tags, enum klb_dir dir,
		     const struct klb_sctp_look *look)
{
	if (!look->tag)
		note_init(tags, dir, look);
	return !look->tag;
}

static bool note_init_ack(struct klb_sctp_tags *tags, enum klb_dir dir,
			  const struct klb_sctp_look *look)
{
	struct klb_sctp_offer *o;
	u32 tag[2];
	int i;

	for (i = 0; i < KLB_SCTP_OFFERS; i++) {
		o = &tags->offer[i];
		if (!o->tag[dir] || o->tag[dir] != look->tag)
			continue;
		if (!o->tag[!dir]) {
			o->tag[!dir] = look->init_tag;
			return true;
		}
		tag[dir] = look->tag;
		tag[!dir] = look->init_tag;
		offer_for(tags, tag);
		return true;
	}
	return false;
}

static bool cookie_echo(struct klb_sctp_tags *tags, u8 *state,
			enum klb_dir dir, const struct klb_sctp_look *look)
{
	struct klb_sctp_offer *o;
	int i;

	for (i = 0; i < KLB_SCTP_OFFERS; i++) {
		o = &tags->offer[i];
		if (!o->tag[0] || !o->tag[1] || o->tag[dir] != look->tag)
			continue;
		o->echoed |= 1 << dir;
		if (*state == CW)
			*state = CE;
		return true;
	}
	return tag_fits(tags->tag, dir, look);
}

/* The side that the cookie was sent to goes on with it: so it was good. */
static void accept_offer(struct klb_sctp_tags *tags, u8 *state,
			 const struct klb_sctp_offer *o)
{
	tags->tag[0] = o->tag[0];
	tags->tag[1] = o->tag[1];
	memset(tags->offer, 0, sizeof(tags->offer));
	*state = ES;
}

/* With tags that are not, or not yet, the association's. */
static bool by_offer(struct klb_sctp_tags *tags, u8 *state, enum klb_dir dir,
		     const struct klb_sctp_look *look)
{
	bool abort = look->event == KLB_SCTP_ABORT;
	struct klb_sctp_offer *o;
	int i;

	for (i = 0; i < KLB_SCTP_OFFERS; i++) {
		o = &tags->offer[i];
		if ((!o->echoed && !abort) || !tag_fits(o->tag, dir, look))
			continue;
		if (abort && (*state == CW || *state == CE))
			*state = CL;
		else if (!abort && o->echoed & 1 << !dir)
			accept_offer(tags, state, o);
		return true;
	}
	return false;
}

/* Picked up in mid-stream: klb has seen the client's packets only. The tag of
 * its last one counts as soon as the endpoint has answered.
 */
static bool picked_up(const struct klb_sctp_tags *tags)
{
	return tags->tag[KLB_DIR_ORIG] && !tags->tag[KLB_DIR_REPLY];
}

static bool may_pick_up(const struct klb_sctp_look *look)
{
	return look->tag && (look->event == KLB_SCTP_OTHER ||
			     look->event == KLB_SCTP_SHUTDOWN ||
			     look->event == KLB_SCTP_SHUTDOWN_ACK);
}

static bool pick_up(struct klb_sctp_tags *tags, u8 *state, enum klb_dir dir,
		    const struct klb_sctp_look *look)
{
	if (tag_fits(tags->tag, dir, look)) {
		if (look->event == KLB_SCTP_ABORT)
			*state = CL;
		return true;
	}
	if (!may_pick_up(look))
		return false;
	tags->tag[dir] = look->tag;
	if (dir == KLB_DIR_REPLY)
		*state = ES;
	return true;
}

u8 klb_sctp_first(struct klb_sctp_tags *tags, const struct klb_sctp_look *look)
{
	if (look->event == KLB_SCTP_INIT && !look->tag) {
		note_init(tags, KLB_DIR_ORIG, look);
		return CW;
	}
	if (!may_pick_up(look))
		return 0;
	tags->tag[KLB_DIR_ORIG] = look->tag;
	return CE;
}

/**
 * klb_sctp_next() - what a packet does to the state of its association
 * @tags: of the association
 * @state: of it, before and after
 * @dir: who has sent the packet
 * @look: what is in it
 *
 * A packet whose tag is not known to the sender of the other direction does
 * nothing: it is a forgery, or belongs to an association that is over. Every
 * INIT has tag 0, so it is noted and changes no state: who sends a COOKIE ECHO
 * has seen the INIT ACK, and only when the other side has accepted that the
 * new tags replace those there are. (RFC 9260, sections 5.2 and 8.5.)
 *
 * Return: false if its tag is wrong.
 */
bool klb_sctp_next(struct klb_sctp_tags *tags, u8 *state, enum klb_dir dir,
		   const struct klb_sctp_look *look)
{
	if (look->event == KLB_SCTP_INIT)
		return see_init(tags, dir, look);
	if (look->event == KLB_SCTP_INIT_ACK)
		return note_init_ack(tags, dir, look);
	if (look->event == KLB_SCTP_COOKIE_ECHO)
		return cookie_echo(tags, state, dir, look);
	if (picked_up(tags) || !tag_fits(tags->tag, dir, look))
		return by_offer(tags, state, dir, look) ||
		       (picked_up(tags) && pick_up(tags, state, dir, look));
	/* of a new handshake that has left one tag as it was */
	if (look->event == KLB_SCTP_COOKIE_ACK)
		by_offer(tags, state, dir, look);
	*state = state_after(*state, look->event);
	return true;
}

/* Whether the tag is one that counts where only the client is seen, which
 * reflects its own if it has forgotten the association.
 */
static bool fits_alone(const struct klb_sctp_tags *tags, enum klb_dir dir,
		       const struct klb_sctp_look *look)
{
	bool fits = tag_fits(tags->tag, dir, look);
	int i;

	for (i = 0; i < KLB_SCTP_OFFERS && !fits; i++)
		fits = tag_fits(tags->offer[i].tag, dir, look);
	return fits;
}

/* The SHUTDOWN ACK of the endpoint is not seen. What was picked up is
 * established when the client goes on with its tag.
 */
static u8 state_alone(u8 state, u8 event)
{
	if (event == KLB_SCTP_SHUTDOWN_COMPLETE && state != CW)
		return CL;
	return state_after(state == CE ? ES : state, event);
}

/* The client's tag, if it has sent one INIT. False: it has sent none. */
static bool only_init(const struct klb_sctp_tags *tags, u32 *tag)
{
	int i, n = 0;

	*tag = 0;
	for (i = 0; i < KLB_SCTP_OFFERS; i++)
		if (tags->offer[i].tag[KLB_DIR_REPLY] && !n++)
			*tag = tags->offer[i].tag[KLB_DIR_REPLY];
	if (n > 1)
		*tag = 0;
	return n;
}

/* The first packet that has the endpoint's tag. The one of an association that
 * there is already may be forged: see picked_up().
 */
static bool cookie_alone(struct klb_sctp_tags *tags, u8 *state,
			 const struct klb_sctp_look *look)
{
	bool known = *state != CW;
	u32 tag;

	if (!look->tag || !(only_init(tags, &tag) || picked_up(tags)))
		return false;
	tags->tag[KLB_DIR_ORIG] = look->tag;
	tags->tag[KLB_DIR_REPLY] = known ? 0 : tag;
	*state = ES;
	return true;
}

/**
 * klb_sctp_next_alone() - the same where only the client is seen
 * @tags: of the association
 * @state: of it, before and after
 * @dir: who has sent the packet; answers that happen to be seen all pass
 * @look: what is in it
 *
 * The tag of the client's packets is told by its COOKIE ECHO, and everything
 * else is checked against it. Whether a later COOKIE ECHO is good only the
 * endpoint can tell, and anybody can send one behind an INIT: from then on, as
 * in an association that was picked up, every tag passes, and that of the
 * last packet counts. The endpoint drops what is wrong.
 *
 * Return: false if its tag is wrong.
 */
bool klb_sctp_next_alone(struct klb_sctp_tags *tags, u8 *state,
			 enum klb_dir dir, const struct klb_sctp_look *look)
{
	if (look->event == KLB_SCTP_INIT)
		return see_init(tags, dir, look);
	if (fits_alone(tags, dir, look)) {
		*state = state_alone(*state, look->event);
		return true;
	}
	if (dir == KLB_DIR_REPLY)
		return true;
	if (look->event == KLB_SCTP_COOKIE_ECHO)
		return cookie_alone(tags, state, look);
	if (!picked_up(tags))
		return false;
	if (!may_pick_up(look))
		return true;
	tags->tag[KLB_DIR_ORIG] = look->tag;
	if (*state != CE)
		*state = ES;
	return true;
}

bool klb_sctp_reopens(u8 state)
{
	return state == CL;
}

/**
 * klb_sctp_timeout() - how long a silent association is remembered
 * @state: enum klb_conn_state
 * @established: seconds for ESTABLISHED, 0: the default
 *
 * A handshake may take as long as a cookie is good and a retransmission takes,
 * both a minute (RFC 9260, section 16). A peer that is alive sends a HEARTBEAT
 * every 30 seconds, unless it was told not to: hence IPVS's quarter of an hour.
 *
 * Return: seconds since the last packet.
 */
u32 klb_sctp_timeout(u8 state, u32 established)
{
	switch (state) {
	case ES:
		return established ?: 900;
	case CL:
		return 10;
	case SA:
		return 30;
	default:
		return 60;
	}
}

/**
 * klb_sctp_timeout_alone() - the same where only the client is seen
 * @state: enum klb_conn_state
 * @established: seconds for ESTABLISHED, 0: the default
 *
 * What ends an association may be forged, see klb_sctp_next_alone(): it is kept
 * until a client that is alive has sent a HEARTBEAT.
 *
 * Return: seconds since the last packet.
 */
u32 klb_sctp_timeout_alone(u8 state, u32 established)
{
	return state == SA || state == CL ? 60 :
	       klb_sctp_timeout(state, established);
}

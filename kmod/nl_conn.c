// SPDX-License-Identifier: GPL-2.0
#include "conn.h"

#include <linux/jiffies.h>
#include <linux/sched/signal.h>
#include <net/sock.h>

#include "netlink.h"
#include "netns.h"

/* The four ends of a connection: client and service, and what it is
 * translated to.
 */
static const struct {
	int addr_attr, port_attr, len_attr;
	size_t addr, port;	/* in struct klb_conn_info */
	bool snat;		/* only there if the source is replaced */
} ends[] = {
#define END(NAME, addr_of, port_of, snat_only)				\
	{ KLB_A_CONN_##NAME##_ADDR, KLB_A_CONN_##NAME##_PORT,		\
	  KLB_A_CONN_##NAME##_LEN,					\
	  offsetof(struct klb_conn_info, addr_of),			\
	  offsetof(struct klb_conn_info, port_of), snat_only }
	END(CLIENT, client, client_port, false),
	END(VIP, vip, vip_port, false),
	END(ENDPOINT, endpoint, endpoint_port, false),
	END(SNAT, source, source_port, true),
};

static union klb_addr *end_addr(const struct klb_conn_info *info, int end)
{
	return (void *)info + ends[end].addr;
}

static __be16 *end_port(const struct klb_conn_info *info, int end)
{
	return (void *)info + ends[end].port;
}

/* Filters */

struct filter {
	struct klb_conn_info want;
	u8 family[4];			/* of each end's address; 0: either */
	u8 len[4];			/* bits of each end's that count */
	u32 has;			/* bits of enum KLB_A_CONN_* */
};

static int read_end(struct nlattr **attrs, int end, struct filter *f,
		    struct netlink_ext_ack *extack)
{
	struct nlattr *addr = attrs[ends[end].addr_attr];
	struct nlattr *port = attrs[ends[end].port_attr];
	struct nlattr *len = attrs[ends[end].len_attr];
	u8 family;
	int err;

	if (port)
		*end_port(&f->want, end) = nla_get_be16(port);
	if (!addr)
		return len ? klb_nl_refuse(extack, len,
					   "a length without its address") : 0;
	err = klb_nl_addr(addr, &family, end_addr(&f->want, end), extack);
	if (err)
		return err;
	f->family[end] = family;
	f->len[end] = len ? nla_get_u8(len) : klb_addr_len(family) * 8;
	if (f->len[end] > klb_addr_len(family) * 8)
		return klb_nl_refuse(extack, len,
				     "the length of a prefix is at most 32 (IPv4) or 128 (IPv6)");
	return 0;
}

static int read_filter(struct nlattr **attrs, struct filter *f,
		       struct netlink_ext_ack *extack)
{
	int i, err;

	memset(f, 0, sizeof(*f));
	for (i = 1; i <= KLB_A_CONN_STATE; i++)
		if (attrs[i])
			f->has |= BIT(i);
	for (i = 0; i < ARRAY_SIZE(ends); i++) {
		err = read_end(attrs, i, f, extack);
		if (err)
			return err;
	}
	if (attrs[KLB_A_CONN_PROTO])
		f->want.proto = nla_get_u8(attrs[KLB_A_CONN_PROTO]);
	if (attrs[KLB_A_CONN_STATE])
		f->want.state = nla_get_u8(attrs[KLB_A_CONN_STATE]);
	return 0;
}

/* Whether the first @len bits are the same. */
static bool bits_equal(const union klb_addr *a, const union klb_addr *b,
		       u8 len)
{
	const u8 *x = (const u8 *)a, *y = (const u8 *)b;

	if (memcmp(x, y, len / 8))
		return false;
	return !(len % 8) ||
	       !((x[len / 8] ^ y[len / 8]) >> (8 - len % 8));
}

static u8 end_family(const struct klb_conn_info *info, int end)
{
	return ends[end].addr_attr < KLB_A_CONN_ENDPOINT_ADDR ?
	       info->family : info->reply_family;
}

static bool end_matches(const struct filter *f,
			const struct klb_conn_info *info, int end)
{
	bool addr = f->has & BIT(ends[end].addr_attr);
	bool port = f->has & BIT(ends[end].port_attr);

	if ((addr || port) && ends[end].snat && !info->snat)
		return false;
	if (addr && (f->family[end] != end_family(info, end) ||
		     !bits_equal(end_addr(&f->want, end), end_addr(info, end),
				 f->len[end])))
		return false;
	return !port || *end_port(&f->want, end) == *end_port(info, end);
}

static bool matches(const struct filter *f, const struct klb_conn_info *info)
{
	int i;

	if ((f->has & BIT(KLB_A_CONN_PROTO)) && f->want.proto != info->proto)
		return false;
	if ((f->has & BIT(KLB_A_CONN_STATE)) && f->want.state != info->state)
		return false;
	for (i = 0; i < ARRAY_SIZE(ends); i++)
		if (!end_matches(f, info, i))
			return false;
	return true;
}

/* Dump */

static int put_end(struct sk_buff *skb, const struct klb_conn_info *info,
		   int end)
{
	if (ends[end].snat && !info->snat)
		return 0;
	return klb_nl_put_addr(skb, ends[end].addr_attr, end_family(info, end),
			       end_addr(info, end)) ?:
	       nla_put_be16(skb, ends[end].port_attr, *end_port(info, end));
}

static int put_u64(struct sk_buff *skb, int type, u64 value)
{
	return nla_put_u64_64bit(skb, type, value, KLB_A_CONN_PAD);
}

int klb_nl_put_conn(struct sk_buff *skb, const struct klb_conn_info *info)
{
	int i;

	if (nla_put_u8(skb, KLB_A_CONN_PROTO, info->proto))
		return -EMSGSIZE;
	for (i = 0; i < ARRAY_SIZE(ends); i++)
		if (put_end(skb, info, i))
			return -EMSGSIZE;
	return nla_put_u8(skb, KLB_A_CONN_STATE, info->state) ?:
	       nla_put_u32(skb, KLB_A_CONN_EXPIRES, info->expires_ms) ?:
	       put_u64(skb, KLB_A_CONN_PACKETS_IN,
		       info->packets[KLB_DIR_ORIG]) ?:
	       put_u64(skb, KLB_A_CONN_BYTES_IN, info->bytes[KLB_DIR_ORIG]) ?:
	       put_u64(skb, KLB_A_CONN_PACKETS_OUT,
		       info->packets[KLB_DIR_REPLY]) ?:
	       put_u64(skb, KLB_A_CONN_BYTES_OUT, info->bytes[KLB_DIR_REPLY]);
}

/* Where a dump stands: connections are told bucket by bucket, and the part
 * of a bucket that does not fit is taken back. Only if the bucket alone is
 * more than a message buffer holds is it told in parts.
 */
struct dump_cursor {
	struct klb_conn_cursor at;
	u32 told;	/* connections of this bucket told already */
};

struct dump {
	struct sk_buff *skb;
	struct netlink_callback *cb;
	struct filter filter;
	u32 skip;	/* this many of the bucket were told before */
	u32 seen;	/* of the bucket */
};

static int dump_conn(struct klb_conn *conn, void *arg)
{
	struct klb_conn_info info;
	struct dump *d = arg;
	void *hdr;

	klb_conn_info(conn, &info);
	if (klb_conn_expired(conn, jiffies) || !matches(&d->filter, &info))
		return 0;
	if (d->seen++ < d->skip)
		return 0;
	hdr = klb_nl_part(d->skb, d->cb, KLB_CMD_CONN_GET);
	if (!hdr || klb_nl_put_conn(d->skb, &info)) {
		if (hdr)
			genlmsg_cancel(d->skb, hdr);
		d->seen--;
		return -EMSGSIZE;
	}
	genlmsg_end(d->skb, hdr);
	return 0;
}

/* One bucket; 0, -EMSGSIZE if there is no room left, -ENOENT at the end. */
static int dump_bucket(struct klb_net *kn, struct dump *d,
		       struct dump_cursor *at)
{
	unsigned int len = d->skb->len;
	int ret;

	d->skip = at->told;
	d->seen = 0;
	ret = klb_conn_walk(kn, &at->at, dump_conn, d);
	d->cb->seq = at->at.changed ? 2 : 1;
	if (!ret) {
		at->told = 0;
	} else if (ret == -EMSGSIZE && len) {
		nlmsg_trim(d->skb, d->skb->data + len);
	} else if (ret == -EMSGSIZE) {
		/* it may change until it is gone on with */
		at->at.changed = true;
		at->told = d->seen;
	}
	return ret;
}

int klb_nl_conn_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct dump_cursor *at = (struct dump_cursor *)cb->ctx;
	struct klb_net *kn = klb_net(sock_net(skb->sk));
	struct nlattr *attrs[KLB_A_CONN_SNAT_LEN + 1];
	struct dump d = { .skb = skb, .cb = cb };
	u32 buckets = 0;
	int err;

	BUILD_BUG_ON(sizeof(*at) > sizeof(cb->ctx));
	err = genlmsg_parse(cb->nlh, &klb_nl_family, attrs, KLB_A_CONN_SNAT_LEN,
			    klb_conn_get_nl_policy, cb->extack) ?:
	      read_filter(attrs, &d.filter, cb->extack);
	if (err)
		return err;
	cb->seq = at->at.changed ? 2 : 1;
	/* What the first message is compared with: it may be preceded by a
	 * change, and by buffers in which nothing was told.
	 */
	if (!cb->prev_seq)
		cb->prev_seq = 1;
	do {
		err = dump_bucket(kn, &d, at);
		if (!(++buckets & 255))
			cond_resched();
	} while (!err);
	return err == -ENOENT ? skb->len : skb->len ?: err;
}

/* Count and flush */

struct count {
	struct klb_net *kn;
	struct filter filter;
	bool flush;
	u32 n;
};

static int count_conn(struct klb_conn *conn, void *arg)
{
	struct klb_conn_info info;
	struct count *c = arg;

	klb_conn_info(conn, &info);
	if (!matches(&c->filter, &info))
		return 0;
	c->n += !klb_conn_expired(conn, jiffies);
	if (c->flush)
		klb_conn_kill_for(c->kn, conn, KLB_CONN_FLUSHED);
	return 0;
}

/* conns.resizing held: a shrinking table moves nodes to buckets that the walk
 * is past.
 */
static int count_walk(struct count *c)
{
	struct klb_conn_cursor cursor = {};
	int err;

	do {
		err = klb_conn_walk(c->kn, &cursor, count_conn, c);
		if (!(cursor.bucket & 255))
			cond_resched();
		if (fatal_signal_pending(current))
			return -EINTR;
	} while (!err);
	return err == -ENOENT ? 0 : err;
}

static int count_all(struct count *c)
{
	struct mutex *resizing = &c->kn->conns.resizing;
	int err;

	if (mutex_lock_killable(resizing))
		return -EINTR;
	err = count_walk(c);
	mutex_unlock(resizing);
	return err;
}

static int count_doit(struct genl_info *info, u8 cmd)
{
	struct count c = {
		.kn = klb_net(genl_info_net(info)),
		.flush = cmd == KLB_CMD_CONN_FLUSH,
	};
	struct sk_buff *msg;
	void *hdr;
	int err;

	err = read_filter(info->attrs, &c.filter, info->extack);
	if (err)
		return err;
	msg = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_KERNEL);
	if (!msg)
		return -ENOMEM;
	hdr = genlmsg_put_reply(msg, info, &klb_nl_family, 0, cmd);
	err = count_all(&c) ?: nla_put_u32(msg, KLB_A_CONN_COUNT, c.n);
	return klb_nl_reply(msg, hdr, info, err);
}

int klb_nl_conn_count_doit(struct sk_buff *skb, struct genl_info *info)
{
	return count_doit(info, KLB_CMD_CONN_COUNT);
}

int klb_nl_conn_flush_doit(struct sk_buff *skb, struct genl_info *info)
{
	return count_doit(info, KLB_CMD_CONN_FLUSH);
}

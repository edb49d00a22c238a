// SPDX-License-Identifier: GPL-2.0
/* The source that replaces a client's. An address and port can be had by as
 * many connections as there are endpoints: only the tuple of the reply has to
 * be nobody else's, which the connection table tells.
 */
#include "source.h"

#include <net/ip.h>

#include "conn.h"
#include "host_socket.h"
#include "netns.h"
#include "pool.h"
#include "snat_port.h"

/* Ports of an address that is in no pool. */
#define PORT_LOW	1024
#define PORT_HIGH	65535

/* What a search may cost. Of so many tries at random one finds a port, but for
 * one search in thousands, when 93 and 99.8 in 100 are in use; and fewer ports
 * than that are all looked at.
 */
#define TRIES_PREFERRED	128
#define TRIES_ALL	4096
/* Ports of an address that are tried before those of the next. */
#define RUN		16

struct search {
	struct klb_net *kn;
	struct klb_conn *conn;
	const struct klb_pool *pool;	/* NULL: the address stays */
	struct klb_side *r;
	struct klb_port_set ports;
	u32 n;				/* addresses */
	u32 home;			/* the first one, by the client */
	u32 seed;
	u32 left;			/* tries */
	bool local;			/* the address is this host's */
	bool more;			/* not all of some address were tried */
};

/* What this host's own sockets have would be theirs no more. */
static bool is_hosts(const struct search *s)
{
	struct klb_route *rt = rcu_dereference(s->conn->ep->route);
	struct klb_tuple t;

	if (!s->local)
		return false;
	klb_side_tuple(s->r, &t);
	return klb_host_socket(s->kn->net, &t, rt ? rt->dev->ifindex : 0);
}

static int try_port(struct search *s, u16 port)
{
	struct klb_conn_table *ct = &s->kn->conns;

	s->r->ports.dst = htons(port);
	klb_conn_hash_reply(ct, s->conn, s->conn->reply_family);
	if (klb_conn_reply_used(s->kn, s->conn) || is_hosts(s))
		return -EADDRINUSE;
	klb_conn_settle(ct, s->conn);
	return klb_conn_insert_any(s->kn, s->conn);
}

/* The address of a client always begins with the same one of a pool. */
static void set_address(struct search *s, u32 i)
{
	u8 family = s->conn->reply_family;
	struct klb_side *r = s->r;
	union klb_addr addr;

	if (s->pool) {
		klb_pool_addr(s->pool, (s->home + i) % s->n, &addr);
		if (family == AF_INET)
			r->addr.ip.dst = addr.ip;
		else
			r->addr.ip6.dst = addr;
	} else {
		addr = family == AF_INET ?
		       (union klb_addr){ .ip = r->addr.ip.dst } :
		       r->addr.ip6.dst;
	}
	s->local = klb_local_address(s->kn->net, family, &addr);
}

/* The next few ports of an address. Those that the kernel gives to processes
 * are not preferred: what it gives later nobody can see now.
 */
static int try_run(struct search *s, u32 round, bool preferred)
{
	struct klb_port_set set = s->ports;
	struct klb_port_walk w;
	int err = -EADDRINUSE;
	u16 port;
	int i;

	if (!preferred || !s->local) {
		set.omit_low = 0;
		set.omit_high = 0;
	}
	klb_port_walk_init(&w, &set, s->seed);
	klb_port_walk_skip(&w, round * RUN);
	/* addresses without any cost something as well */
	if (!w.left)
		s->left--;
	for (i = 0; i < RUN && s->left; i++) {
		port = klb_port_walk_next(&w);
		if (!port)
			break;
		s->left--;
		err = try_port(s, port);
		if (err != -EADDRINUSE)
			return err;
	}
	s->more |= w.left;
	return err;
}

static int try_all(struct search *s, bool preferred, u32 tries)
{
	u32 round = 0, i;
	int err;

	s->left = tries;
	do {
		s->more = false;
		for (i = 0; i < s->n && s->left; i++) {
			set_address(s, i);
			err = try_run(s, round, preferred);
			if (err != -EADDRINUSE)
				return err;
		}
		round++;
	} while (s->more && s->left);
	return -EADDRINUSE;
}

static void begin(struct search *s, struct klb_net *kn, struct klb_conn *conn,
		  const struct klb_pool *pool)
{
	struct klb_tuple o;
	int low, high;

	klb_side_tuple(klb_conn_side(conn, 0, KLB_DIR_ORIG), &o);
	inet_get_local_port_range(kn->net, &low, &high);
	*s = (struct search){
		.kn = kn,
		.conn = conn,
		.pool = pool,
		.r = klb_conn_side(conn, conn->reply_family, KLB_DIR_REPLY),
		.ports = {
			.low = pool ? pool->port_low : PORT_LOW,
			.high = pool ? pool->port_high : PORT_HIGH,
			.omit_low = low,
			.omit_high = high,
		},
		.n = pool ? pool->n : 1,
		.home = pool ? klb_pool_home(pool, o.family, &o.src) : 0,
		.seed = klb_conn_side(conn, 0, KLB_DIR_ORIG)->hash,
	};
}

int klb_source_insert(struct klb_net *kn, struct klb_conn *conn,
		      const struct klb_pool *pool, bool fullnat)
{
	struct search s;
	int err;

	if (conn->flags & KLB_CONN_DIRECT)
		return -EADDRINUSE;
	conn->flags |= KLB_CONN_SNAT;
	begin(&s, kn, conn, pool);
	err = try_all(&s, true, TRIES_PREFERRED);
	if (err == -EADDRINUSE)
		err = try_all(&s, false, TRIES_ALL);
	/* what a client alone has used up is there for others */
	if (err == -EADDRINUSE && fullnat)
		WRITE_ONCE(conn->ep->used_up, (u32)jiffies | 1);
	return err;
}

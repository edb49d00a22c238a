// SPDX-License-Identifier: GPL-2.0
/* Connections of SCTP: an association each, with all its paths. */
#include "conn_sctp.h"

#include <linux/jiffies.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "netns.h"

/* An end that has been silent on a path for so long is taken to send by
 * another one as soon as that shows a HEARTBEAT.
 */
#define SILENT		(5 * HZ)

/* Associations that may have a tag and ports in common, as only a client that
 * chooses its tags makes them; whoever is behind so many is not found.
 */
#define ALIKE_MAX	64

static struct kmem_cache *cache4, *cache6;

static struct kmem_cache *cache_create(const char *name, u8 family)
{
	return kmem_cache_create(name, sizeof(struct klb_conn) +
				 2 * KLB_SIDE_SIZE(family) +
				 sizeof(struct klb_sctp), 0, 0, NULL);
}

static struct kmem_cache *cache_of(u8 family)
{
	return family == AF_INET ? cache4 : cache6;
}

int klb_sctp_module_init(void)
{
	cache4 = cache_create("klb_sctp4", AF_INET);
	cache6 = cache_create("klb_sctp6", AF_INET6);
	if (cache4 && cache6)
		return 0;
	klb_sctp_module_exit();
	return -ENOMEM;
}

void klb_sctp_module_exit(void)
{
	kmem_cache_destroy(cache6);
	kmem_cache_destroy(cache4);
	cache6 = NULL;
	cache4 = NULL;
}

int klb_sctp_start_net(struct klb_net *kn)
{
	struct klb_sctp_table *table;

	lockdep_assert_held(&kn->lock);
	if (rcu_access_pointer(kn->sctp))
		return 0;
	table = kvzalloc(sizeof(*table), GFP_KERNEL);
	if (!table)
		return -ENOMEM;
	spin_lock_init(&table->lock);
	rcu_assign_pointer(kn->sctp, table);
	return 0;
}

/* Packets do not come any more, connections are gone. */
void klb_sctp_exit_net(struct klb_net *kn)
{
	kvfree(rcu_dereference_protected(kn->sctp, 1));
}

void *klb_sctp_alloc(u8 family)
{
	return kmem_cache_alloc(cache_of(family), GFP_ATOMIC | __GFP_NOWARN);
}

static void free_path(struct klb_conn *conn)
{
	u8 family = klb_conn_family(conn);
	struct klb_route *out;

	out = rcu_dereference_protected(klb_sctp(conn)->out, 1);
	if (out)
		klb_route_put(out);
	klb_conn_drop_route(conn);
	kmem_cache_free(cache_of(family),
			(void *)conn - KLB_SIDE_SIZE(family));
}

void klb_sctp_free(struct klb_net *kn, struct klb_conn *conn)
{
	struct klb_sctp *s = klb_sctp(conn);
	int i;

	for (i = 0; i < s->n_paths; i++)
		free_path(s->paths[i]);
	free_path(conn);
}

/* State */

static void set_state(struct klb_conn *conn, u8 state)
{
	u32 wanted = READ_ONCE(conn->ep->svc->timeout);
	u32 timeout = HZ * (conn->flags & KLB_CONN_DIRECT ?
			    klb_sctp_timeout_alone(state, wanted) :
			    klb_sctp_timeout(state, wanted));

	WRITE_ONCE(conn->state, state);
	WRITE_ONCE(conn->timeout, timeout);
	WRITE_ONCE(conn->expires, (u32)jiffies + timeout);
	klb_conn_recount(conn);
}

bool klb_sctp_start(struct klb_conn *conn, const struct klb_sctp_look *look)
{
	struct klb_sctp *s = klb_sctp(conn);
	u32 now = jiffies;
	u8 state;

	memset(s, 0, sizeof(*s));
	spin_lock_init(&s->lock);
	s->head = conn;
	s->by_tag[KLB_DIR_REPLY].dir = KLB_DIR_REPLY;
	s->seen[KLB_DIR_ORIG] = now;
	s->seen[KLB_DIR_REPLY] = now;
	s->beat = now;
	state = klb_sctp_first(&s->tags, look);
	set_state(conn, state);
	return state;
}

/* The tag that packets of a direction have, or will have. */
static u32 tag_of(const struct klb_sctp_tags *tags, enum klb_dir dir)
{
	u32 tag = tags->tag[dir];
	int i;

	for (i = 0; i < KLB_SCTP_OFFERS && !tag; i++)
		tag = tags->offer[i].tag[dir];
	return tag;
}

static struct hlist_head *tags_at(struct klb_net *kn,
				  struct klb_sctp_table *table, u32 tag,
				  u32 ports)
{
	u32 hash = klb_hash4(&kn->conns.key, (u64)tag << 32 | ports, 0);

	return &table->tags[hash & ((1 << KLB_SCTP_TAG_BITS) - 1)];
}

/* Under the connection's lock. */
static void set_by_tag(struct klb_net *kn, struct klb_sctp *s,
		       enum klb_dir dir, u32 tag)
{
	struct klb_sctp_table *table = rcu_dereference(kn->sctp);
	struct klb_sctp_tag *by = &s->by_tag[dir];
	u8 family = klb_conn_family(s->head);

	if (by->tag == tag)
		return;
	spin_lock(&table->lock);
	if (by->tag)
		hlist_del_rcu(&by->node);
	WRITE_ONCE(by->tag, tag);
	by->ports = klb_conn_side(s->head, family, dir)->ports.both;
	if (tag)
		hlist_add_head_rcu(&by->node,
				   tags_at(kn, table, tag, by->ports));
	spin_unlock(&table->lock);
}

static void follow_tags(struct klb_net *kn, struct klb_sctp *s)
{
	set_by_tag(kn, s, KLB_DIR_ORIG, tag_of(&s->tags, KLB_DIR_ORIG));
	set_by_tag(kn, s, KLB_DIR_REPLY, tag_of(&s->tags, KLB_DIR_REPLY));
}

void klb_sctp_publish(struct klb_net *kn, struct klb_conn *conn)
{
	struct klb_sctp *s = klb_sctp(conn);

	spin_lock(&s->lock);
	if (!s->over)
		follow_tags(kn, s);
	spin_unlock(&s->lock);
}

static void unhash_paths(struct klb_net *kn, struct klb_sctp *s)
{
	int i;

	for (i = 0; i < s->n_paths; i++)
		klb_conn_unhash_path(kn, s->paths[i]);
}

void klb_sctp_unpublish(struct klb_net *kn, struct klb_conn *conn)
{
	struct klb_sctp *s = klb_sctp(conn);

	rcu_read_lock();
	spin_lock_bh(&s->lock);
	s->over = true;
	set_by_tag(kn, s, KLB_DIR_ORIG, 0);
	set_by_tag(kn, s, KLB_DIR_REPLY, 0);
	unhash_paths(kn, s);
	spin_unlock_bh(&s->lock);
	rcu_read_unlock();
}

bool klb_sctp_see(struct klb_net *kn, struct klb_conn *conn, enum klb_dir dir,
		  const struct klb_sctp_look *look)
{
	struct klb_sctp *s = klb_sctp(conn);
	u8 state;
	bool ok;

	/* most packets */
	if (look->event == KLB_SCTP_OTHER &&
	    READ_ONCE(conn->state) == KLB_CONN_STATE_ESTABLISHED &&
	    READ_ONCE(s->tags.tag[dir]) == look->tag)
		return true;
	spin_lock(&s->lock);
	state = conn->state;
	ok = conn->flags & KLB_CONN_DIRECT ?
	     klb_sctp_next_alone(&s->tags, &state, dir, look) :
	     klb_sctp_next(&s->tags, &state, dir, look);
	if (state != conn->state)
		set_state(conn, state);
	if (!s->over)
		follow_tags(kn, s);
	spin_unlock(&s->lock);
	return ok;
}

/* Paths */

bool klb_sctp_client_is_seen(const struct klb_conn *conn)
{
	u8 family = klb_conn_family(conn);
	const struct klb_side *o = klb_conn_side(conn, family, KLB_DIR_ORIG);
	const struct klb_side *r = klb_conn_side(conn, family, KLB_DIR_REPLY);

	if (family == AF_INET)
		return o->addr.ip.src == r->addr.ip.dst;
	return klb_addr_equal(family, &o->addr.ip6.src, &r->addr.ip6.dst);
}

static bool tag_fits(const struct klb_sctp *s, const struct klb_tuple *t,
		     const struct klb_service *svc)
{
	return klb_conn_family(s->head) == t->family &&
	       (!svc || s->head->ep->svc == svc) &&
	       !klb_conn_expired(s->head, (u32)jiffies);
}

struct klb_conn *klb_sctp_by_tag(struct klb_net *kn, const struct klb_tuple *t,
				 enum klb_dir dir, u32 tag,
				 const struct klb_service *svc)
{
	struct klb_sctp_table *table = rcu_dereference(kn->sctp);
	struct klb_sctp_tag *by;
	struct klb_sctp *s;
	int left = ALIKE_MAX;

	if (!table || !tag)
		return NULL;
	hlist_for_each_entry_rcu(by, tags_at(kn, table, tag, t->ports.both),
				 node) {
		if (READ_ONCE(by->tag) != tag || by->dir != dir ||
		    by->ports != t->ports.both)
			continue;
		if (!left--)
			break;
		s = container_of(by - dir, struct klb_sctp, by_tag[0]);
		if (tag_fits(s, t, svc))
			return s->head;
	}
	return NULL;
}

static int n_paths(const struct klb_sctp *s)
{
	return smp_load_acquire(&s->n_paths); /* see add() */
}

/* Path @i of an association; the first is 0. */
static struct klb_conn *path_at(const struct klb_sctp *s, int i)
{
	return i ? s->paths[i - 1] : s->head;
}

static bool same_tuple(const struct klb_side *a, const struct klb_side *b)
{
	struct klb_key key;

	klb_side_key(b, b->family, &key);
	return klb_side_is(a, a->family, &key);
}

static bool later(u32 a, u32 b)
{
	return (s32)(a - b) > 0;
}

/* Of the paths by which client @client sends, the one it did last; of all
 * if none is its.
 */
static struct klb_conn *last_of_client(const struct klb_sctp *s, u8 family,
				       const union klb_addr *client)
{
	struct klb_conn *conn, *best = NULL;
	struct klb_tuple t;
	int i;

	for (i = 0; i <= n_paths(s); i++) {
		conn = path_at(s, i);
		klb_side_tuple(klb_conn_side(conn, family, KLB_DIR_ORIG), &t);
		if (client && !klb_addr_equal(family, client, &t.src))
			continue;
		if (!best || later(READ_ONCE(klb_sctp(conn)->seen[KLB_DIR_ORIG]),
				   READ_ONCE(klb_sctp(best)->seen[KLB_DIR_ORIG])))
			best = conn;
	}
	return best;
}

/* The path by which the endpoint has sent last. */
static struct klb_conn *last_of_endpoint(const struct klb_sctp *s)
{
	struct klb_conn *conn, *best = s->head;
	int i;

	for (i = 0; i < n_paths(s); i++) {
		conn = s->paths[i];
		if (later(READ_ONCE(klb_sctp(conn)->seen[KLB_DIR_REPLY]),
			  READ_ONCE(klb_sctp(best)->seen[KLB_DIR_REPLY])))
			best = conn;
	}
	return best;
}

struct klb_conn *klb_sctp_path(struct klb_conn *conn, enum klb_dir dir,
			       const struct klb_sctp_look *look)
{
	const struct klb_sctp *s = klb_sctp(klb_sctp_head(conn));
	u8 family = klb_conn_family(conn);
	const struct klb_side *side = klb_conn_side(conn, family, dir);
	struct klb_conn *best = conn, *path;
	const struct klb_sctp *a, *b;
	int i;

	for (i = 0; i <= n_paths(s); i++) {
		path = path_at(s, i);
		if (path == best ||
		    !same_tuple(klb_conn_side(path, family, dir), side))
			continue;
		a = klb_sctp(path);
		b = klb_sctp(best);
		/* the answer goes the way that the HEARTBEAT came */
		if (dir == KLB_DIR_REPLY && look->heartbeat_ack ?
		    later(READ_ONCE(a->beat), READ_ONCE(b->beat)) :
		    later(READ_ONCE(a->seen[!dir]), READ_ONCE(b->seen[!dir])))
			best = path;
	}
	return best;
}

/* Whether the sender was silent on all other paths that lead to the same
 * tuple at the other end.
 */
static bool silent(const struct klb_sctp *s, const struct klb_conn *conn,
		   enum klb_dir dir, u32 now)
{
	u8 family = klb_conn_family(conn);
	const struct klb_side *to = klb_conn_side(conn, family, !dir);
	struct klb_conn *path;
	int i;

	for (i = 0; i <= n_paths(s); i++) {
		path = path_at(s, i);
		if (path != conn &&
		    same_tuple(klb_conn_side(path, family, !dir), to) &&
		    now - READ_ONCE(klb_sctp(path)->seen[dir]) < SILENT)
			return false;
	}
	return true;
}

/* Notes that @conn, of which the hashed side of @dir is, has a packet. */
void klb_sctp_note(struct klb_conn *conn, enum klb_dir dir,
		   const struct klb_sctp_look *look)
{
	const struct klb_sctp *s = klb_sctp(klb_sctp_head(conn));
	u8 family = klb_conn_family(conn);
	const struct klb_side *side = klb_conn_side(conn, family, dir);
	struct klb_conn *path;
	u32 now = jiffies;
	bool shows;
	int i;

	if (!n_paths(s) && READ_ONCE(klb_sctp(conn)->seen[dir]) == now)
		return;
	shows = !(look->heartbeat || look->heartbeat_ack) ||
		silent(s, conn, dir, now);
	for (i = 0; i <= n_paths(s); i++) {
		path = path_at(s, i);
		if (!same_tuple(klb_conn_side(path, family, dir), side))
			continue;
		if (shows)
			WRITE_ONCE(klb_sctp(path)->seen[dir], now);
		if (dir == KLB_DIR_ORIG && look->heartbeat)
			WRITE_ONCE(klb_sctp(path)->beat, now);
	}
}

static void init_path(struct klb_conn *path, struct klb_conn *head)
{
	struct klb_sctp *s = klb_sctp(path);
	u32 now = jiffies;

	memset(s, 0, sizeof(*s));
	s->head = head;
	s->seen[KLB_DIR_ORIG] = now - 2 * SILENT;
	s->seen[KLB_DIR_REPLY] = now - 2 * SILENT;
	s->beat = s->seen[KLB_DIR_ORIG];
	path->flags = KLB_CONN_PATH |
		      (head->flags & (KLB_CONN_KLB_DEV | KLB_CONN_SNAT |
				      KLB_CONN_DIRECT));
	path->klb_ifindex = head->klb_ifindex;
	path->state = head->state;
	path->timeout = head->timeout;
	path->expires = head->expires;
}

/* The tuple that a packet of @dir and tuple @t has not: that of the other
 * direction.
 */
static void other_tuple(const struct klb_sctp *s, const struct klb_tuple *t,
			enum klb_dir dir, struct klb_tuple *other)
{
	struct klb_conn *head = s->head, *last;
	bool seen = klb_sctp_client_is_seen(head);
	u8 family = t->family;

	if (head->flags & KLB_CONN_DIRECT) {
		klb_tuple_reverse(other, t);
		return;
	}
	if (dir == KLB_DIR_ORIG) {
		last = last_of_endpoint(s);
		klb_side_tuple(klb_conn_side(last, family, KLB_DIR_REPLY),
			       other);
		if (seen)
			klb_addr_copy(family, &other->dst, &t->src);
		return;
	}
	last = last_of_client(s, family, seen ? &t->dst : NULL) ?: head;
	klb_side_tuple(klb_conn_side(last, family, KLB_DIR_ORIG), other);
	if (seen)
		klb_addr_copy(family, &other->src, &t->dst);
}

static void set_tuples(struct klb_net *kn, struct klb_conn *path,
		       const struct klb_tuple *o, const struct klb_tuple *r)
{
	struct klb_side *side = klb_conn_side(path, o->family, KLB_DIR_ORIG);

	klb_side_set(side, o->family, o->proto, o->ports, &o->src, &o->dst);
	klb_side_set_hash(side, klb_tuple_hash(&kn->conns.key, o),
			  KLB_DIR_ORIG);
	side = klb_conn_side(path, r->family, KLB_DIR_REPLY);
	klb_side_set(side, r->family, r->proto, r->ports, &r->src, &r->dst);
	klb_conn_settle(&kn->conns, path);
}

/* Under the lock of the connection. */
static struct klb_conn *add(struct klb_net *kn, struct klb_sctp *s,
			    const struct klb_tuple *t, enum klb_dir dir)
{
	struct klb_tuple other;
	struct klb_conn *path;

	if (s->over || s->n_paths == KLB_SCTP_PATHS_MAX)
		return NULL;
	path = klb_conn_alloc_path(s->head, t->family);
	if (!path)
		return NULL;
	other_tuple(s, t, dir, &other);
	set_tuples(kn, path, dir == KLB_DIR_ORIG ? t : &other,
		   dir == KLB_DIR_ORIG ? &other : t);
	init_path(path, s->head);
	if (klb_conn_insert_path(kn, path, dir)) {
		free_path(path);
		return NULL;
	}
	s->paths[s->n_paths] = path;
	smp_store_release(&s->n_paths, s->n_paths + 1); /* see n_paths() */
	return path;
}

struct klb_conn *klb_sctp_add_path(struct klb_net *kn, struct klb_conn *head,
				   const struct klb_tuple *t, enum klb_dir dir)
{
	struct klb_sctp *s = klb_sctp(head);
	struct klb_conn *path;

	spin_lock(&s->lock);
	path = add(kn, s, t, dir);
	spin_unlock(&s->lock);
	return path;
}

void klb_sctp_add_counters(const struct klb_conn *conn, u64 *packets,
			   u64 *bytes)
{
	const struct klb_sctp *s = klb_sctp(conn);
	int i, dir;

	for (i = 0; i < n_paths(s); i++) {
		for (dir = 0; dir < 2; dir++) {
			packets[dir] += READ_ONCE(s->paths[i]->packets[dir]);
			bytes[dir] += READ_ONCE(s->paths[i]->bytes[dir]);
		}
	}
}

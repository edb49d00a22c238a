/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KLB_CONN_SCTP_H
#define KLB_CONN_SCTP_H

#include <linux/rculist.h>
#include <linux/spinlock.h>

#include "conn.h"
#include "sctp.h"

struct klb_service;

/* An association is one connection, and may have several addresses at each
 * end: each pair of client's and service's, and each of endpoint's and
 * client's, that packets have been seen of is a path. The first path is the
 * connection; each further one is a struct klb_conn of its own with
 * KLB_CONN_PATH, which nobody counts or shows, and whose state is the first
 * one's. They begin and end with the connection. Two paths may have the same
 * tuple in one direction: then the side of only one of them is hashed.
 */
#define KLB_SCTP_PATHS_MAX	15	/* further paths */

/* By what packets of an unknown path find their association: verification tag
 * and ports, of one direction.
 */
struct klb_sctp_tag {
	struct hlist_node node;		/* klb_sctp_table.tags */
	u32 tag;			/* 0: it is in no list */
	u32 ports;
	u8 dir;				/* enum klb_dir, never changes */
};

/* What a connection of SCTP has behind its original side. */
struct klb_sctp {
	struct klb_conn *head;		/* the first path; perhaps this one */
	/* To another address of the endpoint than the configured one; renewed
	 * on use.
	 */
	struct klb_route __rcu *out;
	/* When a packet of each direction was seen that shows which way that
	 * end sends; and a HEARTBEAT of the client. jiffies
	 */
	u32 seen[2];
	u32 beat;

	/* The rest is of the first path only. lock is taken with BH off and
	 * before those of buckets; what is below is changed under it, and so
	 * is conn->state. tags.tag[] and paths are read without.
	 */
	spinlock_t lock;
	bool over;			/* no more paths */
	u8 n_paths;
	struct klb_sctp_tags tags;
	struct klb_sctp_tag by_tag[2];	/* [enum klb_dir] */
	struct klb_conn *paths[KLB_SCTP_PATHS_MAX];
};

#define KLB_SCTP_TAG_BITS	14
#define KLB_SCTP_ALIAS_BITS	8

/* Made with the first service of SCTP. */
struct klb_sctp_table {
	spinlock_t lock;		/* of the lists of tags; BH is off */
	struct hlist_head tags[1 << KLB_SCTP_TAG_BITS];
	struct hlist_head aliases[1 << KLB_SCTP_ALIAS_BITS]; /* klb_net.lock */
};

static inline struct klb_sctp *klb_sctp(const struct klb_conn *conn)
{
	return (void *)(conn + 1) + KLB_SIDE_SIZE(klb_conn_family(conn));
}

/* The connection of a path. */
static inline struct klb_conn *klb_sctp_head(const struct klb_conn *conn)
{
	return klb_sctp(conn)->head;
}

int klb_sctp_module_init(void);
void klb_sctp_module_exit(void);
/* klb_net.lock held. */
int klb_sctp_start_net(struct klb_net *kn);
void klb_sctp_exit_net(struct klb_net *kn);

/* klb_conn_alloc() of both sides' family, without the counting; and the end of
 * it, with further paths and all routes.
 */
void *klb_sctp_alloc(u8 family);
void klb_sctp_free(struct klb_net *kn, struct klb_conn *conn);

/* Of a new connection whose sides are set: its state, by its first packet.
 * False: that is none to begin with.
 */
bool klb_sctp_start(struct klb_conn *conn, const struct klb_sctp_look *look);

/* What a packet of @conn does to its state. False: its tag is wrong. RCU and
 * BH held here and below.
 */
bool klb_sctp_see(struct klb_net *kn, struct klb_conn *conn, enum klb_dir dir,
		  const struct klb_sctp_look *look);

/* The connection is in the table: packets of other paths find it. */
void klb_sctp_publish(struct klb_net *kn, struct klb_conn *conn);

/* The connection was unhashed: nobody finds it by other paths either. */
void klb_sctp_unpublish(struct klb_net *kn, struct klb_conn *conn);

/* The connection that an unknown path of @dir belongs to. @svc: of direction
 * ORIG, the service that is asked. NULL: there is none.
 */
struct klb_conn *klb_sctp_by_tag(struct klb_net *kn, const struct klb_tuple *t,
				 enum klb_dir dir, u32 tag,
				 const struct klb_service *svc);

/* A path for packets with tuple @t, which are of @dir. NULL: there can be no
 * more, or a tuple is another connection's.
 */
struct klb_conn *klb_sctp_add_path(struct klb_net *kn, struct klb_conn *head,
				   const struct klb_tuple *t, enum klb_dir dir);

/* The path that a packet goes on, which was found by path @conn: of those with
 * its tuple the one that the other end sends by.
 */
struct klb_conn *klb_sctp_path(struct klb_conn *conn, enum klb_dir dir,
			       const struct klb_sctp_look *look);

/* Notes that an end has sent by a path that its packet was found by. */
void klb_sctp_note(struct klb_conn *conn, enum klb_dir dir,
		   const struct klb_sctp_look *look);

/* Whether the endpoint sees the client's own addresses. */
bool klb_sctp_client_is_seen(const struct klb_conn *conn);

/* Adds what came by the further paths to the counters of a connection. */
void klb_sctp_add_counters(const struct klb_conn *conn, u64 *packets,
			   u64 *bytes);

#endif

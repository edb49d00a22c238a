// SPDX-License-Identifier: GPL-2.0
/* Which connections lc and wlc count for their endpoint. */
#include "conn.h"

#include "netns.h"
#include "sched.h"

/* A connection that counts is counted once while it lives and given back once,
 * by its last step or by its end. A RST that turns out to be a forged one brings
 * it back.
 */
static noinline void recount(struct klb_conn *conn, u16 also)
{
	const struct klb_side *o = klb_conn_side(conn, klb_conn_family(conn),
						 KLB_DIR_ORIG);
	struct klb_endpoint *ep = conn->ep;
	spinlock_t *lock = klb_conn_lock(&ep->svc->kn->conns, o->hash);
	bool over;
	u16 flags;

	spin_lock_bh(lock);
	/* here, or of two steps the earlier one might have the last word */
	over = klb_conn_over(READ_ONCE(conn->state));
	flags = conn->flags | also;
	if (flags & KLB_CONN_COUNTED && over) {
		flags &= ~KLB_CONN_COUNTED;
		klb_sched_end(ep);
	} else if (!(flags & (KLB_CONN_COUNTED | KLB_CONN_DEAD)) && !over) {
		flags |= KLB_CONN_COUNTED;
		klb_sched_begin(ep);
	}
	WRITE_ONCE(conn->flags, flags);
	spin_unlock_bh(lock);
}

void klb_conn_count(struct klb_conn *conn)
{
	recount(conn, KLB_CONN_COUNTS);
}

void klb_conn_recount(struct klb_conn *conn)
{
	if (unlikely(READ_ONCE(conn->flags) & KLB_CONN_COUNTS))
		recount(conn, 0);
}

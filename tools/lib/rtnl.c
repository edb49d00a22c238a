// SPDX-License-Identifier: GPL-2.0
#include "rtnl.h"

#include <errno.h>
#include <string.h>

struct nl_msg *klb_rt_request(struct klb *k, int type, int flags,
			      const void *head, size_t len)
{
	struct nl_msg *msg;

	if (!k->route.buf && klb_sock_open(&k->route, NETLINK_ROUTE, &k->err))
		return NULL;
	msg = nlmsg_alloc_simple(type, flags);
	if (!msg || nlmsg_append(msg, (void *)head, len, NLMSG_ALIGNTO)) {
		nlmsg_free(msg);
		klb_err_set(&k->err, 0, "out of memory");
		return NULL;
	}
	return msg;
}

/* What can be said before anything is sent: no message, or a bad one. */
static int check(struct klb *k, struct nl_msg *msg, int put_rc)
{
	if (!msg)
		return -ENOMEM;	/* klb_rt_request() has said why */
	if (put_rc)
		return klb_err_set(&k->err, -ENOMEM, "out of memory");
	return 0;
}

int klb_rt_do(struct klb *k, struct nl_msg *msg, int put_rc)
{
	int rc = check(k, msg, put_rc);

	if (!rc)
		rc = klb_sock_talk(&k->route, msg, NULL, NULL, &k->err);
	nlmsg_free(msg);
	return rc;
}

int klb_rt_dump(struct klb *k, struct nl_msg *msg, int put_rc, klb_msg_cb cb,
		void *arg)
{
	int rc = check(k, msg, put_rc);

	if (!rc)
		rc = klb_dump_on(k, &k->route, msg, cb, arg);
	nlmsg_free(msg);
	return rc;
}

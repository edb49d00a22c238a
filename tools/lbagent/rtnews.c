// SPDX-License-Identifier: GPL-2.0
#include "rtnews.h"

#include <errno.h>
#include <linux/filter.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "sock.h"

#define BATCH	64	/* messages, before others have their turn */

struct rtnews {
	struct klb_sock sock;
	rtnews_cb cb;
	void *arg;
	sd_event_source *io;
};

/* 1: there may be more. */
static int receive(struct rtnews *r)
{
	const struct nlmsghdr *nlh;
	int n, rc = 0;

	n = klb_sock_recv(&r->sock);
	if (n == -EAGAIN || n == -EINTR)
		return 0;
	if (n < 0)
		return n;
	for (nlh = (void *)r->sock.buf; !rc && NLMSG_OK(nlh, (unsigned int)n);
	     nlh = NLMSG_NEXT(nlh, n))
		rc = r->cb(nlh, r->arg);
	return rc ? rc : 1;
}

/*
 * What waits is older than what was lost: after a dump it would bring back what
 * ended without a word.
 */
static void drain(struct rtnews *r)
{
	int n;

	do
		n = klb_sock_recv(&r->sock);
	while (n > 0 || n == -ENOBUFS);
}

static int on_io(sd_event_source *source, int fd, uint32_t events, void *arg)
{
	struct rtnews *r = arg;
	int i, rc = 1;

	for (i = 0; i < BATCH && rc > 0; i++)
		rc = receive(r);
	if (rc >= 0)
		return 0;
	drain(r);
	(void)r->cb(NULL, r->arg);
	return 0;
}

static int set(const struct rtnews *r, int level, int name, const void *value,
	       size_t size)
{
	return setsockopt(r->sock.fd, level, name, value, size) ? -errno : 0;
}

static int join(struct rtnews *r, const int *groups,
		const struct sock_fprog *filter)
{
	int rc = 0;

	if (filter)
		rc = set(r, SOL_SOCKET, SO_ATTACH_FILTER, filter,
			 sizeof(*filter));
	for (; !rc && *groups != RTNLGRP_NONE; groups++)
		rc = set(r, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, groups,
			 sizeof(*groups));
	if (!rc && nl_socket_set_nonblocking(r->sock.nl))
		rc = -EINVAL;
	return rc;
}

int rtnews_new(struct rtnews **out, sd_event *event, const int *groups,
	       const struct sock_fprog *filter, rtnews_cb cb, void *arg,
	       struct klb_err *err)
{
	struct rtnews *r = calloc(1, sizeof(*r));
	int rc;

	if (!r)
		return klb_err_set(err, -ENOMEM, "out of memory");
	r->cb = cb;
	r->arg = arg;
	rc = klb_sock_open(&r->sock, NETLINK_ROUTE, err);
	if (rc) {
		free(r);
		return rc;
	}
	rc = join(r, groups, filter);
	if (!rc)
		rc = sd_event_add_io(event, &r->io, r->sock.fd, EPOLLIN, on_io,
				     r);
	if (rc < 0) {
		rtnews_free(r);
		return klb_err_set(err, rc,
				   "cannot listen for changes of the network: %s",
				   strerror(-rc));
	}
	*out = r;
	return 0;
}

void rtnews_free(struct rtnews *r)
{
	if (!r)
		return;
	sd_event_source_disable_unref(r->io);
	klb_sock_close(&r->sock);
	free(r);
}

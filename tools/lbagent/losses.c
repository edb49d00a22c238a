// SPDX-License-Identifier: GPL-2.0
#include "losses.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/rtnetlink.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "devaddr.h"
#include "rule.h"
#include "sock.h"

#define BATCH	64	/* messages, before others have their turn */

struct losses {
	struct klb_sock sock;
	losses_cb cb;
	void *arg;
	sd_event_source *io;
};

#define AT(field)	offsetof(struct nlmsghdr, field)
#define PROTOCOL	(NLMSG_HDRLEN + offsetof(struct rtmsg, rtm_protocol))

/*
 * An address or a rule that is removed, a route of ours that is, and a route
 * that replaces another one, as that may be ours. Halves of words are in host
 * byte order, and loaded as if they were not.
 */
static int set_filter(int fd)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, AT(nlmsg_type)),
		BPF_JUMP(BPF_JMP | BPF_JEQ, htons(RTM_DELADDR), 7, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ, htons(RTM_DELRULE), 6, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ, htons(RTM_NEWROUTE), 3, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ, htons(RTM_DELROUTE), 0, 5),
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, PROTOCOL),
		BPF_JUMP(BPF_JMP | BPF_JEQ, ROUTE_PROTOCOL, 2, 3),
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, AT(nlmsg_flags)),
		BPF_JUMP(BPF_JMP | BPF_JSET, htons(NLM_F_REPLACE), 0, 1),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	const struct sock_fprog prog = {
		.len = sizeof(code) / sizeof(code[0]), .filter = code,
	};

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &prog,
			  sizeof(prog)) ? -errno : 0;
}

static void take(struct losses *l, const struct nlmsghdr *nlh)
{
	struct devaddr devaddr;
	struct route route;
	struct rule rule;

	if (devaddr_parse(nlh, &devaddr))
		l->cb(NULL, devaddr.ifindex, l->arg);
	else if (route_parse(nlh, &route))
		l->cb(&route.dest, 0, l->arg);
	else if (rule_parse(nlh, &rule))
		l->cb(NULL, 0, l->arg);
}

/* 1: there may be more. */
static int receive(struct losses *l)
{
	const struct nlmsghdr *nlh;
	int n;

	n = klb_sock_recv(&l->sock);
	if (n == -EAGAIN || n == -EINTR)
		return 0;
	if (n < 0)
		return n;
	for (nlh = (void *)l->sock.buf; NLMSG_OK(nlh, (unsigned int)n);
	     nlh = NLMSG_NEXT(nlh, n))
		take(l, nlh);
	return 1;
}

static int on_io(sd_event_source *source, int fd, uint32_t events, void *arg)
{
	struct losses *l = arg;
	int i, rc = 1;

	for (i = 0; i < BATCH && rc > 0; i++)
		rc = receive(l);
	if (rc < 0)
		l->cb(NULL, 0, l->arg);
	return 0;
}

static int join(struct losses *l)
{
	static const int groups[] = {
		RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR, RTNLGRP_IPV4_ROUTE,
		RTNLGRP_IPV6_ROUTE, RTNLGRP_IPV4_RULE, RTNLGRP_IPV6_RULE,
	};
	int rc = set_filter(l->sock.fd);
	size_t i;

	for (i = 0; i < sizeof(groups) / sizeof(groups[0]) && !rc; i++) {
		if (setsockopt(l->sock.fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP,
			       &groups[i], sizeof(groups[i])))
			rc = -errno;
	}
	if (!rc && nl_socket_set_nonblocking(l->sock.nl))
		rc = -EINVAL;
	return rc;
}

int losses_new(struct losses **out, sd_event *event, losses_cb cb, void *arg,
	       struct klb_err *err)
{
	struct losses *l = calloc(1, sizeof(*l));
	int rc;

	if (!l)
		return klb_err_set(err, -ENOMEM, "out of memory");
	l->cb = cb;
	l->arg = arg;
	rc = klb_sock_open(&l->sock, NETLINK_ROUTE, err);
	if (rc) {
		free(l);
		return rc;
	}
	rc = join(l);
	if (!rc)
		rc = sd_event_add_io(event, &l->io, l->sock.fd, EPOLLIN, on_io,
				     l);
	if (rc < 0) {
		losses_free(l);
		return klb_err_set(err, rc, "cannot listen for routes: %s",
				   strerror(-rc));
	}
	*out = l;
	return 0;
}

void losses_free(struct losses *l)
{
	if (!l)
		return;
	sd_event_source_disable_unref(l->io);
	klb_sock_close(&l->sock);
	free(l);
}

// SPDX-License-Identifier: GPL-2.0
#include "monitor.h"

#include <errno.h>
#include <linux/klb.h>
#include <linux/netlink.h>
#include <netlink/genl/ctrl.h>
#include <netlink/socket.h>
#include <string.h>
#include <sys/socket.h>

static int open_group(struct klb_monitor *m, struct klb *k, const char *name,
		      klb_event_cb cb, void *arg)
{
	int group, rc;

	memset(m, 0, sizeof(*m));
	rc = klb_family(k);
	if (rc)
		return rc;
	group = genl_ctrl_resolve_grp(k->genl.nl, KLB_GENL_NAME, name);
	if (group < 0)
		return klb_err_set(&k->err, -ENOENT,
				   "the klb module has no group \"%s\"", name);
	rc = klb_sock_open(&m->sock, NETLINK_GENERIC, &k->err);
	if (rc)
		return rc;
	m->family = k->family;
	m->cb = cb;
	m->arg = arg;
	rc = nl_socket_add_membership(m->sock.nl, group);
	if (!rc)
		rc = nl_socket_set_nonblocking(m->sock.nl);
	if (!rc)
		return 0;
	klb_monitor_close(m);
	return klb_err_set(&k->err, -EPERM, "cannot listen for events: %s",
			   nl_geterror(rc));
}

int klb_monitor_open(struct klb_monitor *m, struct klb *k, klb_event_cb cb,
		     void *arg)
{
	return open_group(m, k, KLB_MCGRP_CONFIG, cb, arg);
}

int klb_monitor_open_conn(struct klb_monitor *m, struct klb *k,
			  klb_event_cb cb, void *arg)
{
	int on = 1, rc;

	rc = open_group(m, k, KLB_MCGRP_CONN, cb, arg);
	if (rc)
		return rc;
	/* the kernel counts what it could not tell us only if it is told to */
	(void)setsockopt(m->sock.fd, SOL_NETLINK, NETLINK_BROADCAST_ERROR, &on,
			 sizeof(on));
	rc = klb_do(k, klb_request(k, KLB_CMD_CONN_LISTEN, 0), 0, NULL, NULL);
	if (rc)
		klb_monitor_close(m);
	return rc;
}

void klb_monitor_close(struct klb_monitor *m)
{
	klb_sock_close(&m->sock);
}

int klb_monitor_fd(const struct klb_monitor *m)
{
	return m->sock.fd;
}

static int type_of(uint8_t cmd, enum klb_event_type *type)
{
	switch (cmd) {
	case KLB_CMD_SERVICE_NTF:
		*type = KLB_EVENT_SERVICE;
		return 0;
	case KLB_CMD_SERVICE_DEL_NTF:
		*type = KLB_EVENT_SERVICE_DEL;
		return 0;
	case KLB_CMD_ENDPOINT_NTF:
		*type = KLB_EVENT_ENDPOINT;
		return 0;
	case KLB_CMD_ENDPOINT_DEL_NTF:
		*type = KLB_EVENT_ENDPOINT_DEL;
		return 0;
	case KLB_CMD_NET_NTF:
		*type = KLB_EVENT_NET;
		return 0;
	case KLB_CMD_CONN_BEGIN_NTF:
		*type = KLB_EVENT_CONN_BEGIN;
		return 0;
	case KLB_CMD_CONN_END_NTF:
		*type = KLB_EVENT_CONN_END;
		return 0;
	case KLB_CMD_POOL_NTF:
		*type = KLB_EVENT_POOL;
		return 0;
	case KLB_CMD_POOL_DEL_NTF:
		*type = KLB_EVENT_POOL_DEL;
		return 0;
	}
	return -ENOMSG;
}

void klb_event_free(struct klb_event *event)
{
	klb_service_free(&event->service);
	klb_net_free(&event->net);
}

static void parse_conn(struct klb_attrs attrs, struct klb_event *event)
{
	struct nlattr *nla;
	int rem;

	klb_conn_parse(attrs, &event->conn);
	klb_for_each_attr(nla, attrs, rem) {
		if (nla_type(nla) == KLB_A_CONN_END)
			klb_get_u8(nla, &event->end);
		else if (nla_type(nla) == KLB_A_CONN_LOST)
			klb_get_u64(nla, &event->lost);
	}
}

static int parse_body(struct klb_attrs attrs, struct klb_event *event)
{
	switch (event->type) {
	case KLB_EVENT_NET:
		return klb_net_parse(attrs, &event->net);
	case KLB_EVENT_POOL:
	case KLB_EVENT_POOL_DEL:
		klb_pool_parse(attrs, &event->pool);
		return 0;
	case KLB_EVENT_CONN_BEGIN:
	case KLB_EVENT_CONN_END:
		parse_conn(attrs, event);
		return 0;
	default:
		return klb_service_parse(attrs, &event->service);
	}
}

int klb_event_parse(const struct nlmsghdr *nlh, struct klb_event *event)
{
	const struct genlmsghdr *genl = NLMSG_DATA(nlh);
	struct klb_attrs attrs;
	int rc;

	memset(event, 0, sizeof(*event));
	rc = klb_attrs_of(nlh, &attrs);
	if (!rc)
		rc = type_of(genl->cmd, &event->type);
	if (rc)
		return rc;
	rc = parse_body(attrs, event);
	if (rc)
		klb_event_free(event);
	return rc;
}

static int tell(struct klb_monitor *m, const struct nlmsghdr *nlh)
{
	struct klb_event event;
	int rc;

	if (nlh->nlmsg_type != m->family)
		return 0;
	rc = klb_event_parse(nlh, &event);
	if (rc)
		return rc == -ENOMSG || rc == -EBADMSG ? 0 : rc;
	rc = m->cb(&event, m->arg);
	klb_event_free(&event);
	return rc;
}

static int tell_lost(struct klb_monitor *m)
{
	struct klb_event event = { .type = KLB_EVENT_LOST };

	return m->cb(&event, m->arg);
}

int klb_monitor_read(struct klb_monitor *m, struct klb_err *err)
{
	const struct nlmsghdr *nlh;
	int n, rc = 0;

	n = klb_sock_recv(&m->sock);
	if (n == -ENOBUFS)
		return tell_lost(m);
	if (n == -EAGAIN || n == -EINTR)
		return 0;
	if (n < 0)
		return klb_err_set(err, n,
				   "cannot receive from the kernel: %s",
				   strerror(-n));
	for (nlh = (void *)m->sock.buf; !rc && NLMSG_OK(nlh, (unsigned int)n);
	     nlh = NLMSG_NEXT(nlh, n))
		rc = tell(m, nlh);
	return rc;
}

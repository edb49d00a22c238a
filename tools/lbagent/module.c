// SPDX-License-Identifier: GPL-2.0
#include "module.h"

#include <errno.h>
#include <linux/genetlink.h>
#include <netlink/genl/ctrl.h>
#include <netlink/netlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

/* Should the kernel's word that it is there get lost. */
#define LOOK_AGAIN_US	5000000

struct module {
	sd_event *event;
	const struct module_ops *ops;
	void *arg;
	struct klb klb;
	struct klb_sock news;	/* of families, and of klb's configuration */
	sd_event_source *io, *timer;
	bool up;
	bool heard;		/* of a change by somebody else */
};

static void look_later(struct module *m, uint64_t us)
{
	sd_event_source_set_time_relative(m->timer, us);
	sd_event_source_set_enabled(m->timer, SD_EVENT_ONESHOT);
}

static void go_down(struct module *m, const char *why)
{
	bool was_up = m->up;

	m->up = false;
	/* a socket that knows the old family's number is of no use */
	klb_close(&m->klb);
	m->klb.family = 0;
	look_later(m, LOOK_AGAIN_US);
	if (was_up)
		m->ops->down(why, m->arg);
}

/* Listens before anybody asks what there is. */
static int join(struct module *m)
{
	int group, rc;

	rc = klb_family(&m->klb);
	if (rc)
		return rc;
	group = genl_ctrl_resolve_grp(m->klb.genl.nl, KLB_GENL_NAME,
				      KLB_MCGRP_CONFIG);
	if (group < 0)
		return -ENOENT;
	/* one that is joined already does no harm */
	return nl_socket_add_membership(m->news.nl, group) ? -EPERM : 0;
}

static void look(struct module *m)
{
	if (m->up)
		return;
	if (join(m)) {
		klb_close(&m->klb);
		m->klb.family = 0;
		look_later(m, LOOK_AGAIN_US);
		return;
	}
	m->up = true;
	m->ops->up(m->arg);
}

static int on_timer(sd_event_source *s, uint64_t usec, void *arg)
{
	look(arg);
	return 0;
}

static bool is_klb(const struct nlmsghdr *nlh)
{
	struct klb_attrs attrs;
	struct nlattr *nla;
	char name[GENL_NAMSIZ] = "";
	int rem;

	if (klb_attrs_of(nlh, &attrs))
		return false;
	klb_for_each_attr(nla, attrs, rem) {
		if (nla_type(nla) == CTRL_ATTR_FAMILY_NAME)
			klb_get_text(nla, name, sizeof(name));
	}
	return !strcmp(name, KLB_GENL_NAME);
}

static void take_family(struct module *m, const struct nlmsghdr *nlh)
{
	const struct genlmsghdr *g = nlmsg_data(nlh);

	if (!is_klb(nlh))
		return;
	if (g->cmd == CTRL_CMD_DELFAMILY) {
		go_down(m, "the klb module was unloaded");
	} else if (g->cmd == CTRL_CMD_NEWFAMILY) {
		/* its going may have got lost */
		go_down(m, "the klb module was loaded anew");
		look_later(m, 0);
	}
}

static void take(struct module *m, const struct nlmsghdr *nlh)
{
	if (nlh->nlmsg_type == GENL_ID_CTRL)
		take_family(m, nlh);
	else if (m->up && nlh->nlmsg_type == m->klb.family &&
		 nlh->nlmsg_pid != m->klb.genl.port)
		m->heard = true;
}

void module_poll(struct module *m)
{
	const struct nlmsghdr *nlh;
	int n;

	while ((n = klb_sock_recv(&m->news)) > 0) {
		for (nlh = (void *)m->news.buf;
		     NLMSG_OK(nlh, (unsigned int)n); nlh = NLMSG_NEXT(nlh, n))
			take(m, nlh);
	}
	/* something got lost */
	if (n != -EAGAIN)
		m->heard = true;
	if (m->heard && m->up)
		m->ops->changed(m->arg);
	m->heard = false;
}

static int on_news(sd_event_source *s, int fd, uint32_t revents, void *arg)
{
	module_poll(arg);
	return 0;
}

static int listen_for_families(struct module *m, struct klb_err *err)
{
	int rc = klb_sock_open(&m->news, NETLINK_GENERIC, err), group;

	if (rc)
		return rc;
	group = genl_ctrl_resolve_grp(m->news.nl, "nlctrl", "notify");
	if (group >= 0 && !nl_socket_add_membership(m->news.nl, group) &&
	    !nl_socket_set_nonblocking(m->news.nl))
		return 0;
	return klb_err_set(err, -EPERM,
			   "cannot listen for modules that come and go");
}

static int listen_in_loop(struct module *m)
{
	int rc = sd_event_add_io(m->event, &m->io, m->news.fd, EPOLLIN,
				 on_news, m);

	if (rc < 0)
		return rc;
	return sd_event_add_time_relative(m->event, &m->timer, CLOCK_MONOTONIC,
					  0, 1000, on_timer, m);
}

struct module *module_new(sd_event *event, const struct module_ops *ops,
			  void *arg, struct klb_err *err)
{
	struct module *m = calloc(1, sizeof(*m));

	if (!m) {
		klb_err_set(err, -ENOMEM, "out of memory");
		return NULL;
	}
	m->event = sd_event_ref(event);
	m->ops = ops;
	m->arg = arg;
	if (klb_open(&m->klb, NULL) || listen_for_families(m, err))
		goto fail;
	if (listen_in_loop(m) < 0) {
		klb_err_set(err, -ENOMEM, "out of memory");
		goto fail;
	}
	return m;
fail:
	module_free(m);
	return NULL;
}

void module_free(struct module *m)
{
	if (!m)
		return;
	sd_event_source_disable_unref(m->timer);
	sd_event_source_disable_unref(m->io);
	klb_sock_close(&m->news);
	klb_close(&m->klb);
	sd_event_unref(m->event);
	free(m);
}

struct klb *module_klb(struct module *m)
{
	return &m->klb;
}

bool module_is_up(const struct module *m)
{
	return m->up;
}

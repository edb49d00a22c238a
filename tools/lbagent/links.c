// SPDX-License-Identifier: GPL-2.0
#include "links.h"

#include <errno.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <stdlib.h>
#include <string.h>

#include "grow.h"
#include "rtnews.h"
#include "rtnl.h"

#define RETRY_US	1000000

struct entry {
	struct link link;
	bool seen;	/* by the dump that is under way */
};

struct links {
	sd_event *event;
	struct klb *k;
	struct rtnews *news;
	const struct links_ops *ops;
	void *arg;
	sd_event_source *timer;
	struct entry *v;
	size_t n, room;
};

static void read_text(const struct nlattr *nla, char *text, size_t size)
{
	size_t len = nla ? strnlen(nla_data(nla), nla_len(nla)) : 0;

	len = len < size ? len : size - 1;
	if (len)
		memcpy(text, nla_data(nla), len);
	text[len] = 0;
}

static void read_kind(struct nlattr *info, struct link *link)
{
	struct nlattr *tb[IFLA_INFO_MAX + 1];

	if (info && !nla_parse_nested(tb, IFLA_INFO_MAX, info, NULL))
		read_text(tb[IFLA_INFO_KIND], link->kind, sizeof(link->kind));
}

bool link_parse(const struct nlmsghdr *nlh, struct link *link)
{
	const struct ifinfomsg *ifi = NLMSG_DATA(nlh);
	struct nlattr *tb[IFLA_MAX + 1];

	memset(link, 0, sizeof(*link));
	if (nlh->nlmsg_type != RTM_NEWLINK && nlh->nlmsg_type != RTM_DELLINK)
		return false;
	if (nlmsg_parse((struct nlmsghdr *)nlh, sizeof(*ifi), tb, IFLA_MAX,
			NULL) < 0)
		return false;
	/* A bridge tells of its ports in messages of another family. */
	if (ifi->ifi_family != AF_UNSPEC || ifi->ifi_index <= 0)
		return false;
	link->ifindex = ifi->ifi_index;
	link->up = ifi->ifi_flags & IFF_UP;
	if (tb[IFLA_MASTER] && nla_len(tb[IFLA_MASTER]) >= 4)
		link->master = nla_get_u32(tb[IFLA_MASTER]);
	read_text(tb[IFLA_IFNAME], link->name, sizeof(link->name));
	read_kind(tb[IFLA_LINKINFO], link);
	return *link->name;
}

static struct entry *find(const struct links *l, int ifindex)
{
	size_t i;

	for (i = 0; i < l->n; i++) {
		if (l->v[i].link.ifindex == ifindex)
			return &l->v[i];
	}
	return NULL;
}

static int add(struct links *l, const struct link *link)
{
	struct entry *v = klb_grow(l->v, l->n, &l->room, sizeof(*v));

	if (!v)
		return -ENOMEM;
	l->v = v;
	v[l->n++] = (struct entry){ .link = *link, .seen = true };
	l->ops->changed(link, NULL, l->arg);
	return 0;
}

static bool same(const struct link *a, const struct link *b)
{
	return a->master == b->master && a->up == b->up &&
	       !strcmp(a->name, b->name) && !strcmp(a->kind, b->kind);
}

static int put(struct links *l, const struct link *link)
{
	struct entry *e = find(l, link->ifindex);
	struct link was;

	if (!e)
		return add(l, link);
	e->seen = true;
	if (same(&e->link, link))
		return 0;
	was = e->link;
	e->link = *link;
	l->ops->changed(link, &was, l->arg);
	return 0;
}

static void drop(struct links *l, struct entry *e)
{
	struct link was = e->link;

	*e = l->v[--l->n];
	l->ops->changed(NULL, &was, l->arg);
}

int links_take(struct links *l, const struct nlmsghdr *nlh)
{
	struct entry *e;
	struct link link;

	if (!link_parse(nlh, &link))
		return 0;
	if (nlh->nlmsg_type == RTM_NEWLINK)
		return put(l, &link);
	e = find(l, link.ifindex);
	if (e)
		drop(l, e);
	return 0;
}

static int take(const struct nlmsghdr *nlh, void *arg)
{
	return links_take(arg, nlh);
}

/* Those that the dump did not tell of are gone. drop() moves one seen here. */
static void sweep(struct links *l)
{
	size_t i;

	for (i = l->n; i-- > 0;) {
		if (!l->v[i].seen)
			drop(l, &l->v[i]);
	}
}

static int refresh(struct links *l, struct klb_err *err)
{
	const struct ifinfomsg ifi = { 0 };
	struct nl_msg *msg;
	size_t i;
	int rc;

	for (i = 0; i < l->n; i++)
		l->v[i].seen = false;
	msg = klb_rt_request(l->k, RTM_GETLINK, NLM_F_DUMP, &ifi, sizeof(ifi));
	rc = msg ? nla_put_u32(msg, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS) : 0;
	rc = klb_rt_dump(l->k, msg, rc, take, l);
	if (rc)
		*err = l->k->err;
	else
		sweep(l);
	return rc;
}

static void fail(struct links *l, const char *why)
{
	l->ops->failed(why, l->arg);
	sd_event_source_set_time_relative(l->timer, RETRY_US);
	sd_event_source_set_enabled(l->timer, SD_EVENT_ONESHOT);
}

static void catch_up(struct links *l)
{
	struct klb_err err;

	if (refresh(l, &err))
		fail(l, err.text);
	else
		l->ops->missed(l->arg);
}

static int on_timer(sd_event_source *source, uint64_t usec, void *arg)
{
	catch_up(arg);
	return 0;
}

/* Whatever could not be told or kept is found out by a dump. */
static int on_news(const struct nlmsghdr *nlh, void *arg)
{
	struct links *l = arg;

	if (nlh)
		return links_take(l, nlh);
	catch_up(l);
	return 0;
}

static int listen_for(struct links *l, struct klb_err *err)
{
	static const int groups[] = { RTNLGRP_LINK, RTNLGRP_NONE };
	int rc = rtnews_new(&l->news, l->event, groups, NULL, on_news, l, err);

	if (rc)
		return rc;
	rc = sd_event_add_time_relative(l->event, &l->timer, CLOCK_MONOTONIC,
					0, 0, on_timer, l);
	if (rc >= 0)
		rc = sd_event_source_set_enabled(l->timer, SD_EVENT_OFF);
	return rc >= 0 ? 0 : klb_err_set(err, rc,
					 "cannot listen for network devices: %s",
					 strerror(-rc));
}

int links_new(struct links **out, sd_event *event, struct klb *k,
	      const struct links_ops *ops, void *arg, struct klb_err *err)
{
	struct links *l = calloc(1, sizeof(*l));
	int rc;

	if (!l)
		return klb_err_set(err, -ENOMEM, "out of memory");
	*l = (struct links){
		.event = sd_event_ref(event), .k = k, .ops = ops, .arg = arg,
	};
	rc = listen_for(l, err);
	if (rc)
		links_free(l);
	else
		*out = l;
	return rc;
}

int links_start(struct links *l, struct klb_err *err)
{
	return refresh(l, err);
}

void links_free(struct links *l)
{
	if (!l)
		return;
	sd_event_source_disable_unref(l->timer);
	rtnews_free(l->news);
	sd_event_unref(l->event);
	free(l->v);
	free(l);
}

const struct link *links_find(const struct links *l, int ifindex)
{
	const struct entry *e = find(l, ifindex);

	return e ? &e->link : NULL;
}

const struct link *links_named(const struct links *l, const char *name)
{
	size_t i;

	for (i = 0; i < l->n; i++) {
		if (!strcmp(l->v[i].link.name, name))
			return &l->v[i].link;
	}
	return NULL;
}

const struct link *links_at(const struct links *l, size_t i)
{
	return i < l->n ? &l->v[i].link : NULL;
}

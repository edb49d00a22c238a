/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KLB_MONITOR_H
#define KLB_MONITOR_H

#include <stdbool.h>

#include "conn.h"
#include "endpoint.h"
#include "handle.h"
#include "net.h"
#include "pool.h"
#include "service.h"

enum klb_event_type {
	KLB_EVENT_SERVICE,		/* added or changed */
	KLB_EVENT_SERVICE_DEL,
	KLB_EVENT_ENDPOINT,		/* added or changed */
	KLB_EVENT_ENDPOINT_DEL,
	KLB_EVENT_NET,
	KLB_EVENT_POOL,			/* added */
	KLB_EVENT_POOL_DEL,
	KLB_EVENT_CONN_BEGIN,
	KLB_EVENT_CONN_END,
	KLB_EVENT_LOST,			/* some events were, the rest goes on */
};

struct klb_event {
	enum klb_event_type type;
	/* the service, or just its key and the endpoint in its list */
	struct klb_service service;
	struct klb_net net;
	struct klb_pool pool;
	struct klb_conn conn;
	uint8_t end;		/* enum klb_conn_end */
	uint64_t lost;		/* so far, of connections */
};

typedef int (*klb_event_cb)(const struct klb_event *event, void *arg);

/* Has a socket of its own, so that @k stays free for requests. */
struct klb_monitor {
	struct klb_sock sock;
	int family;
	klb_event_cb cb;
	void *arg;
};

/* Changes of the configuration. */
int klb_monitor_open(struct klb_monitor *m, struct klb *k, klb_event_cb cb,
		     void *arg);
/* Begin and end of connections. */
int klb_monitor_open_conn(struct klb_monitor *m, struct klb *k,
			  klb_event_cb cb, void *arg);
void klb_monitor_close(struct klb_monitor *m);
/* To poll for reading. */
int klb_monitor_fd(const struct klb_monitor *m);
/*
 * Tells what has come. 0 or -errno, and what the callback returned if that
 * is not 0. Does not block.
 */
int klb_monitor_read(struct klb_monitor *m, struct klb_err *err);

/* -ENOMSG for what is no event of the family. If 0, to be freed. */
int klb_event_parse(const struct nlmsghdr *nlh, struct klb_event *event);
void klb_event_free(struct klb_event *event);

#endif

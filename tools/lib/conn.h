/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KLB_CONN_H
#define KLB_CONN_H

#include <stdbool.h>
#include <stdint.h>

#include "addr.h"
#include "attr.h"

struct klb;

enum klb_conn_place {
	KLB_CONN_CLIENT,
	KLB_CONN_VIP,
	KLB_CONN_ENDPOINT,
	KLB_CONN_SNAT,
	KLB_CONN_PLACES,
};

/*
 * A connection or, in a request, a filter: what is 0 matches everything, an
 * address without a port every port, and a port without an address, too.
 */
struct klb_conn {
	uint8_t proto;
	struct klb_ap client;
	struct klb_ap vip;
	struct klb_ap endpoint;
	struct klb_ap snat;	/* no address: the endpoint sees the client */
	bool has_state;
	uint8_t state;		/* enum klb_conn_state */
	uint32_t expires;	/* milliseconds */
	struct klb_traffic traffic;
	/* of filters: bits of the addresses that count, if they are given */
	uint8_t has_len;	/* 1 << enum klb_conn_place */
	uint8_t len[KLB_CONN_PLACES];
};

typedef int (*klb_conn_cb)(const struct klb_conn *conn, void *arg);

int klb_conn_put(struct nl_msg *msg, const struct klb_conn *filter);
void klb_conn_parse(struct klb_attrs attrs, struct klb_conn *conn);

/* Told as they come, not collected: there can be many millions. */
int klb_conn_dump(struct klb *k, const struct klb_conn *filter,
		  klb_conn_cb cb, void *arg);
int klb_conn_count(struct klb *k, const struct klb_conn *filter,
		   uint32_t *count);
int klb_conn_flush(struct klb *k, const struct klb_conn *filter,
		   uint32_t *count);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KLB_HANDLE_H
#define KLB_HANDLE_H

#include <stdint.h>

#include "sock.h"

/*
 * What a program holds of the kernel in one network namespace. The sockets
 * are opened when they are first needed. Functions that take one return 0 or
 * -errno and leave the sentence for a person in err. Not thread-safe.
 */
struct klb {
	struct klb_sock genl;
	struct klb_sock route;
	int family;		/* 0 until it is known */
	bool interrupted;	/* what the last dump told may not fit together */
	struct klb_err err;
};

/*
 * With @netns the calling thread moves into /run/netns/@netns and stays
 * there; NULL is where it is.
 */
int klb_open(struct klb *k, const char *netns);
void klb_close(struct klb *k);

/* What follows is for the other files of the library. */

int klb_family(struct klb *k);
/* A request with room for @size bytes of attributes, NULL and k->err if not. */
struct nl_msg *klb_request(struct klb *k, int cmd, size_t size);
struct nl_msg *klb_dump_request(struct klb *k, int cmd, size_t size);
/* The next two free @msg; @put_rc is what filling it came to. */
int klb_do(struct klb *k, struct nl_msg *msg, int put_rc, klb_msg_cb cb,
	   void *arg);
/*
 * Collects the dump, again if it was interrupted, and only then calls @cb. If
 * it is interrupted time and again the last one is told, k->interrupted set.
 */
int klb_dump(struct klb *k, struct nl_msg *msg, int put_rc, klb_msg_cb cb,
	     void *arg);
/* The same without collecting: for what can be too large for that. */
int klb_dump_stream(struct klb *k, struct nl_msg *msg, int put_rc,
		    klb_msg_cb cb, void *arg);
/* The same as klb_dump() on any socket, for rtnetlink. */
int klb_dump_on(struct klb *k, struct klb_sock *s, struct nl_msg *msg,
		klb_msg_cb cb, void *arg);

#endif

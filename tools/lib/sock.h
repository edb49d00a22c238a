/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KLB_SOCK_H
#define KLB_SOCK_H

#include <netlink/msg.h>
#include <netlink/socket.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"

/* One netlink socket and the buffer it receives into. */
struct klb_sock {
	struct nl_sock *nl;
	int fd;			/* of nl */
	uint32_t port;		/* of nl */
	bool genl;		/* attribute names may be told in errors */
	bool interrupted;	/* the last dump was: NLM_F_DUMP_INTR */
	uint32_t seq;
	char *buf;		/* NULL: not open */
	size_t buf_size;
};

/* A value below 0 ends the walk and is what klb_sock_talk() returns. */
typedef int (*klb_msg_cb)(const struct nlmsghdr *nlh, void *arg);

int klb_sock_open(struct klb_sock *s, int protocol, struct klb_err *err);
void klb_sock_close(struct klb_sock *s);

/*
 * Sends @msg, hands every reply to @cb (which may be NULL) and returns when
 * the kernel has acknowledged: 0 or -errno. Does not free @msg.
 */
int klb_sock_talk(struct klb_sock *s, struct nl_msg *msg, klb_msg_cb cb,
		  void *arg, struct klb_err *err);

/*
 * Receives one datagram into s->buf, whatever its size. Returns its length
 * or -errno; -EAGAIN if there is none and the socket does not block.
 */
int klb_sock_recv(struct klb_sock *s);

#endif

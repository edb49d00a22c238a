// SPDX-License-Identifier: GPL-2.0
#include "sock.h"

#include <errno.h>
#include <linux/netlink.h>
#include <netlink/netlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "extack.h"

/*
 * A service with 65535 endpoints is one message of 3.4 MB; the kernel refuses
 * a message that does not fit the send buffer at once.
 */
#define SNDBUF	(16 << 20)
#define RCVBUF	(8 << 20)
#define BUF_MIN	(64 << 10)

static void set_option(int fd, int level, int name, int value)
{
	/* All are improvements that older kernels or users may lack. */
	(void)setsockopt(fd, level, name, &value, sizeof(value));
}

static void set_options(int fd)
{
	set_option(fd, SOL_NETLINK, NETLINK_EXT_ACK, 1);
	set_option(fd, SOL_NETLINK, NETLINK_CAP_ACK, 1);
	set_option(fd, SOL_NETLINK, NETLINK_GET_STRICT_CHK, 1);
	/* The plain option first: the forced one needs CAP_NET_ADMIN. */
	set_option(fd, SOL_SOCKET, SO_SNDBUF, SNDBUF);
	set_option(fd, SOL_SOCKET, SO_SNDBUFFORCE, SNDBUF);
	set_option(fd, SOL_SOCKET, SO_RCVBUF, RCVBUF);
	set_option(fd, SOL_SOCKET, SO_RCVBUFFORCE, RCVBUF);
}

int klb_sock_open(struct klb_sock *s, int protocol, struct klb_err *err)
{
	int rc;

	memset(s, 0, sizeof(*s));
	s->genl = protocol == NETLINK_GENERIC;
	s->buf_size = BUF_MIN;
	s->buf = malloc(s->buf_size);
	s->nl = nl_socket_alloc();
	if (!s->buf || !s->nl) {
		klb_sock_close(s);
		return klb_err_set(err, -ENOMEM, "out of memory");
	}
	rc = nl_connect(s->nl, protocol);
	if (rc < 0) {
		klb_sock_close(s);
		return klb_err_set(err, -EPROTONOSUPPORT,
				   "cannot open a netlink socket: %s",
				   nl_geterror(rc));
	}
	s->fd = nl_socket_get_fd(s->nl);
	s->port = nl_socket_get_local_port(s->nl);
	set_options(s->fd);
	return 0;
}

void klb_sock_close(struct klb_sock *s)
{
	if (s->nl)
		nl_socket_free(s->nl);
	free(s->buf);
	memset(s, 0, sizeof(*s));
}

static int grow(struct klb_sock *s, size_t size)
{
	char *buf = realloc(s->buf, size);

	if (!buf)
		return -ENOMEM;
	s->buf = buf;
	s->buf_size = size;
	return 0;
}

static ssize_t recv_retry(int fd, void *buf, size_t size, int flags)
{
	ssize_t n;

	do
		n = recv(fd, buf, size, flags);
	while (n < 0 && errno == EINTR && !(flags & MSG_DONTWAIT));
	return n < 0 ? -errno : n;
}

int klb_sock_recv(struct klb_sock *s)
{
	ssize_t n;

	/* The length first: a reply can be larger than any fixed buffer. */
	n = recv_retry(s->fd, s->buf, s->buf_size, MSG_PEEK | MSG_TRUNC);
	if (n > (ssize_t)s->buf_size && grow(s, n))
		return -ENOMEM;
	if (n > 0)
		n = recv_retry(s->fd, s->buf, s->buf_size, 0);
	return n;
}

static int send_msg(struct klb_sock *s, struct nlmsghdr *nlh)
{
	ssize_t n;

	nlh->nlmsg_pid = s->port;
	nlh->nlmsg_seq = ++s->seq;
	nlh->nlmsg_flags |= NLM_F_REQUEST;
	/* All bits of it: NLM_F_EXCL of a change is one of them. */
	if ((nlh->nlmsg_flags & NLM_F_DUMP) != NLM_F_DUMP)
		nlh->nlmsg_flags |= NLM_F_ACK;
	do
		n = send(s->fd, nlh, nlh->nlmsg_len, 0);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : 0;
}

/* The state of one klb_sock_talk(). */
struct talk {
	struct klb_sock *s;
	const struct nlmsghdr *req;
	klb_msg_cb cb;
	void *arg;
	struct klb_err *err;
	bool over;
	int rc;			/* of the kernel or, before it, of cb */
};

static void take_end(struct talk *t, const struct nlmsghdr *nlh)
{
	struct klb_extack ack;

	t->over = true;
	if (klb_extack_parse(nlh, &ack)) {
		t->rc = klb_err_set(t->err, -EBADMSG,
				    "the kernel's answer is cut short");
		return;
	}
	if (ack.error >= 0)
		return;
	klb_extack_text(&ack, t->req, t->s->genl, t->err);
	t->rc = ack.error;
}

static void take_reply(struct talk *t, const struct nlmsghdr *nlh)
{
	t->rc = t->cb(nlh, t->arg);
	if (t->rc)
		klb_err_set(t->err, t->rc, "%s", strerror(-t->rc));
}

static void take_msg(struct talk *t, const struct nlmsghdr *nlh)
{
	if (nlh->nlmsg_seq != t->req->nlmsg_seq || t->over)
		return;		/* left over from a request that was given up */
	if (nlh->nlmsg_flags & NLM_F_DUMP_INTR)
		t->s->interrupted = true;
	if (nlh->nlmsg_type == NLMSG_ERROR || nlh->nlmsg_type == NLMSG_DONE)
		take_end(t, nlh);
	else if (nlh->nlmsg_type >= NLMSG_MIN_TYPE && t->cb && !t->rc)
		take_reply(t, nlh);
}

static int receive(struct talk *t)
{
	const struct nlmsghdr *nlh;
	int n;

	while (!t->over) {
		n = klb_sock_recv(t->s);
		if (n < 0)
			return klb_err_set(t->err, n,
					   "cannot receive from the kernel: %s",
					   strerror(-n));
		for (nlh = (void *)t->s->buf; NLMSG_OK(nlh, (unsigned int)n);
		     nlh = NLMSG_NEXT(nlh, n))
			take_msg(t, nlh);
	}
	return t->rc;
}

int klb_sock_talk(struct klb_sock *s, struct nl_msg *msg, klb_msg_cb cb,
		  void *arg, struct klb_err *err)
{
	struct talk t = {
		.s = s, .req = nlmsg_hdr(msg), .cb = cb, .arg = arg, .err = err,
	};
	int rc;

	s->interrupted = false;
	rc = send_msg(s, nlmsg_hdr(msg));
	if (rc)
		return klb_err_set(err, rc, "cannot send to the kernel: %s",
				   strerror(-rc));
	return receive(&t);
}

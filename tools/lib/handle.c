// SPDX-License-Identifier: GPL-2.0
#include "handle.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/klb.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DUMP_TRIES	8

static int enter_netns(const char *name, struct klb_err *err)
{
	char path[300];
	int fd, rc;

	if (!*name || strchr(name, '/') || strlen(name) > 255)
		return klb_err_set(err, -EINVAL,
				   "\"%.64s\" is not a name of a network namespace",
				   name);
	snprintf(path, sizeof(path), "/run/netns/%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return klb_err_set(err, -errno,
				   "cannot open network namespace \"%.64s\": %s",
				   name, strerror(errno));
	rc = setns(fd, CLONE_NEWNET) ? -errno : 0;
	close(fd);
	if (rc)
		klb_err_set(err, rc,
			    "cannot enter network namespace \"%.64s\": %s",
			    name, strerror(-rc));
	return rc;
}

int klb_open(struct klb *k, const char *netns)
{
	memset(k, 0, sizeof(*k));
	return netns ? enter_netns(netns, &k->err) : 0;
}

void klb_close(struct klb *k)
{
	klb_sock_close(&k->genl);
	klb_sock_close(&k->route);
}

int klb_family(struct klb *k)
{
	int rc = 0;

	if (!k->genl.buf)
		rc = klb_sock_open(&k->genl, NETLINK_GENERIC, &k->err);
	if (rc || k->family)
		return rc;
	rc = genl_ctrl_resolve(k->genl.nl, KLB_GENL_NAME);
	if (rc < 0)
		return klb_err_set(&k->err, -ENOENT,
				   "the klb module is not loaded (modprobe klb)");
	k->family = rc;
	return 0;
}

static struct nl_msg *request(struct klb *k, int cmd, int flags, size_t size)
{
	struct nl_msg *msg;

	if (klb_family(k))
		return NULL;
	msg = nlmsg_alloc_size(NLMSG_HDRLEN + GENL_HDRLEN + size);
	if (!msg || !genlmsg_put(msg, 0, 0, k->family, 0, flags, cmd,
				 KLB_GENL_VERSION)) {
		nlmsg_free(msg);
		klb_err_set(&k->err, 0, "out of memory");
		return NULL;
	}
	return msg;
}

struct nl_msg *klb_request(struct klb *k, int cmd, size_t size)
{
	return request(k, cmd, 0, size);
}

struct nl_msg *klb_dump_request(struct klb *k, int cmd, size_t size)
{
	return request(k, cmd, NLM_F_DUMP, size);
}

/* What can be said before anything is sent: no message, or a bad one. */
static int check(struct klb *k, struct nl_msg *msg, int put_rc)
{
	if (!msg)
		return -EIO;	/* request() has said why */
	if (put_rc)
		return klb_err_set(&k->err, put_rc,
				   "cannot build the request: %s",
				   strerror(-put_rc));
	return 0;
}

int klb_do(struct klb *k, struct nl_msg *msg, int put_rc, klb_msg_cb cb,
	   void *arg)
{
	int rc = check(k, msg, put_rc);

	if (!rc)
		rc = klb_sock_talk(&k->genl, msg, cb, arg, &k->err);
	nlmsg_free(msg);
	return rc;
}

int klb_dump_stream(struct klb *k, struct nl_msg *msg, int put_rc,
		    klb_msg_cb cb, void *arg)
{
	int rc = klb_do(k, msg, put_rc, cb, arg);

	k->interrupted = k->genl.interrupted;
	return rc;
}

/* Messages one behind the other, as they came. */
struct store {
	char *data;
	size_t len;
	size_t size;
};

static int collect(const struct nlmsghdr *nlh, void *arg)
{
	size_t len = NLMSG_ALIGN(nlh->nlmsg_len);
	struct store *st = arg;
	char *data;

	if (st->size - st->len < len) {
		st->size = 2 * st->size + len;
		data = realloc(st->data, st->size);
		if (!data)
			return -ENOMEM;
		st->data = data;
	}
	memcpy(st->data + st->len, nlh, nlh->nlmsg_len);
	st->len += len;
	return 0;
}

static int replay(const struct store *st, klb_msg_cb cb, void *arg)
{
	const struct nlmsghdr *nlh;
	size_t at;
	int rc;

	for (at = 0; at < st->len; at += NLMSG_ALIGN(nlh->nlmsg_len)) {
		nlh = (const struct nlmsghdr *)(st->data + at);
		rc = cb(nlh, arg);
		if (rc)
			return rc;
	}
	return 0;
}

int klb_dump_on(struct klb *k, struct klb_sock *s, struct nl_msg *msg,
		klb_msg_cb cb, void *arg)
{
	struct store st = { 0 };
	int tries = 0, rc;

	do {
		st.len = 0;
		rc = klb_sock_talk(s, msg, collect, &st, &k->err);
	} while (!rc && s->interrupted && ++tries < DUMP_TRIES);
	k->interrupted = s->interrupted;
	if (!rc) {
		rc = replay(&st, cb, arg);
		if (rc)
			klb_err_set(&k->err, rc, "%s", strerror(-rc));
	}
	free(st.data);
	return rc;
}

int klb_dump(struct klb *k, struct nl_msg *msg, int put_rc, klb_msg_cb cb,
	     void *arg)
{
	int rc = check(k, msg, put_rc);

	if (!rc)
		rc = klb_dump_on(k, &k->genl, msg, cb, arg);
	nlmsg_free(msg);
	return rc;
}

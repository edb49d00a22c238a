// SPDX-License-Identifier: GPL-2.0
/*
 * Requests, answers and dumps, with a pair of sockets in place of the kernel:
 * its answers are put into the queue before the request is sent.
 */
#include "test.h"

#include <errno.h>
#include <linux/klb.h>
#include <linux/rtnetlink.h>
#include <netinet/in.h>
#include <netlink/genl/genl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "klb.h"
#include "tc.h"

#define FAMILY	0x20

struct fake {
	struct klb k;
	int kernel;	/* the other end */
};

static void open_sock(struct klb_sock *s, int *other, bool genl)
{
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
	s->fd = pair[0];
	s->genl = genl;
	s->buf_size = 64;	/* far too small: it has to grow */
	s->buf = malloc(s->buf_size);
	*other = pair[1];
}

static int setup(void **state)
{
	struct fake *f = calloc(1, sizeof(*f));

	f->k.family = FAMILY;
	open_sock(&f->k.genl, &f->kernel, true);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fake *f = *state;

	close(f->k.genl.fd);
	close(f->kernel);
	klb_close(&f->k);
	free(f);
	return 0;
}

/* Gathers messages of one datagram. */
struct datagram {
	char data[8192];
	size_t len;
};

static void add(struct datagram *d, struct nlmsghdr *nlh, unsigned int seq,
		int flags)
{
	nlh->nlmsg_seq = seq;
	nlh->nlmsg_flags |= flags;
	memcpy(d->data + d->len, nlh, nlh->nlmsg_len);
	d->len += NLMSG_ALIGN(nlh->nlmsg_len);
}

static void add_service(struct datagram *d, unsigned int seq, int flags,
			int port, int endpoint, bool more)
{
	struct klb_service svc = {
		.proto = IPPROTO_TCP, .ap = { { 4, { 10, 0, 0, 1 } }, port },
	};
	struct klb_endpoint ep = {
		.ap = { { 4, { 10, 1, 0, 1 } }, endpoint },
	};
	struct nl_msg *msg = nlmsg_alloc();

	genlmsg_put(msg, 0, 0, FAMILY, 0, NLM_F_MULTI, KLB_CMD_SERVICE_GET, 1);
	klb_service_put_key(msg, &svc);
	if (endpoint)
		klb_endpoint_put(msg, KLB_A_SERVICE_ENDPOINT, &ep);
	if (more)
		nla_put_flag(msg, KLB_A_SERVICE_MORE);
	add(d, nlmsg_hdr(msg), seq, flags);
	nlmsg_free(msg);
}

static void add_end(struct datagram *d, int type, unsigned int seq, int error,
		    int flags)
{
	struct {
		struct nlmsghdr nlh;
		struct nlmsgerr e;
	} m = {
		.nlh = { .nlmsg_type = type, .nlmsg_len = sizeof(m) },
		.e.error = error,
	};

	if (type == NLMSG_DONE)
		m.nlh.nlmsg_len = NLMSG_LENGTH(sizeof(int));
	add(d, &m.nlh, seq, flags | NLM_F_CAPPED);
}

static void answer(struct fake *f, struct datagram *d)
{
	assert_int_equal(send(f->kernel, d->data, d->len, 0), (int)d->len);
	d->len = 0;
}

/* What was asked, as the kernel sees it. */
static void asked(int kernel, struct nlmsghdr *nlh)
{
	char buf[4096];

	assert_true(recv(kernel, buf, sizeof(buf), MSG_DONTWAIT) >=
		    (int)sizeof(*nlh));
	memcpy(nlh, buf, sizeof(*nlh));
}

static void test_ack(void **state)
{
	struct datagram d = { .len = 0 };
	struct fake *f = *state;
	struct nlmsghdr req;

	add_end(&d, NLMSG_ERROR, 1, 0, 0);
	answer(f, &d);
	assert_int_equal(klb_service_flush(&f->k), 0);
	asked(f->kernel, &req);
	assert_int_equal(req.nlmsg_type, FAMILY);
	assert_int_equal(req.nlmsg_seq, 1);
	assert_int_equal(req.nlmsg_flags, NLM_F_REQUEST | NLM_F_ACK);
}

static void test_refused(void **state)
{
	struct datagram d = { .len = 0 };
	struct fake *f = *state;

	add_end(&d, NLMSG_ERROR, 1, -EPERM, 0);
	answer(f, &d);
	assert_int_equal(klb_service_flush(&f->k), -EPERM);
	assert_string_equal(f->k.err.text, "Operation not permitted");
}

/* Left over from a request that was given up: not an answer to this one. */
static void test_stale(void **state)
{
	struct datagram d = { .len = 0 };
	struct fake *f = *state;

	add_end(&d, NLMSG_ERROR, 77, -EPERM, 0);
	answer(f, &d);
	add_end(&d, NLMSG_ERROR, 1, 0, 0);
	answer(f, &d);
	assert_int_equal(klb_service_flush(&f->k), 0);
}

/* NLM_F_EXCL of rtnetlink shares a bit with NLM_F_DUMP: ask for the ack. */
static void test_ack_of_excl(void **state)
{
	struct datagram d = { .len = 0 };
	struct fake *f = *state;
	struct nlmsghdr req;
	int kernel;

	open_sock(&f->k.route, &kernel, false);
	add_end(&d, NLMSG_ERROR, 1, 0, 0);
	assert_int_equal(send(kernel, d.data, d.len, 0), (int)d.len);
	assert_int_equal(klb_tc_filter_add(&f->k, 2, KLB_TC_HOOK_EGRESS, 1,
					   false), 0);
	asked(kernel, &req);
	assert_int_equal(req.nlmsg_type, RTM_NEWTFILTER);
	assert_int_equal(req.nlmsg_flags, NLM_F_REQUEST | NLM_F_ACK |
			 NLM_F_CREATE | NLM_F_EXCL);
	close(f->k.route.fd);
	close(kernel);
}

/* What a walk has told: the ports of services and of endpoints. */
struct told {
	int services;
	int ports[8];
	int endpoints;
	int eports[8];
	int fail;
};

static int tell(const struct klb_service *svc, void *arg)
{
	struct told *t = arg;
	size_t i;

	t->ports[t->services++] = svc->ap.port;
	for (i = 0; i < svc->n_endpoints; i++)
		t->eports[t->endpoints++] = svc->endpoints[i].ap.port;
	return t->fail;
}

static void test_dump(void **state)
{
	struct datagram d = { .len = 0 };
	struct told t = { 0 };
	struct fake *f = *state;
	struct nlmsghdr req;

	add_service(&d, 1, 0, 80, 1, false);
	add_service(&d, 1, 0, 81, 2, true);
	answer(f, &d);
	add_service(&d, 1, 0, 81, 3, true);
	answer(f, &d);
	add_service(&d, 1, 0, 81, 4, false);
	add_service(&d, 1, 0, 82, 0, false);
	answer(f, &d);
	add_end(&d, NLMSG_DONE, 1, 0, 0);
	answer(f, &d);
	assert_int_equal(klb_service_dump(&f->k, tell, &t), 0);
	asked(f->kernel, &req);
	assert_int_equal(req.nlmsg_flags, NLM_F_REQUEST | NLM_F_DUMP);
	assert_int_equal(t.services, 3);
	assert_int_equal(t.ports[0], 80);
	assert_int_equal(t.ports[1], 81);
	assert_int_equal(t.ports[2], 82);
	assert_int_equal(t.endpoints, 4);
	assert_int_equal(t.eports[3], 4);
	assert_false(f->k.interrupted);
}

/* Interrupted: asked again, and only what holds is told. */
static void test_dump_again(void **state)
{
	struct datagram d = { .len = 0 };
	struct told t = { 0 };
	struct fake *f = *state;

	add_service(&d, 1, 0, 80, 1, false);
	add_service(&d, 1, NLM_F_DUMP_INTR, 80, 1, false);
	add_end(&d, NLMSG_DONE, 1, 0, 0);
	answer(f, &d);
	add_service(&d, 2, 0, 81, 1, false);
	/* the flag can be at the very end, too */
	add_end(&d, NLMSG_DONE, 2, 0, NLM_F_DUMP_INTR);
	answer(f, &d);
	add_service(&d, 3, 0, 82, 1, false);
	add_end(&d, NLMSG_DONE, 3, 0, 0);
	answer(f, &d);
	assert_int_equal(klb_service_dump(&f->k, tell, &t), 0);
	assert_int_equal(t.services, 1);
	assert_int_equal(t.ports[0], 82);
	assert_false(f->k.interrupted);
}

/* Interrupted whenever it is tried: the last one, and a flag. */
static void test_dump_never(void **state)
{
	struct datagram d = { .len = 0 };
	struct told t = { 0 };
	struct fake *f = *state;
	int i;

	for (i = 1; i <= 8; i++) {
		add_service(&d, i, NLM_F_DUMP_INTR, 80 + i, 1, false);
		add_end(&d, NLMSG_DONE, i, 0, 0);
		answer(f, &d);
	}
	assert_int_equal(klb_service_dump(&f->k, tell, &t), 0);
	assert_int_equal(t.services, 1);
	assert_int_equal(t.ports[0], 88);
	assert_true(f->k.interrupted);
}

/* A service goes while its parts are told: the next one is not made of it. */
static void test_dump_cut(void **state)
{
	struct datagram d = { .len = 0 };
	struct told t = { 0 };
	struct fake *f = *state;
	int i;

	for (i = 1; i <= 8; i++) {
		add_service(&d, i, 0, 80, 1, true);
		add_service(&d, i, NLM_F_DUMP_INTR, 81, 2, false);
		add_end(&d, NLMSG_DONE, i, 0, 0);
		answer(f, &d);
	}
	assert_int_equal(klb_service_dump(&f->k, tell, &t), 0);
	assert_int_equal(t.services, 1);
	assert_int_equal(t.ports[0], 81);
	assert_int_equal(t.endpoints, 1);
	assert_int_equal(t.eports[0], 2);
	assert_true(f->k.interrupted);
}

static void test_dump_fails(void **state)
{
	struct datagram d = { .len = 0 };
	struct told t = { 0 };
	struct fake *f = *state;

	add_service(&d, 1, 0, 80, 1, true);
	answer(f, &d);
	add_end(&d, NLMSG_DONE, 1, -ENOMEM, 0);
	answer(f, &d);
	assert_int_equal(klb_service_dump(&f->k, tell, &t), -ENOMEM);
	assert_int_equal(t.services, 0);
}

/* The callback has had enough. */
static void test_dump_stopped(void **state)
{
	struct told t = { .fail = -EPIPE };
	struct datagram d = { .len = 0 };
	struct fake *f = *state;

	add_service(&d, 1, 0, 80, 1, false);
	add_service(&d, 1, 0, 81, 1, false);
	add_end(&d, NLMSG_DONE, 1, 0, 0);
	answer(f, &d);
	assert_int_equal(klb_service_dump(&f->k, tell, &t), -EPIPE);
	assert_int_equal(t.services, 1);
}

/* Too large for one answer: the same service, dumped. */
static void test_get_in_parts(void **state)
{
	struct klb_service key = {
		.proto = IPPROTO_TCP, .ap = { { 4, { 10, 0, 0, 1 } }, 80 },
	};
	struct datagram d = { .len = 0 };
	struct told t = { 0 };
	struct fake *f = *state;

	add_end(&d, NLMSG_ERROR, 1, -EMSGSIZE, 0);
	answer(f, &d);
	add_service(&d, 2, 0, 80, 1, true);
	answer(f, &d);
	add_service(&d, 2, 0, 80, 2, false);
	add_end(&d, NLMSG_DONE, 2, 0, 0);
	answer(f, &d);
	assert_int_equal(klb_service_get(&f->k, &key, tell, &t), 0);
	assert_int_equal(t.services, 1);
	assert_int_equal(t.endpoints, 2);
}

/* The kernel ends in the middle of a word. */
static void test_short_answer(void **state)
{
	struct datagram d = { .len = 0 };
	struct fake *f = *state;

	add_end(&d, NLMSG_ERROR, 1, 0, 0);
	((struct nlmsghdr *)d.data)->nlmsg_len = NLMSG_HDRLEN + 2;
	answer(f, &d);
	assert_int_equal(klb_service_flush(&f->k), -EBADMSG);
	assert_non_null(strstr(f->k.err.text, "cut short"));
}

#define TEST(t)	cmocka_unit_test_setup_teardown(t, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_ack),
		TEST(test_refused),
		TEST(test_stale),
		TEST(test_ack_of_excl),
		TEST(test_dump),
		TEST(test_dump_again),
		TEST(test_dump_never),
		TEST(test_dump_cut),
		TEST(test_dump_fails),
		TEST(test_dump_stopped),
		TEST(test_get_in_parts),
		TEST(test_short_answer),
	};

	alarm(60);	/* a wait for an answer that is not to come */
	return cmocka_run_group_tests(tests, NULL, NULL);
}

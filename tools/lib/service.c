// SPDX-License-Identifier: GPL-2.0
#include "service.h"

#include <errno.h>
#include <linux/klb.h>
#include <stdlib.h>
#include <string.h>

#include "grow.h"
#include "handle.h"

void klb_service_free(struct klb_service *svc)
{
	klb_prefixes_free(&svc->sources);
	free(svc->endpoints);
	svc->endpoints = NULL;
	svc->n_endpoints = 0;
	svc->room = 0;
}

int klb_service_copy(struct klb_service *to, const struct klb_service *from)
{
	size_t i;
	int rc;

	*to = *from;
	to->endpoints = NULL;
	to->n_endpoints = 0;
	to->room = 0;
	rc = klb_prefixes_copy(&to->sources, &from->sources);
	for (i = 0; i < from->n_endpoints && !rc; i++)
		rc = klb_service_add_endpoint(to, &from->endpoints[i]);
	if (rc)
		klb_service_free(to);
	return rc;
}

int klb_service_add_endpoint(struct klb_service *svc,
			     const struct klb_endpoint *ep)
{
	struct klb_endpoint *eps = klb_grow(svc->endpoints, svc->n_endpoints,
					    &svc->room, sizeof(*eps));

	if (!eps)
		return -ENOMEM;
	svc->endpoints = eps;
	eps[svc->n_endpoints++] = *ep;
	return 0;
}

bool klb_service_same_key(const struct klb_service *a,
			  const struct klb_service *b)
{
	return a->proto == b->proto && !klb_ap_cmp(&a->ap, &b->ap);
}

size_t klb_service_room(const struct klb_service *svc)
{
	return 512 + sizeof(svc->name) + svc->n_endpoints * KLB_ENDPOINT_ROOM +
	       svc->sources.n * KLB_PREFIX_ROOM;
}

int klb_service_put_key(struct nl_msg *msg, const struct klb_service *key)
{
	if (nla_put_u8(msg, KLB_A_SERVICE_PROTO, key->proto))
		return -EMSGSIZE;
	return klb_put_ap(msg, KLB_A_SERVICE_ADDR, KLB_A_SERVICE_PORT,
			  &key->ap);
}

static int put_settings(struct nl_msg *msg, const struct klb_service *svc)
{
	if (svc->has & KLB_SERVICE_HAS_NAME)
		NLA_PUT_STRING(msg, KLB_A_SERVICE_NAME, svc->name);
	if (svc->has & KLB_SERVICE_HAS_SCHEDULER)
		NLA_PUT_U8(msg, KLB_A_SERVICE_SCHEDULER, svc->scheduler);
	if (svc->has & KLB_SERVICE_HAS_FORWARD)
		NLA_PUT_U8(msg, KLB_A_SERVICE_FORWARD, svc->forward);
	if (svc->has & KLB_SERVICE_HAS_TIMEOUT)
		NLA_PUT_U32(msg, KLB_A_SERVICE_TIMEOUT, svc->timeout);
	if (svc->has & KLB_SERVICE_HAS_MAGLEV_SIZE)
		NLA_PUT_U32(msg, KLB_A_SERVICE_MAGLEV_SIZE, svc->maglev_size);
	if (svc->has & KLB_SERVICE_HAS_SEED)
		NLA_PUT_U32(msg, KLB_A_SERVICE_SEED, svc->seed);
	if (svc->has & KLB_SERVICE_HAS_MASQUERADE)
		NLA_PUT_U8(msg, KLB_A_SERVICE_MASQUERADE, svc->masquerade);
	if (svc->has & KLB_SERVICE_HAS_EMPTY)
		NLA_PUT_U8(msg, KLB_A_SERVICE_EMPTY, svc->empty);
	if (svc->has & KLB_SERVICE_HAS_AFFINITY)
		NLA_PUT_U32(msg, KLB_A_SERVICE_AFFINITY, svc->affinity);
	if (svc->has & KLB_SERVICE_HAS_SHARE)
		NLA_PUT_STRING(msg, KLB_A_SERVICE_SHARE, svc->share);
	if (svc->has & KLB_SERVICE_HAS_POOL)
		NLA_PUT_STRING(msg, KLB_A_SERVICE_POOL, svc->pool);
	return 0;

nla_put_failure:
	return -EMSGSIZE;
}

static int put_secondary(struct nl_msg *msg, const struct klb_service *svc)
{
	size_t i;
	int rc = 0;

	if (!svc->n_secondary)
		return nla_put_flag(msg, KLB_A_SERVICE_SECONDARY_NONE) ?
		       -EMSGSIZE : 0;
	for (i = 0; i < svc->n_secondary && !rc; i++)
		rc = klb_put_addr(msg, KLB_A_SERVICE_SECONDARY,
				  &svc->secondary[i]);
	return rc;
}

static int put_endpoints(struct nl_msg *msg, const struct klb_service *svc)
{
	size_t i;
	int rc = 0;

	if (!svc->n_endpoints)
		return nla_put_flag(msg, KLB_A_SERVICE_ENDPOINTS_NONE) ?
		       -EMSGSIZE : 0;
	for (i = 0; i < svc->n_endpoints && !rc; i++)
		rc = klb_endpoint_put(msg, KLB_A_SERVICE_ENDPOINT,
				      &svc->endpoints[i]);
	return rc;
}

int klb_service_put(struct nl_msg *msg, const struct klb_service *svc)
{
	int rc = klb_service_put_key(msg, svc);

	if (!rc)
		rc = put_settings(msg, svc);
	if (!rc && svc->has & KLB_SERVICE_HAS_SOURCES)
		rc = klb_put_prefixes(msg, KLB_A_SERVICE_SOURCE,
				      KLB_A_SERVICE_SOURCE_NONE,
				      &svc->sources);
	if (!rc && svc->has & KLB_SERVICE_HAS_SECONDARY)
		rc = put_secondary(msg, svc);
	if (!rc && svc->has & KLB_SERVICE_HAS_ENDPOINTS)
		rc = put_endpoints(msg, svc);
	return rc;
}

static int take_endpoint(const struct nlattr *nla, struct klb_service *svc)
{
	struct klb_endpoint ep;

	klb_endpoint_parse(klb_attrs_nested(nla), &ep);
	svc->has |= KLB_SERVICE_HAS_ENDPOINTS;
	return klb_service_add_endpoint(svc, &ep);
}

static void take_word(const struct nlattr *nla, struct klb_service *svc)
{
	switch (nla_type(nla)) {
	case KLB_A_SERVICE_NAME:
		svc->has |= KLB_SERVICE_HAS_NAME;
		return klb_get_text(nla, svc->name, sizeof(svc->name));
	case KLB_A_SERVICE_SCHEDULER:
		svc->has |= KLB_SERVICE_HAS_SCHEDULER;
		return klb_get_u8(nla, &svc->scheduler);
	case KLB_A_SERVICE_FORWARD:
		svc->has |= KLB_SERVICE_HAS_FORWARD;
		return klb_get_u8(nla, &svc->forward);
	case KLB_A_SERVICE_MASQUERADE:
		svc->has |= KLB_SERVICE_HAS_MASQUERADE;
		return klb_get_u8(nla, &svc->masquerade);
	case KLB_A_SERVICE_EMPTY:
		svc->has |= KLB_SERVICE_HAS_EMPTY;
		return klb_get_u8(nla, &svc->empty);
	case KLB_A_SERVICE_SHARE:
		svc->has |= KLB_SERVICE_HAS_SHARE;
		return klb_get_text(nla, svc->share, sizeof(svc->share));
	case KLB_A_SERVICE_POOL:
		svc->has |= KLB_SERVICE_HAS_POOL;
		return klb_get_text(nla, svc->pool, sizeof(svc->pool));
	}
}

static void take_setting(const struct nlattr *nla, struct klb_service *svc)
{
	switch (nla_type(nla)) {
	case KLB_A_SERVICE_TIMEOUT:
		svc->has |= KLB_SERVICE_HAS_TIMEOUT;
		return klb_get_u32(nla, &svc->timeout);
	case KLB_A_SERVICE_MAGLEV_SIZE:
		svc->has |= KLB_SERVICE_HAS_MAGLEV_SIZE;
		return klb_get_u32(nla, &svc->maglev_size);
	case KLB_A_SERVICE_SEED:
		svc->has |= KLB_SERVICE_HAS_SEED;
		return klb_get_u32(nla, &svc->seed);
	case KLB_A_SERVICE_AFFINITY:
		svc->has |= KLB_SERVICE_HAS_AFFINITY;
		return klb_get_u32(nla, &svc->affinity);
	case KLB_A_SERVICE_SOURCES:
		return klb_get_u32(nla, &svc->sources_told);
	}
}

static int take_source(const struct nlattr *nla, struct klb_service *svc)
{
	svc->has |= KLB_SERVICE_HAS_SOURCES;
	return klb_take_prefix(nla, &svc->sources);
}

static void take_secondary(const struct nlattr *nla, struct klb_service *svc)
{
	svc->has |= KLB_SERVICE_HAS_SECONDARY;
	if (svc->n_secondary < KLB_SECONDARY_MAX)
		klb_get_addr(nla, &svc->secondary[svc->n_secondary++]);
}

static void take_counter(const struct nlattr *nla, struct klb_service *svc)
{
	switch (nla_type(nla)) {
	case KLB_A_SERVICE_CONNS:
		return klb_get_u32(nla, &svc->conns);
	case KLB_A_SERVICE_PACKETS_IN:
		return klb_get_u64(nla, &svc->traffic.packets_in);
	case KLB_A_SERVICE_BYTES_IN:
		return klb_get_u64(nla, &svc->traffic.bytes_in);
	case KLB_A_SERVICE_PACKETS_OUT:
		return klb_get_u64(nla, &svc->traffic.packets_out);
	case KLB_A_SERVICE_BYTES_OUT:
		return klb_get_u64(nla, &svc->traffic.bytes_out);
	case KLB_A_SERVICE_CONNS_TOTAL:
		return klb_get_u64(nla, &svc->conns_total);
	case KLB_A_SERVICE_MAGLEV_SLOTS:
		return klb_get_u32(nla, &svc->maglev_slots);
	}
}

static int take_attr(const struct nlattr *nla, struct klb_service *svc)
{
	switch (nla_type(nla)) {
	case KLB_A_SERVICE_PROTO:
		klb_get_u8(nla, &svc->proto);
		return 0;
	case KLB_A_SERVICE_ADDR:
		klb_get_addr(nla, &svc->ap.addr);
		return 0;
	case KLB_A_SERVICE_PORT:
		klb_get_port(nla, &svc->ap.port);
		return 0;
	case KLB_A_SERVICE_MORE:
		svc->more = true;
		return 0;
	case KLB_A_SERVICE_ENDPOINTS_NONE:
		svc->has |= KLB_SERVICE_HAS_ENDPOINTS;
		return 0;
	case KLB_A_SERVICE_ENDPOINT:
		return take_endpoint(nla, svc);
	case KLB_A_SERVICE_SOURCE_NONE:
		svc->has |= KLB_SERVICE_HAS_SOURCES;
		return 0;
	case KLB_A_SERVICE_SOURCE:
		return take_source(nla, svc);
	case KLB_A_SERVICE_SECONDARY_NONE:
		svc->has |= KLB_SERVICE_HAS_SECONDARY;
		return 0;
	case KLB_A_SERVICE_SECONDARY:
		take_secondary(nla, svc);
		return 0;
	}
	take_word(nla, svc);
	take_setting(nla, svc);
	take_counter(nla, svc);
	return 0;
}

int klb_service_parse(struct klb_attrs attrs, struct klb_service *svc)
{
	struct nlattr *nla;
	int rem, rc = 0;

	svc->more = false;
	svc->n_secondary = 0;
	klb_for_each_attr(nla, attrs, rem) {
		rc = take_attr(nla, svc);
		if (rc)
			break;
	}
	return rc;
}

static int configure(struct klb *k, int cmd, const struct klb_service *svc)
{
	struct nl_msg *msg = klb_request(k, cmd, klb_service_room(svc));
	int rc = msg ? klb_service_put(msg, svc) : 0;

	return klb_do(k, msg, rc, NULL, NULL);
}

int klb_service_new(struct klb *k, const struct klb_service *svc)
{
	return configure(k, KLB_CMD_SERVICE_NEW, svc);
}

int klb_service_set(struct klb *k, const struct klb_service *svc)
{
	return configure(k, KLB_CMD_SERVICE_SET, svc);
}

int klb_service_del(struct klb *k, const struct klb_service *key)
{
	struct klb_service bare = { .proto = key->proto, .ap = key->ap };

	return configure(k, KLB_CMD_SERVICE_DEL, &bare);
}

int klb_service_flush(struct klb *k)
{
	return klb_do(k, klb_request(k, KLB_CMD_SERVICE_FLUSH, 0), 0, NULL,
		      NULL);
}

/* Joins the messages of one service. */
struct join {
	struct klb_service svc;
	bool open;
	klb_service_cb cb;
	void *arg;
};

static int join_end(struct join *j)
{
	int rc = 0;

	if (j->open)
		rc = j->cb(&j->svc, j->arg);
	klb_service_free(&j->svc);
	memset(&j->svc, 0, sizeof(j->svc));
	j->open = false;
	return rc;
}

static void join_drop(struct join *j)
{
	j->open = false;
	(void)join_end(j);
}

static bool of_another(const struct join *j, struct klb_attrs attrs)
{
	struct klb_service key = { 0 };
	struct nlattr *nla;
	int rem;

	klb_for_each_attr(nla, attrs, rem) {
		if (nla_type(nla) == KLB_A_SERVICE_PROTO)
			klb_get_u8(nla, &key.proto);
		else if (nla_type(nla) == KLB_A_SERVICE_ADDR)
			klb_get_addr(nla, &key.ap.addr);
		else if (nla_type(nla) == KLB_A_SERVICE_PORT)
			klb_get_port(nla, &key.ap.port);
	}
	return !klb_service_same_key(&key, &j->svc);
}

/*
 * The kernel does not mix services between the parts of one. If another one
 * comes where more of it was announced, it was removed in the meantime.
 */
static int join_msg(const struct nlmsghdr *nlh, void *arg)
{
	struct join *j = arg;
	struct klb_attrs attrs;
	int rc;

	rc = klb_attrs_of(nlh, &attrs);
	if (rc)
		return rc;
	if (j->open && of_another(j, attrs))
		join_drop(j);
	rc = klb_service_parse(attrs, &j->svc);
	if (rc)
		return rc;
	j->open = true;
	return j->svc.more ? 0 : join_end(j);
}

/* What is still open went before its last part was told. */
static int join_finish(struct join *j, int rc)
{
	join_drop(j);
	return rc;
}

/* One service by its key: asked for as it is or, in parts, as a dump. */
static int get_one(struct klb *k, struct nl_msg *msg,
		   const struct klb_service *key, struct join *j,
		   int (*send)(struct klb *k, struct nl_msg *msg, int put_rc,
			       klb_msg_cb cb, void *arg))
{
	int rc = msg ? klb_service_put_key(msg, key) : 0;

	return join_finish(j, send(k, msg, rc, join_msg, j));
}

int klb_service_get(struct klb *k, const struct klb_service *key,
		    klb_service_cb cb, void *arg)
{
	struct join j = { .cb = cb, .arg = arg };
	int rc;

	rc = get_one(k, klb_request(k, KLB_CMD_SERVICE_GET, 64), key, &j,
		     klb_do);
	/* It has more endpoints than the kernel puts into one message. */
	if (rc == -EMSGSIZE)
		rc = get_one(k, klb_dump_request(k, KLB_CMD_SERVICE_GET, 64),
			     key, &j, klb_dump);
	return rc;
}

int klb_service_dump(struct klb *k, klb_service_cb cb, void *arg)
{
	struct nl_msg *msg = klb_dump_request(k, KLB_CMD_SERVICE_GET, 0);
	struct join j = { .cb = cb, .arg = arg };

	return join_finish(&j, klb_dump(k, msg, 0, join_msg, &j));
}

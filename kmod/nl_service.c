// SPDX-License-Identifier: GPL-2.0
#include "service.h"

#include <linux/mm.h>

#include "maglev.h"
#include "netlink.h"
#include "netns.h"
#include "notify.h"

#define TIMEOUT_MAX	2147483		/* seconds, fits u32 milliseconds */
#define REPLY_MAX	(32 * 1024)	/* bytes of one service in one message */

/* Requests */

static int read_endpoints(struct genl_info *info, u8 family,
			  struct klb_service_conf *conf)
{
	struct nlattr *attr;
	int rem, err;

	nlmsg_for_each_attr(attr, info->nlhdr, GENL_HDRLEN, rem) {
		if (nla_type(attr) != KLB_A_SERVICE_ENDPOINT)
			continue;
		err = klb_nl_endpoint(attr, family,
				      &conf->endpoints[conf->n_endpoints++],
				      info->extack);
		if (err)
			return err;
	}
	return 0;
}

static int read_endpoint_list(struct genl_info *info, u8 family,
			      struct klb_service_conf *conf)
{
	struct nlattr *none = info->attrs[KLB_A_SERVICE_ENDPOINTS_NONE];
	u32 n = klb_nl_count(info, KLB_A_SERVICE_ENDPOINT);

	conf->has_endpoints = n || none;
	if (!n)
		return 0;
	if (none)
		return klb_nl_refuse(info->extack, none,
				     "either endpoints or none");
	if (n > KLB_ENDPOINTS_MAX)
		return klb_nl_refuse(info->extack,
				     info->attrs[KLB_A_SERVICE_ENDPOINT],
				     "a service has at most 65535 endpoints");
	conf->endpoints = kvmalloc_array(n, sizeof(*conf->endpoints),
					 GFP_KERNEL);
	if (!conf->endpoints) {
		NL_SET_ERR_MSG(info->extack, "no memory for the endpoints");
		return -ENOMEM;
	}
	return read_endpoints(info, family, conf);
}

/* The next secondary address. */
static int read_secondary_addr(const struct nlattr *attr,
			       const struct klb_service_key *key,
			       struct klb_service_conf *conf,
			       struct netlink_ext_ack *extack)
{
	union klb_addr *at = &conf->secondary[conf->n_secondary];
	u8 family;
	int err;
	u32 i;

	err = klb_nl_addr(attr, &family, at, extack);
	if (err)
		return err;
	if (family != key->family || klb_addr_any(family, at))
		return klb_nl_refuse(extack, attr,
				     "a secondary address is one of the service's family");
	if (klb_addr_equal(family, at, &key->addr))
		return klb_nl_refuse(extack, attr,
				     "an address is named twice");
	for (i = 0; i < conf->n_secondary; i++)
		if (klb_addr_equal(family, at, &conf->secondary[i]))
			return klb_nl_refuse(extack, attr,
					     "an address is named twice");
	conf->n_secondary++;
	return klb_nl_addr_usable(attr, family, at, extack);
}

static int read_secondary_addrs(struct genl_info *info,
				const struct klb_service_key *key,
				struct klb_service_conf *conf)
{
	struct nlattr *attr;
	int rem, err;

	nlmsg_for_each_attr(attr, info->nlhdr, GENL_HDRLEN, rem) {
		if (nla_type(attr) != KLB_A_SERVICE_SECONDARY)
			continue;
		err = read_secondary_addr(attr, key, conf, info->extack);
		if (err)
			return err;
	}
	return 0;
}

static int read_secondary(struct genl_info *info,
			  const struct klb_service_key *key,
			  struct klb_service_conf *conf)
{
	struct nlattr *none = info->attrs[KLB_A_SERVICE_SECONDARY_NONE];
	u32 n = klb_nl_count(info, KLB_A_SERVICE_SECONDARY);

	conf->has_secondary = n || none;
	if (n && none)
		return klb_nl_refuse(info->extack, none,
				     "either secondary addresses or none");
	if (n > KLB_SECONDARY_MAX)
		return klb_nl_refuse(info->extack,
				     info->attrs[KLB_A_SERVICE_SECONDARY],
				     "a service has at most 7 secondary addresses");
	return n ? read_secondary_addrs(info, key, conf) : 0;
}

static int read_u32(struct genl_info *info, int type, u32 max, bool *has,
		    u32 *value, const char *why)
{
	const struct nlattr *attr = info->attrs[type];

	*has = attr;
	if (!attr)
		return 0;
	*value = nla_get_u32(attr);
	return *value > max ? klb_nl_refuse(info->extack, attr, why) : 0;
}

static void read_text(struct genl_info *info, int type, bool *has,
		      const char **text)
{
	*has = info->attrs[type];
	if (*has)
		*text = nla_data(info->attrs[type]);
}

/* Of an enum: the policy has seen that it is one of its values. */
static void read_u8(struct genl_info *info, int type, bool *has, u8 *value)
{
	*has = info->attrs[type];
	if (*has)
		*value = nla_get_u8(info->attrs[type]);
}

static void read_words(struct genl_info *info, struct klb_service_conf *conf)
{
	read_text(info, KLB_A_SERVICE_NAME, &conf->has_name, &conf->name);
	read_text(info, KLB_A_SERVICE_SHARE, &conf->has_share, &conf->share);
	read_text(info, KLB_A_SERVICE_POOL, &conf->has_pool, &conf->pool);
	read_u8(info, KLB_A_SERVICE_SCHEDULER, &conf->has_scheduler,
		&conf->scheduler);
	read_u8(info, KLB_A_SERVICE_FORWARD, &conf->has_forward,
		&conf->forward);
	read_u8(info, KLB_A_SERVICE_MASQUERADE, &conf->has_masquerade,
		&conf->masquerade);
	read_u8(info, KLB_A_SERVICE_EMPTY, &conf->has_empty, &conf->empty);
}

static int read_numbers(struct genl_info *info, struct klb_service_conf *conf)
{
	return read_u32(info, KLB_A_SERVICE_TIMEOUT, TIMEOUT_MAX,
			&conf->has_timeout, &conf->timeout,
			"a timeout is at most 2147483 seconds") ?:
	       read_u32(info, KLB_A_SERVICE_AFFINITY, KLB_AFFINITY_MAX,
			&conf->has_affinity, &conf->affinity,
			"an affinity is at most 86400 seconds") ?:
	       read_u32(info, KLB_A_SERVICE_MAGLEV_SIZE, KLB_MAGLEV_SIZE_MAX,
			&conf->has_maglev_size, &conf->maglev_size,
			"maglev-size is at most 8388593") ?:
	       read_u32(info, KLB_A_SERVICE_SEED, U32_MAX, &conf->has_seed,
			&conf->seed, NULL);
}

static int read_lists(struct genl_info *info,
		      const struct klb_service_key *key,
		      struct klb_service_conf *conf)
{
	return klb_nl_prefixes(info, KLB_A_SERVICE_SOURCE,
			       KLB_A_SERVICE_SOURCE_NONE, KLB_SOURCES_MAX,
			       &conf->sources, &conf->has_sources) ?:
	       read_secondary(info, key, conf) ?:
	       read_endpoint_list(info, key->family, conf);
}

/* To be freed with conf_free(), whether it was read or not. */
static int read_conf(struct genl_info *info, struct klb_service_key *key,
		     struct klb_service_conf *conf)
{
	int err;

	memset(conf, 0, sizeof(*conf));
	err = klb_nl_key(info->attrs, key, info->extack);
	if (err)
		return err;
	read_words(info, conf);
	return read_numbers(info, conf) ?: read_lists(info, key, conf);
}

static void conf_free(struct klb_service_conf *conf)
{
	kvfree(conf->endpoints);
	kvfree(conf->sources.v);
}

static struct klb_service *find(struct klb_net *kn,
				const struct klb_service_key *key,
				struct netlink_ext_ack *extack)
{
	struct klb_service *svc = klb_service_find(kn, key);

	if (!svc)
		NL_SET_ERR_MSG(extack, "no such service");
	return svc;
}

static int add(struct genl_info *info, const struct klb_service_key *key,
	       struct klb_service_conf *conf)
{
	struct klb_net *kn = klb_net(genl_info_net(info));
	int err;

	err = klb_nl_addr_usable(info->attrs[KLB_A_SERVICE_ADDR], key->family,
				 &key->addr, info->extack);
	if (err)
		return err;
	mutex_lock(&kn->lock);
	err = klb_service_add(kn, key, conf, info->extack);
	if (!err)
		klb_notify_service(kn, klb_service_find(kn, key), info);
	mutex_unlock(&kn->lock);
	return err;
}

static int set(struct genl_info *info, const struct klb_service_key *key,
	       struct klb_service_conf *conf)
{
	struct klb_net *kn = klb_net(genl_info_net(info));
	struct klb_service *svc;
	int err;

	mutex_lock(&kn->lock);
	svc = find(kn, key, info->extack);
	err = svc ? klb_service_set(svc, conf, info->extack) : -ENOENT;
	if (!err)
		klb_notify_service(kn, svc, info);
	mutex_unlock(&kn->lock);
	return err;
}

int klb_nl_service_new_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct klb_service_conf conf;
	struct klb_service_key key;
	int err;

	err = read_conf(info, &key, &conf) ?: add(info, &key, &conf);
	conf_free(&conf);
	return err;
}

int klb_nl_service_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct klb_service_conf conf;
	struct klb_service_key key;
	int err;

	err = read_conf(info, &key, &conf) ?: set(info, &key, &conf);
	conf_free(&conf);
	return err;
}

static void del(struct klb_net *kn, struct klb_service *svc,
		struct genl_info *info)
{
	struct klb_service_key key = svc->key;

	klb_service_del(svc);
	klb_notify_service_del(kn, &key, info);
}

int klb_nl_service_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct klb_net *kn = klb_net(genl_info_net(info));
	struct klb_service_key key;
	struct klb_service *svc;
	int err;

	err = klb_nl_key(info->attrs, &key, info->extack);
	if (err)
		return err;
	mutex_lock(&kn->lock);
	svc = find(kn, &key, info->extack);
	if (svc)
		del(kn, svc, info);
	mutex_unlock(&kn->lock);
	return svc ? 0 : -ENOENT;
}

int klb_nl_service_flush_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct klb_net *kn = klb_net(genl_info_net(info));
	struct klb_service *svc;

	mutex_lock(&kn->lock);
	while ((svc = klb_service_after(kn, NULL))) {
		del(kn, svc, info);
		cond_resched();
	}
	mutex_unlock(&kn->lock);
	return 0;
}

/* Replies */

/* Where a dump stands. */
struct cursor {
	struct klb_service_key key;	/* the last service that was begun */
	union klb_addr addr;		/* its last endpoint told, if any */
	__be16 port;
	u8 family;
	bool started : 1;
	bool one : 1;		/* only the service with this key */
	bool within : 1;	/* it has more sources or endpoints */
	bool endpoints : 1;	/* endpoints up to addr were told */
	u32 sources;		/* so many were told */
};

/* The sum over all connections is work, during which nobody can change the
 * configuration, and everybody may ask for it: who is no administrator gets
 * what the last one did.
 */
static void account(struct klb_net *kn, struct sk_buff *request)
{
	if (netlink_capable(request, CAP_NET_ADMIN))
		klb_conn_account(kn);
}

static u32 table_slots(const struct klb_service *svc)
{
	const struct klb_table *table;

	table = rcu_dereference_protected(svc->table,
					  lockdep_is_held(&svc->kn->lock));
	return table ? table->size : 0;
}

static int put_head(struct sk_buff *skb, const struct klb_service *svc)
{
	return klb_nl_put_service(skb, svc) ?:
	       klb_nl_put_totals(skb, KLB_A_SERVICE_CONNS, &svc->ended,
				 &svc->live) ?:
	       nla_put_u32(skb, KLB_A_SERVICE_MAGLEV_SLOTS, table_slots(svc));
}

static struct klb_endpoint *first_endpoint(const struct klb_service *svc,
					   const struct cursor *at)
{
	if (!at->endpoints)
		return klb_endpoint_first(svc);
	return klb_endpoint_after(svc, (struct klb_endpoint_id){
		at->family, at->port, &at->addr });
}

/* Whether what was put since @mark leaves room for the flag that more follow;
 * if not it is taken back.
 */
static bool fits(struct sk_buff *skb, unsigned char *mark, int err)
{
	if (!err && skb_tailroom(skb) >= nla_total_size(0))
		return true;
	nlmsg_trim(skb, mark);
	return false;
}

/* As many as there is room for; false if not for all. */
static bool put_sources(struct sk_buff *skb, const struct klb_service *svc,
			struct cursor *at)
{
	unsigned char *mark;
	int err;

	for (; at->sources < svc->sources.n; at->sources++) {
		mark = skb_tail_pointer(skb);
		err = klb_nl_put_prefix(skb, KLB_A_SERVICE_SOURCE,
					&svc->sources.v[at->sources]);
		if (!fits(skb, mark, err))
			return false;
	}
	return true;
}

static bool put_endpoints(struct sk_buff *skb, const struct klb_service *svc,
			  struct cursor *at)
{
	struct klb_endpoint *ep = first_endpoint(svc, at);
	unsigned char *mark;
	int err;

	for (; ep; ep = klb_endpoint_next(ep)) {
		mark = skb_tail_pointer(skb);
		err = klb_nl_put_endpoint(skb, KLB_A_SERVICE_ENDPOINT, ep);
		if (!fits(skb, mark, err))
			return false;
		at->addr = ep->addr;
		at->port = ep->port;
		at->family = ep->family;
		at->endpoints = true;
	}
	return true;
}

/* Sources, then endpoints, until there is no more room. -EMSGSIZE: not for a
 * single one.
 */
static int put_lists(struct sk_buff *skb, const struct klb_service *svc,
		     struct cursor *at)
{
	unsigned char *mark = skb_tail_pointer(skb);
	bool whole = put_sources(skb, svc, at) && put_endpoints(skb, svc, at);

	/* then the cursor is still in what was told before */
	if (!whole && skb_tail_pointer(skb) == mark)
		return -EMSGSIZE;
	at->within = !whole;
	return whole ? 0 : nla_put_flag(skb, KLB_A_SERVICE_MORE);
}

/* A message with a service, or with the next part of it. */
static int dump_part(struct sk_buff *skb, struct netlink_callback *cb,
		     const struct klb_service *svc, struct cursor *at)
{
	void *hdr = klb_nl_part(skb, cb, KLB_CMD_SERVICE_GET);
	int err;

	if (!hdr)
		return -EMSGSIZE;
	if (!at->within) {
		at->endpoints = false;
		at->sources = 0;
	}
	err = put_head(skb, svc) ?: put_lists(skb, svc, at);
	if (err) {
		genlmsg_cancel(skb, hdr);
		return err;
	}
	at->key = svc->key;
	genlmsg_end(skb, hdr);
	return 0;
}

/* The service that the dump goes on with. If the one it was within is gone,
 * the dump is flagged, and goes on with the next.
 */
static struct klb_service *dump_next(struct klb_net *kn, struct cursor *at)
{
	struct klb_service *svc;

	if (at->within) {
		svc = klb_service_find(kn, &at->key);
		if (svc || at->one)
			return svc;
		at->within = false;
	} else if (at->one) {
		return NULL;
	}
	return klb_service_after(kn, &at->key);
}

static int dump_start(struct klb_net *kn, struct netlink_callback *cb,
		      struct cursor *at, struct klb_service **svc)
{
	struct nlattr *attrs[KLB_A_SERVICE_PORT + 1];
	int err;

	err = genlmsg_parse(cb->nlh, &klb_nl_family, attrs, KLB_A_SERVICE_PORT,
			    klb_service_get_nl_policy, cb->extack);
	if (err)
		return err;
	account(kn, cb->skb);
	at->started = true;
	at->one = attrs[KLB_A_SERVICE_PROTO] || attrs[KLB_A_SERVICE_ADDR] ||
		  attrs[KLB_A_SERVICE_PORT];
	if (!at->one) {
		*svc = klb_service_after(kn, NULL);
		return 0;
	}
	err = klb_nl_key(attrs, &at->key, cb->extack);
	if (!err)
		*svc = find(kn, &at->key, cb->extack);
	return err ?: (*svc ? 0 : -ENOENT);
}

static int dump(struct klb_net *kn, struct sk_buff *skb,
		struct netlink_callback *cb)
{
	struct cursor *at = (void *)cb->ctx;
	struct klb_service *svc;
	int err = 0;

	BUILD_BUG_ON(sizeof(*at) > sizeof(cb->ctx));
	if (at->started)
		svc = dump_next(kn, at);
	else
		err = dump_start(kn, cb, at, &svc);
	while (!err && svc) {
		err = dump_part(skb, cb, svc, at);
		if (!err)
			svc = dump_next(kn, at);
	}
	return err;
}

int klb_nl_service_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	return klb_nl_dump_config(skb, cb, dump);
}

/* Room for a service in one message. */
static size_t reply_size(const struct klb_service *svc)
{
	size_t totals = nla_total_size(sizeof(u32)) +
			5 * nla_total_size_64bit(sizeof(u64));
	size_t endpoint = nla_total_size(0) +
			  nla_total_size(sizeof(union klb_addr)) +
			  4 * nla_total_size(sizeof(u16)) + totals;

	return KLB_NL_SERVICE_ROOM + totals +
	       svc->sources.n * KLB_NL_PREFIX_ROOM +
	       svc->n_endpoints * endpoint;
}

static int make_reply(const struct klb_service *svc, struct genl_info *info,
		      struct sk_buff **msg, void **hdr)
{
	size_t size = reply_size(svc);
	struct cursor at = {};

	if (size > REPLY_MAX) {
		NL_SET_ERR_MSG(info->extack,
			       "too many endpoints or sources for one reply, dump it");
		return -EMSGSIZE;
	}
	*msg = genlmsg_new(size, GFP_KERNEL);
	if (!*msg)
		return -ENOMEM;
	*hdr = genlmsg_put_reply(*msg, info, &klb_nl_family, 0,
				 KLB_CMD_SERVICE_GET);
	return put_head(*msg, svc) ?: put_lists(*msg, svc, &at);
}

int klb_nl_service_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct klb_net *kn = klb_net(genl_info_net(info));
	struct klb_service_key key;
	struct sk_buff *msg = NULL;
	struct klb_service *svc;
	void *hdr = NULL;
	int err;

	err = klb_nl_key(info->attrs, &key, info->extack);
	if (err)
		return err;
	mutex_lock(&kn->lock);
	svc = find(kn, &key, info->extack);
	if (svc)
		account(kn, skb);
	err = svc ? make_reply(svc, info, &msg, &hdr) : -ENOENT;
	mutex_unlock(&kn->lock);
	return klb_nl_reply(msg, hdr, info, err);
}

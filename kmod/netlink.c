// SPDX-License-Identifier: GPL-2.0
#include "netlink.h"

#include <linux/in.h>
#include <linux/ipv6.h>
#include <net/ipv6.h>
#include <net/sock.h>

#include "netns.h"
#include "pool.h"

struct genl_family klb_nl_family __ro_after_init = {
	.name = KLB_GENL_NAME,
	.version = KLB_GENL_VERSION,
	.netnsok = true,
	.parallel_ops = true,
	.module = THIS_MODULE,
	.ops = klb_nl_ops,
	.n_ops = ARRAY_SIZE(klb_nl_ops),
	.mcgrps = klb_nl_mcgrps,
	.n_mcgrps = ARRAY_SIZE(klb_nl_mcgrps),
};

int __init klb_netlink_init(void)
{
	return genl_register_family(&klb_nl_family);
}

void klb_netlink_exit(void)
{
	genl_unregister_family(&klb_nl_family);
}

/* Refusals */

/**
 * klb_nl_refuse() - refuse a message because of an attribute
 * @extack: may be NULL
 * @attr: the one to blame
 * @why: a sentence, a string that lives as long as the module
 *
 * Return: -EINVAL.
 */
int klb_nl_refuse(struct netlink_ext_ack *extack, const struct nlattr *attr,
		  const char *why)
{
	NL_SET_BAD_ATTR(extack, attr);
	if (extack)
		extack->_msg = why;
	return -EINVAL;
}

/**
 * klb_nl_missing() - refuse a message because an attribute is not there
 * @extack: may be NULL
 * @nest: where it should be, NULL for the message itself
 * @type: which
 * @why: a sentence, a string that lives as long as the module
 *
 * Return: -EINVAL.
 */
int klb_nl_missing(struct netlink_ext_ack *extack, struct nlattr *nest,
		   int type, const char *why)
{
	NL_SET_ERR_ATTR_MISS(extack, nest, type);
	if (extack)
		extack->_msg = why;
	return -EINVAL;
}

/* Reading */

int klb_nl_addr(const struct nlattr *attr, u8 *family, union klb_addr *addr,
		struct netlink_ext_ack *extack)
{
	int len = nla_len(attr);

	if (len != sizeof(addr->ip) && len != sizeof(addr->in6))
		return klb_nl_refuse(extack, attr,
				     "an address is 4 (IPv4) or 16 (IPv6) bytes long");
	/* the look-ups of IPv6 presuppose tables that are not there then */
	if (len == sizeof(addr->in6) && !ipv6_mod_enabled())
		return klb_nl_refuse(extack, attr,
				     "IPv6 is disabled on this host");
	*family = len == sizeof(addr->ip) ? AF_INET : AF_INET6;
	nla_memcpy(addr, attr, sizeof(*addr));
	return 0;
}

int klb_nl_port(const struct nlattr *attr, __be16 *port,
		struct netlink_ext_ack *extack)
{
	*port = nla_get_be16(attr);
	if (!*port)
		return klb_nl_refuse(extack, attr, "a port is 1 to 65535");
	return 0;
}

int klb_nl_proto(const struct nlattr *attr, u8 *proto,
		 struct netlink_ext_ack *extack)
{
	*proto = nla_get_u8(attr);
	if (*proto != IPPROTO_TCP && *proto != IPPROTO_UDP &&
	    *proto != IPPROTO_SCTP)
		return klb_nl_refuse(extack, attr,
				     "a protocol is tcp, udp or sctp");
	return 0;
}

static const char *fault4(__be32 ip)
{
	if (ipv4_is_loopback(ip))
		return "loopback addresses are not supported";
	if (ipv4_is_multicast(ip))
		return "multicast addresses are not supported";
	if (ipv4_is_lbcast(ip))
		return "the broadcast address is not supported";
	return NULL;
}

static const char *fault6(const struct in6_addr *ip)
{
	if (ipv6_addr_loopback(ip))
		return "loopback addresses are not supported";
	if (ipv6_addr_is_multicast(ip))
		return "multicast addresses are not supported";
	if (ipv6_addr_v4mapped(ip))
		return "IPv4-mapped addresses are not supported, give 4 bytes";
	if (ipv6_addr_type(ip) & IPV6_ADDR_LINKLOCAL)
		return "link-local addresses are not supported";
	return NULL;
}

int klb_nl_addr_usable(const struct nlattr *attr, u8 family,
		       const union klb_addr *addr,
		       struct netlink_ext_ack *extack)
{
	const char *why;

	why = family == AF_INET ? fault4(addr->ip) : fault6(&addr->in6);
	return why ? klb_nl_refuse(extack, attr, why) : 0;
}

/**
 * klb_nl_key() - read the key of a service
 * @attrs: of a message with the attributes of a service
 * @key: written as a whole
 * @extack: gets a sentence if something is wrong
 *
 * Return: 0 or -EINVAL.
 */
int klb_nl_key(struct nlattr **attrs, struct klb_service_key *key,
	       struct netlink_ext_ack *extack)
{
	struct nlattr *proto = attrs[KLB_A_SERVICE_PROTO];
	struct nlattr *addr = attrs[KLB_A_SERVICE_ADDR];
	struct nlattr *port = attrs[KLB_A_SERVICE_PORT];

	if (!proto)
		return klb_nl_missing(extack, NULL, KLB_A_SERVICE_PROTO,
				      "the protocol of the service is missing");
	if (!addr)
		return klb_nl_missing(extack, NULL, KLB_A_SERVICE_ADDR,
				      "the address of the service is missing");
	if (!port)
		return klb_nl_missing(extack, NULL, KLB_A_SERVICE_PORT,
				      "the port of the service is missing");
	memset(key, 0, sizeof(*key)); /* padding too, it is hashed */
	return klb_nl_proto(proto, &key->proto, extack) ?:
	       klb_nl_addr(addr, &key->family, &key->addr, extack) ?:
	       klb_nl_port(port, &key->port, extack);
}

static int endpoint_addr(const struct nlattr *attr,
			 struct klb_endpoint_conf *conf,
			 struct netlink_ext_ack *extack)
{
	int err;

	err = klb_nl_addr(attr, &conf->family, &conf->addr, extack);
	if (err)
		return err;
	if (klb_addr_any(conf->family, &conf->addr))
		return klb_nl_refuse(extack, attr,
				     "an endpoint cannot be any address");
	return klb_nl_addr_usable(attr, conf->family, &conf->addr, extack);
}

/* Weight, state and scope; the other attributes are what klb tells. */
static int endpoint_settings(struct nlattr **tb,
			     struct klb_endpoint_conf *conf,
			     struct netlink_ext_ack *extack)
{
	int i;

	for (i = KLB_A_ENDPOINT_CONNS; i <= KLB_A_ENDPOINT_CONNS_TOTAL; i++)
		if (tb[i])
			return klb_nl_refuse(extack, tb[i],
					     "counters cannot be set");
	conf->has_weight = tb[KLB_A_ENDPOINT_WEIGHT];
	if (conf->has_weight)
		conf->weight = nla_get_u16(tb[KLB_A_ENDPOINT_WEIGHT]);
	conf->has_state = tb[KLB_A_ENDPOINT_STATE];
	if (conf->has_state)
		conf->state = nla_get_u8(tb[KLB_A_ENDPOINT_STATE]);
	conf->has_scope = tb[KLB_A_ENDPOINT_SCOPE];
	if (conf->has_scope)
		conf->scope = nla_get_u8(tb[KLB_A_ENDPOINT_SCOPE]);
	return 0;
}

/**
 * klb_nl_endpoint() - read an endpoint
 * @nest: the attribute
 * @family: of its service
 * @conf: written as a whole
 * @extack: gets a sentence if something is wrong
 *
 * Return: 0 or -EINVAL.
 */
int klb_nl_endpoint(struct nlattr *nest, u8 family,
		    struct klb_endpoint_conf *conf,
		    struct netlink_ext_ack *extack)
{
	struct nlattr *tb[KLB_A_ENDPOINT_MAX + 1];
	int err;

	err = nla_parse_nested(tb, KLB_A_ENDPOINT_MAX, nest,
			       klb_endpoint_nl_policy, extack);
	if (err)
		return err;
	if (!tb[KLB_A_ENDPOINT_ADDR])
		return klb_nl_missing(extack, nest, KLB_A_ENDPOINT_ADDR,
				      "the address of the endpoint is missing");
	if (!tb[KLB_A_ENDPOINT_PORT])
		return klb_nl_missing(extack, nest, KLB_A_ENDPOINT_PORT,
				      "the port of the endpoint is missing");
	memset(conf, 0, sizeof(*conf));
	return endpoint_addr(tb[KLB_A_ENDPOINT_ADDR], conf, extack) ?:
	       klb_nl_port(tb[KLB_A_ENDPOINT_PORT], &conf->port, extack) ?:
	       endpoint_settings(tb, conf, extack);
}

u32 klb_nl_count(const struct genl_info *info, int type)
{
	const struct nlattr *attr;
	int rem;
	u32 n = 0;

	nlmsg_for_each_attr(attr, info->nlhdr, GENL_HDRLEN, rem)
		n += nla_type(attr) == type;
	return n;
}

/* Writing */

int klb_nl_put_addr(struct sk_buff *skb, int type, u8 family,
		    const union klb_addr *addr)
{
	return nla_put(skb, type, klb_addr_len(family), addr);
}

int klb_nl_put_key(struct sk_buff *skb, const struct klb_service_key *key)
{
	return nla_put_u8(skb, KLB_A_SERVICE_PROTO, key->proto) ?:
	       klb_nl_put_addr(skb, KLB_A_SERVICE_ADDR, key->family,
			       &key->addr) ?:
	       nla_put_be16(skb, KLB_A_SERVICE_PORT, key->port);
}

/* Not there is empty. */
static int put_text(struct sk_buff *skb, int type, const char *text)
{
	return text ? nla_put_string(skb, type, text) : 0;
}

static int put_pool_name(struct sk_buff *skb, const struct klb_service *svc)
{
	const struct klb_pool *pool;

	pool = rcu_dereference_protected(svc->pool,
					 lockdep_is_held(&svc->kn->lock));
	return put_text(skb, KLB_A_SERVICE_POOL, pool ? pool->name : NULL);
}

static int put_secondary(struct sk_buff *skb, const struct klb_service *svc)
{
	u32 i;

	for (i = 0; i < svc->n_secondary; i++)
		if (klb_nl_put_addr(skb, KLB_A_SERVICE_SECONDARY,
				    svc->key.family, &svc->secondary[i]))
			return -EMSGSIZE;
	return 0;
}

int klb_nl_put_service(struct sk_buff *skb, const struct klb_service *svc)
{
	if (klb_nl_put_key(skb, &svc->key) ||
	    put_text(skb, KLB_A_SERVICE_NAME, svc->name) ||
	    nla_put_u8(skb, KLB_A_SERVICE_SCHEDULER, svc->scheduler) ||
	    nla_put_u8(skb, KLB_A_SERVICE_FORWARD, svc->forward) ||
	    nla_put_u32(skb, KLB_A_SERVICE_TIMEOUT, svc->timeout) ||
	    nla_put_u32(skb, KLB_A_SERVICE_MAGLEV_SIZE, svc->maglev_size) ||
	    nla_put_u32(skb, KLB_A_SERVICE_SEED, svc->seed) ||
	    nla_put_u8(skb, KLB_A_SERVICE_MASQUERADE, svc->masquerade) ||
	    nla_put_u8(skb, KLB_A_SERVICE_EMPTY, svc->empty) ||
	    nla_put_u32(skb, KLB_A_SERVICE_AFFINITY, svc->affinity) ||
	    put_text(skb, KLB_A_SERVICE_SHARE, svc->share) ||
	    put_pool_name(skb, svc) ||
	    nla_put_u32(skb, KLB_A_SERVICE_SOURCES, svc->sources.n) ||
	    put_secondary(skb, svc))
		return -EMSGSIZE;
	return 0;
}

int klb_nl_put_endpoint_id(struct sk_buff *skb, u8 family,
			   const union klb_addr *addr, __be16 port)
{
	return klb_nl_put_addr(skb, KLB_A_ENDPOINT_ADDR, family, addr) ?:
	       nla_put_be16(skb, KLB_A_ENDPOINT_PORT, port);
}

static int put_endpoint_settings(struct sk_buff *skb,
				 const struct klb_endpoint *ep)
{
	return klb_nl_put_endpoint_id(skb, ep->family, &ep->addr, ep->port) ?:
	       nla_put_u16(skb, KLB_A_ENDPOINT_WEIGHT, ep->weight) ?:
	       nla_put_u8(skb, KLB_A_ENDPOINT_STATE, ep->state) ?:
	       nla_put_u8(skb, KLB_A_ENDPOINT_SCOPE, ep->scope);
}

int klb_nl_put_endpoint_conf(struct sk_buff *skb, int type,
			     const struct klb_endpoint *ep)
{
	struct nlattr *nest = nla_nest_start(skb, type);

	if (!nest || put_endpoint_settings(skb, ep))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

int klb_nl_put_endpoint(struct sk_buff *skb, int type,
			const struct klb_endpoint *ep)
{
	struct nlattr *nest = nla_nest_start(skb, type);

	if (!nest || put_endpoint_settings(skb, ep) ||
	    klb_nl_put_totals(skb, KLB_A_ENDPOINT_CONNS, &ep->ended,
			      &ep->live))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

/* both sets in the same order */
static_assert(KLB_A_SERVICE_CONNS_TOTAL - KLB_A_SERVICE_CONNS == 6);
static_assert(KLB_A_ENDPOINT_CONNS_TOTAL - KLB_A_ENDPOINT_CONNS == 6);

int klb_nl_put_totals(struct sk_buff *skb, int first,
		      const struct klb_totals *ended,
		      const struct klb_totals *live)
{
	const u64 values[] = {
		ended->packets[KLB_DIR_ORIG] + live->packets[KLB_DIR_ORIG],
		ended->bytes[KLB_DIR_ORIG] + live->bytes[KLB_DIR_ORIG],
		ended->packets[KLB_DIR_REPLY] + live->packets[KLB_DIR_REPLY],
		ended->bytes[KLB_DIR_REPLY] + live->bytes[KLB_DIR_REPLY],
		ended->conns + live->conns,
	};
	int i;

	if (nla_put_u32(skb, first, live->conns))
		return -EMSGSIZE;
	for (i = 0; i < ARRAY_SIZE(values); i++)
		if (nla_put_u64_64bit(skb, first + 2 + i, values[i],
				      first + 1))
			return -EMSGSIZE;
	return 0;
}

void *klb_nl_part(struct sk_buff *skb, struct netlink_callback *cb, u8 cmd)
{
	void *hdr = genlmsg_put(skb, NETLINK_CB(cb->skb).portid,
				cb->nlh->nlmsg_seq, &klb_nl_family,
				NLM_F_MULTI, cmd);

	if (hdr)
		genl_dump_check_consistent(cb, hdr);
	return hdr;
}

int klb_nl_dump_config(struct sk_buff *skb, struct netlink_callback *cb,
		       int (*part)(struct klb_net *kn, struct sk_buff *skb,
				   struct netlink_callback *cb))
{
	struct klb_net *kn = klb_net(sock_net(skb->sk));
	int err;

	mutex_lock(&kn->lock);
	/* never zero, which would say that nothing can change */
	cb->seq = kn->config_seq << 1 | 1;
	err = part(kn, skb, cb);
	mutex_unlock(&kn->lock);
	return skb->len ?: err;
}

int klb_nl_reply(struct sk_buff *skb, void *hdr, struct genl_info *info,
		 int err)
{
	if (err) {
		nlmsg_free(skb);
		return err;
	}
	genlmsg_end(skb, hdr);
	return genlmsg_reply(skb, info);
}

// SPDX-License-Identifier: GPL-2.0
#include "config_write.h"

#include "token.h"

static void write_prefixes(FILE *f, const char *key, const char *none,
			   const struct klb_prefixes *list)
{
	char text[KLB_PREFIX_TEXT];
	size_t i;

	fprintf(f, " %s ", key);
	if (!list->n)
		fputs(none, f);
	for (i = 0; i < list->n; i++)
		fprintf(f, "%s%s", i ? "," : "",
			klb_prefix_format(&list->v[i], text));
}

static void write_net(FILE *f, const struct klb_net *net)
{
	if (!net->has)
		return;
	/* What the defaults are is the module's business: always told. */
	fputs("net set", f);
	if (net->has & KLB_NET_HAS_CONN_MAX)
		fprintf(f, " conn-max %u", net->conn_max);
	if (net->has & KLB_NET_HAS_VETH_PEER)
		fprintf(f, " veth-peer %s", net->veth_peer ? "on" : "off");
	if (net->has & KLB_NET_HAS_PODS)
		write_prefixes(f, "pods", "none", &net->pods);
	if (net->has & KLB_NET_HAS_NODEPORTS)
		write_prefixes(f, "nodeports", "all", &net->nodeports);
	if (net->has & KLB_NET_HAS_GUARD)
		write_prefixes(f, "guard", "none", &net->guard);
	if (net->has & KLB_NET_HAS_ECHO)
		fprintf(f, " echo %s", net->echo ? "on" : "off");
	if (net->has & KLB_NET_HAS_GUE_PORT)
		fprintf(f, " gue-port %u", net->gue_port);
	fputc('\n', f);
}

static void write_pool(FILE *f, const struct klb_pool *pool)
{
	char name[TOKEN_QUOTED(sizeof(pool->name))], text[KLB_ADDR_TEXT];

	fprintf(f, "pool add %s %s",
		token_quote(pool->name, name, sizeof(name)),
		klb_addr_format(&pool->first, text));
	if (klb_addr_cmp(&pool->first, &pool->last))
		fprintf(f, "-%s", klb_addr_format(&pool->last, text));
	if (pool->port_low != KLB_POOL_PORT_LOW ||
	    pool->port_high != KLB_POOL_PORT_HIGH)
		fprintf(f, " ports %u-%u", pool->port_low, pool->port_high);
	fputc('\n', f);
}

static void write_dev(FILE *f, const struct klb_dev *dev)
{
	char name[TOKEN_QUOTED(sizeof(dev->name))];

	fprintf(f, "dev attach %s %s\n",
		token_quote(dev->name, name, sizeof(name)),
		dev->hooks == KLB_DEV_HOOK_INGRESS ? "ingress" :
		dev->hooks == KLB_DEV_HOOK_EGRESS ? "egress" : "both");
}

static void write_key(FILE *f, const struct klb_service *svc)
{
	char text[KLB_ADDR_TEXT];

	fprintf(f, "%s %s", klb_proto_name(svc->proto),
		klb_ap_format(&svc->ap, text));
}

static void write_secondary(FILE *f, const struct klb_service *svc)
{
	char text[KLB_ADDR_TEXT];
	size_t i;

	for (i = 0; i < svc->n_secondary; i++)
		fprintf(f, "%s%s", i ? "," : " secondary ",
			klb_addr_format(&svc->secondary[i], text));
}

static void write_clients(FILE *f, const struct klb_service *svc)
{
	char name[TOKEN_QUOTED(KLB_POOL_NAME_MAX + 1)];

	if (svc->masquerade != KLB_MASQUERADE_NEVER)
		fprintf(f, " masquerade %s",
			klb_name(klb_masquerade_names, svc->masquerade));
	if (svc->empty != KLB_EMPTY_REJECT)
		fprintf(f, " empty %s", klb_name(klb_empty_names, svc->empty));
	if (svc->affinity)
		fprintf(f, " affinity %u", svc->affinity);
	if (svc->share[0])
		fprintf(f, " share %s",
			token_quote(svc->share, name, sizeof(name)));
	if (svc->sources.n)
		write_prefixes(f, "source", "none", &svc->sources);
	if (svc->pool[0])
		fprintf(f, " snat %s",
			token_quote(svc->pool, name, sizeof(name)));
	write_secondary(f, svc);
}

static void write_options(FILE *f, const struct klb_service *svc)
{
	char name[TOKEN_QUOTED(sizeof(svc->name))];

	if (svc->name[0])
		fprintf(f, " name %s",
			token_quote(svc->name, name, sizeof(name)));
	if (svc->scheduler != KLB_SCHEDULER_MAGLEV)
		fprintf(f, " scheduler %s",
			klb_name(klb_scheduler_names, svc->scheduler));
	if (svc->forward != KLB_FORWARD_NAT)
		fprintf(f, " forward %s",
			klb_name(klb_forward_names, svc->forward));
	write_clients(f, svc);
	if (svc->timeout)
		fprintf(f, " timeout %u", svc->timeout);
	if (svc->maglev_size)
		fprintf(f, " maglev-size %u", svc->maglev_size);
	if (svc->seed)
		fprintf(f, " seed %u", svc->seed);
}

static void write_endpoint(FILE *f, const struct klb_service *svc,
			   const struct klb_endpoint *ep)
{
	char text[KLB_ADDR_TEXT];

	fputs("endpoint add ", f);
	write_key(f, svc);
	fprintf(f, " %s", klb_ap_format(&ep->ap, text));
	if (ep->weight != KLB_ENDPOINT_WEIGHT_DEFAULT)
		fprintf(f, " weight %u", ep->weight);
	if (ep->state != KLB_ENDPOINT_STATE_UP)
		fprintf(f, " state %s",
			klb_name(klb_endpoint_state_names, ep->state));
	if (ep->scope != KLB_SCOPE_ALL)
		fprintf(f, " scope %s", klb_name(klb_scope_names, ep->scope));
	fputc('\n', f);
}

static void write_service(FILE *f, const struct klb_service *svc)
{
	size_t i;

	fputs("service add ", f);
	write_key(f, svc);
	write_options(f, svc);
	fputc('\n', f);
	for (i = 0; i < svc->n_endpoints; i++)
		write_endpoint(f, svc, &svc->endpoints[i]);
}

void config_write(FILE *f, const struct config *cfg)
{
	size_t i;

	write_net(f, &cfg->net);
	for (i = 0; i < cfg->n_pools; i++)
		write_pool(f, &cfg->pools[i]);
	for (i = 0; i < cfg->n_services; i++)
		write_service(f, &cfg->services[i]);
	/* Last, so that -b does not balance half a configuration. */
	for (i = 0; i < cfg->n_devs; i++)
		write_dev(f, &cfg->devs[i]);
}

// SPDX-License-Identifier: GPL-2.0
#include "config_write.h"

#include "token.h"

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
	for (i = 0; i < cfg->n_services; i++)
		write_service(f, &cfg->services[i]);
	/* Last, so that -b does not balance half a configuration. */
	for (i = 0; i < cfg->n_devs; i++)
		write_dev(f, &cfg->devs[i]);
}

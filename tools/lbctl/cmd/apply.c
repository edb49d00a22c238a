// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <string.h>

#include "cmd.h"
#include "config.h"
#include "config_read.h"
#include "diff.h"
#include "show.h"

static int carry_out(struct klb *k, const struct change *c)
{
	switch (c->type) {
	case CHANGE_NET:
		return klb_net_set(k, &c->net);
	case CHANGE_POOL_DEL:
		return klb_pool_del(k, c->pool.name);
	case CHANGE_POOL_ADD:
		return klb_pool_add(k, &c->pool);
	case CHANGE_SERVICE_DEL:
		return klb_service_del(k, &c->service);
	case CHANGE_SERVICE_ADD:
		return klb_service_new(k, &c->service);
	case CHANGE_SERVICE_SET:
		return klb_service_set(k, &c->service);
	case CHANGE_DEV_ATTACH:
		return klb_dev_attach(k, c->dev.name, c->dev.hooks);
	case CHANGE_DEV_DETACH:
		return klb_dev_detach(k, c->dev.name);
	}
	return -EINVAL;
}

static const struct {
	char sign[2];
	const char *object;
	const char *action;
} told[] = {
	[CHANGE_NET] = { "~", "net", "set" },
	[CHANGE_POOL_DEL] = { "-", "pool", "del" },
	[CHANGE_POOL_ADD] = { "+", "pool", "add" },
	[CHANGE_SERVICE_DEL] = { "-", "service", "del" },
	[CHANGE_SERVICE_ADD] = { "+", "service", "add" },
	[CHANGE_SERVICE_SET] = { "~", "service", "set" },
	[CHANGE_DEV_ATTACH] = { "+", "dev", "attach" },
	[CHANGE_DEV_DETACH] = { "-", "dev", "detach" },
};

/* Which settings of a service were changed, as options are called. */
static const struct {
	uint32_t has;
	const char *name;
} settings[] = {
	{ KLB_SERVICE_HAS_NAME, "name" },
	{ KLB_SERVICE_HAS_SCHEDULER, "scheduler" },
	{ KLB_SERVICE_HAS_FORWARD, "forward" },
	{ KLB_SERVICE_HAS_TIMEOUT, "timeout" },
	{ KLB_SERVICE_HAS_MAGLEV_SIZE, "maglev-size" },
	{ KLB_SERVICE_HAS_SEED, "seed" },
	{ KLB_SERVICE_HAS_MASQUERADE, "masquerade" },
	{ KLB_SERVICE_HAS_EMPTY, "empty" },
	{ KLB_SERVICE_HAS_AFFINITY, "affinity" },
	{ KLB_SERVICE_HAS_SHARE, "share" },
	{ KLB_SERVICE_HAS_SOURCES, "source" },
	{ KLB_SERVICE_HAS_POOL, "snat" },
	{ KLB_SERVICE_HAS_SECONDARY, "secondary" },
	{ KLB_SERVICE_HAS_ENDPOINTS, "endpoints" },
};

static void tell_settings(struct out *o, uint32_t has)
{
	size_t i;

	out_list(o, "changed");
	for (i = 0; i < sizeof(settings) / sizeof(*settings); i++) {
		if (!(has & settings[i].has))
			continue;
		out_word(o, settings[i].name, settings[i].name);
		if (o->json)
			json_string(&o->js, NULL, settings[i].name);
	}
	out_list_end(o);
}

static void tell_service(struct out *o, const struct change *c)
{
	char text[KLB_ADDR_TEXT];

	out_str(o, OUT_JSON, "proto", klb_proto_name(c->service.proto));
	out_str(o, OUT_JSON, "addr",
		klb_addr_format(&c->service.ap.addr, text));
	out_num(o, OUT_JSON, "port", c->service.ap.port);
	if (!o->json)
		fprintf(o->f, "%s service %s %s\n", told[c->type].sign,
			klb_proto_name(c->service.proto),
			klb_ap_format(&c->service.ap, text));
	if (o->json && c->type == CHANGE_SERVICE_SET)
		tell_settings(o, c->service.has);
}

static void tell_net_value(struct out *o, const char *key,
			   const char *json_key, uint32_t was, uint32_t is)
{
	if (!o->json) {
		fprintf(o->f, "~ net %s %u -> %u\n", key, was, is);
		return;
	}
	json_open(&o->js, json_key, '{');
	json_number(&o->js, "was", was);
	json_number(&o->js, "is", is);
	json_close(&o->js);
}

static void tell_net_list(struct out *o, const char *key,
			  const struct klb_prefixes *was,
			  const struct klb_prefixes *is)
{
	if (!o->json) {
		fprintf(o->f, "~ net %s\n", key);
		return;
	}
	json_open(&o->js, key, '{');
	show_prefixes(o, "was", was);
	show_prefixes(o, "is", is);
	json_close(&o->js);
}

static void tell_net(struct out *o, const struct change *c)
{
	if (c->net.has & KLB_NET_HAS_CONN_MAX)
		tell_net_value(o, "conn-max", "conn_max", c->net_was.conn_max,
			       c->net.conn_max);
	if (c->net.has & KLB_NET_HAS_VETH_PEER)
		tell_net_value(o, "veth-peer", "veth_peer",
			       c->net_was.veth_peer, c->net.veth_peer);
	if (c->net.has & KLB_NET_HAS_ECHO)
		tell_net_value(o, "echo", "echo", c->net_was.echo,
			       c->net.echo);
	if (c->net.has & KLB_NET_HAS_GUE_PORT)
		tell_net_value(o, "gue-port", "gue_port", c->net_was.gue_port,
			       c->net.gue_port);
	if (c->net.has & KLB_NET_HAS_PODS)
		tell_net_list(o, "pods", &c->net_was.pods, &c->net.pods);
	if (c->net.has & KLB_NET_HAS_NODEPORTS)
		tell_net_list(o, "nodeports", &c->net_was.nodeports,
			      &c->net.nodeports);
	if (c->net.has & KLB_NET_HAS_GUARD)
		tell_net_list(o, "guard", &c->net_was.guard, &c->net.guard);
}

static void tell_pool(struct out *o, const struct change *c)
{
	out_line(o, "%s pool %s", told[c->type].sign, c->pool.name);
	if (o->json)
		show_pool(o, &c->pool);
}

static void tell_dev(struct out *o, const struct change *c)
{
	out_line(o, "%s dev %s", told[c->type].sign, c->dev.name);
	if (o->json)
		show_dev(o, &c->dev);
}

static void tell(struct out *o, const struct change *c)
{
	if (o->json)
		json_open(&o->js, NULL, '{');
	out_str(o, OUT_JSON, "object", told[c->type].object);
	out_str(o, OUT_JSON, "action", told[c->type].action);
	if (c->type == CHANGE_NET)
		tell_net(o, c);
	else if (told[c->type].object[0] == 's')
		tell_service(o, c);
	else if (told[c->type].object[0] == 'p')
		tell_pool(o, c);
	else
		tell_dev(o, c);
	if (o->json)
		json_close(&o->js);
}

/* Each change is told when it is done: an error ends a true account. */
static int make_so(struct ctx *c, const struct changes *changes)
{
	size_t i;
	int rc = 0;

	out_list(&c->out, NULL);
	for (i = 0; i < changes->n && !rc; i++) {
		rc = carry_out(&c->klb, &changes->v[i]);
		if (!rc)
			tell(&c->out, &changes->v[i]);
	}
	if (!changes->n)
		out_line(&c->out, "nothing to change");
	if (!rc || changes->n)
		out_list_end(&c->out);
	return rc;
}

/* What is compared with must be true: else what is there is removed, and what
 * is gone is changed.
 */
static int load(struct klb *k, struct config *is)
{
	int rc = config_load(k, is);

	if (rc || !k->interrupted)
		return rc;
	config_free(is);
	return klb_err_set(&k->err, -EAGAIN,
			   "the configuration changes all the time: nothing was applied, try again");
}

static int apply_config(struct ctx *c, const struct config *wanted)
{
	struct changes changes;
	struct config is;
	int rc;

	if (load(&c->klb, &is))
		return ctx_refused(c);
	rc = diff(&is, wanted, &changes);
	if (rc)
		klb_err_set(&c->klb.err, rc, "%s", strerror(-rc));
	else
		rc = make_so(c, &changes);
	changes_free(&changes);
	config_free(&is);
	c->klb.interrupted = false; /* dumps of filters do not matter here */
	return rc ? ctx_refused(c) : ctx_end(c);
}

static int apply(struct ctx *c, struct args *a)
{
	struct config wanted;
	const char *path;
	int rc;

	if (args_need(a, "FILE", "the name of a file, or - for standard input",
		      &path) || args_end(a))
		return EXIT_USAGE;
	if (config_read(path, &wanted, &c->err))
		return EXIT_USAGE;
	rc = apply_config(c, &wanted);
	config_free(&wanted);
	return rc;
}

static const char *const files[] = { COMPLETE_FILE, NULL };
static const char *const *const words[] = { files, NULL };

static const struct command commands[] = {
	{ NULL, "FILE", NULL, words, apply },
	{ NULL }
};

const struct object obj_apply = {
	.name = "apply",
	.about = "make the kernel equal to a file, changing only what differs",
	.commands = commands,
	.notes = "  FILE has lines net set, pool add, service add, endpoint add and dev attach;\n"
		 "  - is standard input. Services and pools not in it are removed; devices only\n"
		 "  if it has a line dev attach; settings of net that it does not name stay.\n",
};

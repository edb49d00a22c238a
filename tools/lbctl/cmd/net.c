// SPDX-License-Identifier: GPL-2.0
#include "net.h"

#include "cmd.h"
#include "show.h"
#include "spec.h"

static int show(struct ctx *c, struct args *a)
{
	struct klb_net net;

	if (args_end(a))
		return EXIT_USAGE;
	if (klb_net_get(&c->klb, &net))
		return ctx_refused(c);
	out_props(&c->out, NULL);
	show_net(&c->out, &net);
	out_props_end(&c->out);
	return ctx_end(c);
}

static int set(struct ctx *c, struct args *a)
{
	struct klb_net net;

	if (spec_net(a, &net))
		return EXIT_USAGE;
	return klb_net_set(&c->klb, &net) ? ctx_refused(c) : EXIT_DONE;
}

static const struct command commands[] = {
	{ "show", "", NULL, NULL, show },
	{ "set", "OPTION...", net_opts, NULL, set },
	{ NULL }
};

const struct object obj_net = {
	.name = "net",
	.about = "settings of the network namespace",
	.commands = commands,
};

// SPDX-License-Identifier: GPL-2.0
#include "net.h"

#include "cmd.h"
#include "show.h"
#include "spec.h"

static int show(struct ctx *c, struct args *a)
{
	struct klb_net net;
	int rc;

	if (args_end(a))
		return EXIT_USAGE;
	rc = klb_net_get(&c->klb, &net);
	if (!rc) {
		out_props(&c->out, NULL);
		show_net(&c->out, &net);
		out_props_end(&c->out);
	}
	klb_net_free(&net);
	return rc ? ctx_refused(c) : ctx_end(c);
}

static int set(struct ctx *c, struct args *a)
{
	struct klb_net net;
	int rc;

	if (spec_net(a, &net))
		return EXIT_USAGE;
	rc = klb_net_set(&c->klb, &net);
	klb_net_free(&net);
	return rc ? ctx_refused(c) : EXIT_DONE;
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

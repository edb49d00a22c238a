// SPDX-License-Identifier: GPL-2.0
#include "dev.h"

#include "cmd.h"
#include "show.h"
#include "spec.h"

static int attach(struct ctx *c, struct args *a)
{
	struct klb_dev dev;

	if (spec_dev(a, &dev))
		return EXIT_USAGE;
	return klb_dev_attach(&c->klb, dev.name, dev.hooks) ? ctx_refused(c) :
							      EXIT_DONE;
}

static int detach(struct ctx *c, struct args *a)
{
	struct klb_dev dev;

	if (a->argc - a->pos > 1) {
		a->pos++;
		args_end(a);
		return EXIT_USAGE;
	}
	if (spec_dev(a, &dev))
		return EXIT_USAGE;
	return klb_dev_detach(&c->klb, dev.name) ? ctx_refused(c) : EXIT_DONE;
}

static int show_one(const struct klb_dev *dev, void *out)
{
	out_row(out);
	show_dev(out, dev);
	out_row_end(out);
	return 0;
}

static int show(struct ctx *c, struct args *a)
{
	int rc;

	if (args_end(a))
		return EXIT_USAGE;
	out_list(&c->out, NULL);
	rc = klb_dev_dump(&c->klb, show_one, &c->out);
	if (!rc)
		out_list_end(&c->out);
	return ctx_dumped(c, rc);
}

static const char *const devs[] = { COMPLETE_DEV, NULL };
static const char *const hooks[] = { "ingress", "egress", "both", NULL };
static const char *const *const attach_words[] = { devs, hooks, NULL };
static const char *const *const detach_words[] = { devs, NULL };

static const struct command commands[] = {
	{ "attach", "DEV [ { ingress | egress | both } ]", NULL, attach_words,
	  attach },
	{ "detach", "DEV", NULL, detach_words, detach },
	{ "show", "", NULL, NULL, show },
	{ NULL }
};

const struct object obj_dev = {
	.name = "dev",
	.about = "devices whose packets klb looks at",
	.commands = commands,
	.notes = "  attach puts a filter of kind klb on the clsact qdisc; default both\n",
};

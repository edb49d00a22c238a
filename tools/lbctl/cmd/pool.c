// SPDX-License-Identifier: GPL-2.0
#include "pool.h"

#include "cmd.h"
#include "show.h"
#include "spec.h"

static int add(struct ctx *c, struct args *a)
{
	struct klb_pool pool;

	if (spec_pool(a, &pool))
		return EXIT_USAGE;
	return klb_pool_add(&c->klb, &pool) ? ctx_refused(c) : EXIT_DONE;
}

static int del(struct ctx *c, struct args *a)
{
	const char *name;

	if (spec_pool_name(a, &name) || args_end(a))
		return EXIT_USAGE;
	return klb_pool_del(&c->klb, name) ? ctx_refused(c) : EXIT_DONE;
}

static int show_one(const struct klb_pool *pool, void *out)
{
	out_row(out);
	show_pool(out, pool);
	out_row_end(out);
	return 0;
}

static int show(struct ctx *c, struct args *a)
{
	int rc;

	if (args_end(a))
		return EXIT_USAGE;
	out_list(&c->out, NULL);
	rc = klb_pool_dump(&c->klb, show_one, &c->out);
	if (!rc)
		out_list_end(&c->out);
	return ctx_dumped(c, rc);
}

static const char *const nothing[] = { NULL };
static const char *const *const add_words[] = { nothing, nothing, NULL };

static const struct command commands[] = {
	{ "add", "NAME ADDR[-ADDR] [ ports LOW-HIGH ]", pool_opts, add_words,
	  add },
	{ "del", "NAME", NULL, NULL, del },
	{ "show", "", NULL, NULL, show },
	{ NULL }
};

const struct object obj_pool = {
	.name = "pool",
	.about = "source addresses of replaced sources",
	.commands = commands,
	.notes = "  a service takes them with snat NAME\n",
};

// SPDX-License-Identifier: GPL-2.0
#include "stats.h"

#include <errno.h>
#include <stdlib.h>

#include "cmd.h"

/* Keys of the output have to outlive it, so the counters are kept. */
struct counters {
	struct klb_counter *v;
	size_t n;
};

static int keep(const struct klb_counter *counter, void *arg)
{
	struct counters *all = arg;
	struct klb_counter *v;

	v = realloc(all->v, (all->n + 1) * sizeof(*v));
	if (!v)
		return -ENOMEM;
	all->v = v;
	all->v[all->n++] = *counter;
	return 0;
}

static void show_one(struct out *o, const struct klb_counter *counter)
{
	if (o->json) {
		json_number(&o->js, counter->name, counter->value);
		return;
	}
	out_row(o);
	out_word(o, "counter", counter->name);
	out_value(o, "value", counter->value);
	out_word(o, "doc", counter->doc);
	out_row_end(o);
}

static int show(struct ctx *c, struct args *a)
{
	struct counters all = { 0 };
	size_t i;
	int rc;

	if (args_end(a))
		return EXIT_USAGE;
	rc = klb_stats_dump(&c->klb, keep, &all);
	if (!rc && c->out.json)
		json_open(&c->out.js, NULL, '{');
	for (i = 0; !rc && i < all.n; i++)
		show_one(&c->out, &all.v[i]);
	if (!rc && c->out.json)
		json_close(&c->out.js);
	rc = ctx_dumped(c, rc);
	free(all.v);
	return rc;
}

static const struct command commands[] = {
	{ "show", "", NULL, NULL, show },
	{ NULL }
};

const struct object obj_stats = {
	.name = "stats",
	.about = "counters",
	.fallback = "show",
	.commands = commands,
};

// SPDX-License-Identifier: GPL-2.0
#include "conn.h"

#include <errno.h>

#include "cmd.h"
#include "show.h"
#include "spec.h"

static int show_one(const struct klb_conn *conn, void *arg)
{
	struct out *out = arg;

	out_row(out);
	show_conn(out, conn);
	out_row_end(out);
	/* No use in going through millions of them for a closed pipe. */
	return ferror(out->f) ? -EPIPE : 0;
}

static int show(struct ctx *c, struct args *a)
{
	struct klb_conn filter;
	int rc;

	if (spec_filter(a, &filter))
		return EXIT_USAGE;
	out_list(&c->out, NULL);
	rc = klb_conn_dump(&c->klb, &filter, show_one, &c->out);
	if (ferror(c->out.f))
		return ctx_end(c);
	if (!rc)
		out_list_end(&c->out);
	return ctx_dumped(c, rc);
}

static int count(struct ctx *c, struct args *a)
{
	struct klb_conn filter;
	uint32_t n;

	if (spec_filter(a, &filter))
		return EXIT_USAGE;
	if (klb_conn_count(&c->klb, &filter, &n))
		return ctx_refused(c);
	fprintf(c->out.f, "%u\n", n);
	return ctx_end(c);
}

static int flush(struct ctx *c, struct args *a)
{
	struct klb_conn filter;
	uint32_t n;

	if (spec_filter(a, &filter))
		return EXIT_USAGE;
	if (klb_conn_flush(&c->klb, &filter, &n))
		return ctx_refused(c);
	out_props(&c->out, NULL);
	out_num(&c->out, OUT_BOTH, "flushed", n);
	out_props_end(&c->out);
	return ctx_end(c);
}

static const struct command commands[] = {
	{ "show", "[ FILTER... ]", conn_opts, NULL, show },
	{ "count", "[ FILTER... ]", conn_opts, NULL, count },
	{ "flush", "[ FILTER... ]", conn_opts, NULL, flush },
	{ NULL }
};

const struct object obj_conn = {
	.name = "conn",
	.about = "connections",
	.commands = commands,
	.notes = "  STATE  := { unreplied | replied | syn-sent | syn-recv | established |\n"
		 "              fin-wait | close-wait | last-ack | time-wait | close }\n",
};

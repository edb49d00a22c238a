// SPDX-License-Identifier: GPL-2.0
#include "service.h"

#include "cmd.h"
#include "show.h"
#include "spec.h"

static int add(struct ctx *c, struct args *a)
{
	struct klb_service svc;
	int rc;

	if (spec_service(a, &svc))
		return EXIT_USAGE;
	rc = klb_service_new(&c->klb, &svc);
	klb_service_free(&svc);
	return rc ? ctx_refused(c) : EXIT_DONE;
}

static int set(struct ctx *c, struct args *a)
{
	struct klb_service svc;
	int rc;

	if (spec_service(a, &svc))
		return EXIT_USAGE;
	if (!svc.has) {
		args_fail(a, "nothing to set: expected an option such as name STRING or timeout SECONDS");
		return EXIT_USAGE;
	}
	rc = klb_service_set(&c->klb, &svc);
	klb_service_free(&svc);
	return rc ? ctx_refused(c) : EXIT_DONE;
}

static int del(struct ctx *c, struct args *a)
{
	struct klb_service svc;

	if (spec_key(a, &svc) || args_end(a))
		return EXIT_USAGE;
	return klb_service_del(&c->klb, &svc) ? ctx_refused(c) : EXIT_DONE;
}

static int show_one(const struct klb_service *svc, void *out)
{
	out_row(out);
	show_service(out, svc);
	out_row_end(out);
	return 0;
}

static int show(struct ctx *c, struct args *a)
{
	bool one = args_peek(a);
	struct klb_service key;
	int rc;

	if (one && (spec_key(a, &key) || args_end(a)))
		return EXIT_USAGE;
	out_list(&c->out, NULL);
	if (one)
		rc = klb_service_get(&c->klb, &key, show_one, &c->out);
	else
		rc = klb_service_dump(&c->klb, show_one, &c->out);
	if (!rc)
		out_list_end(&c->out);
	return ctx_dumped(c, rc);
}

static int flush(struct ctx *c, struct args *a)
{
	if (args_end(a))
		return EXIT_USAGE;
	return klb_service_flush(&c->klb) ? ctx_refused(c) : EXIT_DONE;
}

/* An address and a port cannot be guessed. */
static const char *const nothing[] = { NULL };
static const char *const *const key_words[] = { spec_protos, nothing, NULL };

static const struct command commands[] = {
	{ "add", "PROTO ADDR:PORT [ OPTION... ]", service_opts, key_words,
	  add },
	{ "set", "PROTO ADDR:PORT OPTION...", service_opts, key_words, set },
	{ "del", "PROTO ADDR:PORT", NULL, key_words, del },
	{ "show", "[ PROTO ADDR:PORT ]", NULL, key_words, show },
	{ "flush", "", NULL, NULL, flush },
	{ NULL }
};

const struct object obj_service = {
	.name = "service",
	.about = "addresses and ports that are balanced",
	.commands = commands,
	.notes = "  PROTO  := { tcp | udp | sctp }\n"
		 "  ADDR   := { a.b.c.d | [v6] }; 0.0.0.0 and [::] are any address of this host\n"
		 "  PORT   := 1..65535\n",
};

// SPDX-License-Identifier: GPL-2.0
#include "endpoint.h"

#include "cmd.h"
#include "spec.h"

static int add(struct ctx *c, struct args *a)
{
	struct klb_service key;
	struct klb_endpoint ep;

	if (spec_endpoint(a, &key, &ep))
		return EXIT_USAGE;
	return klb_endpoint_add(&c->klb, &key, &ep) ? ctx_refused(c) :
						      EXIT_DONE;
}

static int set(struct ctx *c, struct args *a)
{
	struct klb_service key;
	struct klb_endpoint ep;

	if (spec_endpoint(a, &key, &ep))
		return EXIT_USAGE;
	if (!ep.has) {
		args_fail(a, "nothing to set: expected weight N, state { up | drain | down } or scope { all | inside | outside }");
		return EXIT_USAGE;
	}
	return klb_endpoint_set(&c->klb, &key, &ep) ? ctx_refused(c) :
						      EXIT_DONE;
}

static int del(struct ctx *c, struct args *a)
{
	struct klb_service key;
	struct klb_endpoint ep;

	if (spec_endpoint_key(a, &key, &ep) || args_end(a))
		return EXIT_USAGE;
	return klb_endpoint_del(&c->klb, &key, &ep) ? ctx_refused(c) :
						      EXIT_DONE;
}

static const char *const nothing[] = { NULL };
static const char *const *const key_words[] = {
	spec_protos, nothing, nothing, NULL
};

static const struct command commands[] = {
	{ "add", "PROTO ADDR:PORT EADDR:EPORT [ OPTION... ]", endpoint_opts,
	  key_words, add },
	{ "set", "PROTO ADDR:PORT EADDR:EPORT OPTION...", endpoint_opts,
	  key_words, set },
	{ "del", "PROTO ADDR:PORT EADDR:EPORT", NULL, key_words, del },
	{ NULL }
};

const struct object obj_endpoint = {
	.name = "endpoint",
	.about = "where a service's connections go",
	.commands = commands,
	.notes = "  PROTO  := { tcp | udp | sctp }\n"
		 "  ADDR, EADDR := { a.b.c.d | [v6] }\n"
		 "  drain  gets no new connections and keeps what it has\n"
		 "  down   gets no new connections, UDP flows are moved at once\n"
		 "  inside are clients on this host and in net's pods\n",
};

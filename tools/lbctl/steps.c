// SPDX-License-Identifier: GPL-2.0
#include "steps.h"

#include <stdio.h>

#define SENTENCE	256

/* @ stands for the address, > for where it leads, # for the number, / for the
 * other one.
 */
static const char *const sentences[] = {
	[KLB_STEP_NO_SERVICE] = "no service is at @",
	[KLB_STEP_OWN_ADDRESS] = "@ is this host's, where services of any address listen",
	[KLB_STEP_NODEPORT] = "net's nodeports have @, and the address is this host's",
	[KLB_STEP_NOT_NODEPORT] =
		"a service of any address has the port, but net's nodeports do not have @",
	[KLB_STEP_NOT_OWN] =
		"a service of any address has the port, but @ is not this host's, or loopback",
	[KLB_STEP_SECONDARY] = "@ is a further address of the service",
	[KLB_STEP_GUARDED] = "net's guard has @, and no service is there",
	[KLB_STEP_BAD_SOURCE] = "nobody sends from the client's address",
	[KLB_STEP_SOURCE] = "the service's source has @, so the client may come",
	[KLB_STEP_NOT_SOURCE] = "the service's source, prefixes: #, does not have @",
	[KLB_STEP_INSIDE_PODS] = "net's pods have @, so the client is inside",
	[KLB_STEP_INSIDE_HOST] = "@ is this host's, so the client is inside",
	[KLB_STEP_OUTSIDE] =
		"@ is neither in net's pods nor this host's, so the client is outside",
	[KLB_STEP_REMEMBERED] =
		"the client had @ # s ago, and keeps it for / s",
	[KLB_STEP_FORGOTTEN] =
		"the client had @ # s ago, and kept it for / s only",
	[KLB_STEP_REMEMBERED_UNUSABLE] =
		"the client had @, which it cannot get: not up, without weight, of another scope, or gone",
	[KLB_STEP_REMEMBERED_REPLACED] =
		"the client had @, but what is there now is another endpoint",
	[KLB_STEP_NOT_REMEMBERED] = "the client has had no endpoint yet",
	[KLB_STEP_NO_ENDPOINT] =
		"the client can get none of the service's endpoints, of which there are #",
	[KLB_STEP_REJECTS] = "empty reject: the client is told",
	[KLB_STEP_DROPS] = "empty drop: the client is not told",
	[KLB_STEP_MAGLEV] = "slot # of /",
	[KLB_STEP_TURN] = "turn # of /",
	[KLB_STEP_LEAST] =
		"@ has the fewest connections for its weight, endpoints: #",
	[KLB_STEP_RANDOM] =
		"@ has the fewer connections for its weight of two that were drawn",
	[KLB_STEP_LOAD] = "@ has connections: #, weight: /",
	[KLB_STEP_FULLNAT] = "forward fullnat: the source is replaced",
	[KLB_STEP_FAMILY] =
		"the endpoint is of the other address family: the source is replaced",
	[KLB_STEP_HAIRPIN] = "the client is the endpoint: the source is replaced",
	[KLB_STEP_MASQUERADE] =
		"the service's masquerade: the source is replaced",
	[KLB_STEP_PORT_TAKEN] =
		"another connection has the port at the endpoint: it is replaced",
	[KLB_STEP_TRANSLATED] = "from @ to >",
	[KLB_STEP_DSR] = "to the endpoint as it is",
	[KLB_STEP_IPIP] = "in an IP header from @ to >",
	[KLB_STEP_GUE] = "in UDP and GUE from @ to >",
	[KLB_STEP_CONN_ORIG] = "from the client of a connection",
	[KLB_STEP_CONN_REPLY] = "from the endpoint of a connection",
	[KLB_STEP_PATH] = "by a further path of the association",
	[KLB_STEP_CONN_OVER] = "a connection is there, but a new one begins",
	[KLB_STEP_CONN_MAX] = "connections: #, and conn-max is /",
	[KLB_STEP_STATELESS] = "it goes on without a connection",
	[KLB_STEP_STATELESS_REPLY] =
		"the answer to what went on without a connection",
	[KLB_STEP_EVICT] =
		"a connection that nobody answered, or that is over, makes way",
};

/* An address, with its port or its length. */
#define PLACE	KLB_PREFIX_TEXT

static const char *place(const struct klb_explain_step *s, char text[PLACE])
{
	const struct klb_prefix p = { s->at.addr, s->len };

	if (s->prefix)
		return klb_prefix_format(&p, text);
	return s->at.port ? klb_ap_format(&s->at, text) :
			    klb_addr_format(&s->at.addr, text);
}

static const char *destination(const struct klb_explain_step *s,
			       char text[PLACE])
{
	return s->to.port ? klb_ap_format(&s->to, text) :
			    klb_addr_format(&s->to.addr, text);
}

static void sentence(const struct klb_explain_step *s, const char *pattern,
		     char text[SENTENCE])
{
	char word[PLACE];
	size_t at = 0;

	for (; *pattern && at + sizeof(word) < SENTENCE; pattern++) {
		switch (*pattern) {
		case '@':
			place(s, word);
			break;
		case '>':
			destination(s, word);
			break;
		case '#':
			snprintf(word, sizeof(word), "%u", s->n);
			break;
		case '/':
			snprintf(word, sizeof(word), "%u", s->of);
			break;
		default:
			snprintf(word, sizeof(word), "%c", *pattern);
		}
		at += snprintf(text + at, SENTENCE - at, "%s", word);
	}
}

static void say(const struct klb_explain_step *s, char text[SENTENCE])
{
	const char *pattern = NULL;

	if (s->kind < sizeof(sentences) / sizeof(sentences[0]))
		pattern = sentences[s->kind];
	text[0] = 0;
	if (pattern)
		sentence(s, pattern, text);
}

static void show_text(struct out *o, const struct klb_explain_step *v, size_t n)
{
	char text[SENTENCE];
	size_t i;

	if (!n)
		return;
	out_props(o, "steps");
	for (i = 0; i < n; i++) {
		say(&v[i], text);
		out_str(o, OUT_TEXT, klb_name(klb_step_names, v[i].kind),
			*text ? text : "?");
	}
	out_props_end(o);
}

static void show_fields(struct out *o, const struct klb_explain_step *s)
{
	char text[PLACE], said[SENTENCE];

	say(s, said);
	out_str(o, OUT_JSON, "step", klb_name(klb_step_names, s->kind));
	out_str(o, OUT_JSON, "text", said);
	if (s->at.addr.len)
		out_str(o, OUT_JSON, "at", place(s, text));
	if (s->to.addr.len)
		out_str(o, OUT_JSON, "to", destination(s, text));
	if (s->has_n)
		out_num(o, OUT_JSON, "n", s->n);
	if (s->of)
		out_num(o, OUT_JSON, "of", s->of);
}

void show_steps(struct out *o, const struct klb_explain_step *v, size_t n)
{
	size_t i;

	if (!o->json) {
		show_text(o, v, n);
		return;
	}
	out_list(o, "steps");
	for (i = 0; i < n; i++) {
		out_row(o);
		show_fields(o, &v[i]);
		out_row_end(o);
	}
	out_list_end(o);
}

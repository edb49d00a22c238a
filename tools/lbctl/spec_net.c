// SPDX-License-Identifier: GPL-2.0
#include "spec.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* One word of a list of prefixes; @copy is overwritten. */
static int add_words(struct args *a, char *copy, struct klb_prefixes *list)
{
	char *word, *save = NULL;
	struct klb_prefix p;
	int rc = 0;

	for (word = strtok_r(copy, ",", &save); word && !rc;
	     word = strtok_r(NULL, ",", &save)) {
		rc = klb_prefix_parse(word, &p, a->err);
		if (!rc && klb_prefixes_add(list, &p))
			rc = args_fail(a, "out of memory");
	}
	return rc;
}

static int check_list(struct args *a, const char *value, const char *none,
		      struct klb_prefixes *list)
{
	char text[KLB_PREFIX_TEXT];
	size_t i;

	if (!list->n)
		return args_fail(a, "\"%.64s\" is not a list of prefixes: expected PREFIX[,PREFIX...] or %s",
				 value, none);
	klb_prefixes_sort(list);
	for (i = 1; i < list->n; i++) {
		if (!klb_prefix_cmp(&list->v[i - 1], &list->v[i]))
			return args_fail(a, "\"%.64s\" is given twice",
					 klb_prefix_format(&list->v[i], text));
	}
	return 0;
}

int spec_prefixes(struct args *a, const char *value, const char *none,
		  struct klb_prefixes *list)
{
	char *copy;
	int rc;

	if (!strcmp(value, none))
		return 0;
	copy = strdup(value);
	if (!copy)
		return args_fail(a, "out of memory");
	rc = add_words(a, copy, list);
	free(copy);
	if (!rc)
		rc = check_list(a, value, none, list);
	if (rc)
		klb_prefixes_free(list);
	return rc;
}

static int opt_conn_max(struct args *a, const char *value, void *dest)
{
	struct klb_net *net = dest;

	net->has |= KLB_NET_HAS_CONN_MAX;
	return args_number(a, value, "a number of connections", 1, INT32_MAX,
			   &net->conn_max);
}

static const char *const switch_words[] = { "off", "on", NULL };

static int opt_veth_peer(struct args *a, const char *value, void *dest)
{
	struct klb_net *net = dest;
	int n = args_pick(a, value, "a switch", switch_words);

	if (n < 0)
		return n;
	net->has |= KLB_NET_HAS_VETH_PEER;
	net->veth_peer = n;
	return 0;
}

static int opt_echo(struct args *a, const char *value, void *dest)
{
	struct klb_net *net = dest;
	int n = args_pick(a, value, "a switch", switch_words);

	if (n < 0)
		return n;
	net->has |= KLB_NET_HAS_ECHO;
	net->echo = n;
	return 0;
}

static int opt_gue_port(struct args *a, const char *value, void *dest)
{
	struct klb_net *net = dest;

	net->has |= KLB_NET_HAS_GUE_PORT;
	return klb_port_parse(value, &net->gue_port, a->err);
}

static int opt_pods(struct args *a, const char *value, void *dest)
{
	struct klb_net *net = dest;

	net->has |= KLB_NET_HAS_PODS;
	return spec_prefixes(a, value, "none", &net->pods);
}

static int opt_nodeports(struct args *a, const char *value, void *dest)
{
	struct klb_net *net = dest;

	net->has |= KLB_NET_HAS_NODEPORTS;
	return spec_prefixes(a, value, "all", &net->nodeports);
}

static int opt_guard(struct args *a, const char *value, void *dest)
{
	struct klb_net *net = dest;

	net->has |= KLB_NET_HAS_GUARD;
	return spec_prefixes(a, value, "none", &net->guard);
}

const struct opt net_opts[] = {
	{ "pods", "{ PREFIX[,PREFIX...] | none }", NULL,
	  "sources that count as inside, as this host does", opt_pods },
	{ "nodeports", "{ PREFIX[,PREFIX...] | all }", NULL,
	  "own addresses of 0.0.0.0 and [::]; default all but loopback",
	  opt_nodeports },
	{ "guard", "{ PREFIX[,PREFIX...] | none }", NULL,
	  "service addresses; what is no service there is rejected",
	  opt_guard },
	{ "echo", "{ on | off }", switch_words,
	  "answer pings to services; default on", opt_echo },
	{ "gue-port", "PORT", NULL, "of forward gue; default 6080",
	  opt_gue_port },
	{ "conn-max", "N", NULL, "1..2147483647 connections", opt_conn_max },
	{ "veth-peer", "{ on | off }", switch_words,
	  "hand packets straight to a veth's peer", opt_veth_peer },
	{ NULL }
};

int spec_net(struct args *a, struct klb_net *net)
{
	int rc;

	memset(net, 0, sizeof(*net));
	if (!args_peek(a))
		return args_fail(a, "nothing to set: expected an option such as conn-max N or pods PREFIX");
	rc = args_options(a, net_opts, net);
	if (rc)
		klb_net_free(net);
	return rc;
}

int spec_name(struct args *a, const char *word, const char *what)
{
	const char *p;

	if (!*word || strlen(word) > KLB_POOL_NAME_MAX)
		return args_fail(a, "\"%.64s\" is not a name of %s: expected 1..%d bytes",
				 word, what, KLB_POOL_NAME_MAX);
	for (p = word; *p; p++) {
		if ((unsigned char)*p <= 0x20 || *p == 0x7f)
			return args_fail(a, "\"%.64s\" is not a name of %s: expected no blanks and no control characters",
					 word, what);
	}
	return 0;
}

int spec_pool_name(struct args *a, const char **name)
{
	int rc = args_need(a, "NAME", "the name of a pool", name);

	if (!rc && !strcmp(*name, "none"))
		return args_fail(a, "\"none\" is not a name of a pool: expected another word");
	return rc ? rc : spec_name(a, *name, "a pool");
}

static int pool_range(struct args *a, const char *word, struct klb_pool *pool)
{
	const char *dash = strchr(word, '-');
	char first[KLB_ADDR_TEXT];
	size_t len = dash ? (size_t)(dash - word) : strlen(word);
	int rc;

	if (len >= sizeof(first))
		return args_fail(a, "\"%.64s...\" is not an address", word);
	memcpy(first, word, len);
	first[len] = 0;
	rc = klb_addr_parse(first, &pool->first, a->err);
	pool->last = pool->first;
	if (!rc && dash)
		rc = klb_addr_parse(dash + 1, &pool->last, a->err);
	if (rc)
		return rc;
	if (pool->first.len != pool->last.len ||
	    klb_addr_cmp(&pool->first, &pool->last) > 0)
		return args_fail(a, "\"%.100s\" is not a range: expected the lower address first, both of one family",
				 word);
	return 0;
}

static int opt_ports(struct args *a, const char *value, void *dest)
{
	const char *dash = strchr(value, '-');
	struct klb_pool *pool = dest;
	char low[8];
	int rc;

	if (!dash || (size_t)(dash - value) >= sizeof(low))
		return args_fail(a, "\"%.64s\" is not a range of ports: expected LOW-HIGH",
				 value);
	memcpy(low, value, dash - value);
	low[dash - value] = 0;
	rc = klb_port_parse(low, &pool->port_low, a->err);
	if (!rc)
		rc = klb_port_parse(dash + 1, &pool->port_high, a->err);
	if (!rc && pool->port_low > pool->port_high)
		return args_fail(a, "\"%.64s\" is not a range of ports: expected the lower one first",
				 value);
	return rc;
}

const struct opt pool_opts[] = {
	{ "ports", "LOW-HIGH", NULL, "default 1024-65535", opt_ports },
	{ NULL }
};

int spec_pool(struct args *a, struct klb_pool *pool)
{
	const char *word;
	int rc;

	memset(pool, 0, sizeof(*pool));
	pool->port_low = KLB_POOL_PORT_LOW;
	pool->port_high = KLB_POOL_PORT_HIGH;
	rc = spec_pool_name(a, &word);
	if (rc)
		return rc;
	strcpy(pool->name, word);
	rc = args_need(a, "ADDR", "an address or a range ADDR-ADDR", &word);
	if (!rc)
		rc = pool_range(a, word, pool);
	return rc ? rc : args_options(a, pool_opts, pool);
}

// SPDX-License-Identifier: GPL-2.0
#include "spec.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One of @names, kept in @value with its bit in svc->has. */
static int word_of(struct args *a, const char *word, const char *what,
		   const char *const *names, struct klb_service *svc,
		   uint32_t has, uint8_t *value)
{
	int n = args_pick(a, word, what, names);

	if (n < 0)
		return n;
	*value = n;
	svc->has |= has;
	return 0;
}

static int opt_scheduler(struct args *a, const char *value, void *dest)
{
	struct klb_service *svc = dest;

	return word_of(a, value, "a scheduler", klb_scheduler_names, svc,
		       KLB_SERVICE_HAS_SCHEDULER, &svc->scheduler);
}

static int opt_forward(struct args *a, const char *value, void *dest)
{
	struct klb_service *svc = dest;

	return word_of(a, value, "a way to forward", klb_forward_names, svc,
		       KLB_SERVICE_HAS_FORWARD, &svc->forward);
}

static int opt_masquerade(struct args *a, const char *value, void *dest)
{
	struct klb_service *svc = dest;

	return word_of(a, value, "a masquerade rule", klb_masquerade_names, svc,
		       KLB_SERVICE_HAS_MASQUERADE, &svc->masquerade);
}

static int opt_empty(struct args *a, const char *value, void *dest)
{
	struct klb_service *svc = dest;

	return word_of(a, value, "an answer", klb_empty_names, svc,
		       KLB_SERVICE_HAS_EMPTY, &svc->empty);
}

static int opt_affinity(struct args *a, const char *value, void *dest)
{
	struct klb_service *svc = dest;

	/* the share goes with it: what is not named is none */
	svc->has |= KLB_SERVICE_HAS_AFFINITY | KLB_SERVICE_HAS_SHARE;
	return args_number(a, value, "a time in seconds", 0, KLB_AFFINITY_MAX,
			   &svc->affinity);
}

static int opt_share(struct args *a, const char *value, void *dest)
{
	struct klb_service *svc = dest;
	int rc = spec_name(a, value, "a share");

	if (!rc)
		strcpy(svc->share, value);
	return rc;
}

static int opt_source(struct args *a, const char *value, void *dest)
{
	struct klb_service *svc = dest;

	svc->has |= KLB_SERVICE_HAS_SOURCES;
	return spec_prefixes(a, value, "none", &svc->sources);
}

static int opt_snat(struct args *a, const char *value, void *dest)
{
	struct klb_service *svc = dest;
	int rc = 0;

	svc->has |= KLB_SERVICE_HAS_POOL;
	if (strcmp(value, "none"))
		rc = spec_name(a, value, "a pool");
	if (!rc && strcmp(value, "none"))
		strcpy(svc->pool, value);
	return rc;
}

static int add_secondary(struct args *a, const char *word,
			 struct klb_service *svc)
{
	struct klb_addr *addr = &svc->secondary[svc->n_secondary];
	size_t i;
	int rc;

	if (svc->n_secondary == KLB_SECONDARY_MAX)
		return args_fail(a, "\"%.64s\" is too much: expected up to %d secondary addresses",
				 word, KLB_SECONDARY_MAX);
	rc = klb_addr_parse(word, addr, a->err);
	if (rc)
		return rc;
	for (i = 0; i < svc->n_secondary; i++) {
		if (!klb_addr_cmp(&svc->secondary[i], addr))
			return args_fail(a, "\"%.64s\" is given twice", word);
	}
	if (addr->len != svc->ap.addr.len)
		return args_fail(a, "\"%.64s\" is not of the service's family: expected an %s address",
				 word, svc->ap.addr.len == 4 ? "IPv4" : "IPv6");
	svc->n_secondary++;
	return 0;
}

static int opt_secondary(struct args *a, const char *value, void *dest)
{
	char *copy, *word, *save = NULL;
	struct klb_service *svc = dest;
	int rc = 0;

	svc->has |= KLB_SERVICE_HAS_SECONDARY;
	if (!strcmp(value, "none"))
		return 0;
	copy = strdup(value);
	if (!copy)
		return args_fail(a, "out of memory");
	word = strtok_r(copy, ",", &save);
	if (!word)
		rc = args_fail(a, "\"%.64s\" is not a list of addresses: expected ADDR[,ADDR...] or none",
			       value);
	for (; word && !rc; word = strtok_r(NULL, ",", &save))
		rc = add_secondary(a, word, svc);
	free(copy);
	return rc;
}

static int opt_timeout(struct args *a, const char *value, void *dest)
{
	struct klb_service *svc = dest;

	svc->has |= KLB_SERVICE_HAS_TIMEOUT;
	return args_number(a, value, "a time in seconds", 0, 2147483,
			   &svc->timeout);
}

static int opt_maglev_size(struct args *a, const char *value, void *dest)
{
	struct klb_service *svc = dest;

	svc->has |= KLB_SERVICE_HAS_MAGLEV_SIZE;
	return args_number(a, value, "a table size", 0, 8388593,
			   &svc->maglev_size);
}

static int opt_seed(struct args *a, const char *value, void *dest)
{
	struct klb_service *svc = dest;

	svc->has |= KLB_SERVICE_HAS_SEED;
	return args_number(a, value, "a seed", 0, UINT32_MAX, &svc->seed);
}

static int opt_name(struct args *a, const char *value, void *dest)
{
	struct klb_service *svc = dest;
	const char *p;

	if (strlen(value) > KLB_NAME_MAX)
		return args_fail(a, "\"%.32s...\" is too long for a name: expected up to %d bytes",
				 value, KLB_NAME_MAX);
	for (p = value; *p; p++) {
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			return args_fail(a, "a control character is not allowed in a name: expected printable text");
	}
	snprintf(svc->name, sizeof(svc->name), "%s", value);
	svc->has |= KLB_SERVICE_HAS_NAME;
	return 0;
}

const struct opt service_opts[] = {
	{ "scheduler", "{ maglev | rr | wrr | lc | wlc | random }",
	  klb_scheduler_names, "default maglev", opt_scheduler },
	{ "forward", "{ nat | fullnat | dsr | ipip | gue }", klb_forward_names,
	  "default nat", opt_forward },
	{ "masquerade", "{ never | outside | always | host }", klb_masquerade_names,
	  "whose source is replaced; forward nat only; default never",
	  opt_masquerade },
	{ "empty", "{ reject | drop }", klb_empty_names,
	  "without an endpoint for the client; default reject", opt_empty },
	{ "affinity", "SECONDS", NULL,
	  "1..86400, a client keeps its endpoint; default 0: none",
	  opt_affinity },
	{ "share", "NAME", NULL, "with affinity: common to services of one NAME",
	  opt_share },
	{ "source", "{ PREFIX[,PREFIX...] | none }", NULL,
	  "clients that are served; default none: all", opt_source },
	{ "snat", "{ POOL | none }", NULL,
	  "of replaced sources; default none: own addresses", opt_snat },
	{ "secondary", "{ ADDR[,ADDR...] | none }", NULL,
	  "sctp only: further addresses, up to 7", opt_secondary },
	{ "timeout", "SECONDS", NULL,
	  "0..2147483, of an idle connection; default 0: that of the protocol",
	  opt_timeout },
	{ "name", "STRING", NULL, "free text", opt_name },
	{ "maglev-size", "N", NULL,
	  "0..8388593 slots, rounded up to a prime; default 0: automatic",
	  opt_maglev_size },
	{ "seed", "N", NULL, "0..4294967295, equal on all nodes; default 0",
	  opt_seed },
	{ NULL }
};

int spec_service(struct args *a, struct klb_service *svc)
{
	int rc = spec_key(a, svc);

	if (!rc)
		rc = args_options(a, service_opts, svc);
	if (!rc && svc->share[0] && !svc->affinity)
		rc = args_fail(a, "\"share\" stands alone: expected affinity SECONDS with it");
	if (rc)
		klb_service_free(svc);
	return rc;
}

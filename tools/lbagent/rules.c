// SPDX-License-Identifier: GPL-2.0
#include "rules.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "grow.h"
#include "rule.h"

/* What is wanted, each with whether it is there, and what else there is. */
struct found {
	struct rule *rules;
	bool *there;
	size_t n_wanted, n, room;
};

static bool rule_equal(const struct rule *a, const struct rule *b)
{
	return a->family == b->family && a->proto == b->proto &&
	       a->port == b->port;
}

static int add(struct found *f, const struct rule *rule)
{
	struct rule *v = klb_grow(f->rules, f->n, &f->room, sizeof(*v));

	if (!v)
		return -ENOMEM;
	f->rules = v;
	v[f->n++] = *rule;
	return 0;
}

/* Those of a table, and of a family, follow each other. */
static int find_wanted(struct found *f, const struct dests *dests)
{
	struct rule rule;
	size_t i;
	int rc = 0;

	for (i = 0; i < dests->n && !rc; i++) {
		if (!rule_of_table(dests->v[i].table, &rule))
			continue;
		rule.family = dests->v[i].to.addr.len == 4 ? AF_INET : AF_INET6;
		if (!f->n || !rule_equal(&f->rules[f->n - 1], &rule))
			rc = add(f, &rule);
	}
	f->n_wanted = f->n;
	return rc;
}

static int see(const struct rule *rule, void *arg)
{
	struct found *f = arg;
	size_t i;

	for (i = 0; i < f->n_wanted; i++) {
		if (!f->there[i] && rule_equal(&f->rules[i], rule)) {
			f->there[i] = true;
			return 0;
		}
	}
	return add(f, rule);
}

/* One that cannot be is no reason to be without the others. */
static int change(struct klb *k, const struct found *f, unsigned int *changes)
{
	struct klb_err err = k->err;
	int rc, failed = 0;
	size_t i;

	for (i = 0; i < f->n; i++) {
		if (i < f->n_wanted && f->there[i])
			continue;
		rc = i < f->n_wanted ? rule_add(k, &f->rules[i]) :
				       rule_del(k, &f->rules[i]);
		*changes += !rc;
		if (!rc)
			continue;
		failed = rc;
		err = k->err;
	}
	k->err = err;
	return failed;
}

static int tell(struct klb *k, int rc)
{
	const struct klb_err why = k->err;

	return klb_err_set(&k->err, rc,
			   "no rules for addresses of balancers: %.400s",
			   why.text);
}

int rules_apply(struct klb *k, const struct dests *dests,
		unsigned int *changes)
{
	struct found f = { 0 };
	int rc = find_wanted(&f, dests);

	f.there = calloc(f.n + 1, sizeof(*f.there));
	if (rc || !f.there)
		rc = klb_err_set(&k->err, -ENOMEM, "out of memory");
	if (!rc)
		rc = rule_dump(k, see, &f);
	if (!rc)
		rc = change(k, &f, changes);
	free(f.there);
	free(f.rules);
	return rc ? tell(k, rc) : 0;
}

// SPDX-License-Identifier: GPL-2.0
#include "cidrs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "field.h"
#include "object.h"

/* A ServiceCIDR has one or two, of different families. */
#define EACH	2

struct cidr {
	char *name;
	struct klb_prefix v[EACH];
	size_t n;
	bool seen;		/* by the list that runs */
	struct cidr *next;
};

struct cidrs {
	struct cidr *first;
	struct klb_prefixes all;
	bool touched;
};

struct cidrs *cidrs_new(void)
{
	return calloc(1, sizeof(struct cidrs));
}

static void cidr_free(struct cidr *c)
{
	free(c->name);
	free(c);
}

void cidrs_free(struct cidrs *c)
{
	struct cidr *one;

	while (c && c->first) {
		one = c->first;
		c->first = one->next;
		cidr_free(one);
	}
	if (c)
		klb_prefixes_free(&c->all);
	free(c);
}

/*
 * Anew from the objects. An apiserver makes the first one when it begins: one
 * without any has not come that far, and what was known is still so. -ENOMEM,
 * and all is as it was.
 */
static int collect(struct cidrs *c)
{
	struct klb_prefixes all = { 0 };
	const struct cidr *one;
	size_t i;

	for (one = c->first; one; one = one->next) {
		for (i = 0; i < one->n; i++) {
			if (!klb_prefixes_add(&all, &one->v[i]))
				continue;
			klb_prefixes_free(&all);
			return -ENOMEM;
		}
	}
	klb_prefixes_uniq(&all);
	if (!all.n || klb_prefixes_same(&all, &c->all)) {
		klb_prefixes_free(&all);
		return 0;
	}
	klb_prefixes_free(&c->all);
	c->all = all;
	c->touched = true;
	return 0;
}

static struct cidr **find(struct cidrs *c, const char *name)
{
	struct cidr **p = &c->first;

	while (*p && strcmp((*p)->name, name))
		p = &(*p)->next;
	return p;
}

static int parse(const json_t *obj, struct cidr *out, struct klb_err *err)
{
	const json_t *list = field(field(obj, "spec"), "cidrs");
	const char *text;
	size_t i;

	out->n = 0;
	for (i = 0; i < json_array_size(list) && i < EACH; i++) {
		text = json_string_value(json_array_get(list, i));
		if (!text || !kube_prefix_parse(text, &out->v[out->n]))
			return klb_err_set(err, -EINVAL,
					   "spec.cidrs: \"%.64s\" is no prefix",
					   text ? text : "");
		out->n++;
	}
	return 0;
}

int cidrs_put(struct cidrs *c, const json_t *obj, struct klb_err *err)
{
	struct cidr parsed, **p;
	const char *name;
	int rc = kube_meta_parse(obj, NULL, &name, err);

	if (!rc)
		rc = parse(obj, &parsed, err);
	if (rc)
		return rc;
	p = find(c, name);
	if (!*p) {
		*p = calloc(1, sizeof(**p));
		if (*p)
			(*p)->name = strdup(name);
		if (*p && !(*p)->name) {
			free(*p);
			*p = NULL;
		}
		if (!*p)
			return klb_err_set(err, -ENOMEM, "out of memory");
	}
	memcpy((*p)->v, parsed.v, sizeof(parsed.v));
	(*p)->n = parsed.n;
	(*p)->seen = true;
	return collect(c) ? klb_err_set(err, -ENOMEM, "out of memory") : 0;
}

static void drop(struct cidr **p)
{
	struct cidr *one = *p;

	*p = one->next;
	cidr_free(one);
}

int cidrs_gone(struct cidrs *c, const json_t *obj, struct klb_err *err)
{
	struct cidr **p;
	const char *name;
	int rc = kube_meta_parse(obj, NULL, &name, err);

	if (rc)
		return rc;
	p = find(c, name);
	if (*p)
		drop(p);
	return collect(c) ? klb_err_set(err, -ENOMEM, "out of memory") : 0;
}

void cidrs_begin_list(struct cidrs *c)
{
	struct cidr *one;

	for (one = c->first; one; one = one->next)
		one->seen = false;
}

int cidrs_end_list(struct cidrs *c)
{
	struct cidr **p = &c->first;

	while (*p) {
		if ((*p)->seen)
			p = &(*p)->next;
		else
			drop(p);
	}
	return collect(c);
}

const struct klb_prefixes *cidrs_all(const struct cidrs *c)
{
	return &c->all;
}

bool cidrs_touched(struct cidrs *c)
{
	bool touched = c->touched;

	c->touched = false;
	return touched;
}

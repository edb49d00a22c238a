// SPDX-License-Identifier: GPL-2.0
#include "conf_devices.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <linux/klb.h>

#define INGRESS	KLB_DEV_HOOK_INGRESS
#define EGRESS	KLB_DEV_HOOK_EGRESS
#define BOTH	(KLB_DEV_HOOK_INGRESS | KLB_DEV_HOOK_EGRESS)

/*
 * What comes from outside or from pods comes in by these. Egress is for the
 * answers of this host's own processes, which are no pods.
 */
static const struct device_rule usual[] = {
	{ "lo", false, BOTH },
	{ "en*", false, BOTH },
	{ "eth*", false, BOTH },
	{ "wl*", false, BOTH },
	{ "bond*", false, BOTH },
	{ "flannel*", false, BOTH },
	{ "cni*", true, INGRESS },
	{ "cni*", false, EGRESS },
	{ "veth*", false, INGRESS },
	{ "cali*", false, INGRESS },
	{ "lxc*", false, INGRESS },
};

static struct device_rule *add_rule(struct conf *c)
{
	struct device_rule *v = (struct device_rule *)c->devices.v;

	v = realloc(v, (c->devices.n + 1) * sizeof(*v));
	if (!v)
		return NULL;
	c->devices.v = v;
	v += c->devices.n;
	memset(v, 0, sizeof(*v));
	c->devices.n++;
	return v;
}

int conf_default_devices(struct conf *c)
{
	struct device_rule *rule;
	size_t i;

	c->klb_device = strdup("klb0");
	for (i = 0; i < sizeof(usual) / sizeof(usual[0]); i++) {
		rule = add_rule(c);
		if (!rule)
			return -ENOMEM;
		*rule = usual[i];
		rule->pattern = strdup(usual[i].pattern);
		if (!rule->pattern)
			return -ENOMEM;
	}
	return c->klb_device ? 0 : -ENOMEM;
}

static void free_rules(struct conf *c)
{
	size_t i;

	for (i = 0; i < c->devices.n; i++)
		free((char *)c->devices.v[i].pattern);
	free((struct device_rule *)c->devices.v);
	c->devices = (struct device_rules){ NULL };
}

void conf_free_devices(struct conf *c)
{
	free_rules(c);
	free(c->klb_device);
	c->klb_device = NULL;
}

static int read_hooks(struct ydoc *d, yaml_node_t *item, uint32_t *hooks)
{
	static const struct {
		const char *word;
		uint32_t hooks;
	} words[] = {
		{ "ingress", INGRESS }, { "egress", EGRESS },
		{ "both", BOTH }, { "none", 0 },
	};
	yaml_node_t *n;
	size_t i;
	int rc = ydoc_find_text(d, item, "hooks", &n);

	if (rc || !n)
		return rc;
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(ydoc_text(n), words[i].word))
			continue;
		*hooks = words[i].hooks;
		return 0;
	}
	return ydoc_fail(d, n->start_mark.line,
			 "hooks: expected ingress, egress, both or none, not \"%.64s\"",
			 ydoc_text(n));
}

static int read_rule(struct ydoc *d, yaml_node_t *item, struct conf *c)
{
	static const char *const keys[] = { "name", "ports-of", "hooks", NULL };
	char *name = NULL, *bridge = NULL;
	struct device_rule *rule;
	uint32_t hooks = INGRESS;
	int rc = ydoc_known(d, item, keys);

	if (!rc)
		rc = ydoc_get_text(d, item, "name", &name);
	if (!rc)
		rc = ydoc_get_text(d, item, "ports-of", &bridge);
	if (!rc)
		rc = read_hooks(d, item, &hooks);
	if (!rc && !name == !bridge)
		rc = ydoc_fail(d, item->start_mark.line,
			       "devices: expected either name or ports-of");
	rule = rc ? NULL : add_rule(c);
	if (!rc && !rule)
		rc = ydoc_no_memory(d);
	if (rc) {
		free(name);
		free(bridge);
		return rc;
	}
	*rule = (struct device_rule){
		.pattern = name ? name : bridge, .ports = bridge,
		.hooks = hooks,
	};
	return 0;
}

static int read_rules(struct ydoc *d, yaml_node_t *root, struct conf *c)
{
	yaml_node_t *list;
	size_t i;
	int rc = ydoc_find_list(d, root, "devices", &list);

	if (rc || !list)
		return rc;
	free_rules(c);
	for (i = 0; i < ydoc_list_len(list) && !rc; i++)
		rc = read_rule(d, ydoc_list_at(d, list, i), c);
	return rc;
}

static int take_source(struct ydoc *d, yaml_node_t *n, struct conf *c)
{
	struct klb_addr a, *to;
	struct klb_err why;

	if (!ydoc_is_text(n))
		return ydoc_fail(d, n->start_mark.line,
				 "source: expected an address");
	if (klb_addr_parse(ydoc_text(n), &a, &why))
		return ydoc_fail(d, n->start_mark.line, "source: %.256s",
				 why.text);
	to = a.len == 4 ? &c->source4 : &c->source6;
	if (to->len)
		return ydoc_fail(d, n->start_mark.line,
				 "source: only one of each family");
	*to = a;
	return 0;
}

static int read_sources(struct ydoc *d, yaml_node_t *klb, struct conf *c)
{
	yaml_node_t *list;
	size_t i;
	int rc = ydoc_find_list(d, klb, "source", &list);

	for (i = 0; !rc && i < ydoc_list_len(list); i++)
		rc = take_source(d, ydoc_list_at(d, list, i), c);
	return rc;
}

static int read_klb(struct ydoc *d, yaml_node_t *root, struct conf *c)
{
	static const char *const keys[] = { "device", "source", NULL };
	yaml_node_t *klb, *n;
	int rc = ydoc_find(d, root, "klb", &klb);

	if (rc || !klb)
		return rc;
	rc = ydoc_known(d, klb, keys);
	if (!rc)
		rc = ydoc_find_text(d, klb, "device", &n);
	if (!rc && n) {
		free(c->klb_device);
		c->klb_device = NULL;
		if (strlen(ydoc_text(n)) >= IF_NAMESIZE)
			return ydoc_fail(d, n->start_mark.line,
					 "device: a name has at most 15 characters");
		if (strcmp(ydoc_text(n), "none"))
			rc = ydoc_get_text(d, klb, "device", &c->klb_device);
	}
	return rc ? rc : read_sources(d, klb, c);
}

int conf_read_devices(struct ydoc *d, yaml_node_t *root, struct conf *c)
{
	int rc = read_rules(d, root, c);

	return rc ? rc : read_klb(d, root, c);
}

// SPDX-License-Identifier: GPL-2.0
#include "conf.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf_devices.h"

/* As kube-proxy's. */
#define HEALTHZ_PORT	10256
#define METRICS_PORT	10249

static bool is_list(const yaml_node_t *n)
{
	return n->type == YAML_SEQUENCE_NODE;
}

/* A word of @words, or -1 for what is none. */
static int word_of(const yaml_node_t *n, const char *const *words)
{
	int i;

	for (i = 0; ydoc_is_text(n) && words[i]; i++) {
		if (!strcmp(ydoc_text(n), words[i]))
			return i;
	}
	return -1;
}

static int read_prefix(struct ydoc *d, const char *key, yaml_node_t *n,
		       struct klb_prefixes *out)
{
	struct klb_prefix p;
	struct klb_err why;

	if (!ydoc_is_text(n))
		return ydoc_fail(d, n->start_mark.line, "%s: expected a prefix",
				 key);
	if (klb_prefix_parse(ydoc_text(n), &p, &why))
		return ydoc_fail(d, n->start_mark.line, "%s: %.256s", key,
				 why.text);
	return klb_prefixes_add(out, &p) ? ydoc_no_memory(d) : 0;
}

/*
 * A list of prefixes, or one of @words: then *@word is which, else it stays.
 * @words are told as @expected.
 */
static int read_prefixes(struct ydoc *d, yaml_node_t *map, const char *key,
			 const char *const *words, const char *expected,
			 int *word, struct klb_prefixes *out)
{
	yaml_node_t *n;
	size_t i;
	int rc = ydoc_find(d, map, key, &n);

	if (rc || !n)
		return rc;
	if (is_list(n)) {
		*word = -1;
		for (i = 0; i < ydoc_list_len(n) && !rc; i++)
			rc = read_prefix(d, key, ydoc_list_at(d, n, i), out);
		klb_prefixes_sort(out);
		return rc;
	}
	*word = word_of(n, words);
	if (*word >= 0)
		return 0;
	return ydoc_fail(d, n->start_mark.line,
			 "%s: expected a list of prefixes%s", key, expected);
}

static int read_pods_devices(struct ydoc *d, yaml_node_t *n, struct conf *c)
{
	static const char *const keys[] = { "devices", NULL };
	int rc = ydoc_known(d, n, keys);

	if (!rc)
		rc = ydoc_get_text(d, n, "devices", &c->pods_devices);
	if (!rc && !c->pods_devices)
		rc = ydoc_fail(d, n->start_mark.line,
			       "pods: expected a pattern of devices");
	return rc;
}

static int read_pods(struct ydoc *d, yaml_node_t *map, struct conf *c)
{
	static const char *const words[] = { "node", NULL };
	yaml_node_t *n;
	int word = -1, rc;

	rc = ydoc_find(d, map, "pods", &n);
	if (!rc && n && n->type == YAML_MAPPING_NODE)
		return read_pods_devices(d, n, c);
	if (!rc)
		rc = read_prefixes(d, map, "pods", words, ", node, or devices",
				   &word, &c->settings.pods);
	c->settings.pods_of_node = word == 0;
	return rc;
}

static int read_nodeports(struct ydoc *d, yaml_node_t *map, struct conf *c)
{
	static const char *const words[] = { "all", "primary", NULL };
	int word = 0, rc;

	rc = read_prefixes(d, map, "nodeports", words, ", all or primary",
			   &word, &c->settings.nodeports);
	c->settings.nodeports_primary = word == 1;
	return rc;
}

static int read_services(struct ydoc *d, yaml_node_t *map, struct conf *c)
{
	static const char *const words[] = { "auto", NULL };
	int word = 0, rc;

	rc = read_prefixes(d, map, "services", words, " or auto", &word,
			   &c->settings.services);
	c->services_auto = word == 0;
	return rc;
}

/* All are numbers that the kernel, or a time, holds in 31 bits. */
static int read_number(struct ydoc *d, yaml_node_t *map, const char *key,
		       uint32_t least, uint32_t *out)
{
	unsigned long long value;
	yaml_node_t *n;
	char *end;
	int rc = ydoc_find_text(d, map, key, &n);

	if (rc || !n)
		return rc;
	errno = 0;
	value = strtoull(ydoc_text(n), &end, 10);
	if (*ydoc_text(n) < '0' || *ydoc_text(n) > '9' || *end || errno ||
	    value < least || value > INT32_MAX)
		return ydoc_fail(d, n->start_mark.line,
				 "%s: expected a number from %u to %d, not \"%.64s\"",
				 key, least, INT32_MAX, ydoc_text(n));
	*out = value;
	return 0;
}

/* ADDR:PORT or off; what is not there stays. */
static int read_listen(struct ydoc *d, yaml_node_t *map, const char *key,
		       struct klb_ap *out)
{
	struct klb_err why;
	yaml_node_t *n;
	int rc = ydoc_find_text(d, map, key, &n);

	if (rc || !n)
		return rc;
	if (!strcmp(ydoc_text(n), "off")) {
		out->port = 0;
		return 0;
	}
	if (klb_ap_parse(ydoc_text(n), out, &why))
		return ydoc_fail(d, n->start_mark.line, "%s: %.256s", key,
				 why.text);
	return 0;
}

static int read_servers(struct ydoc *d, yaml_node_t *map, struct conf *c)
{
	yaml_node_t *list, *n;
	size_t i;
	int rc = ydoc_find_list(d, map, "apiservers", &list);

	if (rc || !list)
		return rc;
	c->servers = calloc(ydoc_list_len(list) + 1, sizeof(*c->servers));
	if (!c->servers)
		return ydoc_no_memory(d);
	for (i = 0; i < ydoc_list_len(list); i++) {
		n = ydoc_list_at(d, list, i);
		if (!ydoc_is_text(n))
			return ydoc_fail(d, n->start_mark.line,
					 "apiservers: expected a URL");
		c->servers[i] = strdup(ydoc_text(n));
		if (!c->servers[i])
			return ydoc_no_memory(d);
		c->n_servers++;
	}
	return 0;
}

static int read_identity(struct ydoc *d, yaml_node_t *map, struct conf *c)
{
	int rc = ydoc_get_text(d, map, "node", &c->node);

	if (!rc)
		rc = ydoc_get_path(d, map, "kubeconfig", &c->kubeconfig);
	if (!rc)
		rc = read_servers(d, map, c);
	return rc ? rc : ydoc_get_text(d, map, "proxy-name", &c->proxy_name);
}

static int read_what(struct ydoc *d, yaml_node_t *map, struct conf *c)
{
	int rc = ydoc_get_bool(d, map, "external-ips",
			       &c->settings.external_ips);

	if (!rc)
		rc = ydoc_get_bool(d, map, "masquerade-all",
				   &c->settings.masquerade_all);
	if (!rc)
		rc = read_pods(d, map, c);
	if (!rc)
		rc = read_nodeports(d, map, c);
	return rc ? rc : read_services(d, map, c);
}

static int read_how(struct ydoc *d, yaml_node_t *map, struct conf *c)
{
	int rc = read_number(d, map, "conn-max", 1, &c->conn_max);

	if (!rc)
		rc = read_number(d, map, "sync-interval", 0, &c->sync_ms);
	if (!rc)
		rc = read_number(d, map, "resync-interval", 0, &c->resync_s);
	if (!rc)
		rc = read_listen(d, map, "healthz", &c->healthz);
	return rc ? rc : read_listen(d, map, "metrics", &c->metrics);
}

static int read_root(struct ydoc *d, struct conf *c)
{
	static const char *const keys[] = {
		"node", "kubeconfig", "apiservers", "proxy-name",
		"external-ips", "masquerade-all", "pods", "nodeports",
		"services", "conn-max", "sync-interval", "resync-interval",
		"healthz", "metrics", "devices", "klb", NULL,
	};
	yaml_node_t *root = yaml_document_get_root_node(&d->doc);
	int rc;

	if (!root)		/* all as it is without */
		return 0;
	rc = ydoc_known(d, root, keys);
	if (!rc)
		rc = read_identity(d, root, c);
	if (!rc)
		rc = read_what(d, root, c);
	if (!rc)
		rc = read_how(d, root, c);
	return rc ? rc : conf_read_devices(d, root, c);
}

static int set_defaults(struct conf *c, struct klb_err *err)
{
	c->settings.external_ips = true;
	c->services_auto = true;
	c->sync_ms = 100;
	c->resync_s = 300;
	c->healthz = (struct klb_ap){ .addr.len = 4, .port = HEALTHZ_PORT };
	c->metrics = (struct klb_ap){
		.addr = { .len = 4, .b = { 127, 0, 0, 1 } },
		.port = METRICS_PORT,
	};
	if (conf_default_devices(c))
		return klb_err_set(err, -ENOMEM, "out of memory");
	return 0;
}

/* As the kubelet: the environment, as a pod has it, or the host's name. */
static int name_node(struct conf *c, struct klb_err *err)
{
	char host[HOST_NAME_MAX + 1] = "", *p;
	const char *env = getenv("NODE_NAME");

	if (c->node)
		return 0;
	if (gethostname(host, sizeof(host) - 1))
		return klb_err_set(err, -errno, "this host has no name: say node");
	for (p = host; *p; p++) {
		if (*p >= 'A' && *p <= 'Z')
			*p += 'a' - 'A';
	}
	c->node = strdup(env && *env ? env : host);
	return c->node ? 0 : klb_err_set(err, -ENOMEM, "out of memory");
}

int conf_read(struct conf *c, const char *path, struct klb_err *err)
{
	struct ydoc d;
	int rc = ydoc_load(&d, path, err);

	if (rc)
		return rc;
	rc = set_defaults(c, err);
	if (!rc)
		rc = read_root(&d, c);
	ydoc_free(&d);
	if (!rc)
		rc = name_node(c, err);
	if (rc)
		conf_free(c);
	c->settings.proxy_name = c->proxy_name;
	return rc;
}

void conf_free(struct conf *c)
{
	size_t i;

	for (i = 0; i < c->n_servers; i++)
		free(c->servers[i]);
	free(c->servers);
	free(c->node);
	free(c->kubeconfig);
	free(c->proxy_name);
	free(c->pods_devices);
	conf_free_devices(c);
	klb_prefixes_free(&c->settings.pods);
	klb_prefixes_free(&c->settings.nodeports);
	klb_prefixes_free(&c->settings.services);
	memset(c, 0, sizeof(*c));
}

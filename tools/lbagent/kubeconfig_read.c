// SPDX-License-Identifier: GPL-2.0
#include "kubeconfig.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <yaml.h>

#include "base64.h"

/*
 * The document is walked by the names looked for and never as a whole, so that
 * aliases that point to each other do no harm.
 */
struct reader {
	yaml_document_t doc;
	const char *path;
	int dir_len;	/* of @path up to its last slash */
	struct klb_err *err;
};

static int fail(struct reader *r, size_t line, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static int fail(struct reader *r, size_t line, const char *fmt, ...)
{
	char why[320];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	return klb_err_set(r->err, -EINVAL, "%.160s:%zu: %s", r->path,
			   line + 1, why);
}

static int no_memory(struct reader *r)
{
	klb_err_set(r->err, -ENOMEM, "%.160s: out of memory", r->path);
	return -ENOMEM;
}

static const char *text_of(const yaml_node_t *n)
{
	return (const char *)n->data.scalar.value;
}

static bool is_text(const yaml_node_t *n)
{
	return n->type == YAML_SCALAR_NODE;
}

static bool is_null(const yaml_node_t *n)
{
	static const char *const names[] = { "", "~", "null", "Null", "NULL" };
	size_t i;

	if (!is_text(n) || n->data.scalar.style != YAML_PLAIN_SCALAR_STYLE)
		return false;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!strcmp(text_of(n), names[i]))
			return true;
	}
	return false;
}

/* *@value is NULL for what is not there. @map may be NULL. */
static int find(struct reader *r, yaml_node_t *map, const char *key,
		yaml_node_t **value)
{
	yaml_node_pair_t *p;
	yaml_node_t *k;

	*value = NULL;
	if (!map)
		return 0;
	if (map->type != YAML_MAPPING_NODE)
		return fail(r, map->start_mark.line,
			    "expected names and values, for %s", key);
	for (p = map->data.mapping.pairs.start; p < map->data.mapping.pairs.top;
	     p++) {
		k = yaml_document_get_node(&r->doc, p->key);
		if (!is_text(k) || strcmp(text_of(k), key))
			continue;
		if (*value)
			return fail(r, k->start_mark.line, "%s is there twice",
				    key);
		*value = yaml_document_get_node(&r->doc, p->value);
	}
	if (*value && is_null(*value))
		*value = NULL;
	return 0;
}

static int find_text(struct reader *r, yaml_node_t *map, const char *key,
		     yaml_node_t **value)
{
	int rc = find(r, map, key, value);
	yaml_node_t *v = *value;

	if (rc || !v)
		return rc;
	if (!is_text(v))
		return fail(r, v->start_mark.line, "%s: expected a text", key);
	if (strlen(text_of(v)) != v->data.scalar.length)
		return fail(r, v->start_mark.line, "%s has a NUL byte", key);
	return 0;
}

static int get_text(struct reader *r, yaml_node_t *map, const char *key,
		    char **out)
{
	yaml_node_t *v;
	int rc = find_text(r, map, key, &v);

	if (rc || !v || !*text_of(v))
		return rc;
	/* Header lines are made of some of these. */
	if (strpbrk(text_of(v), "\r\n"))
		return fail(r, v->start_mark.line, "%s has more than one line",
			    key);
	*out = strdup(text_of(v));
	return *out ? 0 : no_memory(r);
}

/* Relative to where the kubeconfig is. */
static int make_path(struct reader *r, char **path)
{
	char *p;

	if (!*path || **path == '/')
		return 0;
	if (asprintf(&p, "%.*s%s", r->dir_len, r->path, *path) < 0)
		return no_memory(r);
	free(*path);
	*path = p;
	return 0;
}

static int get_path(struct reader *r, yaml_node_t *map, const char *key,
		    char **out)
{
	int rc = get_text(r, map, key, out);

	return rc ? rc : make_path(r, out);
}

static int get_base64(struct reader *r, yaml_node_t *map, const char *key,
		      struct pem *out)
{
	yaml_node_t *v;
	int rc = find_text(r, map, key, &v);

	if (rc || !v || !*text_of(v))
		return rc;
	rc = base64_decode(text_of(v), v->data.scalar.length, &out->data,
			   &out->len);
	if (rc == -EINVAL)
		return fail(r, v->start_mark.line, "%s is not base64", key);
	return rc ? no_memory(r) : 0;
}

/* KEY or KEY-data; if both are there the latter counts. */
static int get_pem(struct reader *r, yaml_node_t *map, const char *key,
		   struct pem *out)
{
	char data_key[64];
	int rc;

	snprintf(data_key, sizeof(data_key), "%s-data", key);
	rc = get_base64(r, map, data_key, out);
	return rc || out->data ? rc : get_path(r, map, key, &out->path);
}

static int get_bool(struct reader *r, yaml_node_t *map, const char *key,
		    bool *out)
{
	yaml_node_t *v;
	int rc = find_text(r, map, key, &v);

	if (rc || !v)
		return rc;
	*out = !strcmp(text_of(v), "true");
	if (*out || !strcmp(text_of(v), "false"))
		return 0;
	return fail(r, v->start_mark.line, "%s: expected true or false, not \"%.64s\"",
		    key, text_of(v));
}

static int find_list(struct reader *r, yaml_node_t *map, const char *key,
		     yaml_node_t **list)
{
	int rc = find(r, map, key, list);

	if (!rc && *list && (*list)->type != YAML_SEQUENCE_NODE)
		return fail(r, (*list)->start_mark.line, "%s: expected a list",
			    key);
	return rc;
}

static size_t list_len(const yaml_node_t *list)
{
	return list ? list->data.sequence.items.top -
		      list->data.sequence.items.start : 0;
}

static yaml_node_t *list_at(struct reader *r, yaml_node_t *list, size_t i)
{
	return yaml_document_get_node(&r->doc,
				      list->data.sequence.items.start[i]);
}

/* The value of @inner of the item of @list that has @name. */
static int find_named(struct reader *r, yaml_node_t *root, const char *list_key,
		      const char *name, const char *inner, yaml_node_t **out)
{
	yaml_node_t *list, *n;
	size_t i;
	int rc = find_list(r, root, list_key, &list);

	for (i = 0; !rc && i < list_len(list); i++) {
		rc = find_text(r, list_at(r, list, i), "name", &n);
		if (!rc && n && !strcmp(text_of(n), name))
			return find(r, list_at(r, list, i), inner, out);
	}
	if (rc)
		return rc;
	return fail(r, list ? list->start_mark.line : root->start_mark.line,
		    "no item of %s has the name \"%.128s\"", list_key, name);
}

static int read_server(struct reader *r, yaml_node_t *cluster,
		       struct kubeconfig *k)
{
	struct klb_err why;
	yaml_node_t *v;
	int rc = find_text(r, cluster, "server", &v);

	if (rc || !v)
		return rc;
	rc = kubeconfig_add_server(k, text_of(v), true, &why);
	if (rc)
		fail(r, v->start_mark.line, "%.300s", why.text);
	return rc;
}

static int read_cluster(struct reader *r, yaml_node_t *c, struct kubeconfig *k)
{
	int rc = read_server(r, c, k);

	if (!rc)
		rc = get_pem(r, c, "certificate-authority", &k->ca);
	if (!rc)
		rc = get_text(r, c, "tls-server-name", &k->tls_server_name);
	if (!rc)
		rc = get_bool(r, c, "insecure-skip-tls-verify", &k->insecure);
	if (!rc)
		rc = get_text(r, c, "proxy-url", &k->proxy_url);
	return rc;
}

/* Arguments may be empty and have more than one line. */
static int read_args(struct reader *r, yaml_node_t *exec, struct kube_exec *e)
{
	yaml_node_t *list, *n;
	size_t i;
	int rc = find_list(r, exec, "args", &list);

	if (rc)
		return rc;
	e->argv = calloc(list_len(list) + 2, sizeof(*e->argv));
	if (e->argv)
		e->argv[0] = strdup(e->command);
	if (!e->argv || !e->argv[0])
		return no_memory(r);
	for (i = 0; i < list_len(list); i++) {
		n = list_at(r, list, i);
		if (!is_text(n) || strlen(text_of(n)) != n->data.scalar.length)
			return fail(r, n->start_mark.line,
				    "args: expected a text");
		e->argv[i + 1] = strdup(text_of(n));
		if (!e->argv[i + 1])
			return no_memory(r);
	}
	return 0;
}

static int read_env_item(struct reader *r, yaml_node_t *item,
			 struct kube_env *out)
{
	yaml_node_t *name, *value;
	int rc = find_text(r, item, "name", &name);

	if (!rc)
		rc = find_text(r, item, "value", &value);
	if (rc)
		return rc;
	if (!name || !*text_of(name) || strchr(text_of(name), '='))
		return fail(r, item->start_mark.line, "env: expected a name");
	out->name = strdup(text_of(name));
	out->value = strdup(value ? text_of(value) : "");
	return out->name && out->value ? 0 : no_memory(r);
}

static int read_env(struct reader *r, yaml_node_t *exec, struct kube_exec *e)
{
	yaml_node_t *list;
	size_t n;
	int rc = find_list(r, exec, "env", &list);

	n = list_len(list);
	if (rc || !n)
		return rc;
	e->env = calloc(n, sizeof(*e->env));
	if (!e->env)
		return no_memory(r);
	for (e->n_env = 0; !rc && e->n_env < n; e->n_env++)
		rc = read_env_item(r, list_at(r, list, e->n_env),
				   &e->env[e->n_env]);
	return rc;
}

/* A command with a slash is a path, any other is looked for in PATH. */
static int read_command(struct reader *r, yaml_node_t *exec,
			struct kube_exec *e)
{
	int rc = get_text(r, exec, "command", &e->command);

	if (rc)
		return rc;
	if (!e->command)
		return fail(r, exec->start_mark.line, "exec has no command");
	return strchr(e->command, '/') ? make_path(r, &e->command) : 0;
}

static int check_exec(struct reader *r, yaml_node_t *exec,
		      const struct kube_exec *e)
{
	yaml_node_t *mode;
	int rc = find_text(r, exec, "interactiveMode", &mode);

	if (rc)
		return rc;
	if (mode && !strcmp(text_of(mode), "Always"))
		return fail(r, mode->start_mark.line,
			    "exec: a daemon has no terminal for interactiveMode Always");
	if (!e->api_version ||
	    (strcmp(e->api_version, "client.authentication.k8s.io/v1") &&
	     strcmp(e->api_version, "client.authentication.k8s.io/v1beta1")))
		return fail(r, exec->start_mark.line,
			    "exec: want apiVersion client.authentication.k8s.io/v1");
	return 0;
}

static int read_exec(struct reader *r, yaml_node_t *user, struct kube_exec *e)
{
	yaml_node_t *exec;
	int rc = find(r, user, "exec", &exec);

	if (rc || !exec)
		return rc;
	rc = read_command(r, exec, e);
	if (!rc)
		rc = get_text(r, exec, "apiVersion", &e->api_version);
	if (!rc)
		rc = get_text(r, exec, "installHint", &e->hint);
	if (!rc)
		rc = get_bool(r, exec, "provideClusterInfo", &e->cluster_info);
	if (!rc)
		rc = read_args(r, exec, e);
	if (!rc)
		rc = read_env(r, exec, e);
	return rc ? rc : check_exec(r, exec, e);
}

static int read_user(struct reader *r, yaml_node_t *u, struct kubeconfig *k)
{
	yaml_node_t *provider;
	int rc = find(r, u, "auth-provider", &provider);

	if (!rc && provider)
		return fail(r, provider->start_mark.line,
			    "auth-provider is gone from Kubernetes, use exec");
	if (!rc)
		rc = get_pem(r, u, "client-certificate", &k->cert);
	if (!rc)
		rc = get_pem(r, u, "client-key", &k->key);
	if (!rc)
		rc = get_text(r, u, "token", &k->token);
	if (!rc)
		rc = get_path(r, u, "tokenFile", &k->token_file);
	if (!rc)
		rc = get_text(r, u, "username", &k->username);
	if (!rc)
		rc = get_text(r, u, "password", &k->password);
	return rc ? rc : read_exec(r, u, &k->exec);
}

static int read_context(struct reader *r, yaml_node_t *root, yaml_node_t *ctx,
			struct kubeconfig *k)
{
	yaml_node_t *name, *part;
	int rc = find_text(r, ctx, "cluster", &name);

	if (!rc && !name)
		return fail(r, ctx ? ctx->start_mark.line : root->start_mark.line,
			    "the context has no cluster");
	if (!rc)
		rc = find_named(r, root, "clusters", text_of(name), "cluster",
				&part);
	if (!rc)
		rc = read_cluster(r, part, k);
	if (!rc)
		rc = get_text(r, ctx, "namespace", &k->namespace);
	if (!rc)
		rc = find_text(r, ctx, "user", &name);
	if (rc || !name || !*text_of(name))
		return rc;
	rc = find_named(r, root, "users", text_of(name), "user", &part);
	return rc ? rc : read_user(r, part, k);
}

static int read_root(struct reader *r, struct kubeconfig *k)
{
	yaml_node_t *root = yaml_document_get_root_node(&r->doc), *name, *ctx;
	struct klb_err why;
	int rc;

	if (!root)
		return fail(r, 0, "the file is empty");
	rc = find_text(r, root, "current-context", &name);
	if (!rc && (!name || !*text_of(name)))
		return fail(r, root->start_mark.line,
			    "there is no current-context");
	if (!rc)
		rc = find_named(r, root, "contexts", text_of(name), "context",
				&ctx);
	if (!rc)
		rc = read_context(r, root, ctx, k);
	if (rc)
		return rc;
	rc = kubeconfig_check(k, &why);
	return rc ? fail(r, name->start_mark.line, "%.300s", why.text) : 0;
}

static int load(struct reader *r, FILE *f)
{
	yaml_parser_t p;
	int rc = 0;

	if (!yaml_parser_initialize(&p))
		return no_memory(r);
	yaml_parser_set_input_file(&p, f);
	if (!yaml_parser_load(&p, &r->doc))
		rc = fail(r, p.problem_mark.line, "%.200s",
			  p.problem ? p.problem : "cannot read");
	yaml_parser_delete(&p);
	return rc;
}

int kubeconfig_read(struct kubeconfig *k, const char *path,
		    struct klb_err *err)
{
	const char *slash = strrchr(path, '/');
	struct reader r = { .path = path, .err = err };
	FILE *f = fopen(path, "re");
	int rc;

	if (!f)
		return klb_err_set(err, -errno, "cannot open \"%.256s\": %s",
				   path, strerror(errno));
	r.dir_len = slash ? slash + 1 - path : 0;
	rc = load(&r, f);
	fclose(f);
	if (rc)
		return rc;
	rc = read_root(&r, k);
	yaml_document_delete(&r.doc);
	if (rc)
		kubeconfig_free(k);
	return rc;
}

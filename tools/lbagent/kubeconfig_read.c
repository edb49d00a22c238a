// SPDX-License-Identifier: GPL-2.0
#include "kubeconfig.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base64.h"
#include "ydoc.h"

static int get_base64(struct ydoc *d, yaml_node_t *map, const char *key,
		      struct pem *out)
{
	yaml_node_t *v;
	int rc = ydoc_find_text(d, map, key, &v);

	if (rc || !v || !*ydoc_text(v))
		return rc;
	rc = base64_decode(ydoc_text(v), v->data.scalar.length, &out->data,
			   &out->len);
	if (rc == -EINVAL)
		return ydoc_fail(d, v->start_mark.line, "%s is not base64", key);
	return rc ? ydoc_no_memory(d) : 0;
}

/* KEY or KEY-data; if both are there the latter counts. */
static int get_pem(struct ydoc *d, yaml_node_t *map, const char *key,
		   struct pem *out)
{
	char data_key[64];
	int rc;

	snprintf(data_key, sizeof(data_key), "%s-data", key);
	rc = get_base64(d, map, data_key, out);
	return rc || out->data ? rc : ydoc_get_path(d, map, key, &out->path);
}

/* The value of @inner of the item of @list that has @name. */
static int find_named(struct ydoc *d, yaml_node_t *root, const char *list_key,
		      const char *name, const char *inner, yaml_node_t **out)
{
	yaml_node_t *list, *n;
	size_t i;
	int rc = ydoc_find_list(d, root, list_key, &list);

	for (i = 0; !rc && i < ydoc_list_len(list); i++) {
		rc = ydoc_find_text(d, ydoc_list_at(d, list, i), "name", &n);
		if (!rc && n && !strcmp(ydoc_text(n), name))
			return ydoc_find(d, ydoc_list_at(d, list, i), inner, out);
	}
	if (rc)
		return rc;
	return ydoc_fail(d, list ? list->start_mark.line : root->start_mark.line,
			 "no item of %s has the name \"%.128s\"", list_key, name);
}

static int read_server(struct ydoc *d, yaml_node_t *cluster,
		       struct kubeconfig *k)
{
	struct klb_err why;
	yaml_node_t *v;
	int rc = ydoc_find_text(d, cluster, "server", &v);

	if (rc || !v)
		return rc;
	rc = kubeconfig_add_server(k, ydoc_text(v), true, &why);
	if (rc)
		ydoc_fail(d, v->start_mark.line, "%.300s", why.text);
	return rc;
}

static int read_cluster(struct ydoc *d, yaml_node_t *c, struct kubeconfig *k)
{
	int rc = read_server(d, c, k);

	if (!rc)
		rc = get_pem(d, c, "certificate-authority", &k->ca);
	if (!rc)
		rc = ydoc_get_text(d, c, "tls-server-name", &k->tls_server_name);
	if (!rc)
		rc = ydoc_get_bool(d, c, "insecure-skip-tls-verify", &k->insecure);
	if (!rc)
		rc = ydoc_get_text(d, c, "proxy-url", &k->proxy_url);
	return rc;
}

/* Arguments may be empty and have more than one line. */
static int read_args(struct ydoc *d, yaml_node_t *exec, struct kube_exec *e)
{
	yaml_node_t *list, *n;
	size_t i;
	int rc = ydoc_find_list(d, exec, "args", &list);

	if (rc)
		return rc;
	e->argv = calloc(ydoc_list_len(list) + 2, sizeof(*e->argv));
	if (e->argv)
		e->argv[0] = strdup(e->command);
	if (!e->argv || !e->argv[0])
		return ydoc_no_memory(d);
	for (i = 0; i < ydoc_list_len(list); i++) {
		n = ydoc_list_at(d, list, i);
		if (!ydoc_is_text(n) || strlen(ydoc_text(n)) != n->data.scalar.length)
			return ydoc_fail(d, n->start_mark.line,
					 "args: expected a text");
		e->argv[i + 1] = strdup(ydoc_text(n));
		if (!e->argv[i + 1])
			return ydoc_no_memory(d);
	}
	return 0;
}

static int read_env_item(struct ydoc *d, yaml_node_t *item,
			 struct kube_env *out)
{
	yaml_node_t *name, *value;
	int rc = ydoc_find_text(d, item, "name", &name);

	if (!rc)
		rc = ydoc_find_text(d, item, "value", &value);
	if (rc)
		return rc;
	if (!name || !*ydoc_text(name) || strchr(ydoc_text(name), '='))
		return ydoc_fail(d, item->start_mark.line, "env: expected a name");
	out->name = strdup(ydoc_text(name));
	out->value = strdup(value ? ydoc_text(value) : "");
	return out->name && out->value ? 0 : ydoc_no_memory(d);
}

static int read_env(struct ydoc *d, yaml_node_t *exec, struct kube_exec *e)
{
	yaml_node_t *list;
	size_t n;
	int rc = ydoc_find_list(d, exec, "env", &list);

	n = ydoc_list_len(list);
	if (rc || !n)
		return rc;
	e->env = calloc(n, sizeof(*e->env));
	if (!e->env)
		return ydoc_no_memory(d);
	for (e->n_env = 0; !rc && e->n_env < n; e->n_env++)
		rc = read_env_item(d, ydoc_list_at(d, list, e->n_env),
				   &e->env[e->n_env]);
	return rc;
}

/* A command with a slash is a path, any other is looked for in PATH. */
static int read_command(struct ydoc *d, yaml_node_t *exec,
			struct kube_exec *e)
{
	int rc = ydoc_get_text(d, exec, "command", &e->command);

	if (rc)
		return rc;
	if (!e->command)
		return ydoc_fail(d, exec->start_mark.line, "exec has no command");
	return strchr(e->command, '/') ? ydoc_path(d, &e->command) : 0;
}

static int check_exec(struct ydoc *d, yaml_node_t *exec,
		      const struct kube_exec *e)
{
	yaml_node_t *mode;
	int rc = ydoc_find_text(d, exec, "interactiveMode", &mode);

	if (rc)
		return rc;
	if (mode && !strcmp(ydoc_text(mode), "Always"))
		return ydoc_fail(d, mode->start_mark.line,
				 "exec: a daemon has no terminal for interactiveMode Always");
	if (!e->api_version ||
	    (strcmp(e->api_version, "client.authentication.k8s.io/v1") &&
	     strcmp(e->api_version, "client.authentication.k8s.io/v1beta1")))
		return ydoc_fail(d, exec->start_mark.line,
				 "exec: want apiVersion client.authentication.k8s.io/v1");
	return 0;
}

static int read_exec(struct ydoc *d, yaml_node_t *user, struct kube_exec *e)
{
	yaml_node_t *exec;
	int rc = ydoc_find(d, user, "exec", &exec);

	if (rc || !exec)
		return rc;
	rc = read_command(d, exec, e);
	if (!rc)
		rc = ydoc_get_text(d, exec, "apiVersion", &e->api_version);
	if (!rc)
		rc = ydoc_get_text(d, exec, "installHint", &e->hint);
	if (!rc)
		rc = ydoc_get_bool(d, exec, "provideClusterInfo", &e->cluster_info);
	if (!rc)
		rc = read_args(d, exec, e);
	if (!rc)
		rc = read_env(d, exec, e);
	return rc ? rc : check_exec(d, exec, e);
}

static int read_user(struct ydoc *d, yaml_node_t *u, struct kubeconfig *k)
{
	yaml_node_t *provider;
	int rc = ydoc_find(d, u, "auth-provider", &provider);

	if (!rc && provider)
		return ydoc_fail(d, provider->start_mark.line,
				 "auth-provider is gone from Kubernetes, use exec");
	if (!rc)
		rc = get_pem(d, u, "client-certificate", &k->cert);
	if (!rc)
		rc = get_pem(d, u, "client-key", &k->key);
	if (!rc)
		rc = ydoc_get_text(d, u, "token", &k->token);
	if (!rc)
		rc = ydoc_get_path(d, u, "tokenFile", &k->token_file);
	if (!rc)
		rc = ydoc_get_text(d, u, "username", &k->username);
	if (!rc)
		rc = ydoc_get_text(d, u, "password", &k->password);
	return rc ? rc : read_exec(d, u, &k->exec);
}

static int read_context(struct ydoc *d, yaml_node_t *root, yaml_node_t *ctx,
			struct kubeconfig *k)
{
	yaml_node_t *name, *part;
	int rc = ydoc_find_text(d, ctx, "cluster", &name);

	if (!rc && !name)
		return ydoc_fail(d, ctx ? ctx->start_mark.line : root->start_mark.line,
				 "the context has no cluster");
	if (!rc)
		rc = find_named(d, root, "clusters", ydoc_text(name), "cluster",
				&part);
	if (!rc)
		rc = read_cluster(d, part, k);
	if (!rc)
		rc = ydoc_get_text(d, ctx, "namespace", &k->namespace);
	if (!rc)
		rc = ydoc_find_text(d, ctx, "user", &name);
	if (rc || !name || !*ydoc_text(name))
		return rc;
	rc = find_named(d, root, "users", ydoc_text(name), "user", &part);
	return rc ? rc : read_user(d, part, k);
}

static int read_root(struct ydoc *d, struct kubeconfig *k)
{
	yaml_node_t *root = yaml_document_get_root_node(&d->doc), *name, *ctx;
	struct klb_err why;
	int rc;

	if (!root)
		return ydoc_fail(d, 0, "the file is empty");
	rc = ydoc_find_text(d, root, "current-context", &name);
	if (!rc && (!name || !*ydoc_text(name)))
		return ydoc_fail(d, root->start_mark.line,
				 "there is no current-context");
	if (!rc)
		rc = find_named(d, root, "contexts", ydoc_text(name), "context",
				&ctx);
	if (!rc)
		rc = read_context(d, root, ctx, k);
	if (rc)
		return rc;
	rc = kubeconfig_check(k, &why);
	return rc ? ydoc_fail(d, name->start_mark.line, "%.300s", why.text) : 0;
}

int kubeconfig_read(struct kubeconfig *k, const char *path,
		    struct klb_err *err)
{
	struct ydoc d;
	int rc = ydoc_load(&d, path, err);

	if (rc)
		return rc;
	rc = read_root(&d, k);
	ydoc_free(&d);
	if (rc)
		kubeconfig_free(k);
	return rc;
}

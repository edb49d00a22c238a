// SPDX-License-Identifier: GPL-2.0
#include "exec_env.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "base64.h"
#include "file.h"

#define INFO	"KUBERNETES_EXEC_INFO"
#define CA_CAP	0x100000

void exec_env_free(char **env)
{
	char **p;

	for (p = env; p && *p; p++)
		free(*p);
	free(env);
}

static int ca_base64(const struct pem *ca, char **out, struct klb_err *err)
{
	char *data = ca->data;
	size_t len = ca->len;
	int rc = 0;

	if (!pem_given(ca))
		return 0;
	if (!data)
		rc = file_read(ca->path, CA_CAP, &data, &len, err);
	if (rc)
		return rc;
	*out = base64_encode(data, len);
	if (data != ca->data)
		free(data);
	return *out ? 0 : klb_err_set(err, -ENOMEM, "out of memory");
}

static int cluster_info(const struct kubeconfig *k, json_t **out,
			struct klb_err *err)
{
	char *ca = NULL;
	int rc = ca_base64(&k->ca, &ca, err);

	if (rc)
		return rc;
	*out = json_pack("{ss ss* ss* ss* sb}", "server", k->servers[0],
			 "tls-server-name", k->tls_server_name,
			 "certificate-authority-data", ca,
			 "proxy-url", k->proxy_url,
			 "insecure-skip-tls-verify", (int)k->insecure);
	free(ca);
	return *out ? 0 : klb_err_set(err, -ENOMEM, "out of memory");
}

static int make_info(const struct kubeconfig *k, char **out,
		     struct klb_err *err)
{
	json_t *cluster = NULL, *root;
	char *text;
	int rc = 0;

	if (k->exec.cluster_info)
		rc = cluster_info(k, &cluster, err);
	if (rc)
		return rc;
	root = json_pack("{ss ss s{sb so*}}", "apiVersion",
			 k->exec.api_version, "kind", "ExecCredential", "spec",
			 "interactive", 0, "cluster", cluster);
	text = root ? json_dumps(root, JSON_COMPACT) : NULL;
	json_decref(root);
	if (!text || asprintf(out, INFO "=%s", text) < 0)
		rc = klb_err_set(err, -ENOMEM, "out of memory");
	free(text);
	return rc;
}

static bool is_name(const char *pair, const char *name)
{
	size_t len = strlen(name);

	return !strncmp(pair, name, len) && pair[len] == '=';
}

static bool is_replaced(const struct kube_exec *e, const char *pair)
{
	size_t i;

	if (is_name(pair, INFO))
		return true;
	for (i = 0; i < e->n_env; i++) {
		if (is_name(pair, e->env[i].name))
			return true;
	}
	return false;
}

/* All but the information. */
static int fill(const struct kube_exec *e, char **to)
{
	char **p;
	size_t i;

	for (i = 0; i < e->n_env; i++, to++) {
		if (asprintf(to, "%s=%s", e->env[i].name, e->env[i].value) < 0) {
			*to = NULL;
			return -ENOMEM;
		}
	}
	for (p = environ; p && *p; p++) {
		if (is_replaced(e, *p))
			continue;
		*to = strdup(*p);
		if (!*to++)
			return -ENOMEM;
	}
	return 0;
}

int exec_env_make(const struct kubeconfig *k, char ***out,
		  struct klb_err *err)
{
	size_t n = k->exec.n_env + 2;
	char **env, **p;
	int rc;

	for (p = environ; p && *p; p++)
		n++;
	env = calloc(n, sizeof(*env));
	if (!env)
		return klb_err_set(err, -ENOMEM, "out of memory");
	rc = make_info(k, &env[0], err);
	if (!rc && fill(&k->exec, env + 1))
		rc = klb_err_set(err, -ENOMEM, "out of memory");
	if (rc)
		exec_env_free(env);
	else
		*out = env;
	return rc;
}

// SPDX-License-Identifier: GPL-2.0
#include "kubeconfig.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <curl/curl.h>

#define SERVICE_ACCOUNT	"/var/run/secrets/kubernetes.io/serviceaccount"

bool pem_given(const struct pem *p)
{
	return p->path || p->data;
}

void pem_free(struct pem *p)
{
	free(p->path);
	/* Keys do not stay in memory that is handed out again. */
	if (p->data)
		explicit_bzero(p->data, p->len);
	free(p->data);
	*p = (struct pem){ 0 };
}

static void exec_free(struct kube_exec *e)
{
	size_t i;

	for (i = 0; e->argv && e->argv[i]; i++)
		free(e->argv[i]);
	for (i = 0; i < e->n_env; i++) {
		free(e->env[i].name);
		free(e->env[i].value);
	}
	free(e->argv);
	free(e->env);
	free(e->api_version);
	free(e->command);
	free(e->hint);
}

static void free_servers(struct kubeconfig *k)
{
	while (k->n_servers)
		free(k->servers[--k->n_servers]);
}

void kubeconfig_free(struct kubeconfig *k)
{
	free_servers(k);
	free(k->servers);
	pem_free(&k->ca);
	pem_free(&k->cert);
	pem_free(&k->key);
	exec_free(&k->exec);
	free(k->tls_server_name);
	free(k->proxy_url);
	free(k->token);
	free(k->token_file);
	free(k->username);
	free(k->password);
	free(k->namespace);
	*k = (struct kubeconfig){ 0 };
}

static bool has_part(CURLU *u, CURLUPart part)
{
	char *text = NULL;
	bool has;

	has = !curl_url_get(u, part, &text, 0) && text && *text;
	curl_free(text);
	return has;
}

/* Credentials in an URL would end up in messages. */
static const char *url_fault(const char *url)
{
	CURLU *u = curl_url();
	const char *fault = NULL;

	if (strncmp(url, "https://", 8) && strncmp(url, "http://", 7))
		fault = "want https://HOST[:PORT][/PATH]";
	else if (!u)
		fault = "out of memory";
	else if (curl_url_set(u, CURLUPART_URL, url, 0))
		fault = "this is not an URL";
	else if (has_part(u, CURLUPART_USER) || has_part(u, CURLUPART_PASSWORD))
		fault = "a user does not belong into it";
	else if (has_part(u, CURLUPART_QUERY) || has_part(u, CURLUPART_FRAGMENT))
		fault = "nothing may follow the path";
	curl_url_cleanup(u);
	return fault;
}

int kubeconfig_add_server(struct kubeconfig *k, const char *url, bool first,
			  struct klb_err *err)
{
	const char *fault = url_fault(url);
	size_t len = strlen(url);
	char **servers, *copy;

	if (fault)
		return klb_err_set(err, -EINVAL, "server \"%.256s\": %s", url,
				   fault);
	if (first)
		free_servers(k);
	while (url[len - 1] == '/')
		len--;
	servers = realloc(k->servers, (k->n_servers + 1) * sizeof(*servers));
	if (servers)
		k->servers = servers;
	copy = servers ? strndup(url, len) : NULL;
	if (!copy)
		return klb_err_set(err, -ENOMEM, "out of memory");
	servers[k->n_servers++] = copy;
	return 0;
}

static bool has_credentials(const struct kubeconfig *k)
{
	return k->token || k->token_file || k->username || k->exec.command;
}

static const char *user_fault(const struct kubeconfig *k)
{
	if (pem_given(&k->cert) != pem_given(&k->key))
		return "a client certificate and its key go together";
	if (!k->username != !k->password)
		return "a username and a password go together";
	if (k->username && (k->token || k->token_file))
		return "a token and a username are two ways to log in, want one";
	if (k->exec.command && (k->username || k->token || k->token_file))
		return "exec and a token or username are two ways to log in, want one";
	return NULL;
}

int kubeconfig_check(const struct kubeconfig *k, struct klb_err *err)
{
	const char *fault = user_fault(k);
	size_t i;

	if (!k->n_servers)
		fault = "there is no server";
	else if (k->insecure && pem_given(&k->ca))
		fault = "insecure-skip-tls-verify and a certificate authority are contrary";
	if (fault)
		return klb_err_set(err, -EINVAL, "%s", fault);
	for (i = 0; i < k->n_servers; i++) {
		if (!strncmp(k->servers[i], "http:", 5) && has_credentials(k))
			return klb_err_set(err, -EINVAL,
					   "server \"%.256s\": credentials must not be sent without TLS",
					   k->servers[i]);
	}
	return 0;
}

static int in_cluster_server(struct kubeconfig *k, struct klb_err *err)
{
	const char *host = getenv("KUBERNETES_SERVICE_HOST");
	const char *port = getenv("KUBERNETES_SERVICE_PORT");
	char url[512];
	bool v6;

	if (!host || !*host || !port || !*port)
		return klb_err_set(err, -ENOENT,
				   "KUBERNETES_SERVICE_HOST or _PORT is not set: this is no pod");
	v6 = strchr(host, ':');
	if (snprintf(url, sizeof(url), "https://%s%s%s:%s", v6 ? "[" : "",
		     host, v6 ? "]" : "", port) >= (int)sizeof(url))
		return klb_err_set(err, -EINVAL,
				   "KUBERNETES_SERVICE_HOST is too long");
	return kubeconfig_add_server(k, url, true, err);
}

static int in_dir(const char *dir, const char *name, char **path,
		  struct klb_err *err)
{
	if (asprintf(path, "%s/%s", dir, name) < 0) {
		*path = NULL;
		return klb_err_set(err, -ENOMEM, "out of memory");
	}
	if (access(*path, R_OK))
		return klb_err_set(err, -errno, "cannot read \"%.256s\": %s",
				   *path, strerror(errno));
	return 0;
}

int kubeconfig_in_cluster(struct kubeconfig *k, const char *dir,
			  struct klb_err *err)
{
	int rc;

	if (!dir)
		dir = SERVICE_ACCOUNT;
	rc = in_cluster_server(k, err);
	if (!rc)
		rc = in_dir(dir, "token", &k->token_file, err);
	if (!rc)
		rc = in_dir(dir, "ca.crt", &k->ca.path, err);
	if (rc)
		kubeconfig_free(k);
	return rc;
}

/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LBAGENT_KUBECONFIG_H
#define LBAGENT_KUBECONFIG_H

#include <stdbool.h>
#include <stddef.h>

#include "err.h"

/* A certificate or key: a file, or its text, or (both NULL) none. */
struct pem {
	char *path;
	char *data;
	size_t len;
};

struct kube_env {
	char *name;
	char *value;
};

/* A program that prints credentials. Without a command there is none. */
struct kube_exec {
	char *api_version;
	char *command;
	char **argv;		/* the command too; ends with NULL */
	struct kube_env *env;
	size_t n_env;
	bool cluster_info;
	char *hint;		/* how to install it */
};

/* How to reach an apiserver, and as whom. What is not said is NULL. */
struct kubeconfig {
	char **servers;		/* URLs without a slash at the end */
	size_t n_servers;
	struct pem ca;
	char *tls_server_name;
	bool insecure;		/* certificates are not verified */
	char *proxy_url;
	struct pem cert;
	struct pem key;
	char *token;
	char *token_file;
	char *username;
	char *password;
	struct kube_exec exec;
	char *namespace;
};

/*
 * Both take a zeroed @k, and free it in case of an error: 0 or -errno with a
 * sentence, which for a kubeconfig begins with FILE:LINE.
 */
int kubeconfig_read(struct kubeconfig *k, const char *path,
		    struct klb_err *err);

/* From the environment and @dir; NULL is where the kubelet puts it. */
int kubeconfig_in_cluster(struct kubeconfig *k, const char *dir,
			  struct klb_err *err);

/* The first one takes the place of those there, if @first. */
int kubeconfig_add_server(struct kubeconfig *k, const char *url, bool first,
			  struct klb_err *err);

/* Whether what is there fits together; reading does this. */
int kubeconfig_check(const struct kubeconfig *k, struct klb_err *err);

void kubeconfig_free(struct kubeconfig *k);
void pem_free(struct pem *p);
bool pem_given(const struct pem *p);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LBAGENT_EXEC_CRED_H
#define LBAGENT_EXEC_CRED_H

#include <stddef.h>
#include <stdint.h>

#include "kubeconfig.h"

/* What an exec plug-in prints. */
struct exec_cred {
	char *token;
	struct pem cert;
	struct pem key;
	int64_t expires;	/* seconds since 1970; 0: never */
};

/* Takes a zeroed @c, and frees it in case of an error. */
int exec_cred_parse(struct exec_cred *c, const char *text, size_t len,
		    const char *api_version, struct klb_err *err);
void exec_cred_free(struct exec_cred *c);

/* RFC 3339, as Kubernetes writes times. -EINVAL */
int exec_cred_time(const char *text, int64_t *out);

#endif

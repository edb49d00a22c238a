/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LBAGENT_EXEC_ENV_H
#define LBAGENT_EXEC_ENV_H

#include "kubeconfig.h"

/*
 * The environment of the exec plug-in: ours, changed by that of the
 * kubeconfig, and KUBERNETES_EXEC_INFO. Ends with NULL.
 */
int exec_env_make(const struct kubeconfig *k, char ***out,
		  struct klb_err *err);
void exec_env_free(char **env);

#endif

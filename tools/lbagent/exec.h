/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LBAGENT_EXEC_H
#define LBAGENT_EXEC_H

#include <systemd/sd-event.h>

#include "exec_cred.h"

/* A run of the exec plug-in of a kubeconfig, as a child of ours. */
struct exec;

/* @cred belongs to who is called; NULL: it failed, and @why says so. */
typedef void (*exec_cb)(struct exec_cred *cred, const char *why, void *arg);

/*
 * SIGCHLD must be blocked. @cb is called once, later, by when the run is over
 * and freed; not after exec_stop(), which kills the child.
 */
int exec_start(struct exec **out, sd_event *event, const struct kubeconfig *k,
	       uint64_t timeout_us, exec_cb cb, void *arg,
	       struct klb_err *err);
void exec_stop(struct exec *x);

#endif

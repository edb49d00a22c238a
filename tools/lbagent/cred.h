/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LBAGENT_CRED_H
#define LBAGENT_CRED_H

#include <stdbool.h>
#include <stdint.h>

#include <systemd/sd-event.h>

#include "kubeconfig.h"

/* What a request needs to be let in, as of now. */
struct cred;

struct cred_conf {
	uint64_t token_us;	/* how long what was in a file counts */
	uint64_t exec_us;	/* how long a plug-in may run */
};

extern const struct cred_conf cred_default;

/* Good as long as the call that hands it on. What is not needed is NULL. */
struct cred_now {
	const char *token;
	const char *username;
	const char *password;
	const struct pem *cert;
	const struct pem *key;
	unsigned int generation;	/* another one: something changed */
};

/* @now is NULL when there are none, and @why says so. */
typedef void (*cred_cb)(const struct cred_now *now, const char *why,
			void *arg);

struct cred_wait {
	cred_cb cb;
	void *arg;
	struct cred_wait *next;
};

/* @k and @conf must outlive it. With exec, SIGCHLD must be blocked. */
struct cred *cred_new(sd_event *event, const struct kubeconfig *k,
		      const struct cred_conf *conf);

/* Nobody may wait any more. */
void cred_free(struct cred *c);

/* Calls back once: at once, or when the plug-in is done. */
void cred_get(struct cred *c, struct cred_wait *w);
void cred_cancel(struct cred *c, struct cred_wait *w);

/*
 * Those of @generation were answered by 401. Tells whether cred_get() now has
 * others, or may get others, so that it is worth to ask again.
 */
bool cred_refused(struct cred *c, unsigned int generation);

#endif

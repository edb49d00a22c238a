// SPDX-License-Identifier: GPL-2.0
#include "cred.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "exec.h"
#include "file.h"

#define TOKEN_CAP	(64u << 10)
/* Credentials that end while the request is under way are of no use. */
#define LEEWAY		10

const struct cred_conf cred_default = {
	.token_us = 60000000,
	.exec_us = 60000000,
};

struct cred {
	sd_event *event;
	const struct kubeconfig *k;
	const struct cred_conf *conf;
	unsigned int generation;
	/* of the token file */
	char *token;
	uint64_t read_at;
	/* of the plug-in */
	struct exec_cred got;
	bool have;
	bool stale;
	struct exec *run;
	struct cred_wait *waits;
};

struct cred *cred_new(sd_event *event, const struct kubeconfig *k,
		      const struct cred_conf *conf)
{
	struct cred *c = calloc(1, sizeof(*c));

	if (c)
		*c = (struct cred){ .event = sd_event_ref(event), .k = k,
				    .conf = conf };
	return c;
}

static void forget_token(struct cred *c)
{
	if (c->token)
		explicit_bzero(c->token, strlen(c->token));
	free(c->token);
	c->token = NULL;
}

void cred_free(struct cred *c)
{
	if (!c)
		return;
	exec_stop(c->run);
	exec_cred_free(&c->got);
	forget_token(c);
	sd_event_unref(c->event);
	free(c);
}

static uint64_t now_us(struct cred *c)
{
	uint64_t t = 0;

	sd_event_now(c->event, CLOCK_MONOTONIC, &t);
	return t;
}

/* White space at the end is left out; the rest becomes a header line. */
static int check_token(char *text, size_t len, const char *path,
		       struct klb_err *err)
{
	size_t i;

	while (len && strchr(" \t\r\n", text[len - 1]) && text[len - 1])
		text[--len] = 0;
	if (!len)
		return klb_err_set(err, -EINVAL, "\"%.256s\" is empty", path);
	for (i = 0; i < len; i++) {
		if (text[i] <= ' ' || text[i] > '~')
			return klb_err_set(err, -EINVAL,
					   "\"%.256s\" has a byte that cannot be in a token",
					   path);
	}
	return 0;
}

static int read_token(struct cred *c, struct klb_err *err)
{
	const char *path = c->k->token_file;
	size_t len;
	char *text;
	int rc = file_read(path, TOKEN_CAP, &text, &len, err);

	if (rc)
		return rc;
	rc = check_token(text, len, path, err);
	if (!rc && (!c->token || strcmp(text, c->token))) {
		forget_token(c);
		c->token = text;
		c->generation++;
		return 0;
	}
	explicit_bzero(text, len);
	free(text);
	return rc;
}

/* A file that cannot be read now does not make what it held worthless. */
static int fresh_token(struct cred *c, struct klb_err *err)
{
	uint64_t now = now_us(c);
	int rc;

	if (c->token && now - c->read_at < c->conf->token_us)
		return 0;
	rc = read_token(c, err);
	if (!rc)
		c->read_at = now;
	return c->token || c->k->token ? 0 : rc;
}

static void hand_on(struct cred *c, struct cred_wait *w)
{
	const struct kubeconfig *k = c->k;
	struct cred_now now = {
		.token = c->token ? c->token : k->token,
		.username = k->username,
		.password = k->password,
		.cert = pem_given(&k->cert) ? &k->cert : NULL,
		.key = pem_given(&k->key) ? &k->key : NULL,
		.generation = c->generation,
	};

	if (c->have)
		now.token = c->got.token;
	if (c->have && pem_given(&c->got.cert)) {
		now.cert = &c->got.cert;
		now.key = &c->got.key;
	}
	w->cb(&now, NULL, w->arg);
}

static void exec_done(struct exec_cred *cred, const char *why, void *arg)
{
	struct cred *c = arg;
	struct cred_wait *w;

	c->run = NULL;
	if (cred) {
		exec_cred_free(&c->got);
		c->got = *cred;
		c->have = true;
		c->stale = false;
		c->generation++;
	}
	/* One may ask again at once: that is for the next run. */
	while (c->waits && !c->run) {
		w = c->waits;
		c->waits = w->next;
		if (cred)
			hand_on(c, w);
		else
			w->cb(NULL, why, w->arg);
	}
}

static bool usable(const struct cred *c)
{
	if (!c->have || c->stale)
		return false;
	return !c->got.expires || time(NULL) + LEEWAY < c->got.expires;
}

static void wait_for_exec(struct cred *c, struct cred_wait *w)
{
	struct klb_err err;

	if (!c->run && exec_start(&c->run, c->event, c->k, c->conf->exec_us,
				  exec_done, c, &err)) {
		w->cb(NULL, err.text, w->arg);
		return;
	}
	w->next = c->waits;
	c->waits = w;
}

void cred_get(struct cred *c, struct cred_wait *w)
{
	struct klb_err err;

	if (c->k->exec.command && !usable(c))
		wait_for_exec(c, w);
	else if (c->k->token_file && fresh_token(c, &err))
		w->cb(NULL, err.text, w->arg);
	else
		hand_on(c, w);
}

void cred_cancel(struct cred *c, struct cred_wait *w)
{
	struct cred_wait **p;

	for (p = &c->waits; *p; p = &(*p)->next) {
		if (*p == w) {
			*p = w->next;
			return;
		}
	}
}

bool cred_refused(struct cred *c, unsigned int generation)
{
	struct klb_err err;

	if (generation != c->generation)
		return true;
	if (c->k->exec.command) {
		c->stale = true;
		return true;
	}
	if (c->k->token_file && !read_token(c, &err))
		c->read_at = now_us(c);
	return generation != c->generation;
}

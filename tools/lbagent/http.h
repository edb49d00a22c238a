/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LBAGENT_HTTP_H
#define LBAGENT_HTTP_H

#include <stdint.h>

#include <systemd/sd-event.h>

#include "cred.h"
#include "kubeconfig.h"

/* Requests to the apiservers of a kubeconfig. */
struct http;
struct http_req;

struct http_conf {
	long connect_ms;
	long user_timeout_ms;	/* sent and not acknowledged: a dead peer */
	uint64_t idle_us;	/* not a byte came: a dead peer */
};

extern const struct http_conf http_default;

struct http_result {
	long status;		/* 0: there was no answer */
	int rc;			/* -errno; 0: the answer came in whole */
	uint64_t retry_after_us;	/* 0: not said */
	const char *body;	/* the begin of it, unless status is 2xx */
	size_t body_len;
	struct klb_err err;	/* if rc, or status is not 2xx */
};

struct http_ops {
	/*
	 * A piece of the body of a 2xx. -errno gives up, and is then the rc of
	 * the result. No request may be begun or cancelled in here. NULL where
	 * the status is enough.
	 */
	int (*data)(const char *data, size_t len, void *arg);
	/* The request is over and freed. */
	void (*done)(const struct http_result *res, void *arg);
};

/* All that it is given must outlive it. -errno with a sentence. */
int http_new(struct http **out, sd_event *event, const struct kubeconfig *k,
	     struct cred *cred, const struct http_conf *conf,
	     struct klb_err *err);

/* Cancels what is under way. */
void http_free(struct http *h);

/*
 * @path has its query with it. An apiserver that cannot be reached makes way
 * for the next one, until all were tried; a 401 is asked once more if there
 * are other credentials. NULL when out of memory; ops->done() is always called
 * later, and not after http_cancel().
 */
struct http_req *http_get(struct http *h, const char *path,
			  const struct http_ops *ops, void *arg);

struct http_send {
	const char *method;	/* these two outlive the request */
	const char *type;	/* Content-Type */
	const char *text;	/* the body; it is copied */
};

/*
 * As http_get(). An apiserver that did not answer may have done it before the
 * next one is asked, so @what must do no harm when it comes twice.
 */
struct http_req *http_send(struct http *h, const char *path,
			   const struct http_send *what,
			   const struct http_ops *ops, void *arg);
void http_cancel(struct http_req *r);

#endif

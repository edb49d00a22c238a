// SPDX-License-Identifier: GPL-2.0
#include "http.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "easy.h"
#include "sockets.h"

#define BODY_CAP	4096

const struct http_conf http_default = {
	.connect_ms = 3000,
	.user_timeout_ms = 10000,
	.idle_us = 90000000,
};

struct http {
	const struct kubeconfig *k;
	struct cred *cred;
	const struct http_conf *conf;
	struct sockets sockets;
	size_t server;		/* the one to be asked */
	struct http_req *reqs;
};

struct http_req {
	struct http *h;
	struct http_req *next;
	const struct http_ops *ops;
	void *arg;
	char *path;
	struct http_send what;	/* without a method: GET */
	char *text;
	struct easy easy;
	bool in_multi;
	struct cred_wait wait;
	unsigned int generation;	/* of the credentials */
	size_t server;
	size_t tried;		/* servers that did not answer */
	bool again;		/* after a 401 */
	bool failed;		/* the timer is to say so */
	sd_event_source *timer;
	uint64_t heard;		/* when the last byte came */
	struct http_result res;
	char body[BODY_CAP];
};

static void start(struct http_req *r);

static uint64_t now_us(struct http_req *r)
{
	uint64_t t = 0;

	sd_event_now(r->h->sockets.event, CLOCK_MONOTONIC, &t);
	return t;
}

/* ---- the end of a request */

static void stop_transfer(struct http_req *r)
{
	if (r->in_multi)
		curl_multi_remove_handle(r->h->sockets.multi, r->easy.curl);
	r->in_multi = false;
	easy_fini(&r->easy);
}

static void free_req(struct http_req *r)
{
	sd_event_source_disable_unref(r->timer);
	free(r->path);
	free(r->text);
	free(r);
}

void http_cancel(struct http_req *r)
{
	struct http_req **p;

	if (!r)
		return;
	for (p = &r->h->reqs; *p != r; p = &(*p)->next)
		;
	*p = r->next;
	cred_cancel(r->h->cred, &r->wait);
	stop_transfer(r);
	free_req(r);
}

static void finish(struct http_req *r)
{
	const struct http_ops *ops = r->ops;
	struct http_result res = r->res;
	char body[BODY_CAP];
	void *arg = r->arg;

	memcpy(body, r->body, res.body_len);
	res.body = body;
	http_cancel(r);
	ops->done(&res, arg);
}

/* From where the caller must not be called back at once. */
static void fail_later(struct http_req *r, int rc, const char *why)
{
	r->failed = true;
	r->res.rc = klb_err_set(&r->res.err, rc, "%s", why);
	sd_event_source_set_time_relative(r->timer, 0);
	sd_event_source_set_enabled(r->timer, SD_EVENT_ONESHOT);
}

/* The next request goes to another server, if another was not faster. */
static void leave_server(struct http_req *r)
{
	struct http *h = r->h;

	if (h->server == r->server)
		h->server = (h->server + 1) % h->k->n_servers;
}

static const char *server_of(const struct http_req *r)
{
	return r->h->k->servers[r->server];
}

/* ---- the answer */

static bool is_good(long status)
{
	return status >= 200 && status < 300;
}

static void keep_body(struct http_req *r, const char *data, size_t len)
{
	size_t left = BODY_CAP - r->res.body_len;

	if (len > left)
		len = left;
	memcpy(r->body + r->res.body_len, data, len);
	r->res.body_len += len;
}

static size_t on_data(char *data, size_t size, size_t n, void *arg)
{
	struct http_req *r = arg;
	long status = 0;
	int rc;

	r->heard = now_us(r);
	curl_easy_getinfo(r->easy.curl, CURLINFO_RESPONSE_CODE, &status);
	if (!is_good(status)) {
		keep_body(r, data, size * n);
		return size * n;
	}
	rc = r->ops->data ? r->ops->data(data, size * n, r->arg) : 0;
	if (!rc)
		return size * n;
	r->res.rc = rc;
	return CURL_WRITEFUNC_ERROR;
}

static void note_answer(struct http_req *r)
{
	curl_off_t wait = 0;

	curl_easy_getinfo(r->easy.curl, CURLINFO_RESPONSE_CODE,
			  &r->res.status);
	curl_easy_getinfo(r->easy.curl, CURLINFO_RETRY_AFTER, &wait);
	if (wait > 0)
		r->res.retry_after_us = wait < UINT32_MAX ?
					wait * 1000000ull : UINT64_MAX;
}

static void note_fault(struct http_req *r, CURLcode code)
{
	const char *why = r->easy.fault;

	if (r->res.rc) {
		klb_err_set(&r->res.err, r->res.rc, "%.256s: the answer was not wanted: %s",
			    server_of(r), strerror(-r->res.rc));
		return;
	}
	if (!*why)
		why = curl_easy_strerror(code);
	r->res.rc = code == CURLE_OUT_OF_MEMORY ? -ENOMEM : -EIO;
	klb_err_set(&r->res.err, r->res.rc, "%.256s: %.200s", server_of(r),
		    why);
}

static void start_anew(struct http_req *r)
{
	stop_transfer(r);
	r->res = (struct http_result){ 0 };
	r->server = r->h->server;
	start(r);
}

static bool try_again(struct http_req *r)
{
	struct http *h = r->h;

	if (r->res.status == 401 && !r->again &&
	    cred_refused(h->cred, r->generation)) {
		r->again = true;
		return true;
	}
	if (!r->res.status && ++r->tried < h->k->n_servers)
		return true;
	return false;
}

static void on_done(CURL *curl, CURLcode code)
{
	struct http_req *r;

	curl_easy_getinfo(curl, CURLINFO_PRIVATE, (char **)&r);
	r->in_multi = false;
	note_answer(r);
	if (code)
		note_fault(r, code);
	else if (!is_good(r->res.status))
		klb_err_set(&r->res.err, 0, "%.256s: status %ld", server_of(r),
			    r->res.status);
	/* No answer, or one that says that it cannot answer. */
	if (!r->res.status || r->res.status >= 500)
		leave_server(r);
	if (try_again(r))
		start_anew(r);
	else
		finish(r);
}

/* ---- the begin of a request */

static int on_timer(sd_event_source *s, uint64_t usec, void *arg)
{
	struct http_req *r = arg;
	uint64_t idle = r->h->conf->idle_us, silent = now_us(r) - r->heard;

	if (!r->failed && silent < idle) {
		sd_event_source_set_time_relative(s, idle - silent);
		sd_event_source_set_enabled(s, SD_EVENT_ONESHOT);
		return 0;
	}
	if (!r->failed) {
		note_answer(r);
		r->res.rc = klb_err_set(&r->res.err, -ETIMEDOUT,
					"%.256s: not a byte came for %llu ms",
					server_of(r), idle / 1000ull);
		leave_server(r);
	}
	finish(r);
	return 0;
}

static void arm(struct http_req *r)
{
	r->heard = now_us(r);
	sd_event_source_set_time_relative(r->timer, r->h->conf->idle_us);
	sd_event_source_set_enabled(r->timer, SD_EVENT_ONESHOT);
}

static int transfer(struct http_req *r, const struct cred_now *cred,
		    struct klb_err *err)
{
	struct easy_target t = {
		.k = r->h->k, .conf = r->h->conf, .server = server_of(r),
		.path = r->path, .what = &r->what, .cred = cred,
	};
	int rc = easy_init(&r->easy, &t, err);

	if (rc)
		return rc;
	curl_easy_setopt(r->easy.curl, CURLOPT_PRIVATE, r);
	curl_easy_setopt(r->easy.curl, CURLOPT_WRITEFUNCTION, on_data);
	curl_easy_setopt(r->easy.curl, CURLOPT_WRITEDATA, r);
	if (curl_multi_add_handle(r->h->sockets.multi, r->easy.curl))
		return klb_err_set(err, -ENOMEM, "cannot begin a request");
	r->in_multi = true;
	arm(r);
	return 0;
}

static void on_cred(const struct cred_now *cred, const char *why, void *arg)
{
	struct http_req *r = arg;
	struct klb_err err;
	int rc;

	if (!cred) {
		fail_later(r, -EACCES, why);
		return;
	}
	r->generation = cred->generation;
	rc = transfer(r, cred, &err);
	if (rc)
		fail_later(r, rc, err.text);
}

/* The plug-in has a time-out of its own. */
static void start(struct http_req *r)
{
	sd_event_source_set_enabled(r->timer, SD_EVENT_OFF);
	cred_get(r->h->cred, &r->wait);
}

static int copy_what(struct http_req *r, const struct http_send *what)
{
	if (!what)
		return 0;
	r->what = *what;
	r->text = strdup(what->text);
	r->what.text = r->text;
	return r->text ? 0 : -ENOMEM;
}

struct http_req *http_send(struct http *h, const char *path,
			   const struct http_send *what,
			   const struct http_ops *ops, void *arg)
{
	struct http_req *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	r->h = h;
	r->ops = ops;
	r->arg = arg;
	r->server = h->server;
	r->wait = (struct cred_wait){ .cb = on_cred, .arg = r };
	r->path = strdup(path);
	if (!r->path || copy_what(r, what) ||
	    sd_event_add_time_relative(h->sockets.event, &r->timer,
				       CLOCK_MONOTONIC, 0, 10000, on_timer,
				       r) < 0) {
		free_req(r);
		return NULL;
	}
	r->next = h->reqs;
	h->reqs = r;
	start(r);
	return r;
}

struct http_req *http_get(struct http *h, const char *path,
			  const struct http_ops *ops, void *arg)
{
	return http_send(h, path, NULL, ops, arg);
}

/* ---- */

int http_new(struct http **out, sd_event *event, const struct kubeconfig *k,
	     struct cred *cred, const struct http_conf *conf,
	     struct klb_err *err)
{
	struct http *h = calloc(1, sizeof(*h));

	if (!h)
		return klb_err_set(err, -ENOMEM, "out of memory");
	*h = (struct http){ .k = k, .cred = cred, .conf = conf };
	if (curl_global_init(CURL_GLOBAL_DEFAULT) ||
	    sockets_init(&h->sockets, event, on_done) < 0) {
		free(h);
		return klb_err_set(err, -EIO, "cannot set up libcurl");
	}
	*out = h;
	return 0;
}

void http_free(struct http *h)
{
	if (!h)
		return;
	while (h->reqs)
		http_cancel(h->reqs);
	sockets_fini(&h->sockets);
	curl_global_cleanup();
	free(h);
}

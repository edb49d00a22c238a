// SPDX-License-Identifier: GPL-2.0
#include "easy.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* Collects the first fault, so that the options can stand one a line. */
struct setting {
	CURL *curl;
	CURLcode rc;
};

static void set_long(struct setting *s, CURLoption o, long value)
{
	if (!s->rc)
		s->rc = curl_easy_setopt(s->curl, o, value);
}

static void set_ptr(struct setting *s, CURLoption o, const void *value)
{
	if (!s->rc)
		s->rc = curl_easy_setopt(s->curl, o, value);
}

static void set_pem(struct setting *s, const struct pem *p, CURLoption file,
		    CURLoption blob)
{
	struct curl_blob b = { .data = p->data, .len = p->len,
			       .flags = CURL_BLOB_COPY };

	set_ptr(s, p->data ? blob : file, p->data ? (void *)&b : p->path);
}

/* A peer that is gone does not acknowledge; keepalive asks an idle one. */
static int on_socket(void *arg, curl_socket_t fd, curlsocktype purpose)
{
	const struct http_conf *conf = arg;
	unsigned int ms = conf->user_timeout_ms;

	setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &ms, sizeof(ms));
	return CURL_SOCKOPT_OK;
}

static void set_tcp(struct setting *s, const struct http_conf *conf)
{
	set_long(s, CURLOPT_CONNECTTIMEOUT_MS, conf->connect_ms);
	set_long(s, CURLOPT_TCP_KEEPALIVE, 1);
	set_long(s, CURLOPT_TCP_KEEPIDLE, 5);
	set_long(s, CURLOPT_TCP_KEEPINTVL, 3);
	set_ptr(s, CURLOPT_SOCKOPTFUNCTION, on_socket);
	set_ptr(s, CURLOPT_SOCKOPTDATA, conf);
	/* A kept one may be dead, or belong to who we were before. */
	set_long(s, CURLOPT_FRESH_CONNECT, 1);
	set_long(s, CURLOPT_FORBID_REUSE, 1);
	set_long(s, CURLOPT_NOSIGNAL, 1);
}

static void set_tls(struct setting *s, const struct kubeconfig *k,
		    const struct cred_now *cred)
{
	set_long(s, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2);
	set_long(s, CURLOPT_SSL_VERIFYPEER, !k->insecure);
	set_long(s, CURLOPT_SSL_VERIFYHOST, k->insecure ? 0 : 2);
	if (pem_given(&k->ca)) {
		/* This one in place of those of the system. */
		set_ptr(s, CURLOPT_CAPATH, NULL);
		set_ptr(s, CURLOPT_CAINFO, NULL);
		set_pem(s, &k->ca, CURLOPT_CAINFO, CURLOPT_CAINFO_BLOB);
	}
	if (cred->cert) {
		set_pem(s, cred->cert, CURLOPT_SSLCERT, CURLOPT_SSLCERT_BLOB);
		set_pem(s, cred->key, CURLOPT_SSLKEY, CURLOPT_SSLKEY_BLOB);
	}
}

static void set_user(struct setting *s, const struct cred_now *cred)
{
	if (cred->token) {
		set_long(s, CURLOPT_HTTPAUTH, CURLAUTH_BEARER);
		set_ptr(s, CURLOPT_XOAUTH2_BEARER, cred->token);
	} else if (cred->username) {
		set_long(s, CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
		set_ptr(s, CURLOPT_USERNAME, cred->username);
		set_ptr(s, CURLOPT_PASSWORD, cred->password);
	}
}

static int add(struct curl_slist **list, const char *text)
{
	struct curl_slist *l = curl_slist_append(*list, text);

	if (!l)
		return -ENOMEM;
	*list = l;
	return 0;
}

/*
 * The name in the certificate is another than where to go: the URL takes the
 * former, as TLS goes by it, and is led to the latter.
 */
static int other_name(struct easy *e, CURLU *u, const char *name)
{
	char *host = NULL, *port = NULL, text[1024];
	int rc = -ENOMEM;

	if (curl_url_get(u, CURLUPART_HOST, &host, 0) ||
	    curl_url_get(u, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT))
		goto out;
	snprintf(text, sizeof(text), "::%s:%s", host, port);
	rc = add(&e->connect_to, text);
	snprintf(text, sizeof(text), "Host: %s:%s", host, port);
	if (!rc)
		rc = add(&e->headers, text);
	if (!rc && curl_url_set(u, CURLUPART_HOST, name, 0))
		rc = -EINVAL;
out:
	curl_free(host);
	curl_free(port);
	return rc;
}

static int set_url(struct easy *e, struct setting *s,
		   const struct easy_target *t)
{
	CURLU *u = curl_url();
	char *url = NULL;
	int rc = -ENOMEM;

	if (asprintf(&url, "%s%s", t->server, t->path) < 0)
		url = NULL;
	if (u && url)
		rc = curl_url_set(u, CURLUPART_URL, url, 0) ? -EINVAL : 0;
	if (!rc && t->k->tls_server_name)
		rc = other_name(e, u, t->k->tls_server_name);
	free(url);
	url = NULL;
	if (!rc && curl_url_get(u, CURLUPART_URL, &url, 0))
		rc = -ENOMEM;
	if (!rc)
		set_ptr(s, CURLOPT_URL, url);
	curl_free(url);
	curl_url_cleanup(u);
	return rc;
}

static int set_what(struct easy *e, struct setting *s,
		    const struct http_send *what)
{
	char text[128];

	if (!what->method)
		return 0;
	set_ptr(s, CURLOPT_CUSTOMREQUEST, what->method);
	set_long(s, CURLOPT_POSTFIELDSIZE, strlen(what->text));
	set_ptr(s, CURLOPT_POSTFIELDS, what->text);
	snprintf(text, sizeof(text), "Content-Type: %s", what->type);
	return add(&e->headers, text);
}

static int set_all(struct easy *e, struct setting *s,
		   const struct easy_target *t)
{
	int rc = add(&e->headers, "Accept: application/json");

	if (!rc)
		rc = set_url(e, s, t);
	if (!rc)
		rc = set_what(e, s, t->what);
	if (rc)
		return rc;
	set_long(s, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
	set_ptr(s, CURLOPT_PROTOCOLS_STR, "http,https");
	set_ptr(s, CURLOPT_USERAGENT, "lbagent");
	set_ptr(s, CURLOPT_HTTPHEADER, e->headers);
	set_ptr(s, CURLOPT_CONNECT_TO, e->connect_to);
	set_ptr(s, CURLOPT_ERRORBUFFER, e->fault);
	if (t->k->proxy_url)
		set_ptr(s, CURLOPT_PROXY, t->k->proxy_url);
	set_tcp(s, t->conf);
	set_tls(s, t->k, t->cred);
	set_user(s, t->cred);
	return s->rc ? -EINVAL : 0;
}

int easy_init(struct easy *e, const struct easy_target *t,
	      struct klb_err *err)
{
	struct setting s = { .rc = CURLE_OK };
	int rc = -ENOMEM;

	*e = (struct easy){ .curl = curl_easy_init() };
	s.curl = e->curl;
	if (e->curl)
		rc = set_all(e, &s, t);
	if (!rc)
		return 0;
	klb_err_set(err, rc, "cannot make a request of %.256s: %s", t->server,
		    s.rc ? curl_easy_strerror(s.rc) : strerror(-rc));
	easy_fini(e);
	return rc;
}

void easy_fini(struct easy *e)
{
	curl_easy_cleanup(e->curl);
	curl_slist_free_all(e->headers);
	curl_slist_free_all(e->connect_to);
	*e = (struct easy){ .curl = NULL };
}

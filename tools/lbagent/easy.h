/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LBAGENT_EASY_H
#define LBAGENT_EASY_H

#include <curl/curl.h>

#include "http.h"

/* A transfer and what must live as long as it. */
struct easy {
	CURL *curl;
	struct curl_slist *headers;
	struct curl_slist *connect_to;
	char fault[CURL_ERROR_SIZE];
};

struct easy_target {
	const struct kubeconfig *k;
	const struct http_conf *conf;
	const char *server;
	const char *path;
	const struct http_send *what;	/* its text must outlive the transfer */
	const struct cred_now *cred;
};

/* All but where the answer goes. 0 or -errno with a sentence. */
int easy_init(struct easy *e, const struct easy_target *t,
	      struct klb_err *err);
void easy_fini(struct easy *e);

#endif

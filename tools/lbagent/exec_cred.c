// SPDX-License-Identifier: GPL-2.0
#include "exec_cred.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <jansson.h>

void exec_cred_free(struct exec_cred *c)
{
	if (c->token)
		explicit_bzero(c->token, strlen(c->token));
	free(c->token);
	pem_free(&c->cert);
	pem_free(&c->key);
	*c = (struct exec_cred){ 0 };
}

/* Z or +01:00, as seconds to take away. */
static int zone(const char *p, int *out)
{
	int h, m, n = 0;

	*out = 0;
	if (!strcmp(p, "Z") || !strcmp(p, "z"))
		return 0;
	if (*p != '+' && *p != '-')
		return -EINVAL;
	if (sscanf(p + 1, "%2d:%2d%n", &h, &m, &n) != 2 || n != 5 || p[6])
		return -EINVAL;
	if (h < 0 || h > 23 || m < 0 || m > 59)
		return -EINVAL;
	*out = (h * 60 + m) * 60 * (*p == '-' ? -1 : 1);
	return 0;
}

int exec_cred_time(const char *text, int64_t *out)
{
	struct tm tm = { 0 };
	const char *p = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);
	int offset;

	if (!p)
		return -EINVAL;
	if (*p == '.')
		p += 1 + strspn(p + 1, "0123456789");
	if (zone(p, &offset))
		return -EINVAL;
	*out = timegm(&tm) - offset;
	return 0;
}

static int get_pem(json_t *status, const char *key, struct pem *out)
{
	const char *text = json_string_value(json_object_get(status, key));

	if (!text || !*text)
		return 0;
	out->data = strdup(text);
	out->len = strlen(text);
	return out->data ? 0 : -ENOMEM;
}

static int get_token(json_t *status, char **out, struct klb_err *err)
{
	const char *text = json_string_value(json_object_get(status, "token"));
	const char *p;

	if (!text || !*text)
		return 0;
	/* It becomes a part of a header line. */
	for (p = text; *p; p++) {
		if (*p <= ' ' || *p > '~')
			return klb_err_set(err, -EINVAL,
					   "the token of the plug-in has a byte that cannot be sent");
	}
	*out = strdup(text);
	return *out ? 0 : klb_err_set(err, -ENOMEM, "out of memory");
}

static int get_expiry(json_t *status, int64_t *out, struct klb_err *err)
{
	json_t *v = json_object_get(status, "expirationTimestamp");

	if (!v || json_is_null(v))
		return 0;
	if (!json_is_string(v) || exec_cred_time(json_string_value(v), out))
		return klb_err_set(err, -EINVAL,
				   "the plug-in's expirationTimestamp is no time");
	return 0;
}

static int take(struct exec_cred *c, json_t *status, struct klb_err *err)
{
	int rc = get_token(status, &c->token, err);

	if (!rc)
		rc = get_expiry(status, &c->expires, err);
	if (rc)
		return rc;
	if (get_pem(status, "clientCertificateData", &c->cert) ||
	    get_pem(status, "clientKeyData", &c->key))
		return klb_err_set(err, -ENOMEM, "out of memory");
	if (pem_given(&c->cert) != pem_given(&c->key))
		return klb_err_set(err, -EINVAL,
				   "the plug-in gives a certificate or a key, but not both");
	if (!c->token && !pem_given(&c->cert))
		return klb_err_set(err, -EINVAL,
				   "the plug-in gives neither a token nor a certificate");
	return 0;
}

static int check(json_t *root, const char *api_version, struct klb_err *err)
{
	const char *kind, *version;

	kind = json_string_value(json_object_get(root, "kind"));
	version = json_string_value(json_object_get(root, "apiVersion"));
	if (!kind || strcmp(kind, "ExecCredential"))
		return klb_err_set(err, -EINVAL,
				   "the plug-in does not print an ExecCredential");
	if (!version || strcmp(version, api_version))
		return klb_err_set(err, -EINVAL,
				   "the plug-in prints apiVersion \"%.64s\", want \"%s\"",
				   version ? version : "", api_version);
	return 0;
}

int exec_cred_parse(struct exec_cred *c, const char *text, size_t len,
		    const char *api_version, struct klb_err *err)
{
	json_error_t why;
	json_t *root = json_loadb(text, len, 0, &why);
	int rc;

	if (!root)
		return klb_err_set(err, -EINVAL,
				   "the plug-in does not print JSON: line %d: %.128s",
				   why.line, why.text);
	rc = check(root, api_version, err);
	if (!rc)
		rc = take(c, json_object_get(root, "status"), err);
	json_decref(root);
	if (rc)
		exec_cred_free(c);
	return rc;
}

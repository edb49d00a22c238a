// SPDX-License-Identifier: GPL-2.0
/* The reflector against tests/unit/fake_apiserver.py, whose scripts it names. */
#include "test.h"

#include <sys/stat.h>

#include "apiserver.h"
#include "watch.h"

static const struct watch_conf conf = {
	.backoff = { 20000, 100000, 120000000 },
	.away = { 20000, 100000, 120000000 },
	.short_us = 500000, .retry_after_us = 300000,
	.timeout_s = 300, .line_cap = 1000,
};
static const struct http_conf http_conf = { 2000, 2000, 400000 };

static char dir[64] = "/tmp/klb-watch-XXXXXX";
static struct apiserver servers[2];	/* without and with TLS */

struct run {
	char log[512];
	char why[2048];
	int failures;
	const char *want;
	void (*put)(json_t *o, void *arg);
	sd_event *event;
};

static void say(struct run *r, const char *what, json_t *o)
{
	json_t *meta = json_object_get(o, "metadata");
	size_t n = strlen(r->log);

	assert_null(json_object_get(meta, "managedFields"));
	snprintf(r->log + n, sizeof(r->log) - n, "%s%s%s", n ? " " : "", what,
		 o ? json_string_value(json_object_get(meta, "name")) : "");
	/* A little longer, for what must not come. */
	if (!strcmp(r->log, r->want))
		sd_event_add_time_relative(r->event, NULL, CLOCK_MONOTONIC,
					   60000, 1000, NULL, (void *)0);
}

static void on_begin(void *arg) { say(arg, "[", NULL); }
static void on_end(void *arg) { say(arg, "]", NULL); }
static void on_put(json_t *o, void *arg) { say(arg, "+", o); }
static void on_gone(json_t *o, void *arg) { say(arg, "-", o); }

static void on_failed(const char *why, void *arg)
{
	struct run *r = arg;

	strncat(r->why, why, sizeof(r->why) - strlen(r->why) - 2);
	strcat(r->why, "\n");
	r->failures++;
	/* what is wanted does not come any more */
	if (!*r->want || r->failures > 9)
		sd_event_exit(r->event, 0);
}

static const struct watch_ops ops = {
	on_begin, on_end, on_put, on_gone, on_failed,
};

/* Runs until the log is @want; "" is until the first failure. */
static void run_with(struct kubeconfig *k, struct run *r)
{
	static const struct query q = { "/r", "!a/b", NULL };
	struct watch_ops of_run = ops;
	struct klb_err err;
	struct cred *cred;
	struct http *http;
	struct watch *w;

	assert_true(sd_event_new(&r->event) >= 0);
	cred = cred_new(r->event, k, &cred_default);
	assert_int_equal(http_new(&http, r->event, k, cred, &http_conf, &err), 0);
	if (r->put)
		of_run.put = r->put;
	w = watch_new(r->event, http, &q, &conf, &of_run, r);
	sd_event_add_time_relative(r->event, NULL, CLOCK_MONOTONIC, 4000000,
				   1000, NULL, (void *)1);
	sd_event_loop(r->event);
	watch_free(w);
	http_free(http);
	cred_free(cred);
	sd_event_unref(r->event);
	if (strcmp(r->log, r->want))
		fail_msg("<%s>, want <%s>; %s", r->log, r->want, r->why);
	kubeconfig_free(k);
}

static void add_server(struct kubeconfig *k, bool tls, const char *script)
{
	struct klb_err err;
	char url[128];

	snprintf(url, sizeof(url), "http%s://127.0.0.1:%d/%s", tls ? "s" : "",
		 servers[tls].port, script);
	assert_int_equal(kubeconfig_add_server(k, url, false, &err), 0);
}

static const struct {
	const char *script, *want, *why;
	int failures;
} scripts[] = {
	{ "normal", "[ +a ] +b +a -b", "", 0 },
	{ "chunks", "[ ] +b +b", "", 0 },
	{ "bookmark", "[ ] +b", "", 0 },
	{ "eof", "[ ] +b +c", "", 0 },
	{ "atonce", "[ ] +b", "ended at once", 1 },
	{ "gone", "[ +a ] [ +b ]", "410 Gone", 1 },
	{ "expired", "[ +a ] +b [ +b ]", "410 Expired", 1 },
	{ "quorum", "[ ] [ +q ]", "410 Expired", 1 },
	{ "toolarge", "[ ] [ +q ]", "410 Expired", 1 },
	{ "busy", "[ ] +b", "429 TooManyRequests", 1 },
	{ "dead", "[ ] [ ] +b", "not a byte came for 400 ms", 1 },
	{ "overflow", "[ ] [ +b ]", "a line is too long", 1 },
	{ "garbage", "[ ] [ +b ]", "not JSON", 1 },
	{ "cut", "[ ] +b [ +b ]", "watch of /r", 1 },
	{ "part", "[ [ +a ]", "not all of it", 1 },
	{ "brokenlist", "[ +a [ +a +b ] +c", "list of /r", 1 },
	{ "badlist", "[ +a [ +a +b ]", "an item is no object", 1 },
};

static void test_scripts(void **state)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(scripts); i++) {
		struct run r = { .want = scripts[i].want };
		struct kubeconfig k = { 0 };

		add_server(&k, false, scripts[i].script);
		run_with(&k, &r);
		if (r.failures != scripts[i].failures ||
		    !strstr(r.why, scripts[i].why))
			fail_msg("%s: %d failures: %s", scripts[i].script,
				 r.failures, r.why);
	}
}

static void in_dir(char **out, const char *name)
{
	assert_true(asprintf(out, "%s/%s", dir, name) > 0);
}

static void test_refused(void **state)
{
	struct kubeconfig k = { 0 };
	struct klb_err err;
	struct run r = { .want = "" };

	kubeconfig_add_server(&k, "http://127.0.0.1:1", true, &err);
	run_with(&k, &r);
	assert_non_null(strstr(r.why, "127.0.0.1:1"));
}

/* Nothing is let through that the given authority did not sign. */
static void test_wrong_ca(void **state)
{
	struct kubeconfig k = { 0 };
	struct run r = { .want = "" };

	add_server(&k, true, "normal");
	in_dir(&k.ca.path, "other.crt");
	run_with(&k, &r);
	assert_non_null(strstr(r.why, "certificate"));
}

static int set_up(void **state)
{
	char command[512];

	unsetenv("http_proxy");
	unsetenv("https_proxy");
	if (!mkdtemp(dir))
		return -1;
	snprintf(command, sizeof(command),
		 "cd %s && for n in own other; do openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=$n -addext subjectAltName=IP:127.0.0.1 -keyout $n.key -out $n.crt 2>/dev/null; done",
		 dir);
	if (system(command))
		return -1;
	return apiserver_start(&servers[0], dir, "") ||
	       apiserver_start(&servers[1], dir, "own.crt own.key");
}

static int tear_down(void **state)
{
	char command[128];

	apiserver_stop(&servers[0]);
	apiserver_stop(&servers[1]);
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	return system(command);
}

static void put_file(const char *name, const char *text, int mode)
{
	char *path;
	FILE *f;

	in_dir(&path, name);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	chmod(path, mode);
	free(path);
}

/* The file changes once the list is there; the server then wants the new one. */
static void rotate(json_t *o, void *arg)
{
	put_file("token", "two\n", 0600);
	on_put(o, arg);
}

static void test_token(void **state)
{
	struct run r = { .want = "[ +a ] +b", .put = rotate };
	struct kubeconfig k = { 0 };

	put_file("token", "one\n", 0600);
	add_server(&k, true, "token");
	in_dir(&k.ca.path, "own.crt");
	in_dir(&k.token_file, "token");
	run_with(&k, &r);
	assert_int_equal(r.failures, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_scripts),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_wrong_ca),
		cmocka_unit_test(test_token),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}

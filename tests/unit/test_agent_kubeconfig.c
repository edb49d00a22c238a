// SPDX-License-Identifier: GPL-2.0
#include "test.h"

#include <errno.h>
#include <unistd.h>

#include "kubeconfig.h"

static char dir[64] = "/tmp/klb-kubeconfig-XXXXXX";
static char path[80];

static void write_file(const char *name, const char *text)
{
	char full[128];
	FILE *f;

	snprintf(full, sizeof(full), "%s/%s", dir, name);
	f = fopen(full, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static int read_text(struct kubeconfig *k, const char *text,
		     struct klb_err *err)
{
	write_file("config", text);
	*k = (struct kubeconfig){ 0 };
	return kubeconfig_read(k, path, err);
}

static void expect_good(struct kubeconfig *k, const char *text)
{
	struct klb_err err;

	if (read_text(k, text, &err))
		fail_msg("%s", err.text);
}

#define HEAD	"apiVersion: v1\nkind: Config\ncurrent-context: c\n" \
		"contexts:\n- name: b\n  context: {}\n" \
		"- name: c\n  context: {cluster: k, user: u, namespace: n}\n"
#define CLUSTER(x)	"clusters:\n- name: k\n  cluster: {" x "}\n"
#define USER(x)		"users:\n- name: u\n  user: {" x "}\n"
#define SERVER		"server: 'https://a:6443'"

static void test_full(void **state)
{
	char want[128];
	struct kubeconfig k;

	expect_good(&k, HEAD CLUSTER("server: 'https://[::1]:6443/x/', tls-server-name: api, "
		"certificate-authority: pki/ca.crt, proxy-url: 'http://p:3128', "
		"insecure-skip-tls-verify: false, extensions: [{a: [b]}]")
		USER("client-certificate-data: Zm9v, client-key: /etc/key, client-certificate: x, "
		     "tokenFile: tok, token: t"));
	assert_int_equal(k.n_servers, 1);
	assert_string_equal(k.servers[0], "https://[::1]:6443/x");
	assert_string_equal(k.tls_server_name, "api");
	assert_string_equal(k.proxy_url, "http://p:3128");
	assert_false(k.insecure);
	snprintf(want, sizeof(want), "%s/pki/ca.crt", dir);
	assert_string_equal(k.ca.path, want);
	assert_string_equal(k.cert.data, "foo");
	assert_int_equal(k.cert.len, 3);
	assert_null(k.cert.path);
	assert_string_equal(k.key.path, "/etc/key");
	snprintf(want, sizeof(want), "%s/tok", dir);
	assert_string_equal(k.token_file, want);
	assert_string_equal(k.token, "t");
	assert_string_equal(k.namespace, "n");
	kubeconfig_free(&k);
}

static void test_exec(void **state)
{
	char want[128];
	struct kubeconfig k;

	expect_good(&k, HEAD CLUSTER(SERVER)
		USER("exec: {apiVersion: client.authentication.k8s.io/v1, command: ./get, "
		     "args: [a, '', \"b\\nc\"], env: [{name: N, value: v}, {name: E}], "
		     "provideClusterInfo: true, interactiveMode: IfAvailable, installHint: do}"));
	snprintf(want, sizeof(want), "%s/./get", dir);
	assert_string_equal(k.exec.command, want);
	assert_string_equal(k.exec.argv[0], want);
	assert_string_equal(k.exec.argv[2], "");
	assert_string_equal(k.exec.argv[3], "b\nc");
	assert_null(k.exec.argv[4]);
	assert_int_equal(k.exec.n_env, 2);
	assert_string_equal(k.exec.env[0].value, "v");
	assert_string_equal(k.exec.env[1].value, "");
	assert_true(k.exec.cluster_info);
	kubeconfig_free(&k);

	expect_good(&k, HEAD CLUSTER(SERVER)
		USER("exec: {apiVersion: client.authentication.k8s.io/v1beta1, command: get}"));
	assert_string_equal(k.exec.command, "get");
	assert_null(k.exec.argv[1]);
	kubeconfig_free(&k);
}

/* Null and empty are not there; kubectl and kind write such files. */
static void test_absent(void **state)
{
	struct kubeconfig k;

	expect_good(&k, "current-context: c\ncontexts: [{name: c, context: {cluster: k, user: ''}}]\n"
		    CLUSTER("server: 'http://a', certificate-authority-data: null, proxy-url: ~, "
			    "tls-server-name: ''"));
	assert_false(pem_given(&k.ca));
	assert_null(k.proxy_url);
	assert_null(k.tls_server_name);
	kubeconfig_free(&k);
	expect_good(&k, HEAD CLUSTER(SERVER ", insecure-skip-tls-verify: true")
		    "users: [{name: u}]\n");
	assert_true(k.insecure);
	kubeconfig_free(&k);
}

static const struct {
	const char *text;
	const char *want;	/* behind the path */
} bad[] = {
	{ "", ":1: the file is empty" },
	{ "[]\n", ":1: expected names and values, for current-context" },
	{ "text\n", ":1: expected names and values" },
	{ "a: [\n", ":2: did not find expected node content" },
	{ "a: b\n\tc: d\n", ":2: found a tab character" },
	{ "a: &x [*x]\n", ":1: there is no current-context" },
	{ "a: 1\ncurrent-context: c\n", ":1: no item of contexts has the name \"c\"" },
	{ "current-context: [c]\n", ":1: current-context: expected a text" },
	{ "current-context: \"c\\0d\"\n", ":1: current-context has a NUL byte" },
	{ "current-context: c\ncontexts: 7\n", ":2: contexts: expected a list" },
	{ "current-context: c\ncontexts: [7]\n", ":2: expected names and values, for name" },
	{ "current-context: c\ncontexts: [{name: c}]\n", ":1: the context has no cluster" },
	{ "current-context: c\ncontexts: &x [{name: c, context: *x}]\n",
	  ":2: expected names and values, for cluster" },
	{ "current-context: c\na: b\ncurrent-context: d\n", ":3: current-context is there twice" },
	{ HEAD "clusters: []\n", ":9: no item of clusters has the name \"k\"" },
	{ HEAD CLUSTER("") USER(""), ":3: there is no server" },
	{ HEAD CLUSTER("server: a") USER(""), ":11: server \"a\": want https://" },
	{ HEAD CLUSTER("server: 'https://'") USER(""), ":11: server \"https://\": this is not an URL" },
	{ HEAD CLUSTER("server: 'https://u:p@a'") USER(""), "a user does not belong into it" },
	{ HEAD CLUSTER("server: 'https://a?b'") USER(""), "nothing may follow the path" },
	{ HEAD CLUSTER("server: 'file:///etc'") USER(""), "want https://" },
	{ HEAD CLUSTER(SERVER), ":1: no item of users has the name \"u\"" },
	{ HEAD CLUSTER(SERVER ", certificate-authority-data: 'Zm9'") USER(""),
	  ":11: certificate-authority-data is not base64" },
	{ HEAD CLUSTER(SERVER ", insecure-skip-tls-verify: yes") USER(""),
	  ":11: insecure-skip-tls-verify: expected true or false, not \"yes\"" },
	{ HEAD CLUSTER(SERVER ", insecure-skip-tls-verify: true, certificate-authority: a") USER(""),
	  "are contrary" },
	{ HEAD CLUSTER("server: 'http://a'") USER("token: t"), "must not be sent without TLS" },
	{ HEAD CLUSTER(SERVER) USER("client-certificate: a"), "go together" },
	{ HEAD CLUSTER(SERVER) USER("username: a"), "go together" },
	{ HEAD CLUSTER(SERVER) USER("username: a, password: b, token: c"), "want one" },
	{ HEAD CLUSTER(SERVER) USER("token: \"a\\r\\nX: y\""), ":14: token has more than one line" },
	{ HEAD CLUSTER(SERVER) USER("auth-provider: {name: gcp}"), "use exec" },
	{ HEAD CLUSTER(SERVER) USER("exec: {}"), ":14: exec has no command" },
	{ HEAD CLUSTER(SERVER) USER("exec: {command: a}"), "want apiVersion" },
	{ HEAD CLUSTER(SERVER) USER("exec: {command: a, apiVersion: v2}"), "want apiVersion" },
	{ HEAD CLUSTER(SERVER) USER("exec: {command: a, args: b}"), "args: expected a list" },
	{ HEAD CLUSTER(SERVER) USER("exec: {command: a, args: [[]]}"), "args: expected a text" },
	{ HEAD CLUSTER(SERVER) USER("exec: {command: a, env: [{value: b}]}"), "env: expected a name" },
	{ HEAD CLUSTER(SERVER) USER("exec: {command: a, env: [{name: 'b=c'}]}"),
	  "env: expected a name" },
	{ HEAD CLUSTER(SERVER) USER("exec: {apiVersion: client.authentication.k8s.io/v1, command: a, "
	  "interactiveMode: Always}"), "no terminal" },
	{ HEAD CLUSTER(SERVER) USER("token: t, exec: {apiVersion: client.authentication.k8s.io/v1, "
	  "command: a}"), "want one" },
};

static void test_bad(void **state)
{
	struct kubeconfig k, none = { 0 };
	struct klb_err err;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		if (!read_text(&k, bad[i].text, &err))
			fail_msg("%zu was taken, want %s", i, bad[i].want);
		if (strncmp(err.text, path, strlen(path)) ||
		    !strstr(err.text, bad[i].want))
			fail_msg("%zu: %s, want %s", i, err.text, bad[i].want);
		assert_memory_equal(&k, &none, sizeof(k));
	}
	assert_int_equal(kubeconfig_read(&k, "/nonexistent/x", &err), -ENOENT);
}

/* Deep nesting must not overflow the stack. */
static void test_deep(void **state)
{
	char text[40000] = "a: ";
	struct kubeconfig k;
	struct klb_err err;

	memset(text + 3, '[', sizeof(text) - 4);
	assert_int_equal(read_text(&k, text, &err), -EINVAL);
}

static void test_in_cluster(void **state)
{
	struct kubeconfig k = { 0 };
	struct klb_err err;

	unsetenv("KUBERNETES_SERVICE_HOST");
	assert_int_equal(kubeconfig_in_cluster(&k, dir, &err), -ENOENT);
	setenv("KUBERNETES_SERVICE_HOST", "fd00::1", 1);
	setenv("KUBERNETES_SERVICE_PORT", "443", 1);
	write_file("token", "t");
	assert_int_equal(kubeconfig_in_cluster(&k, dir, &err), -ENOENT);
	assert_non_null(strstr(err.text, "ca.crt"));
	write_file("ca.crt", "x");
	assert_int_equal(kubeconfig_in_cluster(&k, dir, &err), 0);
	assert_string_equal(k.servers[0], "https://[fd00::1]:443");
	assert_int_equal(kubeconfig_check(&k, &err), 0);

	assert_int_equal(kubeconfig_add_server(&k, "https://10.0.0.1:6443",
					       true, &err), 0);
	assert_int_equal(kubeconfig_add_server(&k, "https://10.0.0.2:6443//",
					       false, &err), 0);
	assert_int_equal(k.n_servers, 2);
	assert_string_equal(k.servers[0], "https://10.0.0.1:6443");
	assert_string_equal(k.servers[1], "https://10.0.0.2:6443");
	kubeconfig_free(&k);
}

static int make_dir(void **state)
{
	if (!mkdtemp(dir))
		return -1;
	snprintf(path, sizeof(path), "%s/config", dir);
	return 0;
}

static int remove_dir(void **state)
{
	static const char *const names[] = { "config", "token", "ca.crt" };
	char full[128];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		snprintf(full, sizeof(full), "%s/%s", dir, names[i]);
		unlink(full);
	}
	return rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_full),
		cmocka_unit_test(test_exec),
		cmocka_unit_test(test_absent),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_deep),
		cmocka_unit_test(test_in_cluster),
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}

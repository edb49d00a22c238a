// SPDX-License-Identifier: GPL-2.0
#include "test.h"

#include <errno.h>
#include <unistd.h>

#include "conf.h"

static char dir[64] = "/tmp/klb-conf-XXXXXX";
static char path[80];

static int read_text(struct conf *c, const char *text, struct klb_err *err)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	*c = (struct conf){ 0 };
	return conf_read(c, path, err);
}

/* ---- what was read, as words "key=value" with a blank around each */

static void tell_text(FILE *f, const char *key, const char *value)
{
	fprintf(f, "%s=%s ", key, value ? value : "-");
}

static void tell_number(FILE *f, const char *key, uint32_t value)
{
	fprintf(f, "%s=%u ", key, value);
}

static void tell_prefixes(FILE *f, const char *key, const char *word,
			  const struct klb_prefixes *list)
{
	char text[KLB_PREFIX_TEXT];
	size_t i;

	fprintf(f, "%s=%s", key, word ? word : "");
	for (i = 0; i < list->n; i++)
		fprintf(f, "%s%s", i ? "," : "",
			klb_prefix_format(&list->v[i], text));
	fputc(' ', f);
}

static void tell_listen(FILE *f, const char *key, const struct klb_ap *ap)
{
	char text[KLB_ADDR_TEXT];

	tell_text(f, key, ap->port ? klb_ap_format(ap, text) : "off");
}

static void tell_servers(FILE *f, const struct conf *c)
{
	size_t i;

	fputs("apiservers=", f);
	for (i = 0; i < c->n_servers; i++)
		fprintf(f, "%s%s", i ? "," : "", c->servers[i]);
	fputc(' ', f);
}

static char *tell(const struct conf *c)
{
	const struct kube_settings *s = &c->settings;
	char *text;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	fputc(' ', f);
	tell_text(f, "node", c->node);
	tell_text(f, "kubeconfig", c->kubeconfig);
	tell_servers(f, c);
	tell_text(f, "proxy-name", s->proxy_name);
	tell_number(f, "external-ips", s->external_ips);
	tell_number(f, "masquerade-all", s->masquerade_all);
	tell_prefixes(f, "pods", s->pods_of_node ? "node" : NULL, &s->pods);
	tell_prefixes(f, "nodeports", s->nodeports_primary ? "primary" : NULL,
		      &s->nodeports);
	tell_prefixes(f, "services", c->services_auto ? "auto" : NULL,
		      &s->services);
	tell_number(f, "conn-max", c->conn_max);
	tell_number(f, "sync-interval", c->sync_ms);
	tell_number(f, "resync-interval", c->resync_s);
	tell_listen(f, "healthz", &c->healthz);
	tell_listen(f, "metrics", &c->metrics);
	fclose(f);
	return text;
}

/* ---- good ones */

#define DEFAULTS \
	" node=env kubeconfig=- apiservers= proxy-name=- external-ips=1 " \
	"masquerade-all=0 pods= nodeports= services=auto conn-max=0 " \
	"sync-interval=100 resync-interval=300 healthz=0.0.0.0:10256 " \
	"metrics=127.0.0.1:10249 "

static const struct {
	const char *text;
	const char *want;	/* is part of what tell() says */
} good[] = {
	{ "", DEFAULTS },
	{ "# nothing but words\n", DEFAULTS },
	{ "{}", DEFAULTS },
	/* null is as if it was not there, and so is an empty text */
	{ "node:\nkubeconfig: ~\napiservers: null\npods:\nhealthz: ~\nconn-max: ~\n",
	  DEFAULTS },
	{ "node: ''\nproxy-name: ''\n", DEFAULTS },

	{ "node: worker-1\n", " node=worker-1 " },
	{ "kubeconfig: /etc/klb/kubeconfig\n",
	  " kubeconfig=/etc/klb/kubeconfig " },
	{ "apiservers: ['https://10.0.0.1:6443', 'https://10.0.0.2:6443']\n",
	  " apiservers=https://10.0.0.1:6443,https://10.0.0.2:6443 " },
	{ "apiservers: []\n", " apiservers= " },
	{ "proxy-name: klb\n", " proxy-name=klb " },
	{ "external-ips: false\nmasquerade-all: true\n",
	  " external-ips=0 masquerade-all=1 " },

	{ "pods: node\n", " pods=node " },
	{ "pods: [10.244.0.0/16, 'fd00::/48', 10.1.0.0/16]\n",
	  " pods=10.1.0.0/16,10.244.0.0/16,fd00::/48 " },
	{ "pods: []\n", " pods= " },
	{ "pods: [10.0.0.7]\n", " pods=10.0.0.7/32 " },
	{ "nodeports: all\n", " nodeports= " },
	{ "nodeports: primary\n", " nodeports=primary " },
	{ "nodeports: [0.0.0.0/0, '::/0']\n", " nodeports=0.0.0.0/0,::/0 " },
	{ "services: auto\n", " services=auto " },
	{ "services: [10.96.0.0/12]\n", " services=10.96.0.0/12 " },
	{ "services: []\n", " services= " },

	{ "conn-max: 1\n", " conn-max=1 " },
	{ "conn-max: 2147483647\n", " conn-max=2147483647 " },
	{ "sync-interval: 0\nresync-interval: 0\n",
	  " sync-interval=0 resync-interval=0 " },
	{ "sync-interval: '250'\n", " sync-interval=250 " },
	{ "healthz: 'off'\nmetrics: off\n", " healthz=off metrics=off " },
	{ "healthz: 10.0.0.1:80\n", " healthz=10.0.0.1:80 " },
	{ "healthz: '[::]:10256'\nmetrics: '[::1]:9'\n",
	  " healthz=[::]:10256 metrics=[::1]:9 " },
	/* an alias is what it is of */
	{ "pods: &p [10.244.0.0/16]\nservices: *p\n",
	  " pods=10.244.0.0/16 nodeports= services=10.244.0.0/16 " },
};

static void test_good(void **state)
{
	struct klb_err err;
	struct conf c;
	char *told;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(good); i++) {
		if (read_text(&c, good[i].text, &err))
			fail_msg("<%s>: %s", good[i].text, err.text);
		told = tell(&c);
		if (!strstr(told, good[i].want))
			fail_msg("<%s> is <%s>, want <%s>", good[i].text, told,
				 good[i].want);
		free(told);
		conf_free(&c);
	}
}

/* ---- bad ones */

#define NO_PREFIX	" is not a prefix: expected "

static const struct {
	const char *text;
	unsigned int line;
	const char *sentence;
} bad[] = {
	{ "node: [\n", 2, "did not find expected node content" },
	{ "node: a\n\tpods: b\n", 2,
	  "found a tab character that violates indentation" },
	{ "- node\n", 1, "expected names and values" },
	{ "node\n", 1, "expected names and values" },
	{ "node: a\nnodes: b\n", 2, "\"nodes\" is no setting here" },
	{ "Node: a\n", 1, "\"Node\" is no setting here" },
	{ "[a]: b\n", 1, "\"\" is no setting here" },
	{ "node: a\npods: node\nnode: b\n", 3, "node is there twice" },

	{ "node: [a]\n", 1, "node: expected a text" },
	{ "node: \"a\\nb\"\n", 1, "node has more than one line" },
	{ "node: \"a\\0b\"\n", 1, "node has a NUL byte" },
	{ "\nkubeconfig: {}\n", 2, "kubeconfig: expected a text" },
	{ "proxy-name: []\n", 1, "proxy-name: expected a text" },
	{ "apiservers: 'https://a'\n", 1, "apiservers: expected a list" },
	{ "apiservers:\n- https://a\n- [b]\n", 3, "apiservers: expected a URL" },

	{ "external-ips: yes\n", 1,
	  "external-ips: expected true or false, not \"yes\"" },
	{ "masquerade-all: 1\n", 1,
	  "masquerade-all: expected true or false, not \"1\"" },
	{ "masquerade-all: [true]\n", 1, "masquerade-all: expected a text" },

	{ "pods: nodes\n", 1, "pods: expected a list of prefixes, node, or devices" },
	{ "pods: {}\n", 1, "pods: expected a pattern of devices" },
	{ "pods: {device: cni0}\n", 1, "\"device\" is no setting here" },
	{ "pods: 10.0.0.0/8\n", 1, "pods: expected a list of prefixes, node, or devices" },
	{ "pods:\n- 10.0.0.0/8\n- [10.1.0.0/16]\n", 3,
	  "pods: expected a prefix" },
	{ "pods:\n- 10.0.0.0/8\n- 10.1.0.0/33\n", 3,
	  "pods: \"10.1.0.0/33\"" NO_PREFIX "a length of 0..32 behind the slash" },
	{ "nodeports: primary,all\n", 1,
	  "nodeports: expected a list of prefixes, all or primary" },
	{ "nodeports: [10.0.0.1/24]\n", 1,
	  "nodeports: \"10.0.0.1/24\"" NO_PREFIX
	  "an address with no bit set behind its length" },
	{ "services: all\n", 1,
	  "services: expected a list of prefixes or auto" },
	{ "services: [auto]\n", 1,
	  "services: \"auto\" is not an address: expected a.b.c.d or an IPv6 address" },

	{ "conn-max: 0\n", 1,
	  "conn-max: expected a number from 1 to 2147483647, not \"0\"" },
	{ "conn-max: 2147483648\n", 1,
	  "conn-max: expected a number from 1 to 2147483647, not \"2147483648\"" },
	{ "conn-max: 99999999999999999999\n", 1,
	  "conn-max: expected a number from 1 to 2147483647, not \"99999999999999999999\"" },
	{ "conn-max: [1]\n", 1, "conn-max: expected a text" },
	{ "sync-interval: -1\n", 1,
	  "sync-interval: expected a number from 0 to 2147483647, not \"-1\"" },
	{ "sync-interval: 1s\n", 1,
	  "sync-interval: expected a number from 0 to 2147483647, not \"1s\"" },
	{ "resync-interval: ' 1'\n", 1,
	  "resync-interval: expected a number from 0 to 2147483647, not \" 1\"" },
	{ "resync-interval: ''\n", 1,
	  "resync-interval: expected a number from 0 to 2147483647, not \"\"" },

	{ "healthz: 10256\n", 1,
	  "healthz: \"10256\" has no port: expected ADDR:PORT" },
	{ "healthz: 0.0.0.0:0\n", 1,
	  "healthz: \"0\" is not a port: expected 1..65535" },
	{ "metrics: '::1:9'\n", 1,
	  "metrics: \"::1:9\" lacks brackets: expected [v6]:PORT" },
	{ "metrics: localhost:9\n", 1,
	  "metrics: \"localhost\" is not an address: expected a.b.c.d or an IPv6 address" },
	{ "metrics: [off]\n", 1, "metrics: expected a text" },
};

static void test_bad(void **state)
{
	char want[512];
	struct klb_err err;
	struct conf c;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		snprintf(want, sizeof(want), "%s:%u: %s", path, bad[i].line,
			 bad[i].sentence);
		if (read_text(&c, bad[i].text, &err) != -EINVAL)
			fail_msg("<%s> was taken", bad[i].text);
		if (strcmp(err.text, want))
			fail_msg("<%s>: <%s>, want <%s>", bad[i].text, err.text,
				 want);
		/* and nothing is left of it */
		assert_null(c.node);
		assert_int_equal(c.settings.pods.n, 0);
	}
}

static void test_no_file(void **state)
{
	struct conf c = { 0 };
	struct klb_err err;

	assert_int_equal(conf_read(&c, "/nonexistent/x.yaml", &err), -ENOENT);
	assert_string_equal(err.text,
			    "cannot open \"/nonexistent/x.yaml\": No such file or directory");
}

/* What is beside the file is found wherever the program runs. */
static void test_relative(void **state)
{
	struct klb_err err;
	char want[128];
	struct conf c;

	assert_int_equal(read_text(&c, "kubeconfig: pki/config\n", &err), 0);
	snprintf(want, sizeof(want), "%s/pki/config", dir);
	assert_string_equal(c.kubeconfig, want);
	conf_free(&c);
}

/* The file goes before the environment, that before the host's name. */
static void test_node(void **state)
{
	struct klb_err err;
	char host[256] = "";
	struct conf c;

	setenv("NODE_NAME", "other", 1);
	assert_int_equal(read_text(&c, "node: own\n", &err), 0);
	assert_string_equal(c.node, "own");
	conf_free(&c);
	assert_int_equal(read_text(&c, "", &err), 0);
	assert_string_equal(c.node, "other");
	conf_free(&c);
	setenv("NODE_NAME", "", 1);
	gethostname(host, sizeof(host) - 1);
	assert_int_equal(read_text(&c, "", &err), 0);
	assert_true(!strcasecmp(c.node, host));
	conf_free(&c);
	setenv("NODE_NAME", "env", 1);
}

/* ---- the example that is installed */

/* A copy, with each "#key" or "#- item" uncommented, if that is wanted. */
static void copy_example(bool all)
{
	FILE *in = fopen("../../deploy/lbagent.yaml", "r"), *out;
	char line[512];

	assert_non_null(in);
	out = fopen(path, "w");
	assert_non_null(out);
	while (fgets(line, sizeof(line), in))
		fputs(line + (all && line[0] == '#' && line[1] > ' '), out);
	fclose(in);
	fclose(out);
}

/* The words of @told that are others than in @want, but for examples. */
static void compare(char *told, const char *want)
{
	static const char *const examples[] = {
		"node", "kubeconfig", "apiservers", "proxy-name", "conn-max",
	};
	char *word, *rest, text[256];
	size_t i;

	for (word = strtok_r(told, " ", &rest); word;
	     word = strtok_r(NULL, " ", &rest)) {
		for (i = 0; i < ARRAY_SIZE(examples); i++) {
			if (!strncmp(word, examples[i], strcspn(word, "=")))
				break;
		}
		snprintf(text, sizeof(text), " %s ", word);
		if (!strstr(want, text) != (i < ARRAY_SIZE(examples)))
			fail_msg("the example has %s", word);
	}
}

static void test_example(void **state)
{
	struct klb_err err;
	struct conf c = { 0 };
	char *told;

	copy_example(false);
	if (conf_read(&c, path, &err))
		fail_msg("%s", err.text);
	told = tell(&c);
	assert_non_null(strstr(told, DEFAULTS));
	free(told);
	conf_free(&c);
	copy_example(true);
	if (conf_read(&c, path, &err))
		fail_msg("%s", err.text);
	told = tell(&c);
	compare(told, DEFAULTS);
	free(told);
	conf_free(&c);
}

static int set_up(void **state)
{
	setenv("NODE_NAME", "env", 1);
	if (!mkdtemp(dir))
		return -1;
	snprintf(path, sizeof(path), "%s/lbagent.yaml", dir);
	return 0;
}

static int tear_down(void **state)
{
	unlink(path);
	return rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_no_file),
		cmocka_unit_test(test_relative),
		cmocka_unit_test(test_node),
		cmocka_unit_test(test_example),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}

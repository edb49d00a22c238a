// SPDX-License-Identifier: GPL-2.0
/*
 * From Kubernetes' objects to the module's services. The cases are in
 * data/kube/: what a case says of a Service or a slice is laid over the ones
 * in defaults.json, and what comes out is compared as lbctl would write it.
 */
#include "test.h"

#include <dirent.h>
#include <jansson.h>

#include "config_write.h"
#include "desired.h"
#include "plan.h"

#define DATA	"data/kube"

static json_t *defaults;

/* What one case is about. */
struct bench {
	const json_t *c;	/* the case */
	const char *name;
	struct kube_settings settings;
	struct kube_node *node;
	struct kube_slice **slices;
	size_t n_slices;
	struct kube_plan *plan;
	json_t *said;		/* sentences and health checks */
};

static json_t *load(const char *name)
{
	char path[512];
	json_error_t err;
	json_t *j;

	snprintf(path, sizeof(path), DATA "/%s", name);
	j = json_load_file(path, JSON_REJECT_DUPLICATES, &err);
	if (!j)
		fail_msg("%s:%d: %s", path, err.line, err.text);
	return j;
}

/* The default of the kind with @patch over it. */
static json_t *made(const char *kind, const json_t *patch)
{
	json_t *j = json_deep_copy(json_object_get(defaults, kind));

	assert_non_null(j);
	if (patch)
		assert_int_equal(json_object_update_recursive(j, (json_t *)patch), 0);
	return j;
}

static void say(struct bench *b, const char *sentence)
{
	json_array_append_new(b->said, json_string(sentence));
}

static void say_conflict(const char *ns, const char *name, const char *sentence,
			 void *arg)
{
	say(arg, sentence);
}

static void take_prefixes(const json_t *list, struct klb_prefixes *to)
{
	struct klb_prefix p;
	const json_t *text;
	size_t i;

	json_array_foreach((json_t *)list, i, text) {
		assert_true(kube_prefix_parse(json_string_value(text), &p));
		assert_int_equal(klb_prefixes_add(to, &p), 0);
	}
}

static void take_sources(const json_t *list, struct kube_settings *s)
{
	struct klb_addr addr;
	const json_t *text;
	size_t i;

	json_array_foreach((json_t *)list, i, text) {
		assert_true(kube_addr_parse(json_string_value(text), &addr));
		*(addr.len == 4 ? &s->source4 : &s->source6) = addr;
	}
}

static void take_settings(struct bench *b)
{
	json_t *j = made("settings", json_object_get(b->c, "settings"));
	struct kube_settings *s = &b->settings;

	s->proxy_name = json_string_value(json_object_get(json_object_get(b->c, "settings"), "proxy_name"));
	s->external_ips = json_is_true(json_object_get(j, "external_ips"));
	s->masquerade_all = json_is_true(json_object_get(j, "masquerade_all"));
	s->pods_of_node = json_is_true(json_object_get(j, "pods_of_node"));
	s->nodeports_primary = json_is_true(json_object_get(j, "primary"));
	take_prefixes(json_object_get(j, "pods"), &s->pods);
	take_prefixes(json_object_get(j, "nodeports"), &s->nodeports);
	take_prefixes(json_object_get(j, "services"), &s->services);
	take_sources(json_object_get(j, "sources"), s);
	json_decref(j);
}

static void take_node(struct bench *b)
{
	json_t *j = made("node", json_object_get(b->c, "node"));
	struct klb_err err;

	if (kube_node_parse(j, &b->node, &err))
		fail_msg("%s: %s", b->name, err.text);
	json_decref(j);
}

static void take_slices(struct bench *b)
{
	const json_t *list = json_object_get(b->c, "slices"), *patch;
	struct klb_err err;
	json_t *j;
	size_t i;

	b->slices = calloc(json_array_size(list) + 1, sizeof(*b->slices));
	json_array_foreach((json_t *)list, i, patch) {
		j = made("slice", patch);
		if (kube_slice_parse(j, "n1", &b->slices[b->n_slices], &err))
			say(b, err.text);
		else
			b->n_slices++;
		json_decref(j);
	}
}

/* Those of the Service, as the store would hand them over. */
static const struct kube_slice **slices_of(const struct bench *b,
					   const struct kube_service *svc,
					   size_t *n)
{
	const struct kube_slice **own, *s;
	size_t i;

	own = calloc(b->n_slices + 1, sizeof(*own));
	for (i = 0, *n = 0; i < b->n_slices; i++) {
		s = b->slices[i];
		if (s->owner && !strcmp(s->owner, svc->name) &&
		    !strcmp(s->ns, svc->ns))
			own[(*n)++] = s;
	}
	return own;
}

static void say_health(struct bench *b, const struct kube_service *svc,
		       const struct kube_slice **slices, size_t n)
{
	struct kube_health health;
	char text[128];

	if (!kube_health_of(svc, slices, n, &b->settings, &health))
		return;
	snprintf(text, sizeof(text), "health %u%s%s: %zu %zu", health.port,
		 health.ipv4 ? " IPv4" : "", health.ipv6 ? " IPv6" : "",
		 health.local4, health.local6);
	say(b, text);
}

static void take_service(struct bench *b, const json_t *patch)
{
	json_t *j = made("service", patch);
	const struct kube_slice **slices;
	struct kube_claims claims = { 0 };
	struct kube_service *svc;
	struct klb_err err;
	size_t n;

	if (kube_service_parse(j, &svc, &err)) {
		assert_null(svc);
		say(b, err.text);
		json_decref(j);
		return;
	}
	if (*err.text)		/* a part is left out */
		say(b, err.text);
	json_decref(j);		/* nothing of it is kept */
	slices = slices_of(b, svc, &n);
	assert_int_equal(kube_desired(svc, slices, n, b->node, &b->settings,
				      &claims), 0);
	assert_int_equal(kube_plan_want(b->plan, svc->ns, svc->name, &claims), 0);
	say_health(b, svc, slices, n);
	kube_service_free(svc);
	free(slices);
}

static void take_services(struct bench *b)
{
	const json_t *list = json_object_get(b->c, "services"), *patch;
	struct kube_change change;
	size_t i;

	if (!list)
		take_service(b, json_object_get(b->c, "service"));
	json_array_foreach((json_t *)list, i, patch)
		take_service(b, patch);
	/* tells of conflicts */
	while (kube_plan_next(b->plan, &change))
		kube_plan_done(b->plan, &change, false);
}

struct writing {
	FILE *f;
	struct config cfg;
};

static void write_wanted(const struct klb_service *is,
			 const struct klb_service *wanted, void *arg)
{
	struct writing *w = arg;

	assert_null(is);
	assert_non_null(wanted);
	w->cfg.services = (struct klb_service *)wanted;
	w->cfg.n_services = 1;
	config_write(w->f, &w->cfg);
	w->cfg.net.has = 0;
}

/* Sorted by key, each once. */
static void write_plan(FILE *f, const struct bench *b)
{
	struct writing w = { .f = f };

	if (json_is_true(json_object_get(b->c, "net")))
		assert_int_equal(kube_net_desired(&b->settings, b->node,
						  &w.cfg.net), 0);
	kube_plan_walk(b->plan, write_wanted, &w);
	klb_net_free(&w.cfg.net);
}

/* All lines that there should be, each with a newline behind it. */
static char *lines_of(const json_t *list)
{
	const json_t *line;
	char *text;
	size_t size, i;
	FILE *f = open_memstream(&text, &size);

	json_array_foreach((json_t *)list, i, line)
		fprintf(f, "%s\n", json_string_value(line));
	fclose(f);
	return text;
}

static bool same(const struct bench *b)
{
	char *want = lines_of(json_object_get(b->c, "expect"));
	char *want_said = lines_of(json_object_get(b->c, "said"));
	char *said = lines_of(b->said), *got;
	size_t size;
	FILE *f = open_memstream(&got, &size);
	bool ok;

	write_plan(f, b);
	fclose(f);
	ok = !strcmp(want, got) && !strcmp(want_said, said);
	if (!ok)
		print_error("%s: expected\n%s%sgot\n%s%s\n", b->name, want,
			    want_said, got, said);
	free(want);
	free(want_said);
	free(said);
	free(got);
	return ok;
}

static bool run_case(const json_t *c)
{
	struct bench b = { .c = c, .said = json_array() };
	size_t i;
	bool ok;

	b.name = json_string_value(json_object_get(c, "name"));
	assert_non_null(b.name);
	b.plan = kube_plan_new(KUBE_MARK, say_conflict, &b);
	assert_non_null(b.plan);
	take_settings(&b);
	take_node(&b);
	take_slices(&b);
	take_services(&b);
	ok = same(&b);

	for (i = 0; i < b.n_slices; i++)
		kube_slice_free(b.slices[i]);
	free(b.slices);
	kube_node_free(b.node);
	kube_plan_free(b.plan);
	klb_prefixes_free(&b.settings.pods);
	klb_prefixes_free(&b.settings.nodeports);
	klb_prefixes_free(&b.settings.services);
	json_decref(b.said);
	return ok;
}

static void run_file(const char *name)
{
	json_t *cases = load(name), *c;
	size_t i, bad = 0;

	json_array_foreach(cases, i, c)
		bad += !run_case(c);
	assert_true(i > 0);
	json_decref(cases);
	if (bad)
		fail_msg("%s: %zu of %zu cases", name, bad, i);
}

/* Section 1.1: which Services and slices are looked at at all. */
static void test_filter(void **state)
{
	run_file("filter.json");
}

/* 1.2 and 1.3; most are the cases of kube-proxy's topology_test.go. */
static void test_select(void **state)
{
	run_file("select.json");
}

static void test_verdict(void **state)
{
	run_file("verdict.json");
}

/* 1.5: ClusterIPs, NodePorts, load balancers, externalIPs, collisions. */
static void test_frontend(void **state)
{
	run_file("frontend.json");
}

/* 1.6 affinity, 1.7 health checks, 1.8 flows of UDP. */
static void test_life(void **state)
{
	run_file("life.json");
}

static void test_refused(void **state)
{
	run_file("refused.json");
}

static int setup(void **state)
{
	defaults = load("defaults.json");
	return 0;
}

static int teardown(void **state)
{
	json_decref(defaults);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_filter),
		cmocka_unit_test(test_select),
		cmocka_unit_test(test_verdict),
		cmocka_unit_test(test_frontend),
		cmocka_unit_test(test_life),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}

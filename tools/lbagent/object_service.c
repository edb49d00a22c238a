// SPDX-License-Identifier: GPL-2.0
#include "object.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "field.h"

#define PROXY_NAME	"service.kubernetes.io/service-proxy-name"

/* Of the API; as many as it lets pass. */
#define PORTS_MAX	1024
#define AFFINITY_DEFAULT	10800
#define AFFINITY_MAX	86400

static int refuse(const struct kube_service *svc, const char *what,
		  const char *value, struct klb_err *err)
{
	return klb_err_set(err, -EINVAL, "service %s/%s: %s \"%.64s\"",
			   svc->ns, svc->name, what, value ? value : "");
}

/* An address that no service can have must not take the others along. */
static void leave_out(const struct kube_service *svc, const char *what,
		      const char *value, struct klb_err *err)
{
	klb_err_set(err, 0, "service %s/%s: %s \"%.64s\" is left out: no service can have it",
		    svc->ns, svc->name, what, value ? value : "");
}

static int no_memory(struct klb_err *err)
{
	return klb_err_set(err, -ENOMEM, "out of memory");
}

void kube_service_free(struct kube_service *svc)
{
	size_t i;

	if (!svc)
		return;
	for (i = 0; i < svc->n_ports; i++)
		free(svc->ports[i].name);
	free(svc->ports);
	free(svc->balancer.v);
	free(svc->external.v);
	klb_prefixes_free(&svc->ranges);
	free(svc->proxy_name);
	free(svc->ns);
	free(svc->name);
	free(svc->uid);
	free(svc);
}

/* RFC 3339, always in UTC from the API server. */
static int64_t time_of(const char *text)
{
	struct tm tm = { 0 };
	const char *end = text ? strptime(text, "%Y-%m-%dT%H:%M:%S", &tm) :
				 NULL;

	return end && *end == 'Z' ? timegm(&tm) : INT64_MAX;
}

static int take_meta(const json_t *obj, struct kube_service *svc,
		     struct klb_err *err)
{
	const char *ns, *name;
	bool failed = false;
	int rc;

	rc = kube_meta_parse(obj, &ns, &name, err);
	if (rc)
		return rc;
	svc->ns = field_dup(ns, &failed);
	svc->name = field_dup(name, &failed);
	svc->uid = field_dup(field_text(field(obj, "metadata"), "uid"),
			     &failed);
	svc->proxy_name = field_dup(field_label(obj, PROXY_NAME), &failed);
	svc->created = time_of(field_text(field(obj, "metadata"),
					  "creationTimestamp"));
	if (failed)
		return no_memory(err);
	if (strlen(name) > KUBE_LABEL_MAX || strchr(name, '.'))
		return refuse(svc, "metadata.name is not a name:", name, err);
	return 0;
}

static int take_type(const json_t *spec, struct kube_service *svc,
		     struct klb_err *err)
{
	const char *type = field_word(spec, "type");

	svc->external_name = !strcmp(type, "ExternalName");
	svc->load_balancer = !strcmp(type, "LoadBalancer");
	if (*type && !svc->external_name && !svc->load_balancer &&
	    strcmp(type, "ClusterIP") && strcmp(type, "NodePort"))
		return refuse(svc, "spec.type: unknown", type, err);
	return 0;
}

static int take_policy(const json_t *spec, const char *key, bool *local,
		       struct kube_service *svc, struct klb_err *err)
{
	const char *policy = field_word(spec, key);

	*local = !strcmp(policy, "Local");
	if (*policy && !*local && strcmp(policy, "Cluster"))
		return refuse(svc, key, policy, err);
	return 0;
}

static int take_affinity(const json_t *spec, struct kube_service *svc,
			 struct klb_err *err)
{
	const json_t *conf = field(field(spec, "sessionAffinityConfig"),
				   "clientIP");
	const char *kind = field_word(spec, "sessionAffinity");
	long seconds = AFFINITY_DEFAULT;

	if (!*kind || !strcmp(kind, "None"))
		return 0;
	if (strcmp(kind, "ClientIP"))
		return refuse(svc, "spec.sessionAffinity: unknown", kind, err);
	if (!field_int(conf, "timeoutSeconds", 1, AFFINITY_MAX, &seconds))
		return refuse(svc, "spec.sessionAffinityConfig.clientIP.timeoutSeconds: not within 1..86400",
			      NULL, err);
	svc->affinity = seconds;
	return 0;
}

/* Two of one name, or of one protocol and port, could not be told apart. */
static bool is_double(const struct kube_service *svc,
		      const struct kube_port *port)
{
	const struct kube_port *p;
	size_t i;

	for (i = 0; i < svc->n_ports; i++) {
		p = &svc->ports[i];
		if (!strcmp(p->name, port->name) ||
		    (p->proto == port->proto && p->port == port->port))
			return true;
	}
	return false;
}

static int take_port(const json_t *obj, struct kube_service *svc,
		     struct klb_err *err)
{
	struct kube_port port = { 0 };
	const char *name = field_word(obj, "name");
	int proto = kube_proto_parse(obj);
	long number = 0, node_port = 0;

	if (proto < 0)
		return refuse(svc, "spec.ports: no such protocol:",
			      field_text(obj, "protocol"), err);
	if (!field_int(obj, "port", 1, 65535, &number) || !number ||
	    !field_int(obj, "nodePort", 0, 65535, &node_port))
		return refuse(svc, "spec.ports: not within 1..65535: port",
			      name, err);
	if (strlen(name) > KUBE_LABEL_MAX)
		return refuse(svc, "spec.ports: too long a name:", name, err);
	port.name = strdup(name);
	if (!port.name)
		return no_memory(err);
	port.proto = proto;
	port.port = number;
	port.node_port = node_port;
	if (is_double(svc, &port)) {
		free(port.name);
		return refuse(svc, "spec.ports: there twice: port", name, err);
	}
	svc->ports[svc->n_ports++] = port;
	return 0;
}

static int take_ports(const json_t *spec, struct kube_service *svc,
		      struct klb_err *err)
{
	const json_t *list = field(spec, "ports");
	size_t i, n = json_array_size(list);
	int rc = 0;

	if (!n)
		return 0;
	if (n > PORTS_MAX)
		return refuse(svc, "spec.ports: too many", NULL, err);
	svc->ports = calloc(n, sizeof(*svc->ports));
	if (!svc->ports)
		return no_memory(err);
	for (i = 0; i < n && !rc; i++)
		rc = take_port(json_array_get(list, i), svc, err);
	return rc;
}

static int take_cluster(const char *text, struct kube_service *svc,
			struct klb_err *err)
{
	struct klb_addr addr;

	/* 1.1: headless, or not allocated yet */
	if (!*text || !strcmp(text, "None"))
		return 0;
	if (!kube_addr_parse(text, &addr) || svc->n_cluster == 2 ||
	    (svc->n_cluster && svc->cluster[0].len == addr.len))
		return refuse(svc, "spec.clusterIPs: cannot have", text, err);
	svc->cluster[svc->n_cluster++] = addr;
	return 0;
}

static int take_clusters(const json_t *spec, struct kube_service *svc,
			 struct klb_err *err)
{
	const json_t *list = field(spec, "clusterIPs");
	size_t i, n = json_array_size(list);
	const char *text;
	int rc = 0;

	if (!n)
		return take_cluster(field_word(spec, "clusterIP"), svc, err);
	for (i = 0; i < n && !rc; i++) {
		text = json_string_value(json_array_get(list, i));
		rc = take_cluster(text ? text : "?", svc, err);
	}
	return rc;
}

static bool make_room(struct kube_addrs *addrs, size_t n)
{
	addrs->v = n ? calloc(n, sizeof(*addrs->v)) : NULL;
	return addrs->v || !n;
}

static int take_externals(const json_t *spec, struct kube_service *svc,
			  struct klb_err *err)
{
	const json_t *list = field(spec, "externalIPs");
	size_t i, n = json_array_size(list);
	const char *text;

	if (!make_room(&svc->external, n))
		return no_memory(err);
	for (i = 0; i < n; i++) {
		text = json_string_value(json_array_get(list, i));
		if (kube_addr_parse(text, &svc->external.v[svc->external.n]))
			svc->external.n++;
		else
			leave_out(svc, "spec.externalIPs:", text, err);
	}
	return 0;
}

/* 1.5: those with an address of mode VIP; a host name is not for the node. */
static int take_balancers(const json_t *obj, struct kube_service *svc,
			  struct klb_err *err)
{
	const json_t *list = field(field(field(obj, "status"), "loadBalancer"),
				   "ingress");
	size_t i, n = json_array_size(list);
	struct kube_addrs *addrs = &svc->balancer;
	const char *mode, *ip;
	const json_t *entry;

	if (!make_room(addrs, n))
		return no_memory(err);
	for (i = 0; i < n; i++) {
		entry = json_array_get(list, i);
		mode = field_text(entry, "ipMode");
		ip = field_text(entry, "ip");
		if (!ip || (mode && strcmp(mode, "VIP")))
			continue;
		if (kube_addr_parse(ip, &addrs->v[addrs->n]))
			addrs->n++;
		else
			leave_out(svc, "status.loadBalancer.ingress:", ip, err);
	}
	return 0;
}

static bool parse_range(const char *text, struct klb_prefix *p)
{
	char word[KLB_PREFIX_TEXT];
	size_t begin = strspn(text, " \t\r\n"), n;

	n = strcspn(text + begin, " \t\r\n");
	if (n >= sizeof(word) ||
	    text[begin + n + strspn(text + begin + n, " \t\r\n")])
		return false;
	memcpy(word, text + begin, n);
	word[n] = '\0';
	return kube_prefix_parse(word, p);
}

/* One left out would let in nobody, or everybody: all or the service. */
static int take_ranges(const json_t *spec, struct kube_service *svc,
		       struct klb_err *err)
{
	const json_t *list = field(spec, "loadBalancerSourceRanges");
	size_t i, n = json_array_size(list);
	struct klb_prefix p;
	const char *text;

	for (i = 0; i < n; i++) {
		text = json_string_value(json_array_get(list, i));
		if (!text || !parse_range(text, &p))
			return refuse(svc, "spec.loadBalancerSourceRanges: not a prefix:",
				      text, err);
		if (klb_prefixes_add(&svc->ranges, &p))
			return no_memory(err);
	}
	return 0;
}

static int take_numbers(const json_t *spec, struct kube_service *svc,
			struct klb_err *err)
{
	long port = 0;
	int rc;

	if (!field_int(spec, "healthCheckNodePort", 0, 65535, &port))
		return refuse(svc, "spec.healthCheckNodePort: not within 1..65535",
			      NULL, err);
	svc->health_port = port;
	rc = take_policy(spec, "internalTrafficPolicy", &svc->internal_local,
			 svc, err);
	if (!rc)
		rc = take_policy(spec, "externalTrafficPolicy",
				 &svc->external_local, svc, err);
	if (!rc)
		rc = take_affinity(spec, svc, err);
	return rc;
}

static int take(const json_t *obj, struct kube_service *svc,
		struct klb_err *err)
{
	const json_t *spec = field(obj, "spec");
	int rc;

	rc = take_meta(obj, svc, err);
	if (!rc)
		rc = take_type(spec, svc, err);
	if (!rc)
		rc = take_numbers(spec, svc, err);
	if (!rc)
		rc = take_ports(spec, svc, err);
	if (!rc)
		rc = take_clusters(spec, svc, err);
	if (!rc)
		rc = take_externals(spec, svc, err);
	if (!rc)
		rc = take_balancers(obj, svc, err);
	if (!rc)
		rc = take_ranges(spec, svc, err);
	return rc;
}

int kube_service_parse(const json_t *obj, struct kube_service **svc,
		       struct klb_err *err)
{
	int rc;

	klb_err_set(err, 0, "%s", "");
	*svc = calloc(1, sizeof(**svc));
	if (!*svc)
		return no_memory(err);
	rc = take(obj, *svc, err);
	if (rc) {
		kube_service_free(*svc);
		*svc = NULL;
	}
	return rc;
}

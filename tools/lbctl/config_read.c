// SPDX-License-Identifier: GPL-2.0
#include "config_read.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lines.h"
#include "spec.h"

/*
 * Services are looked up by their key for every endpoint line and every new
 * one, so they are hashed; chains hold indices + 1 into the configuration.
 */
struct reading {
	struct config *cfg;
	size_t *heads;
	size_t n_heads;
	size_t *next;
	size_t next_room;
};

static size_t hash(const struct klb_service *key)
{
	size_t h = key->proto, i;

	h = h * 31 + key->ap.port;
	for (i = 0; i < key->ap.addr.len; i++)
		h = h * 31 + key->ap.addr.b[i];
	return h ^ h >> 15;
}

static struct klb_service *find(const struct reading *r,
				const struct klb_service *key)
{
	struct klb_service *svc;
	size_t i;

	if (!r->n_heads)
		return NULL;
	for (i = r->heads[hash(key) % r->n_heads]; i; i = r->next[i - 1]) {
		svc = &r->cfg->services[i - 1];
		if (klb_service_same_key(svc, key))
			return svc;
	}
	return NULL;
}

static void link_service(struct reading *r, size_t i)
{
	size_t *head = &r->heads[hash(&r->cfg->services[i]) % r->n_heads];

	r->next[i] = *head;
	*head = i + 1;
}

/* Keeps the table as large as the array of services. */
static int rehash(struct reading *r)
{
	size_t room = r->cfg->services_room, i;
	size_t *heads, *next;

	if (room == r->n_heads)
		return 0;
	heads = calloc(room, sizeof(*heads));
	next = realloc(r->next, room * sizeof(*next));
	if (next)
		r->next = next;
	if (!heads || !next) {
		free(heads);
		return -ENOMEM;
	}
	free(r->heads);
	r->heads = heads;
	r->n_heads = room;
	for (i = 0; i + 1 < r->cfg->n_services; i++)
		link_service(r, i);
	return 0;
}

static int read_service(struct args *a, struct reading *r)
{
	struct klb_service svc;
	char text[KLB_ADDR_TEXT];
	int rc;

	rc = spec_service(a, &svc);
	if (rc)
		return rc;
	if (find(r, &svc)) {
		klb_service_free(&svc);
		return args_fail(a, "service %s %s is there twice",
				 klb_proto_name(svc.proto),
				 klb_ap_format(&svc.ap, text));
	}
	if (config_add_service(r->cfg, &svc)) {
		klb_service_free(&svc);
		return args_fail(a, "out of memory");
	}
	if (rehash(r))
		return args_fail(a, "out of memory");
	link_service(r, r->cfg->n_services - 1);
	return 0;
}

static int read_endpoint(struct args *a, struct reading *r)
{
	struct klb_service key, *svc;
	struct klb_endpoint ep;
	char text[KLB_ADDR_TEXT];
	int rc;

	rc = spec_endpoint(a, &key, &ep);
	if (rc)
		return rc;
	svc = find(r, &key);
	if (!svc)
		return args_fail(a, "service %s %s is not in the file: expected service add before",
				 klb_proto_name(key.proto),
				 klb_ap_format(&key.ap, text));
	/*
	 * apply replaces endpoints that the kernel may know with another
	 * weight: a default is as good a wish as any.
	 */
	ep.has = KLB_ENDPOINT_HAS_WEIGHT | KLB_ENDPOINT_HAS_STATE |
		 KLB_ENDPOINT_HAS_SCOPE;
	if (klb_service_add_endpoint(svc, &ep))
		return args_fail(a, "out of memory");
	return 0;
}

static int read_dev(struct args *a, struct reading *r)
{
	struct klb_dev dev;
	size_t i;
	int rc;

	rc = spec_dev(a, &dev);
	for (i = 0; !rc && i < r->cfg->n_devs; i++) {
		if (!strcmp(r->cfg->devs[i].name, dev.name))
			return args_fail(a, "device \"%s\" is there twice",
					 dev.name);
	}
	if (!rc && config_add_dev(r->cfg, &dev))
		return args_fail(a, "out of memory");
	return rc;
}

static int read_pool(struct args *a, struct reading *r)
{
	struct klb_pool pool;
	size_t i;
	int rc;

	rc = spec_pool(a, &pool);
	for (i = 0; !rc && i < r->cfg->n_pools; i++) {
		if (!strcmp(r->cfg->pools[i].name, pool.name))
			return args_fail(a, "pool \"%s\" is there twice",
					 pool.name);
	}
	if (!rc && config_add_pool(r->cfg, &pool))
		return args_fail(a, "out of memory");
	return rc;
}

/* Lists of @net that are named change hands. */
static void merge_net(struct klb_net *all, const struct klb_net *net)
{
	if (net->has & KLB_NET_HAS_CONN_MAX)
		all->conn_max = net->conn_max;
	if (net->has & KLB_NET_HAS_VETH_PEER)
		all->veth_peer = net->veth_peer;
	if (net->has & KLB_NET_HAS_ECHO)
		all->echo = net->echo;
	if (net->has & KLB_NET_HAS_GUE_PORT)
		all->gue_port = net->gue_port;
	if (net->has & KLB_NET_HAS_PODS)
		all->pods = net->pods;
	if (net->has & KLB_NET_HAS_NODEPORTS)
		all->nodeports = net->nodeports;
	if (net->has & KLB_NET_HAS_GUARD)
		all->guard = net->guard;
	all->has |= net->has;
}

static int read_net(struct args *a, struct reading *r)
{
	struct klb_net net, *all = &r->cfg->net;
	int rc;

	rc = spec_net(a, &net);
	if (rc)
		return rc;
	if (net.has & all->has) {
		klb_net_free(&net);
		return args_fail(a, "a setting of net is there twice");
	}
	merge_net(all, &net);
	return 0;
}

static const struct {
	const char *object;
	const char *command;
	int (*read)(struct args *a, struct reading *r);
} readers[] = {
	{ "net", "set", read_net },
	{ "pool", "add", read_pool },
	{ "service", "add", read_service },
	{ "endpoint", "add", read_endpoint },
	{ "dev", "attach", read_dev },
};

static int read_line(struct args *a, void *arg)
{
	const char *object = args_next(a), *command = args_next(a);
	size_t i;

	for (i = 0; command && i < sizeof(readers) / sizeof(*readers); i++) {
		if (!strcmp(readers[i].object, object) &&
		    !strcmp(readers[i].command, command))
			return readers[i].read(a, arg);
	}
	return args_fail(a, "\"%.64s%s%.64s\" does not say what shall be: expected net set, pool add, service add, endpoint add or dev attach",
			 object, command ? " " : "", command ? command : "");
}

/* Endpoints are sorted by now, so equal ones are neighbours. */
static int check_endpoints(const struct klb_service *svc, struct klb_err *err)
{
	char vip[KLB_ADDR_TEXT], text[KLB_ADDR_TEXT];
	size_t i;

	if (svc->n_endpoints > KLB_ENDPOINTS_MAX)
		return klb_err_set(err, -EINVAL,
				   "service %s %s has %zu endpoints: expected up to %d",
				   klb_proto_name(svc->proto),
				   klb_ap_format(&svc->ap, vip),
				   svc->n_endpoints, KLB_ENDPOINTS_MAX);
	for (i = 1; i < svc->n_endpoints; i++) {
		if (klb_ap_cmp(&svc->endpoints[i - 1].ap,
			       &svc->endpoints[i].ap))
			continue;
		return klb_err_set(err, -EINVAL,
				   "endpoint %s of service %s %s is there twice",
				   klb_ap_format(&svc->endpoints[i].ap, text),
				   klb_proto_name(svc->proto),
				   klb_ap_format(&svc->ap, vip));
	}
	return 0;
}

static int check(const struct config *cfg, struct klb_err *err)
{
	size_t i;
	int rc = 0;

	for (i = 0; i < cfg->n_services && !rc; i++)
		rc = check_endpoints(&cfg->services[i], err);
	return rc;
}

int config_read(const char *path, struct config *cfg, struct klb_err *err)
{
	struct reading r = { .cfg = cfg };
	int rc;

	config_init(cfg);
	rc = lines_read(path, read_line, &r, err);
	free(r.heads);
	free(r.next);
	config_sort(cfg);
	if (!rc)
		rc = check(cfg, err);
	if (rc)
		config_free(cfg);
	return rc;
}

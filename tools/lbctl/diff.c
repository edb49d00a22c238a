// SPDX-License-Identifier: GPL-2.0
#include "diff.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "grow.h"

/* The new one, to be filled; NULL if there is no memory. */
static struct change *append(struct changes *c, enum change_type type)
{
	struct change *v = klb_grow(c->v, c->n, &c->room, sizeof(*v));

	if (!v)
		return NULL;
	c->v = v;
	memset(&v[c->n], 0, sizeof(*v));
	v[c->n].type = type;
	return &v[c->n++];
}

void changes_free(struct changes *changes)
{
	free(changes->v);
	memset(changes, 0, sizeof(*changes));
}

static int diff_net(const struct klb_net *is, const struct klb_net *wanted,
		    struct changes *changes)
{
	uint32_t has = wanted->has & klb_net_differences(is, wanted);
	struct change *c;

	if (!has)
		return 0;
	c = append(changes, CHANGE_NET);
	if (!c)
		return -ENOMEM;
	c->net = *wanted;
	c->net.has = has;
	c->net_was = *is;
	return 0;
}

static int change_service(struct changes *changes, enum change_type type,
			  const struct klb_service *svc, uint32_t has)
{
	struct change *c = append(changes, type);

	if (!c)
		return -ENOMEM;
	c->service = *svc;
	c->service.has = has;
	return 0;
}

static int set_service(struct changes *changes, const struct klb_service *is,
		       const struct klb_service *wanted)
{
	uint32_t has = klb_service_differences(is, wanted);

	return has ? change_service(changes, CHANGE_SERVICE_SET, wanted, has) :
		     0;
}

static int add_service(struct changes *changes,
		       const struct klb_service *wanted)
{
	return change_service(changes, CHANGE_SERVICE_ADD, wanted,
			      klb_service_differences(NULL, wanted));
}

/* Both lists are sorted: one walk through both. @gone picks the pass. */
static int diff_services(const struct config *is, const struct config *wanted,
			 bool gone, struct changes *changes)
{
	const struct klb_service *a = is->services, *b = wanted->services;
	const struct klb_service *a_end = a + is->n_services;
	const struct klb_service *b_end = b + wanted->n_services;
	int cmp, rc = 0;

	while (!rc && (a < a_end || b < b_end)) {
		cmp = a == a_end ? 1 : b == b_end ? -1 :
		      klb_service_cmp(a, b);
		if (cmp < 0 && gone)
			rc = change_service(changes, CHANGE_SERVICE_DEL, a, 0);
		else if (cmp > 0 && !gone)
			rc = add_service(changes, b);
		else if (!cmp && !gone)
			rc = set_service(changes, a, b);
		a += cmp <= 0;
		b += cmp >= 0;
	}
	return rc;
}

static const struct klb_pool *find_pool(const struct config *cfg,
					const char *name)
{
	size_t i;

	for (i = 0; i < cfg->n_pools; i++) {
		if (!strcmp(cfg->pools[i].name, name))
			return &cfg->pools[i];
	}
	return NULL;
}

static int change_pool(struct changes *changes, enum change_type type,
		       const struct klb_pool *pool)
{
	struct change *c = append(changes, type);

	if (!c)
		return -ENOMEM;
	c->pool = *pool;
	return 0;
}

static bool same_pool(const struct klb_pool *a, const struct klb_pool *b)
{
	return !klb_addr_cmp(&a->first, &b->first) &&
	       !klb_addr_cmp(&a->last, &b->last) &&
	       a->port_low == b->port_low && a->port_high == b->port_high;
}

/* In front of the services: they may name them. */
static int add_pools(const struct config *is, const struct config *wanted,
		     struct changes *changes)
{
	const struct klb_pool *pool, *have;
	size_t i;
	int rc = 0;

	for (i = 0; i < wanted->n_pools && !rc; i++) {
		pool = &wanted->pools[i];
		have = find_pool(is, pool->name);
		if (have && same_pool(have, pool))
			continue;
		if (have)
			rc = change_pool(changes, CHANGE_POOL_DEL, have);
		if (!rc)
			rc = change_pool(changes, CHANGE_POOL_ADD, pool);
	}
	return rc;
}

/* Behind the services: nobody names them any more. */
static int del_pools(const struct config *is, const struct config *wanted,
		     struct changes *changes)
{
	size_t i;
	int rc = 0;

	for (i = 0; i < is->n_pools && !rc; i++) {
		if (!find_pool(wanted, is->pools[i].name))
			rc = change_pool(changes, CHANGE_POOL_DEL,
					 &is->pools[i]);
	}
	return rc;
}

static const struct klb_dev *find_dev(const struct config *cfg,
				      const char *name)
{
	size_t i;

	for (i = 0; i < cfg->n_devs; i++) {
		if (!strcmp(cfg->devs[i].name, name))
			return &cfg->devs[i];
	}
	return NULL;
}

static int change_dev(struct changes *changes, enum change_type type,
		      const struct klb_dev *dev, uint32_t hooks)
{
	struct change *c = append(changes, type);

	if (!c)
		return -ENOMEM;
	c->dev = *dev;
	c->dev.hooks = hooks;
	return 0;
}

static int detach_devs(const struct config *is, const struct config *wanted,
		       struct changes *changes)
{
	const struct klb_dev *dev, *want;
	size_t i;
	int rc = 0;

	for (i = 0; wanted->n_devs && i < is->n_devs && !rc; i++) {
		dev = &is->devs[i];
		want = find_dev(wanted, dev->name);
		if (!want || dev->hooks & ~want->hooks)
			rc = change_dev(changes, CHANGE_DEV_DETACH, dev,
					dev->hooks);
	}
	return rc;
}

static int attach_devs(const struct config *is, const struct config *wanted,
		       struct changes *changes)
{
	const struct klb_dev *dev, *have;
	uint32_t hooks;
	size_t i;
	int rc = 0;

	for (i = 0; i < wanted->n_devs && !rc; i++) {
		dev = &wanted->devs[i];
		have = find_dev(is, dev->name);
		hooks = dev->hooks;
		if (have && !(have->hooks & ~dev->hooks))
			hooks &= ~have->hooks;
		if (hooks)
			rc = change_dev(changes, CHANGE_DEV_ATTACH, dev, hooks);
	}
	return rc;
}

int diff(const struct config *is, const struct config *wanted,
	 struct changes *changes)
{
	int rc;

	memset(changes, 0, sizeof(*changes));
	rc = diff_net(&is->net, &wanted->net, changes);
	if (!rc)
		rc = diff_services(is, wanted, true, changes);
	if (!rc)
		rc = add_pools(is, wanted, changes);
	if (!rc)
		rc = diff_services(is, wanted, false, changes);
	if (!rc)
		rc = del_pools(is, wanted, changes);
	if (!rc)
		rc = detach_devs(is, wanted, changes);
	if (!rc)
		rc = attach_devs(is, wanted, changes);
	if (rc)
		changes_free(changes);
	return rc;
}

// SPDX-License-Identifier: GPL-2.0
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void config_init(struct config *cfg)
{
	memset(cfg, 0, sizeof(*cfg));
}

void config_free(struct config *cfg)
{
	size_t i;

	for (i = 0; i < cfg->n_services; i++)
		klb_service_free(&cfg->services[i]);
	free(cfg->services);
	free(cfg->pools);
	free(cfg->devs);
	klb_net_free(&cfg->net);
	config_init(cfg);
}

/* Room for one more behind @n; NULL if there is no memory. */
static void *grow(void *array, size_t n, size_t *room, size_t size)
{
	void *bigger = array;

	if (n < *room)
		return array;
	bigger = realloc(array, (2 * n + 16) * size);
	if (bigger)
		*room = 2 * n + 16;
	return bigger;
}

int config_add_service(struct config *cfg, struct klb_service *svc)
{
	struct klb_service *v;

	v = grow(cfg->services, cfg->n_services, &cfg->services_room,
		 sizeof(*v));
	if (!v)
		return -ENOMEM;
	cfg->services = v;
	v[cfg->n_services++] = *svc;
	return 0;
}

int config_add_pool(struct config *cfg, const struct klb_pool *pool)
{
	struct klb_pool *v;

	v = grow(cfg->pools, cfg->n_pools, &cfg->pools_room, sizeof(*v));
	if (!v)
		return -ENOMEM;
	cfg->pools = v;
	v[cfg->n_pools++] = *pool;
	return 0;
}

int config_add_dev(struct config *cfg, const struct klb_dev *dev)
{
	struct klb_dev *v;

	v = grow(cfg->devs, cfg->n_devs, &cfg->devs_room, sizeof(*v));
	if (!v)
		return -ENOMEM;
	cfg->devs = v;
	v[cfg->n_devs++] = *dev;
	return 0;
}

static int service_cmp(const void *a, const void *b)
{
	return klb_service_cmp(a, b);
}

static int pool_cmp(const void *a, const void *b)
{
	const struct klb_pool *x = a, *y = b;

	return strcmp(x->name, y->name);
}

static int dev_cmp(const void *a, const void *b)
{
	const struct klb_dev *x = a, *y = b;

	return strcmp(x->name, y->name);
}

static void sort(void *array, size_t n, size_t size,
		 int (*cmp)(const void *, const void *))
{
	if (n > 1)		/* an empty one may be NULL */
		qsort(array, n, size, cmp);
}

void config_sort(struct config *cfg)
{
	size_t i;

	sort(cfg->services, cfg->n_services, sizeof(*cfg->services),
	     service_cmp);
	sort(cfg->pools, cfg->n_pools, sizeof(*cfg->pools), pool_cmp);
	sort(cfg->devs, cfg->n_devs, sizeof(*cfg->devs), dev_cmp);
	for (i = 0; i < cfg->n_services; i++)
		klb_service_sort_endpoints(&cfg->services[i]);
}

static int keep_service(const struct klb_service *svc, void *arg)
{
	struct klb_service copy;
	int rc;

	rc = klb_service_copy(&copy, svc);
	if (rc)
		return rc;
	rc = config_add_service(arg, &copy);
	if (rc)
		klb_service_free(&copy);
	return rc;
}

static int keep_pool(const struct klb_pool *pool, void *arg)
{
	return config_add_pool(arg, pool);
}

static int keep_dev(const struct klb_dev *dev, void *arg)
{
	return dev->hooks ? config_add_dev(arg, dev) : 0;
}

int config_load(struct klb *k, struct config *cfg)
{
	bool torn;
	int rc;

	config_init(cfg);
	rc = klb_net_get(k, &cfg->net);
	if (!rc)
		rc = klb_service_dump(k, keep_service, cfg);
	torn = k->interrupted;
	if (!rc)
		rc = klb_pool_dump(k, keep_pool, cfg);
	torn |= k->interrupted;
	if (!rc)
		rc = klb_dev_dump(k, keep_dev, cfg);
	k->interrupted |= torn;
	if (!rc)
		config_sort(cfg);
	else
		config_free(cfg);
	return rc;
}

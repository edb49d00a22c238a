// SPDX-License-Identifier: GPL-2.0
#include "store.h"

#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

struct kube_store {
	void *entries;		/* tsearch() */
	void *slices;
	struct kube_node *node;
	char *name;		/* of the node */
	uint32_t round[3];	/* by kind: counts lists */
	bool net_touched;
	unsigned int node_changes;
	struct kube_entry *first, **last;
	struct kube_entry *taken;	/* by the last kube_store_next() */
};

static int no_memory(struct klb_err *err)
{
	return klb_err_set(err, -ENOMEM, "out of memory");
}

static int name_cmp(const char *ns, const char *name, const char *other_ns,
		    const char *other)
{
	int rc = strcmp(ns, other_ns);

	return rc ? rc : strcmp(name, other);
}

static int entry_cmp(const void *a, const void *b)
{
	const struct kube_entry *x = a, *y = b;

	return name_cmp(x->ns, x->name, y->ns, y->name);
}

static int slice_cmp(const void *a, const void *b)
{
	const struct kube_slice *x = a, *y = b;

	return name_cmp(x->ns, x->name, y->ns, y->name);
}

static void entry_free(void *p)
{
	struct kube_entry *entry = p;

	kube_service_free(entry->svc);
	free(entry->slices);
	free(entry->ns);
	free(entry->name);
	free(entry);
}

static void slice_free(void *p)
{
	kube_slice_free(p);
}

struct kube_store *kube_store_new(const char *node)
{
	struct kube_store *store = calloc(1, sizeof(*store));

	if (!store)
		return NULL;
	store->last = &store->first;
	store->name = strdup(node);
	if (store->name)
		return store;
	free(store);
	return NULL;
}

void kube_store_free(struct kube_store *store)
{
	if (!store)
		return;
	tdestroy(store->entries, entry_free);
	tdestroy(store->slices, slice_free);
	kube_node_free(store->node);
	free(store->name);
	free(store);
}

static struct kube_entry *find_entry(const struct kube_store *store,
				     const char *ns, const char *name)
{
	const struct kube_entry key = {
		.ns = (char *)ns, .name = (char *)name,
	};
	void *node = tfind(&key, &store->entries, entry_cmp);

	return node ? *(struct kube_entry **)node : NULL;
}

static struct kube_slice *find_slice(const struct kube_store *store,
				     const char *ns, const char *name)
{
	const struct kube_slice key = {
		.ns = (char *)ns, .name = (char *)name,
	};
	void *node = tfind(&key, &store->slices, slice_cmp);

	return node ? *(struct kube_slice **)node : NULL;
}

/* Makes it if there is none; NULL if there is no memory. */
static struct kube_entry *get_entry(struct kube_store *store, const char *ns,
				    const char *name)
{
	struct kube_entry *entry = find_entry(store, ns, name);

	if (entry)
		return entry;
	entry = calloc(1, sizeof(*entry));
	if (!entry)
		return NULL;
	entry->ns = strdup(ns);
	entry->name = strdup(name);
	if (entry->ns && entry->name &&
	    tsearch(entry, &store->entries, entry_cmp))
		return entry;
	entry_free(entry);
	return NULL;
}

static void touch(struct kube_store *store, struct kube_entry *entry)
{
	if (entry->touched)
		return;
	entry->touched = true;
	entry->next = NULL;
	*store->last = entry;
	store->last = &entry->next;
}

/* One without anything was told to be gone, or it is still touched. */
static void put_back(struct kube_store *store)
{
	struct kube_entry *entry = store->taken;

	store->taken = NULL;
	if (!entry || entry->touched || entry->svc || entry->n_slices)
		return;
	tdelete(entry, &store->entries, entry_cmp);
	entry_free(entry);
}

const struct kube_entry *kube_store_next(struct kube_store *store)
{
	struct kube_entry *entry;

	put_back(store);
	entry = store->first;
	if (!entry)
		return NULL;
	store->first = entry->next;
	if (!store->first)
		store->last = &store->first;
	entry->touched = false;
	store->taken = entry;
	return entry;
}

/* Where it is or would be. */
static size_t place_of(const struct kube_entry *entry, const char *name)
{
	size_t i;

	for (i = 0; i < entry->n_slices; i++) {
		if (strcmp(entry->slices[i]->name, name) >= 0)
			break;
	}
	return i;
}

static bool link_slice(struct kube_store *store, struct kube_slice *slice)
{
	struct kube_entry *entry = get_entry(store, slice->ns, slice->owner);
	struct kube_slice **v;
	size_t i;

	if (!entry)
		return false;
	/* even if there is no room: it may be new and of no use */
	touch(store, entry);
	v = realloc(entry->slices, (entry->n_slices + 1) * sizeof(*v));
	if (!v)
		return false;
	entry->slices = v;
	i = place_of(entry, slice->name);
	memmove(v + i + 1, v + i, (entry->n_slices - i) * sizeof(*v));
	v[i] = slice;
	entry->n_slices++;
	return true;
}

static void unlink_slice(struct kube_store *store, struct kube_slice *slice)
{
	struct kube_entry *entry = find_entry(store, slice->ns, slice->owner);
	size_t i = place_of(entry, slice->name);

	entry->n_slices--;
	memmove(entry->slices + i, entry->slices + i + 1,
		(entry->n_slices - i) * sizeof(*entry->slices));
	touch(store, entry);
}

static void drop_slice(struct kube_store *store, struct kube_slice *slice)
{
	unlink_slice(store, slice);
	tdelete(slice, &store->slices, slice_cmp);
	kube_slice_free(slice);
}

static void drop_service(struct kube_store *store, struct kube_entry *entry)
{
	kube_service_free(entry->svc);
	entry->svc = NULL;
	touch(store, entry);
}

static int add_slice(struct kube_store *store, struct kube_slice *slice,
		     struct klb_err *err)
{
	if (!tsearch(slice, &store->slices, slice_cmp)) {
		kube_slice_free(slice);
		return no_memory(err);
	}
	if (link_slice(store, slice))
		return 0;
	tdelete(slice, &store->slices, slice_cmp);
	kube_slice_free(slice);
	return no_memory(err);
}

/* 1.2: one whose label is gone is gone itself. */
static int put_slice(struct kube_store *store, const json_t *obj,
		     const char *ns, const char *name, struct klb_err *err)
{
	struct kube_slice *old = find_slice(store, ns, name), *slice;
	int rc;

	if (old)
		old->round = store->round[KUBE_SLICE];
	rc = kube_slice_parse(obj, store->name, &slice, err);
	if (rc)
		return rc;
	slice->round = store->round[KUBE_SLICE];
	if (old)
		drop_slice(store, old);
	if (slice->owner)
		return add_slice(store, slice, err);
	kube_slice_free(slice);
	return 0;
}

static int put_service(struct kube_store *store, const json_t *obj,
		       const char *ns, const char *name, struct klb_err *err)
{
	struct kube_entry *entry = find_entry(store, ns, name);
	struct kube_service *old = entry ? entry->svc : NULL, *svc;
	int rc;

	if (old)
		old->round = store->round[KUBE_SERVICE];
	rc = kube_service_parse(obj, &svc, err);
	if (rc)
		return rc;
	entry = get_entry(store, ns, name);
	if (!entry) {
		kube_service_free(svc);
		return no_memory(err);
	}
	kube_service_free(entry->svc);
	entry->svc = svc;
	svc->round = store->round[KUBE_SERVICE];
	touch(store, entry);
	return 0;
}

/* What has changed of the node, and which Services that matters to. */
struct change_of_node {
	struct kube_store *store;
	bool zone, addrs, pods;
};

static bool has_zones(const struct kube_entry *entry)
{
	size_t i;

	for (i = 0; i < entry->n_slices; i++) {
		if (entry->slices[i]->n_zones)
			return true;
	}
	return false;
}

static void touch_by_node(const void *node, VISIT visit, void *arg)
{
	struct kube_entry *entry = *(struct kube_entry *const *)node;
	const struct change_of_node *c = arg;

	if (visit != postorder && visit != leaf)
		return;
	/* pods: whether they can be told decides about masquerading */
	if (c->pods || (c->zone && has_zones(entry)) ||
	    (c->addrs && entry->svc && entry->svc->ranges.n))
		touch(c->store, entry);
}

void kube_store_touch_all(struct kube_store *store)
{
	struct change_of_node c = { .store = store, .pods = true };

	twalk_r(store->entries, touch_by_node, &c);
}

/* Takes over @node. */
static void replace_node(struct kube_store *store, struct kube_node *node)
{
	static const struct kube_node none = { .zone = "" };
	const struct kube_node *a = store->node ? store->node : &none;
	struct change_of_node c = {
		.store = store,
		.zone = strcmp(a->zone, node->zone),
		.addrs = klb_addr_cmp(&a->addr4, &node->addr4) ||
			 klb_addr_cmp(&a->addr6, &node->addr6),
		.pods = !klb_prefixes_same(&a->pods, &node->pods),
	};

	if (c.zone || c.addrs || c.pods)
		twalk_r(store->entries, touch_by_node, &c);
	store->net_touched |= c.addrs || c.pods;
	store->node_changes++;
	kube_node_free(store->node);
	store->node = node;
}

static int put_node(struct kube_store *store, const json_t *obj,
		    struct klb_err *err)
{
	struct kube_node *node;
	int rc;

	rc = kube_node_parse(obj, &node, err);
	if (!rc)
		replace_node(store, node);
	return rc;
}

int kube_store_put(struct kube_store *store, enum kube_kind kind,
		   const json_t *obj, struct klb_err *err)
{
	const char *ns = NULL, *name;
	int rc;

	rc = kube_meta_parse(obj, kind == KUBE_NODE ? NULL : &ns, &name, err);
	if (rc)
		return rc;
	switch (kind) {
	case KUBE_SERVICE:
		return put_service(store, obj, ns, name, err);
	case KUBE_SLICE:
		return put_slice(store, obj, ns, name, err);
	default:		/* other nodes do not matter */
		return strcmp(name, store->name) ? 0 :
						   put_node(store, obj, err);
	}
}

int kube_store_gone(struct kube_store *store, enum kube_kind kind,
		    const json_t *obj, struct klb_err *err)
{
	const char *ns = NULL, *name;
	struct kube_entry *entry;
	struct kube_slice *slice;
	int rc;

	rc = kube_meta_parse(obj, kind == KUBE_NODE ? NULL : &ns, &name, err);
	if (rc)
		return rc;
	if (kind == KUBE_SLICE) {
		slice = find_slice(store, ns, name);
		if (slice)
			drop_slice(store, slice);
	} else if (kind == KUBE_SERVICE) {
		entry = find_entry(store, ns, name);
		if (entry && entry->svc)
			drop_service(store, entry);
	}
	return 0;
}

void kube_store_begin_list(struct kube_store *store, enum kube_kind kind)
{
	store->round[kind]++;
}

/* What a list did not have; a tree must not change while it is walked. */
struct unseen {
	const struct kube_store *store;
	void **v;
	size_t n, room;
	bool failed;
};

static void add_unseen(struct unseen *u, void *p)
{
	void **v = u->v;

	if (u->n == u->room) {
		v = realloc(v, (2 * u->room + 16) * sizeof(*v));
		if (!v) {
			u->failed = true;
			return;
		}
		u->v = v;
		u->room = 2 * u->room + 16;
	}
	v[u->n++] = p;
}

static void find_unseen_slice(const void *node, VISIT visit, void *arg)
{
	struct kube_slice *slice = *(struct kube_slice *const *)node;
	struct unseen *u = arg;

	if ((visit == postorder || visit == leaf) &&
	    slice->round != u->store->round[KUBE_SLICE])
		add_unseen(u, slice);
}

static void drop_unseen_service(const void *node, VISIT visit, void *arg)
{
	struct kube_entry *entry = *(struct kube_entry *const *)node;
	struct kube_store *store = arg;

	if ((visit == postorder || visit == leaf) && entry->svc &&
	    entry->svc->round != store->round[KUBE_SERVICE])
		drop_service(store, entry);
}

static int drop_unseen_slices(struct kube_store *store)
{
	struct unseen u = { .store = store };
	size_t i;

	twalk_r(store->slices, find_unseen_slice, &u);
	for (i = 0; i < u.n; i++)
		drop_slice(store, u.v[i]);
	free(u.v);
	return u.failed ? -ENOMEM : 0;
}

int kube_store_end_list(struct kube_store *store, enum kube_kind kind)
{
	switch (kind) {
	case KUBE_SERVICE:	/* only empties entries */
		twalk_r(store->entries, drop_unseen_service, store);
		return 0;
	case KUBE_SLICE:
		return drop_unseen_slices(store);
	default:		/* see kube_store_node() */
		return 0;
	}
}

const struct kube_node *kube_store_node(const struct kube_store *store)
{
	return store->node;
}

bool kube_store_net_touched(struct kube_store *store)
{
	bool touched = store->net_touched;

	store->net_touched = false;
	return touched;
}

unsigned int kube_store_node_changes(const struct kube_store *store)
{
	return store->node_changes;
}

const struct kube_service *kube_store_service(const struct kube_store *store,
					      const char *ns, const char *name)
{
	const struct kube_entry *entry = find_entry(store, ns, name);

	return entry ? entry->svc : NULL;
}

// SPDX-License-Identifier: GPL-2.0
#include "diff.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "names.h"

void kube_changes_free(struct kube_changes *changes)
{
	free(changes->v);
	memset(changes, 0, sizeof(*changes));
}

static int append(struct kube_changes *c, enum kube_change_type type,
		  const struct klb_service *svc, uint32_t has)
{
	size_t room = c->n == c->room ? 2 * c->room + 16 : c->room;
	struct kube_change *v = c->v;

	if (room != c->room) {
		v = realloc(v, room * sizeof(*v));
		if (!v)
			return -ENOMEM;
		c->v = v;
		c->room = room;
	}
	v[c->n++] = (struct kube_change) {
		.type = type, .has = has, .svc = svc,
	};
	return 0;
}

static bool is_ours(const struct klb_service *svc, const char *mark)
{
	return !strncmp(svc->name, mark, strlen(mark));
}

static void tell(const struct klb_service *is, const struct klb_service *wanted,
		 kube_conflict_cb conflict, void *arg)
{
	char sentence[2 * sizeof(is->name) + KLB_ADDR_TEXT + 64];
	char text[KLB_ADDR_TEXT];

	if (!conflict)
		return;
	snprintf(sentence, sizeof(sentence),
		 "%s does not get %s %s, which somebody else has set (\"%s\")",
		 wanted->name, klb_proto_name(is->proto),
		 klb_ap_format(&is->ap, text), is->name);
	conflict(sentence, arg);
}

static int set(struct kube_changes *changes, const struct klb_service *is,
	       const struct klb_service *wanted)
{
	uint32_t has = klb_service_differences(is, wanted);

	return has ? append(changes, KUBE_CHANGE_SET, wanted, has) : 0;
}

/* Both lists are walked through at once; one of the two at a place or both. */
struct pair {
	const struct klb_service *is, *wanted;
};

static bool next_pair(struct pair *p, const struct klb_service *is, size_t n_is,
		      const struct kube_claims *wanted, size_t at[2])
{
	int cmp;

	p->is = at[0] < n_is ? &is[at[0]] : NULL;
	p->wanted = at[1] < wanted->n ? &wanted->v[at[1]].svc : NULL;
	if (p->is && p->wanted) {
		cmp = klb_service_cmp(p->is, p->wanted);
		if (cmp < 0)
			p->wanted = NULL;
		else if (cmp > 0)
			p->is = NULL;
	}
	at[0] += !!p->is;
	at[1] += !!p->wanted;
	return p->is || p->wanted;
}

int kube_diff(const struct klb_service *is, size_t n_is,
	      const struct kube_claims *wanted, const char *mark,
	      kube_conflict_cb conflict, void *arg,
	      struct kube_changes *changes)
{
	size_t at[2] = { 0 }, again[2] = { 0 };
	struct pair p;
	int rc = 0;

	memset(changes, 0, sizeof(*changes));
	while (!rc && next_pair(&p, is, n_is, wanted, at)) {
		if (!p.wanted && is_ours(p.is, mark))
			rc = append(changes, KUBE_CHANGE_DEL, p.is, 0);
	}
	while (!rc && next_pair(&p, is, n_is, wanted, again)) {
		if (!p.wanted)
			continue;
		if (!p.is)
			rc = append(changes, KUBE_CHANGE_NEW, p.wanted,
				    klb_service_differences(NULL, p.wanted));
		else if (is_ours(p.is, mark))
			rc = set(changes, p.is, p.wanted);
		else
			tell(p.is, p.wanted, conflict, arg);
	}
	if (rc)
		kube_changes_free(changes);
	return rc;
}

// SPDX-License-Identifier: GPL-2.0
#include "plan.h"

#include <errno.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "names.h"

/* A Service and what it wants. */
struct owner {
	char *ns, *name;
	struct kube_claims claims;
};

struct want {
	const struct owner *owner;
	const struct kube_claim *claim;
};

/* One key: who wants it, and what the module has there. */
struct slot {
	uint8_t proto;
	struct klb_ap ap;
	struct want *wants;
	size_t n;
	struct klb_service *is;		/* NULL: nothing */
	bool told;			/* by the dump that runs */
	size_t losers;			/* when it was looked at */
	struct queue *on;		/* NULL: nothing is to be done */

	TAILQ_ENTRY(slot) entry;
};

struct queue {
	TAILQ_HEAD(, slot) head;
	size_t n;
};

struct kube_plan {
	void *owners, *slots;		/* tsearch() */
	const char *mark;
	kube_conflict_cb conflict;
	void *arg;
	struct queue pending;		/* not looked at since they changed */
	struct queue later;		/* no deletions */
	struct queue refused;
	struct slot *handed;		/* out, by kube_plan_next() */
	size_t conflicts;		/* all losers */
	struct kube_no_local no_local;
};

static int owner_cmp(const void *a, const void *b)
{
	const struct owner *x = a, *y = b;
	int rc = strcmp(x->ns, y->ns);

	return rc ? rc : strcmp(x->name, y->name);
}

static int slot_cmp(const void *a, const void *b)
{
	const struct slot *x = a, *y = b;
	int rc = klb_ap_cmp(&x->ap, &y->ap);

	return rc ? rc : x->proto - y->proto;
}

static void owner_free(void *p)
{
	struct owner *o = p;

	kube_claims_free(&o->claims);
	free(o->ns);
	free(o->name);
	free(o);
}

static void forget_is(struct slot *s)
{
	if (s->is)
		klb_service_free(s->is);
	free(s->is);
	s->is = NULL;
}

static void slot_free(void *p)
{
	struct slot *s = p;

	forget_is(s);
	free(s->wants);
	free(s);
}

static void queue_init(struct queue *q)
{
	TAILQ_INIT(&q->head);
	q->n = 0;
}

static void unqueue(struct slot *s)
{
	if (!s->on)
		return;
	TAILQ_REMOVE(&s->on->head, s, entry);
	s->on->n--;
	s->on = NULL;
}

static void queue(struct slot *s, struct queue *q)
{
	unqueue(s);
	TAILQ_INSERT_TAIL(&q->head, s, entry);
	q->n++;
	s->on = q;
}

/* Something has changed about it. */
static void touch(struct kube_plan *plan, struct slot *s)
{
	if (s->on != &plan->pending)
		queue(s, &plan->pending);
}

struct kube_plan *kube_plan_new(const char *mark, kube_conflict_cb conflict,
				void *arg)
{
	struct kube_plan *plan = calloc(1, sizeof(*plan));

	if (!plan)
		return NULL;
	plan->mark = mark;
	plan->conflict = conflict;
	plan->arg = arg;
	queue_init(&plan->pending);
	queue_init(&plan->later);
	queue_init(&plan->refused);
	return plan;
}

void kube_plan_free(struct kube_plan *plan)
{
	if (!plan)
		return;
	tdestroy(plan->slots, slot_free);
	tdestroy(plan->owners, owner_free);
	free(plan);
}

static struct slot *find_slot(struct kube_plan *plan,
			      const struct klb_service *key)
{
	const struct slot like = { .proto = key->proto, .ap = key->ap };
	void *node = tfind(&like, &plan->slots, slot_cmp);

	return node ? *(struct slot **)node : NULL;
}

/* Makes it if there is none; NULL if there is no memory. */
static struct slot *get_slot(struct kube_plan *plan,
			     const struct klb_service *key)
{
	struct slot *s = find_slot(plan, key);

	if (s)
		return s;
	s = calloc(1, sizeof(*s));
	if (!s)
		return NULL;
	s->proto = key->proto;
	s->ap = key->ap;
	if (tsearch(s, &plan->slots, slot_cmp))
		return s;
	free(s);
	return NULL;
}

static struct owner *get_owner(struct kube_plan *plan, const char *ns,
			       const char *name)
{
	const struct owner like = { .ns = (char *)ns, .name = (char *)name };
	void *node = tfind(&like, &plan->owners, owner_cmp);
	struct owner *o;

	if (node)
		return *(struct owner **)node;
	o = calloc(1, sizeof(*o));
	if (!o)
		return NULL;
	o->ns = strdup(ns);
	o->name = strdup(name);
	if (o->ns && o->name && tsearch(o, &plan->owners, owner_cmp))
		return o;
	owner_free(o);
	return NULL;
}

static void unlink_claims(struct kube_plan *plan, struct owner *o)
{
	struct slot *s;
	size_t i, k;

	for (i = 0; i < o->claims.n; i++) {
		s = find_slot(plan, &o->claims.v[i].svc);
		for (k = 0; s && k < s->n; k++) {
			if (s->wants[k].claim != &o->claims.v[i])
				continue;
			s->wants[k] = s->wants[--s->n];
			touch(plan, s);
			break;
		}
	}
}

static int link_claim(struct kube_plan *plan, const struct owner *o,
		      const struct kube_claim *claim)
{
	struct slot *s = get_slot(plan, &claim->svc);
	struct want *v;

	if (!s)
		return -ENOMEM;
	v = realloc(s->wants, (s->n + 1) * sizeof(*v));
	/* touched anyway: one that is new and of no use goes again */
	touch(plan, s);
	if (!v)
		return -ENOMEM;
	s->wants = v;
	v[s->n++] = (struct want) { .owner = o, .claim = claim };
	return 0;
}

static void count_no_local(struct kube_plan *plan,
			   const struct kube_claims *claims, int sign)
{
	struct kube_no_local n, *sum = &plan->no_local;

	kube_claims_no_local(claims, &n);
	sum->internal4 += sign * n.internal4;
	sum->internal6 += sign * n.internal6;
	sum->external4 += sign * n.external4;
	sum->external6 += sign * n.external6;
}

int kube_plan_want(struct kube_plan *plan, const char *ns, const char *name,
		   struct kube_claims *claims)
{
	struct owner *o = get_owner(plan, ns, name);
	size_t i;
	int rc = 0;

	if (!o) {
		kube_claims_free(claims);
		return -ENOMEM;
	}
	unlink_claims(plan, o);
	count_no_local(plan, &o->claims, -1);
	count_no_local(plan, claims, 1);
	kube_claims_free(&o->claims);
	o->claims = *claims;
	memset(claims, 0, sizeof(*claims));
	for (i = 0; i < o->claims.n && !rc; i++)
		rc = link_claim(plan, o, &o->claims.v[i]);
	if (!o->claims.n) {
		tdelete(o, &plan->owners, owner_cmp);
		owner_free(o);
	}
	return rc;
}

static int set_is(struct slot *s, const struct klb_service *svc)
{
	struct klb_service *is = malloc(sizeof(*is));

	if (!is)
		return -ENOMEM;
	if (klb_service_copy(is, svc)) {
		free(is);
		return -ENOMEM;
	}
	forget_is(s);
	s->is = is;
	return 0;
}

static void begin_slot(const void *node, VISIT visit, void *arg)
{
	struct slot *s = *(struct slot *const *)node;

	if (visit == postorder || visit == leaf)
		s->told = false;
}

void kube_plan_begin_dump(struct kube_plan *plan)
{
	twalk_r(plan->slots, begin_slot, NULL);
}

int kube_plan_has(struct kube_plan *plan, const struct klb_service *svc)
{
	struct slot *s = get_slot(plan, svc);
	int rc;

	if (!s)
		return -ENOMEM;
	rc = set_is(s, svc);
	touch(plan, s);
	if (rc)
		return rc;
	s->told = true;
	klb_service_sort_endpoints(s->is);
	klb_prefixes_sort(&s->is->sources);
	return 0;
}

static void end_slot(const void *node, VISIT visit, void *arg)
{
	struct slot *s = *(struct slot *const *)node;

	if ((visit != postorder && visit != leaf) || s->told || !s->is)
		return;
	forget_is(s);
	touch(arg, s);
}

void kube_plan_end_dump(struct kube_plan *plan)
{
	twalk_r(plan->slots, end_slot, plan);
}

static const struct want *winner(const struct slot *s)
{
	const struct want *best = NULL;
	size_t i;

	for (i = 0; i < s->n; i++) {
		if (!best || kube_claim_cmp(s->wants[i].claim, best->claim) < 0)
			best = &s->wants[i];
	}
	return best;
}

static void tell(const struct kube_plan *plan, const struct want *loser,
		 const char *who, const char *fmt)
{
	const struct klb_service *svc = &loser->claim->svc;
	char sentence[2 * sizeof(svc->name) + KLB_ADDR_TEXT + 64];
	char text[KLB_ADDR_TEXT];
	size_t n;

	if (!plan->conflict)
		return;
	n = snprintf(sentence, sizeof(sentence), "%s does not get %s %s, which ",
		     svc->name, klb_proto_name(svc->proto),
		     klb_ap_format(&svc->ap, text));
	snprintf(sentence + n, sizeof(sentence) - n, fmt, who);
	plan->conflict(loser->owner->ns, loser->owner->name, sentence,
		       plan->arg);
}

/* How many there are. */
static size_t tell_losers(const struct kube_plan *plan, const struct slot *s,
			  const struct want *best)
{
	size_t i, n = 0;

	for (i = 0; i < s->n; i++) {
		if (s->wants[i].owner == best->owner)
			continue;
		tell(plan, &s->wants[i], best->claim->svc.name, "%s has");
		n++;
	}
	return n;
}

static bool is_ours(const struct kube_plan *plan, const struct slot *s)
{
	return !strncmp(s->is->name, plan->mark, strlen(plan->mark));
}

/* False: there is nothing to be done. */
static bool change_of(const struct kube_plan *plan, const struct slot *s,
		      struct kube_change *c)
{
	const struct want *best = winner(s);

	*c = (struct kube_change) { .type = KUBE_CHANGE_DEL, .svc = s->is };
	if (!best)
		return s->is && is_ours(plan, s);
	c->svc = &best->claim->svc;
	c->ns = best->owner->ns;
	c->name = best->owner->name;
	if (s->is && !is_ours(plan, s))
		return false;
	c->type = s->is ? KUBE_CHANGE_SET : KUBE_CHANGE_NEW;
	c->has = klb_service_differences(s->is, c->svc);
	return !s->is || c->has;
}

/* As change_of(), and tells of conflicts. */
static bool look_at(struct kube_plan *plan, struct slot *s,
		    struct kube_change *c)
{
	const struct want *best = winner(s);

	plan->conflicts -= s->losers;
	s->losers = best ? tell_losers(plan, s, best) : 0;
	if (best && s->is && !is_ours(plan, s)) {
		tell(plan, best, s->is->name,
		     "somebody else has set (\"%s\")");
		s->losers++;
	}
	plan->conflicts += s->losers;
	return change_of(plan, s, c);
}

static void retire(struct kube_plan *plan, struct slot *s)
{
	unqueue(s);
	if (s->n || s->is)
		return;
	tdelete(s, &plan->slots, slot_cmp);
	slot_free(s);
}

bool kube_plan_next(struct kube_plan *plan, struct kube_change *change)
{
	struct slot *s;

	while ((s = TAILQ_FIRST(&plan->pending.head))) {
		if (!look_at(plan, s, change)) {
			retire(plan, s);
			continue;
		}
		queue(s, &plan->later);
		if (change->type == KUBE_CHANGE_DEL)
			goto found;
	}
	s = TAILQ_FIRST(&plan->later.head);
	if (!s)
		return false;
	change_of(plan, s, change);
found:
	plan->handed = s;
	return true;
}

int kube_plan_done(struct kube_plan *plan, const struct kube_change *change,
		   bool done)
{
	struct slot *s = plan->handed;
	int rc = 0;

	plan->handed = NULL;
	if (!done) {
		queue(s, &plan->refused);
		return 0;
	}
	if (change->type == KUBE_CHANGE_DEL)
		forget_is(s);
	else
		rc = set_is(s, change->svc);
	retire(plan, s);
	return rc;
}

size_t kube_plan_retry(struct kube_plan *plan)
{
	size_t n = plan->refused.n;
	struct slot *s;

	while ((s = TAILQ_FIRST(&plan->refused.head)))
		queue(s, &plan->pending);
	return n;
}

size_t kube_plan_refused(const struct kube_plan *plan)
{
	return plan->refused.n;
}

size_t kube_plan_conflicts(const struct kube_plan *plan)
{
	return plan->conflicts;
}

const struct kube_no_local *kube_plan_no_local(const struct kube_plan *plan)
{
	return &plan->no_local;
}

size_t kube_plan_pending(const struct kube_plan *plan)
{
	return plan->pending.n + plan->later.n;
}

struct walk {
	kube_plan_cb cb;
	void *arg;
};

static void walk_slot(const void *node, VISIT visit, void *arg)
{
	const struct slot *s = *(struct slot *const *)node;
	const struct want *best = winner(s);
	const struct walk *w = arg;

	if (visit == postorder || visit == leaf)
		w->cb(s->is, best ? &best->claim->svc : NULL, w->arg);
}

void kube_plan_walk(const struct kube_plan *plan, kube_plan_cb cb, void *arg)
{
	struct walk w = { .cb = cb, .arg = arg };

	twalk_r(plan->slots, walk_slot, &w);
}

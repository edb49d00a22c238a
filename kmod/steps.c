// SPDX-License-Identifier: GPL-2.0
#include "steps.h"

static void set_addr(struct klb_told *told, u8 family,
		     const union klb_addr *addr, __be16 port)
{
	told->family = family;
	klb_addr_copy(family, &told->addr, addr);
	told->port = port;
}

static void set_n(struct klb_told *told, u32 n, u32 of)
{
	told->counts = true;
	told->n = n;
	told->of = of;
}

void klb_tell_at(struct klb_steps *steps, enum klb_step kind, u8 family,
		 const union klb_addr *addr, __be16 port)
{
	struct klb_told *told = klb_tell(steps, kind);

	if (told)
		set_addr(told, family, addr, port);
}

void klb_tell_n(struct klb_steps *steps, enum klb_step kind, u32 n, u32 of)
{
	struct klb_told *told = klb_tell(steps, kind);

	if (told)
		set_n(told, n, of);
}

void klb_tell_also(struct klb_steps *steps, enum klb_step kind, u32 n, u32 of)
{
	struct klb_told *last;

	if (!steps || !steps->n)
		return;
	last = &steps->v[steps->n - 1];
	if (last->kind == kind)
		set_n(last, n, of);
}

void klb_tell_tuple(struct klb_steps *steps, enum klb_step kind,
		    const struct klb_tuple *t)
{
	struct klb_told *told = klb_tell(steps, kind);

	if (!told)
		return;
	set_addr(told, t->family, &t->src, t->ports.src);
	told->to_family = t->family;
	klb_addr_copy(t->family, &told->to, &t->dst);
	told->to_port = t->ports.dst;
}

/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KLB_STEPS_H
#define KLB_STEPS_H

#include <linux/klb.h>
#include <linux/string.h>

#include "tuple.h"

/* One of the steps that explain tells: see enum klb_step for what is set. */
struct klb_told {
	u8 kind;		/* enum klb_step */
	u8 family;		/* of addr, 0: none */
	u8 to_family;		/* of to, 0: none */
	u8 len;			/* bits of addr, if it is a prefix */
	__be16 port;
	__be16 to_port;
	union klb_addr addr;
	union klb_addr to;
	bool prefix;		/* len is set */
	bool counts;		/* n is set */
	u32 n;
	u32 of;			/* 0: not set */
};

/* Where they are told to. Functions that choose take a pointer to one: NULL, and
 * what they say is done; else they are only asked, change nothing, and tell why
 * they would choose so, as far as there is room.
 */
struct klb_steps {
	u8 n, max;
	struct klb_told *v;	/* [max] */
};

/* A new step for the caller to fill in, NULL: nobody wants to know. */
static inline struct klb_told *klb_tell(struct klb_steps *steps,
					enum klb_step kind)
{
	struct klb_told *told;

	if (!steps || steps->n == steps->max)
		return NULL;
	told = &steps->v[steps->n++];
	memset(told, 0, sizeof(*told));
	told->kind = kind;
	return told;
}

/* One about an address, and perhaps a port. */
void klb_tell_at(struct klb_steps *steps, enum klb_step kind, u8 family,
		 const union klb_addr *addr, __be16 port);
/* One about a number, @of as many or of so much else. */
void klb_tell_n(struct klb_steps *steps, enum klb_step kind, u32 n, u32 of);
/* Adds the number to the last one that was told, which is of @kind. */
void klb_tell_also(struct klb_steps *steps, enum klb_step kind, u32 n, u32 of);
/* One about a packet: its source and its destination. */
void klb_tell_tuple(struct klb_steps *steps, enum klb_step kind,
		    const struct klb_tuple *t);

#endif

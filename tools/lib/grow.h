/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KLB_GROW_H
#define KLB_GROW_H

#include <stddef.h>

/*
 * Room for one more behind the @n elements of @size bytes each that @v has, of
 * which it can hold *@room. Returns @v or what it has moved to; NULL: no
 * memory, and all is as it was.
 */
void *klb_grow(void *v, size_t n, size_t *room, size_t size);

#endif

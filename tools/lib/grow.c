// SPDX-License-Identifier: GPL-2.0
#include "grow.h"

#include <stdlib.h>

void *klb_grow(void *v, size_t n, size_t *room, size_t size)
{
	const size_t more = 2 * *room + 4;

	if (n < *room)
		return v;
	v = reallocarray(v, more, size);
	if (v)
		*room = more;
	return v;
}

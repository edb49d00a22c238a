/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LBCTL_UNITS_H
#define LBCTL_UNITS_H

#include <stdint.h>

#define UNITS_TEXT	32

/* For people: one decimal, cut off and not rounded. */
const char *units_count(uint64_t n, char text[UNITS_TEXT]);	/* 1.2k */
const char *units_bytes(uint64_t n, char text[UNITS_TEXT]);	/* 3.4 MiB */

#endif

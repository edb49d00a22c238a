/* SPDX-License-Identifier: GPL-2.0 */
/* What cmocka.h needs in front of it, and helpers of several tests. */
#ifndef KLB_UNIT_TEST_H
#define KLB_UNIT_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

#endif

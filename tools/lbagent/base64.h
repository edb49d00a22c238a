/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LBAGENT_BASE64_H
#define LBAGENT_BASE64_H

#include <stddef.h>

/*
 * RFC 4648, section 4, with padding; white space is left out, as YAML folds
 * long lines. The result is allocated and has a NUL behind it. -EINVAL or
 * -ENOMEM.
 */
int base64_decode(const char *text, size_t len, char **out, size_t *out_len);

/* NULL when out of memory. */
char *base64_encode(const void *data, size_t len);

#endif

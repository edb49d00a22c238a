/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LBAGENT_PAGE_H
#define LBAGENT_PAGE_H

#include "serve.h"
#include "traffic.h"

/*
 * /metrics as it is sent: @text of @len bytes, and then @t in pieces, as it
 * can be many megabytes. Takes both over, @t may be NULL. NULL: no memory, and
 * both are freed.
 */
struct serve_stream *page_new(char *text, size_t len, struct traffic *t);

#endif

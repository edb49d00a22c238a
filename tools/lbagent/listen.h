/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LBAGENT_LISTEN_H
#define LBAGENT_LISTEN_H

#include "addr.h"

/*
 * A TCP socket that listens at @at, which gets the port if that was 0. Returns
 * it, or -errno with a sentence.
 */
int listen_at(struct klb_ap *at, struct klb_err *err);

#endif

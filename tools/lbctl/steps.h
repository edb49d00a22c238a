/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LBCTL_STEPS_H
#define LBCTL_STEPS_H

#include <stddef.h>

#include "klb.h"
#include "out.h"

/* What explain has been told, and what decided: a line each, or "steps". */
void show_steps(struct out *o, const struct klb_explain_step *v, size_t n);

#endif

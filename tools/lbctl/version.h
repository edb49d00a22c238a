/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LBCTL_VERSION_H
#define LBCTL_VERSION_H

#include "out.h"

/* Of this program and, if it is loaded, of the module. */
void version_print(struct out *o);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LBCTL_CONFIG_WRITE_H
#define LBCTL_CONFIG_WRITE_H

#include <stdio.h>

#include "config.h"

/* As commands that apply and -b read; options that are defaults left out. */
void config_write(FILE *f, const struct config *cfg);

#endif

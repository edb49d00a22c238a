/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LBCTL_HELP_H
#define LBCTL_HELP_H

#include <stdio.h>

#include "cmd.h"

void help_all(FILE *f);
void help_object(FILE *f, const struct object *obj);
void help_command(FILE *f, const struct object *obj,
		  const struct command *cmd);

#endif

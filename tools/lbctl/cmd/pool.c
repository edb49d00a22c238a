// SPDX-License-Identifier: GPL-2.0
#include "cmd.h"

static int later(struct ctx *c, struct args *a)
{
	args_later(a, "pool");
	return EXIT_USAGE;
}

static const struct command commands[] = {
	{ "add", "NAME ADDR[-ADDR] [ ports LOW-HIGH ]", NULL, NULL, later },
	{ "del", "NAME", NULL, NULL, later },
	{ "show", "", NULL, NULL, later },
	{ NULL }
};

const struct object obj_pool = {
	.name = "pool",
	.about = "source addresses for fullnat (not supported yet)",
	.commands = commands,
};

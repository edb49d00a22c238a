// SPDX-License-Identifier: GPL-2.0
#include "cmd.h"
#include "config.h"
#include "config_write.h"

static int save(struct ctx *c, struct args *a)
{
	struct config cfg;
	int rc;

	if (args_end(a))
		return EXIT_USAGE;
	rc = config_load(&c->klb, &cfg);
	if (!rc)
		config_write(c->out.f, &cfg);
	config_free(&cfg);
	return ctx_dumped(c, rc);
}

static const struct command commands[] = {
	{ NULL, "", NULL, NULL, save },
	{ NULL }
};

const struct object obj_save = {
	.name = "save",
	.about = "print the configuration, for apply",
	.commands = commands,
};

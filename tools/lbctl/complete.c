// SPDX-License-Identifier: GPL-2.0
#include "complete.h"

#include <string.h>

static void print_words(FILE *f, const char *const *words)
{
	for (; words && *words; words++)
		fprintf(f, "%s\n", *words);
}

static void print_objects(FILE *f)
{
	int i;

	for (i = 0; objects[i]; i++)
		fprintf(f, "%s\n", objects[i]->name);
	fputs("help\n", f);
}

static void print_commands(FILE *f, const struct object *obj)
{
	const struct command *cmd;

	for (cmd = obj->commands; cmd->run; cmd++)
		fprintf(f, "%s\n", cmd->name);
	fputs("help\n", f);
}

static const struct opt *find(const struct opt *opts, const char *name)
{
	for (; opts->name; opts++) {
		if (!strcmp(opts->name, name))
			return opts;
	}
	return NULL;
}

static int given(const struct args *a, const char *name)
{
	int i;

	for (i = a->pos; i < a->argc; i++) {
		if (!strcmp(a->argv[i], name))
			return 1;
	}
	return 0;
}

/* Options come in pairs: an odd number of words asks for a value. */
static void print_options(FILE *f, const struct command *cmd, struct args *a)
{
	const struct opt *opt;

	if (!cmd->opts)
		return;
	if ((a->argc - a->pos) % 2) {
		opt = find(cmd->opts, a->argv[a->argc - 1]);
		if (opt)
			print_words(f, opt->words);
		return;
	}
	for (opt = cmd->opts; opt->name; opt++) {
		if (!given(a, opt->name))
			fprintf(f, "%s\n", opt->name);
	}
}

static void print_arguments(FILE *f, const struct command *cmd,
			    struct args *a)
{
	const char *const *const *words = cmd->words;

	if (a->pos == a->argc)
		fputs("help\n", f);
	for (; words && *words; words++) {
		if (!args_next(a)) {
			print_words(f, *words);
			return;
		}
	}
	print_options(f, cmd, a);
}

int complete(struct ctx *c, struct args *a)
{
	const struct command *cmd;
	const struct object *obj;
	const char *word;

	word = args_next(a);
	obj = word ? object_find(word) : NULL;
	if (!word)
		print_objects(c->out.f);
	if (!obj)
		return ctx_end(c);
	cmd = obj->commands;
	if (cmd->name) {
		word = args_next(a);
		cmd = word ? command_find(obj, word) : NULL;
		if (!word)
			print_commands(c->out.f, obj);
	}
	if (cmd)
		print_arguments(c->out.f, cmd, a);
	return ctx_end(c);
}

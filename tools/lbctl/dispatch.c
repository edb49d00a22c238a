// SPDX-License-Identifier: GPL-2.0
#include "cmd.h"

#include <string.h>

#include "complete.h"
#include "help.h"

const struct object *const objects[] = {
	&obj_service,
	&obj_endpoint,
	&obj_dev,
	&obj_pool,
	&obj_net,
	&obj_conn,
	&obj_stats,
	&obj_monitor,
	&obj_explain,
	&obj_save,
	&obj_apply,
	NULL
};

const struct object *object_find(const char *name)
{
	int i;

	for (i = 0; objects[i]; i++) {
		if (!strcmp(objects[i]->name, name))
			return objects[i];
	}
	return NULL;
}

const struct command *command_find(const struct object *obj, const char *name)
{
	const struct command *cmd;

	for (cmd = obj->commands; cmd->run; cmd++) {
		if (cmd->name && !strcmp(cmd->name, name))
			return cmd;
	}
	return NULL;
}

static int unknown_object(struct args *a, const char *word)
{
	const char *names[32];
	char text[256];
	int i;

	for (i = 0; objects[i]; i++)
		names[i] = objects[i]->name;
	names[i++] = "help";
	names[i] = NULL;
	words_or(names, text, sizeof(text));
	if (word)
		args_fail(a, "\"%.64s\" is not an object: expected %s", word,
			  text);
	else
		args_fail(a, "OBJECT is missing: expected %s", text);
	return EXIT_USAGE;
}

static int unknown_command(struct args *a, const struct object *obj,
			   const char *word)
{
	const char *names[32];
	char text[256];
	int i;

	for (i = 0; obj->commands[i].run; i++)
		names[i] = obj->commands[i].name;
	names[i++] = "help";
	names[i] = NULL;
	words_or(names, text, sizeof(text));
	if (word)
		args_fail(a, "\"%.64s\" is not a command of %s: expected %s",
			  word, obj->name, text);
	else
		args_fail(a, "the command of %s is missing: expected %s",
			  obj->name, text);
	return EXIT_USAGE;
}

static int is_help(const struct args *a)
{
	const char *word = args_peek(a);

	return word && !strcmp(word, "help") && a->pos + 1 == a->argc;
}

static int run(struct ctx *c, const struct object *obj,
	       const struct command *cmd, struct args *a)
{
	if (!is_help(a))
		return cmd->run(c, a);
	help_command(c->out.f, obj, cmd);
	return ctx_end(c);
}

static int run_object(struct ctx *c, const struct object *obj, struct args *a)
{
	const struct command *cmd;
	const char *word;

	if (!obj->commands->name)
		return run(c, obj, obj->commands, a);
	if (is_help(a)) {
		help_object(c->out.f, obj);
		return ctx_end(c);
	}
	word = args_next(a);
	if (!word)
		word = obj->fallback;
	cmd = word ? command_find(obj, word) : NULL;
	return cmd ? run(c, obj, cmd, a) : unknown_command(a, obj, word);
}

int dispatch(struct ctx *c, struct args *a)
{
	const struct object *obj;
	const char *word;

	if (is_help(a)) {
		help_all(c->out.f);
		return ctx_end(c);
	}
	word = args_next(a);
	if (word && !strcmp(word, COMPLETE_OBJECT))
		return complete(c, a);
	obj = word ? object_find(word) : NULL;
	return obj ? run_object(c, obj, a) : unknown_object(a, word);
}

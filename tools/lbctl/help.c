// SPDX-License-Identifier: GPL-2.0
#include "help.h"

#include <string.h>

static bool is_fallback(const struct object *obj, const struct command *cmd)
{
	return obj->fallback && !strcmp(obj->fallback, cmd->name);
}

static void usage(FILE *f, const char *lead, const struct object *obj,
		  const struct command *cmd)
{
	fprintf(f, "%slbctl %s", lead, obj->name);
	if (cmd->name)
		fprintf(f, is_fallback(obj, cmd) ? " [ %s ]" : " %s",
			cmd->name);
	if (*cmd->synopsis)
		fprintf(f, " %s", cmd->synopsis);
	fputc('\n', f);
}

static void options(FILE *f, const struct opt *opts)
{
	const char *lead = "OPTION := ";

	for (; opts->name; opts++) {
		fprintf(f, "  %-10s%s %s", lead, opts->name, opts->value);
		if (opts->note)
			fprintf(f, "  (%s)", opts->note);
		fputc('\n', f);
		lead = "        |";
	}
}

static void notes(FILE *f, const struct object *obj)
{
	if (obj->notes)
		fputs(obj->notes, f);
}

void help_command(FILE *f, const struct object *obj,
		  const struct command *cmd)
{
	usage(f, "Usage: ", obj, cmd);
	if (cmd->opts)
		options(f, cmd->opts);
	notes(f, obj);
}

void help_object(FILE *f, const struct object *obj)
{
	const char *lead = "Usage: ";
	const struct command *cmd;
	const struct opt *told = NULL;

	for (cmd = obj->commands; cmd->run; cmd++) {
		usage(f, lead, obj, cmd);
		lead = "       ";
	}
	for (cmd = obj->commands; cmd->run; cmd++) {
		if (cmd->opts && !told)
			told = cmd->opts;
	}
	if (told)
		options(f, told);
	notes(f, obj);
}

void help_all(FILE *f)
{
	int i;

	fputs("Usage: lbctl [ -j ] [ -p ] [ -n NETNS ] OBJECT { COMMAND | help }\n"
	      "       lbctl [ -j ] [ -p ] [ -n NETNS ] -b FILE\n"
	      "       lbctl { -V | -h }\n"
	      "where OBJECT := ", f);
	for (i = 0; objects[i]; i++)
		fprintf(f, "%s%-9s %s\n", i ? "              | " : "",
			objects[i]->name, objects[i]->about);
	fputs("  -j, --json     print JSON\n"
	      "  -p, --pretty   with -j: for people\n"
	      "  -n, --netns    act in the network namespace /run/netns/NETNS\n"
	      "  -b, --batch    read commands from FILE, - is standard input\n"
	      "  -V, --version  version of lbctl and of the loaded module\n"
	      "  -h, --help     this text\n", f);
}

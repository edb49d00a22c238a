/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LBCTL_CMD_H
#define LBCTL_CMD_H

#include "ctx.h"

/* Places for completion, beside the words of options. */
#define COMPLETE_DEV	"<dev>"
#define COMPLETE_FILE	"<file>"

struct command {
	/* NULL: the object is its own command, and the only one */
	const char *name;
	const char *synopsis;		/* the words behind the name, in BNF */
	const struct opt *opts;		/* that it takes, or NULL */
	/* for completion: words[n] is the list for word n, in front of opts */
	const char *const *const *words;
	int (*run)(struct ctx *c, struct args *a);
};

struct object {
	const char *name;
	const char *about;
	const char *fallback;		/* command if none is given, or NULL */
	const struct command *commands;	/* ends with run = NULL */
	const char *notes;		/* for help, or NULL */
};

/* One for each file of cmd/. */
extern const struct object obj_service;
extern const struct object obj_endpoint;
extern const struct object obj_dev;
extern const struct object obj_pool;
extern const struct object obj_net;
extern const struct object obj_conn;
extern const struct object obj_stats;
extern const struct object obj_monitor;
extern const struct object obj_explain;
extern const struct object obj_save;
extern const struct object obj_apply;

/* All of them, the end is NULL. Dispatch, help and completion read this. */
extern const struct object *const objects[];

const struct object *object_find(const char *name);
const struct command *command_find(const struct object *obj,
				   const char *name);

/* Runs OBJECT { COMMAND | help }. Returns an exit status. */
int dispatch(struct ctx *c, struct args *a);

#endif

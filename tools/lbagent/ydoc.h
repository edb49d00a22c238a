/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LBAGENT_YDOC_H
#define LBAGENT_YDOC_H

#include <stdbool.h>
#include <stddef.h>

#include <yaml.h>

#include "err.h"

/*
 * A file of YAML. It is walked by the names looked for and never as a whole,
 * so that aliases that point to each other do no harm.
 */
struct ydoc {
	yaml_document_t doc;
	const char *path;
	int dir_len;	/* of @path up to its last slash */
	struct klb_err *err;
};

/*
 * These return 0, or -errno with a sentence in d->err that begins with
 * FILE:LINE. @path and @err must outlive the document.
 */
int ydoc_load(struct ydoc *d, const char *path, struct klb_err *err);
void ydoc_free(struct ydoc *d);

/* @line counts from 0, as libyaml's marks. Returns -EINVAL. */
int ydoc_fail(struct ydoc *d, size_t line, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
int ydoc_no_memory(struct ydoc *d);

bool ydoc_is_text(const yaml_node_t *n);
const char *ydoc_text(const yaml_node_t *n);

/* *@value is NULL for what is not there or null. @map may be NULL. */
int ydoc_find(struct ydoc *d, yaml_node_t *map, const char *key,
	      yaml_node_t **value);
int ydoc_find_text(struct ydoc *d, yaml_node_t *map, const char *key,
		   yaml_node_t **value);
int ydoc_find_list(struct ydoc *d, yaml_node_t *map, const char *key,
		   yaml_node_t **list);
/* A list may be NULL, which is an empty one. */
size_t ydoc_list_len(const yaml_node_t *list);
yaml_node_t *ydoc_list_at(struct ydoc *d, yaml_node_t *list, size_t i);

/* What is not there stays as it is. A text is one line, and allocated. */
int ydoc_get_text(struct ydoc *d, yaml_node_t *map, const char *key,
		  char **out);
/* Relative to where the file is. */
int ydoc_get_path(struct ydoc *d, yaml_node_t *map, const char *key,
		  char **out);
int ydoc_path(struct ydoc *d, char **path);
int ydoc_get_bool(struct ydoc *d, yaml_node_t *map, const char *key,
		  bool *out);
/* Refuses names that are not in @keys, whose end is NULL. */
int ydoc_known(struct ydoc *d, yaml_node_t *map, const char *const *keys);

#endif

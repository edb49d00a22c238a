// SPDX-License-Identifier: GPL-2.0
#include "ydoc.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int ydoc_fail(struct ydoc *d, size_t line, const char *fmt, ...)
{
	char why[320];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	return klb_err_set(d->err, -EINVAL, "%.160s:%zu: %s", d->path,
			   line + 1, why);
}

int ydoc_no_memory(struct ydoc *d)
{
	klb_err_set(d->err, -ENOMEM, "%.160s: out of memory", d->path);
	return -ENOMEM;
}

const char *ydoc_text(const yaml_node_t *n)
{
	return (const char *)n->data.scalar.value;
}

bool ydoc_is_text(const yaml_node_t *n)
{
	return n->type == YAML_SCALAR_NODE;
}

static bool ydoc_is_null(const yaml_node_t *n)
{
	static const char *const names[] = { "", "~", "null", "Null", "NULL" };
	size_t i;

	if (!ydoc_is_text(n) || n->data.scalar.style != YAML_PLAIN_SCALAR_STYLE)
		return false;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!strcmp(ydoc_text(n), names[i]))
			return true;
	}
	return false;
}

int ydoc_find(struct ydoc *d, yaml_node_t *map, const char *key,
	      yaml_node_t **value)
{
	yaml_node_pair_t *p;
	yaml_node_t *k;

	*value = NULL;
	if (!map)
		return 0;
	if (map->type != YAML_MAPPING_NODE)
		return ydoc_fail(d, map->start_mark.line,
				 "expected names and values, for %s", key);
	for (p = map->data.mapping.pairs.start; p < map->data.mapping.pairs.top;
	     p++) {
		k = yaml_document_get_node(&d->doc, p->key);
		if (!ydoc_is_text(k) || strcmp(ydoc_text(k), key))
			continue;
		if (*value)
			return ydoc_fail(d, k->start_mark.line, "%s is there twice",
					 key);
		*value = yaml_document_get_node(&d->doc, p->value);
	}
	if (*value && ydoc_is_null(*value))
		*value = NULL;
	return 0;
}

int ydoc_find_text(struct ydoc *d, yaml_node_t *map, const char *key,
		   yaml_node_t **value)
{
	int rc = ydoc_find(d, map, key, value);
	yaml_node_t *v = *value;

	if (rc || !v)
		return rc;
	if (!ydoc_is_text(v))
		return ydoc_fail(d, v->start_mark.line, "%s: expected a text", key);
	if (strlen(ydoc_text(v)) != v->data.scalar.length)
		return ydoc_fail(d, v->start_mark.line, "%s has a NUL byte", key);
	return 0;
}

int ydoc_get_text(struct ydoc *d, yaml_node_t *map, const char *key,
		  char **out)
{
	yaml_node_t *v;
	int rc = ydoc_find_text(d, map, key, &v);

	if (rc || !v || !*ydoc_text(v))
		return rc;
	/* Header lines are made of some of these. */
	if (strpbrk(ydoc_text(v), "\r\n"))
		return ydoc_fail(d, v->start_mark.line, "%s has more than one line",
				 key);
	*out = strdup(ydoc_text(v));
	return *out ? 0 : ydoc_no_memory(d);
}

int ydoc_path(struct ydoc *d, char **path)
{
	char *p;

	if (!*path || **path == '/')
		return 0;
	if (asprintf(&p, "%.*s%s", d->dir_len, d->path, *path) < 0)
		return ydoc_no_memory(d);
	free(*path);
	*path = p;
	return 0;
}

int ydoc_get_path(struct ydoc *d, yaml_node_t *map, const char *key,
		  char **out)
{
	int rc = ydoc_get_text(d, map, key, out);

	return rc ? rc : ydoc_path(d, out);
}

int ydoc_get_bool(struct ydoc *d, yaml_node_t *map, const char *key,
		  bool *out)
{
	yaml_node_t *v;
	int rc = ydoc_find_text(d, map, key, &v);

	if (rc || !v)
		return rc;
	*out = !strcmp(ydoc_text(v), "true");
	if (*out || !strcmp(ydoc_text(v), "false"))
		return 0;
	return ydoc_fail(d, v->start_mark.line, "%s: expected true or false, not \"%.64s\"",
			 key, ydoc_text(v));
}

int ydoc_find_list(struct ydoc *d, yaml_node_t *map, const char *key,
		   yaml_node_t **list)
{
	int rc = ydoc_find(d, map, key, list);

	if (!rc && *list && (*list)->type != YAML_SEQUENCE_NODE)
		return ydoc_fail(d, (*list)->start_mark.line, "%s: expected a list",
				 key);
	return rc;
}

size_t ydoc_list_len(const yaml_node_t *list)
{
	return list ? list->data.sequence.items.top -
		      list->data.sequence.items.start : 0;
}

yaml_node_t *ydoc_list_at(struct ydoc *d, yaml_node_t *list, size_t i)
{
	return yaml_document_get_node(&d->doc,
				      list->data.sequence.items.start[i]);
}

int ydoc_known(struct ydoc *d, yaml_node_t *map, const char *const *keys)
{
	const char *const *known;
	yaml_node_pair_t *p;
	yaml_node_t *k;

	if (map->type != YAML_MAPPING_NODE)
		return ydoc_fail(d, map->start_mark.line,
				 "expected names and values");
	for (p = map->data.mapping.pairs.start; p < map->data.mapping.pairs.top;
	     p++) {
		k = yaml_document_get_node(&d->doc, p->key);
		for (known = keys; *known; known++) {
			if (ydoc_is_text(k) && !strcmp(ydoc_text(k), *known))
				break;
		}
		if (!*known)
			return ydoc_fail(d, k->start_mark.line,
					 "\"%.64s\" is no setting here",
					 ydoc_is_text(k) ? ydoc_text(k) : "");
	}
	return 0;
}

static int parse(struct ydoc *d, FILE *f)
{
	yaml_parser_t p;
	int rc = 0;

	if (!yaml_parser_initialize(&p))
		return ydoc_no_memory(d);
	yaml_parser_set_input_file(&p, f);
	if (!yaml_parser_load(&p, &d->doc))
		rc = ydoc_fail(d, p.problem_mark.line, "%.200s",
			       p.problem ? p.problem : "cannot read");
	yaml_parser_delete(&p);
	return rc;
}

int ydoc_load(struct ydoc *d, const char *path, struct klb_err *err)
{
	const char *slash = strrchr(path, '/');
	FILE *f = fopen(path, "re");
	int rc;

	memset(d, 0, sizeof(*d));
	d->path = path;
	d->err = err;
	d->dir_len = slash ? slash + 1 - path : 0;
	if (!f)
		return klb_err_set(err, -errno, "cannot open \"%.256s\": %s",
				   path, strerror(errno));
	rc = parse(d, f);
	fclose(f);
	return rc;
}

void ydoc_free(struct ydoc *d)
{
	yaml_document_delete(&d->doc);
}

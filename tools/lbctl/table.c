// SPDX-License-Identifier: GPL-2.0
#include "table.h"

#include <stdlib.h>
#include <string.h>

#include "utf8.h"

void table_init(struct table *t, FILE *f)
{
	memset(t, 0, sizeof(*t));
	t->f = f;
}

static void drop_rows(struct table *t)
{
	size_t i;

	for (i = 0; i < t->n_cells; i++)
		free(t->cells[i].text);
	t->n_cells = 0;
	t->n_rows = 0;
}

void table_free(struct table *t)
{
	drop_rows(t);
	free(t->rows);
	free(t->cells);
	table_init(t, t->f);
}

/* Makes room for one more; the array as it was if there is no memory. */
static void *grow(struct table *t, void *array, size_t n, size_t *room,
		  size_t size)
{
	void *bigger;

	if (n < *room)
		return array;
	bigger = realloc(array, (2 * *room + 64) * size);
	if (!bigger) {
		t->failed = true;
		return array;
	}
	*room = 2 * *room + 64;
	return bigger;
}

void table_row(struct table *t, int depth)
{
	if (!depth && t->n_rows >= TABLE_ROWS)
		table_flush(t);
	t->rows = grow(t, t->rows, t->n_rows, &t->rows_room, sizeof(*t->rows));
	if (t->n_rows == t->rows_room)
		return;
	t->rows[t->n_rows++] = (struct table_row){
		.depth = depth < TABLE_DEPTH ? depth : TABLE_DEPTH - 1,
		.first = t->n_cells,
		.end = t->n_cells,
	};
}

static struct table_column *column(struct table *t, int depth, const char *key)
{
	struct table_column *c = t->columns[depth];
	int i;

	for (i = 0; i < TABLE_COLUMNS && c[i].key; i++) {
		if (c[i].key == key || !strcmp(c[i].key, key))
			return &c[i];
	}
	if (i == TABLE_COLUMNS)
		return NULL;
	c[i].key = key;
	return &c[i];
}

void table_cell(struct table *t, const char *key, bool label, bool right,
		const char *text)
{
	struct table_row *row = t->rows + t->n_rows - 1;
	struct table_column *col;
	size_t width;
	char *copy;

	if (!t->n_rows)
		return;
	t->cells = grow(t, t->cells, t->n_cells, &t->cells_room,
			sizeof(*t->cells));
	copy = strdup(text);
	col = column(t, row->depth, key);
	if (t->n_cells == t->cells_room || !copy || !col) {
		t->failed = true;
		free(copy);
		return;
	}
	width = utf8_width(text);
	if (width > col->value)
		col->value = width;
	if (label && width)
		col->label = utf8_width(key) + 1;
	t->cells[t->n_cells++] = (struct table_cell){
		.key = key, .label = label, .right = right, .text = copy,
	};
	row->end = t->n_cells;
}

static const struct table_cell *find(const struct table *t,
				     const struct table_row *row,
				     const char *key)
{
	size_t i;

	for (i = row->first; i < row->end; i++) {
		if (t->cells[i].key == key || !strcmp(t->cells[i].key, key))
			return &t->cells[i];
	}
	return NULL;
}

/* Blanks are owed until something follows them, so that no line ends in one. */
static size_t print_cell(FILE *f, const struct table_column *col,
			 const struct table_cell *cell, size_t owed)
{
	size_t pad, width = utf8_width(cell->text);

	fprintf(f, "%*s", (int)owed, "");
	if (cell->label)
		fprintf(f, "%s ", cell->key);
	pad = col->value - width + (cell->label ? 0 : col->label);
	if (cell->right)
		fprintf(f, "%*s", (int)pad, "");
	fputs(cell->text, f);
	return 2 + (cell->right ? 0 : pad);
}

static void print_row(const struct table *t, const struct table_row *row)
{
	const struct table_column *col = t->columns[row->depth];
	const struct table_cell *cell;
	size_t owed = 2 * row->depth;
	int i;

	for (i = 0; i < TABLE_COLUMNS && col[i].key; i++) {
		if (!col[i].value)
			continue;	/* no row has anything to say here */
		cell = find(t, row, col[i].key);
		if (cell && *cell->text)
			owed = print_cell(t->f, &col[i], cell, owed);
		else
			owed += col[i].label + col[i].value + 2;
	}
	fputc('\n', t->f);
}

void table_flush(struct table *t)
{
	size_t i;

	for (i = 0; i < t->n_rows; i++)
		print_row(t, &t->rows[i]);
	drop_rows(t);
}

void table_end(struct table *t)
{
	table_flush(t);
	memset(t->columns, 0, sizeof(t->columns));
}

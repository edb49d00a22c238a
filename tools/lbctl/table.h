/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LBCTL_TABLE_H
#define LBCTL_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define TABLE_DEPTH	4
#define TABLE_COLUMNS	24

/* Rows are kept back until so many are there, to align their columns. */
#define TABLE_ROWS	1024

struct table_column {
	const char *key;
	size_t label;		/* widths */
	size_t value;
};

struct table_cell {
	const char *key;
	bool label;		/* the key is shown in front of the value */
	bool right;
	char *text;
};

struct table_row {
	int depth;
	size_t first;		/* cell */
	size_t end;
};

/*
 * Rows of cells; rows of the same depth have their columns aligned. A column
 * is known by the key of its cells, which must outlive the table, and a row
 * need not have all of them.
 */
struct table {
	FILE *f;
	bool failed;		/* out of memory */
	struct table_column columns[TABLE_DEPTH][TABLE_COLUMNS];
	struct table_row *rows;
	size_t n_rows, rows_room;
	struct table_cell *cells;
	size_t n_cells, cells_room;
};

void table_init(struct table *t, FILE *f);
void table_free(struct table *t);
void table_row(struct table *t, int depth);
void table_cell(struct table *t, const char *key, bool label, bool right,
		const char *text);
/* Prints what is kept back; widths stay as they are. */
void table_flush(struct table *t);
/* The same at the end of a table: the next one has its own columns. */
void table_end(struct table *t);

#endif

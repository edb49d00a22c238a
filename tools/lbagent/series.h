/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LBAGENT_SERIES_H
#define LBAGENT_SERIES_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/*
 * Prometheus' text format, version 0.0.4. Errors are those of the stream: who
 * closes it looks.
 */
#define SERIES_TYPE	"text/plain; version=0.0.4; charset=utf-8"

/* Has room for the labels of a service's endpoint, whatever its name. */
#define SERIES_LABELS	2048

/* The labels of a series, without braces. Begins zeroed. */
struct series_labels {
	char text[SERIES_LABELS];
	size_t len;
};

/* Once, before all series of the name. */
void series_family(FILE *f, const char *name, const char *type,
		   const char *help);
/* What is not UTF-8 in it becomes "?". What has no room is left out. */
void series_label(struct series_labels *labels, const char *name,
		  const char *value);
/* The shortest that is read as the same number. */
void series_number(FILE *f, double value);
/* A series; @labels is NULL or what stands between the braces. */
void series_put(FILE *f, const char *name, const char *labels, double value);
void series_put_u64(FILE *f, const char *name, const char *labels,
		    uint64_t value);

#endif

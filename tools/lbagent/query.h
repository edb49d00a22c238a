/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LBAGENT_QUERY_H
#define LBAGENT_QUERY_H

/* What a reflector follows. */
struct query {
	const char *path;	/* "/api/v1/services" */
	const char *labels;	/* selectors; NULL: all */
	const char *fields;
};

/* Paths with queries, allocated; NULL when out of memory. "": a quorum read. */
char *query_list(const struct query *q, const char *version);
char *query_watch(const struct query *q, const char *version,
		  unsigned int timeout_s);

#endif

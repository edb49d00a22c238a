/* SPDX-License-Identifier: GPL-2.0 */
/* Fails the test if a text is not what Prometheus reads without complaint. */
#ifndef KLB_UNIT_PROM_H
#define KLB_UNIT_PROM_H

#include <ctype.h>
#include <math.h>
#include <stdbool.h>

#define PROM_SERIES	20000

struct prom_family {
	char name[128];
	char type[16];
};

struct prom {
	struct prom_family families[512];
	size_t n_families;
	char *series[PROM_SERIES];	/* name and labels */
	size_t n_series;
	char help[128];			/* of the name whose type is to come */
	double bucket;			/* the last one of the histogram */
	double le;
};

static inline const char *prom_name(const char *s, char *name)
{
	size_t len = 0;

	while (isalnum(*s) || *s == '_' || *s == ':') {
		assert_true(len < 127 && (len || !isdigit(*s)));
		name[len++] = *s++;
	}
	assert_true(len > 0);
	name[len] = 0;
	return s;
}

/* A quoted value with just the escapes that there are. */
static inline const char *prom_value(const char *s)
{
	assert_int_equal(*s++, '"');
	while (*s != '"') {
		assert_true(*s && *s != '\n');
		if (*s == '\\') {
			s++;
			assert_true(*s == '\\' || *s == '"' || *s == 'n');
		}
		s++;
	}
	return s + 1;
}

static inline const char *prom_labels(const char *s, double *le)
{
	char names[16][128];
	size_t i, n = 0;

	if (*s != '{')
		return s;
	do {
		assert_true(n < 16);
		s = prom_name(s + 1, names[n]);
		assert_null(strchr(names[n], ':'));
		for (i = 0; i < n; i++)
			assert_string_not_equal(names[i], names[n]);
		assert_int_equal(*s++, '=');
		if (!strcmp(names[n++], "le"))
			*le = strncmp(s, "\"+Inf", 5) ? atof(s + 1) : INFINITY;
		s = prom_value(s);
	} while (*s == ',');
	assert_int_equal(*s, '}');
	return s + 1;
}

static inline bool prom_has_suffix(const char *s, const char *suffix)
{
	size_t n = strlen(s), m = strlen(suffix);

	return n > m && !strcmp(s + n - m, suffix);
}

/* The family that a series is of is always the last one that has begun. */
static inline void prom_belongs(const struct prom *p, const char *name)
{
	const struct prom_family *f = &p->families[p->n_families - 1];
	size_t len;

	assert_true(p->n_families > 0 && !*p->help);
	len = strlen(f->name);
	if (strncmp(name, f->name, len))
		fail_msg("%s within %s", name, f->name);
	if (strcmp(f->type, "histogram"))
		assert_string_equal(name + len, "");
	else
		assert_true(!strcmp(name + len, "_bucket") ||
			    !strcmp(name + len, "_sum") ||
			    !strcmp(name + len, "_count"));
	if (!strcmp(f->type, "counter"))
		assert_true(prom_has_suffix(name, "_total"));
}

static inline void prom_histogram(struct prom *p, const char *name, double le,
				  double value)
{
	if (prom_has_suffix(name, "_bucket")) {
		assert_true(le > p->le && value >= p->bucket);
		p->le = le;
		p->bucket = value;
	} else if (prom_has_suffix(name, "_count")) {
		assert_true(isinf(p->le) && p->bucket == value);
	}
}

static inline void prom_sample(struct prom *p, const char *line)
{
	char name[128], *end;
	double value, le = 0;
	const char *s;

	s = prom_labels(prom_name(line, name), &le);
	prom_belongs(p, name);
	assert_true(p->n_series < PROM_SERIES);
	p->series[p->n_series++] = strndup(line, s - line);
	assert_int_equal(*s, ' ');
	assert_false(isspace(s[1]));
	value = strtod(s + 1, &end);
	assert_true(end > s + 1 && !*end && !isnan(value));
	if (!strcmp(p->families[p->n_families - 1].type, "histogram"))
		prom_histogram(p, name, le, value);
}

static inline void prom_help(struct prom *p, const char *s)
{
	size_t i;

	assert_false(*p->help);
	s = prom_name(s, p->help);
	assert_int_equal(*s++, ' ');
	for (; *s; s++) {
		if (*s == '\\') {
			s++;
			assert_true(*s == '\\' || *s == 'n');
		}
	}
	for (i = 0; i < p->n_families; i++)
		assert_string_not_equal(p->families[i].name, p->help);
}

static inline void prom_type(struct prom *p, const char *s)
{
	struct prom_family *f = &p->families[p->n_families++];

	assert_true(p->n_families < 512);
	s = prom_name(s, f->name);
	assert_string_equal(f->name, p->help);
	*p->help = 0;
	snprintf(f->type, sizeof(f->type), "%s", s + 1);
	assert_true(!strcmp(f->type, "counter") || !strcmp(f->type, "gauge") ||
		    !strcmp(f->type, "histogram"));
	p->bucket = 0;
	p->le = -1;
}

static inline void prom_line(struct prom *p, const char *line)
{
	if (!strncmp(line, "# HELP ", 7))
		prom_help(p, line + 7);
	else if (!strncmp(line, "# TYPE ", 7))
		prom_type(p, line + 7);
	else
		prom_sample(p, line);
}

static inline int prom_cmp(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static inline void prom_check(const char *text)
{
	struct prom *p = calloc(1, sizeof(*p));
	char *copy = strdup(text), *line, *next;
	size_t i;

	assert_true(*text && text[strlen(text) - 1] == '\n');
	for (line = copy; *line; line = next) {
		next = strchr(line, '\n');
		*next++ = 0;
		prom_line(p, line);
	}
	assert_false(*p->help);
	qsort(p->series, p->n_series, sizeof(*p->series), prom_cmp);
	for (i = 1; i < p->n_series; i++)
		assert_string_not_equal(p->series[i - 1], p->series[i]);
	for (i = 0; i < p->n_series; i++)
		free(p->series[i]);
	free(copy);
	free(p);
}

/* Whether a line stands in it. */
static inline bool prom_has(const char *text, const char *line)
{
	const char *at = text;
	size_t len = strlen(line);

	while ((at = strstr(at, line))) {
		if ((at == text || at[-1] == '\n') && at[len] == '\n')
			return true;
		at++;
	}
	return false;
}

#endif

// SPDX-License-Identifier: GPL-2.0
#include "units.h"

#include <inttypes.h>
#include <stdio.h>

static const char *format(uint64_t n, unsigned int base,
			  const char *const *suffix, char text[UNITS_TEXT])
{
	uint64_t div = 1;

	while (suffix[1] && n / div >= base) {
		div *= base;
		suffix++;
	}
	if (div == 1)
		snprintf(text, UNITS_TEXT, "%" PRIu64 "%s", n, *suffix);
	else	/* n * 10 could overflow; the remainder, below 2^60, cannot */
		snprintf(text, UNITS_TEXT, "%" PRIu64 ".%" PRIu64 "%s", n / div,
			 n % div * 10 / div, *suffix);
	return text;
}

const char *units_count(uint64_t n, char text[UNITS_TEXT])
{
	static const char *const suffix[] = {
		"", "k", "M", "G", "T", "P", "E", NULL
	};

	return format(n, 1000, suffix, text);
}

const char *units_bytes(uint64_t n, char text[UNITS_TEXT])
{
	static const char *const suffix[] = {
		" B", " KiB", " MiB", " GiB", " TiB", " PiB", " EiB", NULL
	};

	return format(n, 1024, suffix, text);
}

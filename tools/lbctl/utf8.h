/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LBCTL_UTF8_H
#define LBCTL_UTF8_H

#include <stddef.h>
#include <stdint.h>

/*
 * Bytes of the character that @s begins with and the character itself; 1 and
 * @cp = UTF8_BAD if the byte begins none. @s ends with NUL.
 */
size_t utf8_next(const char *s, uint32_t *cp);
#define UTF8_BAD	UINT32_MAX

/* Columns, with one for each character. */
size_t utf8_width(const char *s);

/*
 * Writes @s with everything that a terminal could take for a command, and
 * every stray byte, as \xNN. Returns what snprintf() would.
 */
size_t utf8_printable(const char *s, char *text, size_t size);

#endif

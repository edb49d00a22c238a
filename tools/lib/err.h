/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KLB_ERR_H
#define KLB_ERR_H

/* One sentence for a person, without a newline. */
struct klb_err {
	char text[512];
};

/* Writes the sentence and hands back @code, so that it can stand in a return. */
int klb_err_set(struct klb_err *err, int code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#endif

/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KLB_ADDR_H
#define KLB_ADDR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"

/* "[" 45 digits of v6 "]:" 65535 NUL, rounded up */
#define KLB_ADDR_TEXT	64

/* The length is the family, as in the protocol; 0 means none. */
struct klb_addr {
	uint8_t len;
	uint8_t b[16];
};

struct klb_ap {
	struct klb_addr addr;
	uint16_t port;		/* host byte order; 0 means none */
};

/* Bare address, no brackets. */
int klb_addr_parse(const char *s, struct klb_addr *addr, struct klb_err *err);
/* ADDR:PORT, brackets around v6. */
int klb_ap_parse(const char *s, struct klb_ap *ap, struct klb_err *err);
/* ADDR or ADDR:PORT; v6 without a port may go without brackets. */
int klb_ap_parse_opt(const char *s, struct klb_ap *ap, struct klb_err *err);
int klb_port_parse(const char *s, uint16_t *port, struct klb_err *err);

const char *klb_addr_format(const struct klb_addr *addr,
			    char text[KLB_ADDR_TEXT]);
/* The port is left out if it is 0. */
const char *klb_ap_format(const struct klb_ap *ap, char text[KLB_ADDR_TEXT]);

int klb_addr_cmp(const struct klb_addr *a, const struct klb_addr *b);
int klb_ap_cmp(const struct klb_ap *a, const struct klb_ap *b);

#endif

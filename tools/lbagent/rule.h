/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LBAGENT_RULE_H
#define LBAGENT_RULE_H

#include <stdbool.h>
#include <stdint.h>

#include "handle.h"

/* Before the rules of the main table, and of nearly everybody else. */
#define RULE_PRIORITY	107

/* What goes to one port of one protocol looks into a table of its own first. */
struct rule {
	uint8_t family;		/* AF_INET, AF_INET6 */
	uint8_t proto;		/* IPPROTO_... */
	uint16_t port;		/* of the destination, host byte order */
};

/*
 * The table of such packets, "klb" and the two numbers: nobody keeps a list of
 * them, and none is like one that was chosen by hand.
 */
static inline uint32_t rule_table(uint8_t proto, uint16_t port)
{
	return 0x6b000000u | (uint32_t)proto << 16 | port;
}

/* Whether @table is such a one, and whose. The family is not in it. */
bool rule_of_table(uint32_t table, struct rule *rule);

/* What is returned if it is not 0 ends the walk. */
typedef int (*rule_cb)(const struct rule *rule, void *arg);

/* All are 0 or -errno with a sentence in k->err. */

/* Those of both families that carry ROUTE_PROTOCOL and are as rule_add() makes them. */
int rule_dump(struct klb *k, rule_cb cb, void *arg);
int rule_add(struct klb *k, const struct rule *rule);
/* One that is not there is no failure. */
int rule_del(struct klb *k, const struct rule *rule);

/* True if it is about one of lbagent's. */
bool rule_parse(const struct nlmsghdr *nlh, struct rule *rule);

#endif

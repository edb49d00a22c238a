/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KLB_NAMES_H
#define KLB_NAMES_H

/* The words of the protocol's numbers. All lists end with NULL. */
extern const char *const klb_scheduler_names[];
extern const char *const klb_forward_names[];
extern const char *const klb_masquerade_names[];
extern const char *const klb_empty_names[];
extern const char *const klb_scope_names[];
extern const char *const klb_endpoint_state_names[];
extern const char *const klb_conn_state_names[];
extern const char *const klb_conn_end_names[];
extern const char *const klb_outcome_names[];
extern const char *const klb_step_names[];

/* A number this program does not know yet is "unknown". */
const char *klb_name(const char *const *names, unsigned int value);
/* Index of @name, -1 if it is not in the list. */
int klb_name_find(const char *const *names, const char *name);

const char *klb_proto_name(unsigned int proto);
/* IPPROTO_..., -1 if it is none of tcp, udp, sctp. */
int klb_proto_find(const char *name);

#endif

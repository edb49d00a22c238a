/* SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause) */
/* Do not edit directly, auto-generated from: */
/*	uapi/klb.yaml */
/* YNL-GEN uapi header */

#ifndef _UAPI_LINUX_KLB_H
#define _UAPI_LINUX_KLB_H

#define KLB_GENL_NAME		"klb"
#define KLB_GENL_VERSION	1

#define KLB_NAME_MAX		255
#define KLB_WEIGHT_MAX		65535
#define KLB_ENDPOINTS_MAX	65535
#define KLB_SOURCES_MAX		65535
#define KLB_NET_PREFIXES_MAX	256
#define KLB_SECONDARY_MAX	7
#define KLB_POOL_NAME_MAX	63
#define KLB_AFFINITY_MAX	86400

/**
 * enum klb_scheduler - how the endpoint of a new connection is chosen
 * @KLB_SCHEDULER_MAGLEV: weighted Maglev hashing (Eisenbud et al., NSDI 2016,
 *   section 3.4)
 * @KLB_SCHEDULER_RR: one after the other
 * @KLB_SCHEDULER_WRR: one after the other, as often as the weight says, evenly
 *   spread
 * @KLB_SCHEDULER_LC: the one with the fewest connections
 * @KLB_SCHEDULER_WLC: the one with the fewest connections for its weight
 * @KLB_SCHEDULER_RANDOM: the less loaded of two that are drawn by weight
 */
enum klb_scheduler {
	KLB_SCHEDULER_MAGLEV,
	KLB_SCHEDULER_RR,
	KLB_SCHEDULER_WRR,
	KLB_SCHEDULER_LC,
	KLB_SCHEDULER_WLC,
	KLB_SCHEDULER_RANDOM,
};

/**
 * enum klb_forward - what is done to a packet on its way to the endpoint
 * @KLB_FORWARD_NAT: destination replaced, source kept
 * @KLB_FORWARD_FULLNAT: destination and source replaced
 * @KLB_FORWARD_DSR: only the destination MAC address replaced; the endpoint
 *   answers
 * @KLB_FORWARD_IPIP: in an outer IP header; the endpoint answers
 * @KLB_FORWARD_GUE: in an outer UDP and GUE header; the endpoint answers
 */
enum klb_forward {
	KLB_FORWARD_NAT,
	KLB_FORWARD_FULLNAT,
	KLB_FORWARD_DSR,
	KLB_FORWARD_IPIP,
	KLB_FORWARD_GUE,
};

/**
 * enum klb_masquerade - whose source is replaced although forward is nat,
 *   beside those that would else not come back by this host
 * @KLB_MASQUERADE_OUTSIDE: clients that are neither this host nor in net's
 *   pods
 * @KLB_MASQUERADE_HOST: this host's own processes, which may ask from an
 *   address that the endpoint answers by another way
 */
enum klb_masquerade {
	KLB_MASQUERADE_NEVER,
	KLB_MASQUERADE_OUTSIDE,
	KLB_MASQUERADE_ALWAYS,
	KLB_MASQUERADE_HOST,
};

/**
 * enum klb_empty - what a client gets for which there is no endpoint
 * @KLB_EMPTY_REJECT: a TCP reset or ICMP port unreachable
 * @KLB_EMPTY_DROP: nothing
 */
enum klb_empty {
	KLB_EMPTY_REJECT,
	KLB_EMPTY_DROP,
};

/**
 * enum klb_scope - the clients that may get an endpoint
 * @KLB_SCOPE_INSIDE: this host and net's pods
 * @KLB_SCOPE_OUTSIDE: all others
 */
enum klb_scope {
	KLB_SCOPE_ALL,
	KLB_SCOPE_INSIDE,
	KLB_SCOPE_OUTSIDE,
};

/**
 * enum klb_endpoint_state
 * @KLB_ENDPOINT_STATE_UP: gets new connections
 * @KLB_ENDPOINT_STATE_DRAIN: gets no new connections, keeps what it has
 * @KLB_ENDPOINT_STATE_DOWN: gets no new connections, its UDP flows are moved
 *   at once
 */
enum klb_endpoint_state {
	KLB_ENDPOINT_STATE_UP,
	KLB_ENDPOINT_STATE_DRAIN,
	KLB_ENDPOINT_STATE_DOWN,
};

/**
 * enum klb_conn_state - State of a connection as seen from its packets. The
 *   TCP states are those of RFC 9293 as an observer in the middle sees them;
 *   SCTP has established, close and those from cookie-wait on (RFC 9260), of
 *   which shutdown is for either side.
 */
enum klb_conn_state {
	KLB_CONN_STATE_UNREPLIED,
	KLB_CONN_STATE_REPLIED,
	KLB_CONN_STATE_SYN_SENT,
	KLB_CONN_STATE_SYN_RECV,
	KLB_CONN_STATE_ESTABLISHED,
	KLB_CONN_STATE_FIN_WAIT,
	KLB_CONN_STATE_CLOSE_WAIT,
	KLB_CONN_STATE_LAST_ACK,
	KLB_CONN_STATE_TIME_WAIT,
	KLB_CONN_STATE_CLOSE,
	KLB_CONN_STATE_COOKIE_WAIT,
	KLB_CONN_STATE_COOKIE_ECHOED,
	KLB_CONN_STATE_SHUTDOWN,
	KLB_CONN_STATE_SHUTDOWN_ACK,
};

/**
 * enum klb_conn_end - why a connection ended
 * @KLB_CONN_END_EXPIRED: no packet came for as long as its state allows
 * @KLB_CONN_END_CLOSED: both sides closed it, or one reset it
 * @KLB_CONN_END_REPLACED: its client began anew from the same address and port
 * @KLB_CONN_END_ENDPOINT_GONE: its endpoint was removed or is down
 * @KLB_CONN_END_FLUSHED: by conn-flush
 * @KLB_CONN_END_EVICTED: it made room for others in a full table
 */
enum klb_conn_end {
	KLB_CONN_END_EXPIRED,
	KLB_CONN_END_CLOSED,
	KLB_CONN_END_REPLACED,
	KLB_CONN_END_ENDPOINT_GONE,
	KLB_CONN_END_FLUSHED,
	KLB_CONN_END_EVICTED,
};

/**
 * enum klb_dev_hook - where klb looks at the packets of a device
 */
enum klb_dev_hook {
	KLB_DEV_HOOK_INGRESS = 1,
	KLB_DEV_HOOK_EGRESS = 2,
};

/**
 * enum klb_outcome - what explain found
 * @KLB_OUTCOME_PASS: not a service, the stack gets it
 * @KLB_OUTCOME_FORWARD: translated and sent out of a device
 * @KLB_OUTCOME_LOCAL: translated and delivered on this host
 * @KLB_OUTCOME_DROP: dropped or rejected, the reason says why
 */
enum klb_outcome {
	KLB_OUTCOME_PASS,
	KLB_OUTCOME_FORWARD,
	KLB_OUTCOME_LOCAL,
	KLB_OUTCOME_DROP,
};

/**
 * enum klb_step - What explain found on its way: what it looked at, and what
 *   decided. addr, port, len, to-addr, to-port, n and of are the attributes of
 *   the step.
 * @KLB_STEP_NO_SERVICE: none has the address and port
 * @KLB_STEP_OWN_ADDRESS: addr is this host's, a service with any address has
 *   the port
 * @KLB_STEP_NODEPORT: the same, and it is in addr/len, one of net's nodeports
 * @KLB_STEP_NOT_NODEPORT: the same, but it is in none of net's nodeports
 * @KLB_STEP_NOT_OWN: a service with any address has the port, but addr is none
 *   of this host's, or loopback
 * @KLB_STEP_SECONDARY: addr is a further address of the service
 * @KLB_STEP_GUARDED: there is no service, and addr/len of net's guard has the
 *   address
 * @KLB_STEP_BAD_SOURCE: nobody sends from the client's address
 * @KLB_STEP_SOURCE: addr/len of the service's sources has the client
 * @KLB_STEP_NOT_SOURCE: none of the service's n sources has the client
 * @KLB_STEP_INSIDE_PODS: addr/len of net's pods has the client, so it is
 *   inside
 * @KLB_STEP_INSIDE_HOST: the client's address is this host's, so it is inside
 * @KLB_STEP_OUTSIDE: neither this host nor net's pods have the client's
 *   address
 * @KLB_STEP_REMEMBERED: the client had endpoint addr port n seconds ago, of
 *   counts
 * @KLB_STEP_FORGOTTEN: the same, but that is too long ago
 * @KLB_STEP_REMEMBERED_UNUSABLE: the client had endpoint addr port, which it
 *   cannot get: it is not up, has no weight or another scope, or is gone
 * @KLB_STEP_REMEMBERED_REPLACED: the same, but another endpoint has come to
 *   that place
 * @KLB_STEP_NOT_REMEMBERED: the affinity knows nothing of the client
 * @KLB_STEP_NO_ENDPOINT: of the service's n endpoints none can be had by the
 *   client
 * @KLB_STEP_REJECTS: the service is empty reject
 * @KLB_STEP_DROPS: the service is empty drop
 * @KLB_STEP_MAGLEV: slot n of a Maglev table of the size of
 * @KLB_STEP_TURN: turn n of a cycle of as many as of
 * @KLB_STEP_LEAST: endpoint addr port has the fewest connections, for its
 *   weight if the scheduler is wlc; n can be had
 * @KLB_STEP_RANDOM: endpoint addr port has the fewer connections for its
 *   weight of two that were drawn; the next draw is another one
 * @KLB_STEP_LOAD: endpoint addr port has n connections and the weight of
 * @KLB_STEP_FULLNAT: forward is fullnat, so the source is replaced
 * @KLB_STEP_FAMILY: the endpoint is of the other address family: the packet
 *   becomes one of it, and the source is replaced
 * @KLB_STEP_HAIRPIN: the client is the endpoint itself, so the source is
 *   replaced
 * @KLB_STEP_MASQUERADE: the service's masquerade wants the source replaced
 * @KLB_STEP_PORT_TAKEN: another connection has the client's port at the
 *   endpoint, so it is replaced
 * @KLB_STEP_TRANSLATED: it leaves from addr port to to-addr to-port; without
 *   port that is chosen when the connection is made
 * @KLB_STEP_DSR: it goes to the endpoint as it is
 * @KLB_STEP_IPIP: it goes in an IP header from addr to to-addr
 * @KLB_STEP_GUE: it goes in UDP and GUE from addr port to to-addr to-port
 * @KLB_STEP_CONN_ORIG: it is of a connection's client
 * @KLB_STEP_CONN_REPLY: it is of a connection's endpoint
 * @KLB_STEP_PATH: by a further path of an SCTP association
 * @KLB_STEP_CONN_OVER: there is a connection, but the packet begins a new one
 * @KLB_STEP_CONN_MAX: there are n connections, of are allowed
 * @KLB_STEP_STATELESS: it goes on by Maglev alone, without a connection
 * @KLB_STEP_STATELESS_REPLY: it is taken for the answer to a packet that went
 *   on without a connection
 * @KLB_STEP_EVICT: a connection that nobody answered, or that is over, makes
 *   way
 */
enum klb_step {
	KLB_STEP_NO_SERVICE,
	KLB_STEP_OWN_ADDRESS,
	KLB_STEP_NODEPORT,
	KLB_STEP_NOT_NODEPORT,
	KLB_STEP_NOT_OWN,
	KLB_STEP_SECONDARY,
	KLB_STEP_GUARDED,
	KLB_STEP_BAD_SOURCE,
	KLB_STEP_SOURCE,
	KLB_STEP_NOT_SOURCE,
	KLB_STEP_INSIDE_PODS,
	KLB_STEP_INSIDE_HOST,
	KLB_STEP_OUTSIDE,
	KLB_STEP_REMEMBERED,
	KLB_STEP_FORGOTTEN,
	KLB_STEP_REMEMBERED_UNUSABLE,
	KLB_STEP_REMEMBERED_REPLACED,
	KLB_STEP_NOT_REMEMBERED,
	KLB_STEP_NO_ENDPOINT,
	KLB_STEP_REJECTS,
	KLB_STEP_DROPS,
	KLB_STEP_MAGLEV,
	KLB_STEP_TURN,
	KLB_STEP_LEAST,
	KLB_STEP_RANDOM,
	KLB_STEP_LOAD,
	KLB_STEP_FULLNAT,
	KLB_STEP_FAMILY,
	KLB_STEP_HAIRPIN,
	KLB_STEP_MASQUERADE,
	KLB_STEP_PORT_TAKEN,
	KLB_STEP_TRANSLATED,
	KLB_STEP_DSR,
	KLB_STEP_IPIP,
	KLB_STEP_GUE,
	KLB_STEP_CONN_ORIG,
	KLB_STEP_CONN_REPLY,
	KLB_STEP_PATH,
	KLB_STEP_CONN_OVER,
	KLB_STEP_CONN_MAX,
	KLB_STEP_STATELESS,
	KLB_STEP_STATELESS_REPLY,
	KLB_STEP_EVICT,
};

enum {
	KLB_A_ENDPOINT_ADDR = 1,
	KLB_A_ENDPOINT_PORT,
	KLB_A_ENDPOINT_WEIGHT,
	KLB_A_ENDPOINT_STATE,
	KLB_A_ENDPOINT_CONNS,
	KLB_A_ENDPOINT_PAD,
	KLB_A_ENDPOINT_PACKETS_IN,
	KLB_A_ENDPOINT_BYTES_IN,
	KLB_A_ENDPOINT_PACKETS_OUT,
	KLB_A_ENDPOINT_BYTES_OUT,
	KLB_A_ENDPOINT_CONNS_TOTAL,
	KLB_A_ENDPOINT_SCOPE,

	__KLB_A_ENDPOINT_MAX
};
#define KLB_A_ENDPOINT_MAX (__KLB_A_ENDPOINT_MAX - 1)

enum {
	KLB_A_SERVICE_PROTO = 1,
	KLB_A_SERVICE_ADDR,
	KLB_A_SERVICE_PORT,
	KLB_A_SERVICE_NAME,
	KLB_A_SERVICE_SCHEDULER,
	KLB_A_SERVICE_FORWARD,
	KLB_A_SERVICE_TIMEOUT,
	KLB_A_SERVICE_MAGLEV_SIZE,
	KLB_A_SERVICE_SEED,
	KLB_A_SERVICE_ENDPOINT,
	KLB_A_SERVICE_ENDPOINTS_NONE,
	KLB_A_SERVICE_MORE,
	KLB_A_SERVICE_CONNS,
	KLB_A_SERVICE_PAD,
	KLB_A_SERVICE_PACKETS_IN,
	KLB_A_SERVICE_BYTES_IN,
	KLB_A_SERVICE_PACKETS_OUT,
	KLB_A_SERVICE_BYTES_OUT,
	KLB_A_SERVICE_CONNS_TOTAL,
	KLB_A_SERVICE_MAGLEV_SLOTS,
	KLB_A_SERVICE_MASQUERADE,
	KLB_A_SERVICE_EMPTY,
	KLB_A_SERVICE_AFFINITY,
	KLB_A_SERVICE_SHARE,
	KLB_A_SERVICE_POOL,
	KLB_A_SERVICE_SOURCE,
	KLB_A_SERVICE_SOURCE_NONE,
	KLB_A_SERVICE_SOURCES,
	KLB_A_SERVICE_SECONDARY,
	KLB_A_SERVICE_SECONDARY_NONE,

	__KLB_A_SERVICE_MAX
};
#define KLB_A_SERVICE_MAX (__KLB_A_SERVICE_MAX - 1)

enum {
	KLB_A_CONN_PROTO = 1,
	KLB_A_CONN_CLIENT_ADDR,
	KLB_A_CONN_CLIENT_PORT,
	KLB_A_CONN_VIP_ADDR,
	KLB_A_CONN_VIP_PORT,
	KLB_A_CONN_ENDPOINT_ADDR,
	KLB_A_CONN_ENDPOINT_PORT,
	KLB_A_CONN_SNAT_ADDR,
	KLB_A_CONN_SNAT_PORT,
	KLB_A_CONN_STATE,
	KLB_A_CONN_EXPIRES,
	KLB_A_CONN_PAD,
	KLB_A_CONN_PACKETS_IN,
	KLB_A_CONN_BYTES_IN,
	KLB_A_CONN_PACKETS_OUT,
	KLB_A_CONN_BYTES_OUT,
	KLB_A_CONN_COUNT,
	KLB_A_CONN_END,
	KLB_A_CONN_LOST,
	KLB_A_CONN_CLIENT_LEN,
	KLB_A_CONN_VIP_LEN,
	KLB_A_CONN_ENDPOINT_LEN,
	KLB_A_CONN_SNAT_LEN,

	__KLB_A_CONN_MAX
};
#define KLB_A_CONN_MAX (__KLB_A_CONN_MAX - 1)

enum {
	KLB_A_COUNTER_NAME = 1,
	KLB_A_COUNTER_VALUE,
	KLB_A_COUNTER_DOC,
	KLB_A_COUNTER_PAD,

	__KLB_A_COUNTER_MAX
};
#define KLB_A_COUNTER_MAX (__KLB_A_COUNTER_MAX - 1)

enum {
	KLB_A_STATS_COUNTER = 1,

	__KLB_A_STATS_MAX
};
#define KLB_A_STATS_MAX (__KLB_A_STATS_MAX - 1)

enum {
	KLB_A_NET_CONN_MAX = 1,
	KLB_A_NET_VETH_PEER,
	KLB_A_NET_CONNS,
	KLB_A_NET_BUCKETS,
	KLB_A_NET_SERVICES,
	KLB_A_NET_VERSION,
	KLB_A_NET_PODS,
	KLB_A_NET_PODS_NONE,
	KLB_A_NET_NODEPORTS,
	KLB_A_NET_NODEPORTS_NONE,
	KLB_A_NET_GUARD,
	KLB_A_NET_GUARD_NONE,
	KLB_A_NET_ECHO,
	KLB_A_NET_GUE_PORT,
	KLB_A_NET_PAD,
	KLB_A_NET_EVENTS_LOST,
	KLB_A_NET_CHAIN_MAX,
	KLB_A_NET_EVICTED,

	__KLB_A_NET_MAX
};
#define KLB_A_NET_MAX (__KLB_A_NET_MAX - 1)

enum {
	KLB_A_POOL_NAME = 1,
	KLB_A_POOL_FIRST,
	KLB_A_POOL_LAST,
	KLB_A_POOL_PORT_LOW,
	KLB_A_POOL_PORT_HIGH,

	__KLB_A_POOL_MAX
};
#define KLB_A_POOL_MAX (__KLB_A_POOL_MAX - 1)

enum {
	KLB_A_DEV_IFINDEX = 1,
	KLB_A_DEV_HOOKS,

	__KLB_A_DEV_MAX
};
#define KLB_A_DEV_MAX (__KLB_A_DEV_MAX - 1)

enum {
	KLB_A_EXPLAIN_STEP_KIND = 1,
	KLB_A_EXPLAIN_STEP_ADDR,
	KLB_A_EXPLAIN_STEP_LEN,
	KLB_A_EXPLAIN_STEP_PORT,
	KLB_A_EXPLAIN_STEP_TO_ADDR,
	KLB_A_EXPLAIN_STEP_TO_PORT,
	KLB_A_EXPLAIN_STEP_N,
	KLB_A_EXPLAIN_STEP_OF,

	__KLB_A_EXPLAIN_STEP_MAX
};
#define KLB_A_EXPLAIN_STEP_MAX (__KLB_A_EXPLAIN_STEP_MAX - 1)

enum {
	KLB_A_EXPLAIN_PROTO = 1,
	KLB_A_EXPLAIN_CLIENT_ADDR,
	KLB_A_EXPLAIN_CLIENT_PORT,
	KLB_A_EXPLAIN_VIP_ADDR,
	KLB_A_EXPLAIN_VIP_PORT,
	KLB_A_EXPLAIN_OUTCOME,
	KLB_A_EXPLAIN_REASON,
	KLB_A_EXPLAIN_REASON_DOC,
	KLB_A_EXPLAIN_SERVICE,
	KLB_A_EXPLAIN_ENDPOINT,
	KLB_A_EXPLAIN_CONN,
	KLB_A_EXPLAIN_IFINDEX,
	KLB_A_EXPLAIN_NEXTHOP,
	KLB_A_EXPLAIN_MTU,
	KLB_A_EXPLAIN_VETH_PEER,
	KLB_A_EXPLAIN_STEP,

	__KLB_A_EXPLAIN_MAX
};
#define KLB_A_EXPLAIN_MAX (__KLB_A_EXPLAIN_MAX - 1)

enum {
	KLB_CMD_SERVICE_GET = 1,
	KLB_CMD_SERVICE_NEW,
	KLB_CMD_SERVICE_SET,
	KLB_CMD_SERVICE_DEL,
	KLB_CMD_SERVICE_FLUSH,
	KLB_CMD_SERVICE_NTF,
	KLB_CMD_SERVICE_DEL_NTF,
	KLB_CMD_ENDPOINT_NEW,
	KLB_CMD_ENDPOINT_SET,
	KLB_CMD_ENDPOINT_DEL,
	KLB_CMD_ENDPOINT_NTF,
	KLB_CMD_ENDPOINT_DEL_NTF,
	KLB_CMD_CONN_GET,
	KLB_CMD_CONN_COUNT,
	KLB_CMD_CONN_FLUSH,
	KLB_CMD_STATS_GET,
	KLB_CMD_NET_GET,
	KLB_CMD_NET_SET,
	KLB_CMD_NET_NTF,
	KLB_CMD_DEV_GET,
	KLB_CMD_EXPLAIN,
	KLB_CMD_POOL_NEW,
	KLB_CMD_POOL_DEL,
	KLB_CMD_POOL_GET,
	KLB_CMD_POOL_NTF,
	KLB_CMD_POOL_DEL_NTF,
	KLB_CMD_CONN_LISTEN,
	KLB_CMD_CONN_BEGIN_NTF,
	KLB_CMD_CONN_END_NTF,

	__KLB_CMD_MAX
};
#define KLB_CMD_MAX (__KLB_CMD_MAX - 1)

#define KLB_MCGRP_CONFIG	"config"
#define KLB_MCGRP_CONN		"conn"

#endif /* _UAPI_LINUX_KLB_H */

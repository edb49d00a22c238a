/* SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause) */
#ifndef _UAPI_LINUX_KLB_REASON_H
#define _UAPI_LINUX_KLB_REASON_H

/* What became of a packet: each is counted under exactly one of these. The
 * list feeds this enum, the counters of stats-get, the tracepoint and
 * Documentation/reasons.md; scripts/lint checks that the last is current.
 * X(NAME, name, "meaning")
 */
#define KLB_REASONS(X)							\
	X(BYSTANDER, bystander,						\
	  "passed: neither a service nor a connection of one")		\
	X(FORWARDED, forwarded,						\
	  "translated and sent out of a device")			\
	X(VETH_PEER, veth_peer,						\
	  "translated and handed to the peer of a veth device")		\
	X(DELIVERED, delivered,						\
	  "translated and given to a process of this host")		\
	X(REPLIED_LOCAL, replied_local,					\
	  "reply of a process of this host, translated on its way out")	\
	X(DSR, dsr,							\
	  "sent to the endpoint as it came, in a frame of its own")	\
	X(ENCAPSULATED, encapsulated,					\
	  "sent to the endpoint within another header")			\
	X(STATELESS, stateless,						\
	  "translated without a connection, for want of memory or room")\
	X(TUNNEL_ERROR, tunnel_error,					\
	  "passed: ICMP error about a packet of klb's own header, noted")	\
	X(ICMP_ERROR, icmp_error,					\
	  "translated and sent on: ICMP error about a connection")	\
	X(ECHO, echo,							\
	  "translated: ping to a service, answered for it")		\
	X(ECHO_INVALID, echo_invalid,					\
	  "dropped: ping to a service that cannot be answered")		\
	X(ICMP_STRAY, icmp_stray,					\
	  "dropped: ICMP error about a reply that no connection had")	\
	X(ICMP_INVALID, icmp_invalid,					\
	  "dropped: ICMP error whose content or MTU cannot be true")	\
	X(ICMP_UNWANTED, icmp_unwanted,					\
	  "dropped: redirect or source quench about a connection")	\
	X(OWN, own,							\
	  "passed: on its way out after klb had translated it")		\
	X(MALFORMED, malformed,						\
	  "dropped: header truncated or inconsistent")			\
	X(FRAGMENT, fragment,						\
	  "translated with the datagram that it is a fragment of")	\
	X(FRAG_INVALID, frag_invalid,					\
	  "dropped: fragment that overlaps, contradicts or is too small")\
	X(FRAG_LOST, frag_lost,						\
	  "dropped: fragment whose datagram was not whole in time")	\
	X(NO_ENDPOINT, no_endpoint,					\
	  "dropped: the service has no usable endpoint")		\
	X(REJECTED, rejected,						\
	  "dropped: the service has no usable endpoint, the client was told")\
	X(BAD_SOURCE, bad_source,					\
	  "dropped: sent from an address that nobody sends from")	\
	X(SOURCE, source,						\
	  "dropped: the client is in none of the service's source prefixes")\
	X(GUARDED, guarded,						\
	  "dropped: no service there in a guarded prefix, the sender was told")\
	X(NOT_SYN, not_syn,						\
	  "dropped: TCP without a connection, and no new one")		\
	X(SCTP_NO_ASSOC, sctp_no_assoc,					\
	  "dropped: SCTP without an association, and no new one")	\
	X(SCTP_TAG, sctp_tag,						\
	  "dropped: SCTP with a wrong verification tag")		\
	X(SCTP_CRC, sctp_crc,						\
	  "dropped: SCTP INIT whose checksum is wrong")		\
	X(CONN_MAX, conn_max,						\
	  "dropped: conn-max reached, and it needs a connection")	\
	X(NO_MEMORY, no_memory,						\
	  "dropped: no memory")						\
	X(NO_PORT, no_port,						\
	  "dropped: every source port to the endpoint is in use")	\
	X(NO_SOURCE, no_source,						\
	  "dropped: no source address to replace the client's with")	\
	X(NO_ROUTE, no_route,						\
	  "dropped: no route to the endpoint or the client")		\
	X(NOT_ON_LINK, not_on_link,					\
	  "dropped: forward dsr, and the endpoint is behind a router")	\
	X(TTL, ttl,							\
	  "dropped: time to live exceeded, the sender was told")	\
	X(TOO_BIG, too_big,						\
	  "dropped: larger than the path's MTU, the sender was told")	\
	X(FRAGMENTED, fragmented,					\
	  "translated and sent in fragments")				\
	X(SEND, send,							\
	  "dropped: device down or sending failed")			\
	X(KLB_DEV, klb_dev,						\
	  "dropped: sent to a klb device, but not for a service")	\
	X(FAMILY, family,						\
	  "dropped: cannot be said in the other side's address family")

enum klb_reason {
#define KLB_REASON_ENUM(NAME, name, doc) KLB_REASON_##NAME,
	KLB_REASONS(KLB_REASON_ENUM)
#undef KLB_REASON_ENUM
	__KLB_REASON_MAX
};

#endif /* _UAPI_LINUX_KLB_REASON_H */

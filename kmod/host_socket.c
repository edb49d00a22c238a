// SPDX-License-Identifier: GPL-2.0
#include "host_socket.h"

#include <linux/in.h>
#include <net/inet_hashtables.h>
#include <net/udp.h>

/* Ports of TCP are hashed whatever the address and its family. */
static bool tcp_port(struct net *net, u16 port)
{
	const struct inet_hashinfo *info = net->ipv4.tcp_death_row.hashinfo;
	struct inet_bind_hashbucket *head;
	struct inet_bind_bucket *tb;
	bool found = false;

	head = &info->bhash[inet_bhashfn(net, port, info->bhash_size)];
	spin_lock(&head->lock);
	inet_bind_bucket_for_each(tb, &head->chain)
		if (tb->port == port && net_eq(ib_net(tb), net))
			found = true;
	spin_unlock(&head->lock);
	return found;
}

static bool udp_socket(struct net *net, const struct klb_tuple *t, int ifindex)
{
	struct udp_table *table = klb_udp_table(net);

	if (t->family == AF_INET)
		return __udp4_lib_lookup(net, t->src.ip, t->ports.src,
					 t->dst.ip, t->ports.dst, ifindex, 0,
					 table, NULL);
	return __udp6_lib_lookup(net, &t->src.in6, t->ports.src, &t->dst.in6,
				 t->ports.dst, ifindex, 0, table, NULL);
}

bool klb_host_socket(struct net *net, const struct klb_tuple *t, int ifindex)
{
	switch (t->proto) {
	case IPPROTO_TCP:
		return tcp_port(net, ntohs(t->ports.dst));
	case IPPROTO_UDP:
		return udp_socket(net, t, ifindex);
	default:
		return false;
	}
}

// SPDX-License-Identifier: GPL-2.0
/* Many UDP flows, from more addresses than a client has, as fast as they are
 * answered.
 *
 * flows NS DEV COUNT ADDR PORT FIRST NSRC
 *	COUNT flows from NSRC addresses, of which FIRST is the lowest, to ADDR
 *	and PORT, a datagram each, which a "peer serve udp" answers. At most
 *	WINDOW are under way; what has no answer after a second is sent again.
 *	Prints, as JSON: answered; lost (not answered to TRIES datagrams);
 *	again (datagrams sent again); mixed (answers that a flow got and that
 *	were another's); twice (flows whose source the endpoint had seen
 *	before); and how many flows it saw from each address and was asked at
 *	by which name.
 */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <linux/types.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <poll.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define WINDOW	64
#define TRIES	10
#define PORTS	64000
#define KINDS	64	/* of names and addresses that are told */

/* What an endpoint saw of a flow. */
struct seen {
	__u32 addr;
	__u16 port;
	__u16 name;		/* index */
};

struct under_way {
	__u32 flow;
	int tries;		/* 0: none */
	double sent;
};

struct kind {
	char text[40];
	__u32 n;
};

static struct {
	__u32 addr, first, count, n_src;
	__u16 port;
} opt;

static int raw, packets;
static struct seen *seen;	/* [count] */
static struct under_way window[WINDOW];
static struct kind names[KINDS], addrs[KINDS];
static __u32 answered, lost, again, mixed;

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

static __u32 source_addr(__u32 flow)
{
	return opt.first + flow % opt.n_src;
}

static __u16 source_port(__u32 flow)
{
	return 1024 + flow / opt.n_src;
}

static void send_flow(struct under_way *w)
{
	struct {
		struct iphdr ip;
		struct udphdr udp;
		char text[12];
	} __attribute__((packed)) d = {
		.ip = { .version = 4, .ihl = 5, .ttl = 64,
			.protocol = IPPROTO_UDP,
			.saddr = htonl(source_addr(w->flow)),
			.daddr = htonl(opt.addr) },
		.udp = { .source = htons(source_port(w->flow)),
			 .dest = htons(opt.port) },
	};
	struct sockaddr_in to = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(opt.addr),
	};
	int n = snprintf(d.text, sizeof(d.text), "%u", w->flow);
	size_t len = sizeof(d) - sizeof(d.text) + n;

	d.udp.len = htons(sizeof(d.udp) + n);
	if (sendto(raw, &d, len, 0, (void *)&to, sizeof(to)) != (ssize_t)len &&
	    errno != ENOBUFS)
		err(1, "sendto");
	w->sent = now();
	w->tries++;
}

static int kind_of(struct kind *kinds, const char *text)
{
	int i;

	for (i = 0; i < KINDS; i++) {
		if (!kinds[i].n)
			snprintf(kinds[i].text, sizeof(kinds[i].text), "%s",
				 text);
		if (!strcmp(kinds[i].text, text)) {
			kinds[i].n++;
			return i;
		}
	}
	errx(1, "too many names or addresses");
}

/* "NAME ADDR PORT FLOW", as peer.c answers. */
static void answer(__u32 to, __u16 port, const char *text)
{
	char name[40], addr[40];
	struct in_addr in;
	unsigned int p;
	__u32 flow;
	int i;

	if (sscanf(text, "%39s %39s %u %u", name, addr, &p, &flow) != 4 ||
	    inet_pton(AF_INET, addr, &in) != 1)
		errx(1, "an odd answer: %s", text);
	if (flow >= opt.count || source_addr(flow) != to ||
	    source_port(flow) != port) {
		mixed++;
		return;
	}
	for (i = 0; i < WINDOW; i++) {
		if (!window[i].tries || window[i].flow != flow)
			continue;
		window[i].tries = 0;
		seen[answered++] = (struct seen){
			ntohl(in.s_addr), p, kind_of(names, name) };
		kind_of(addrs, addr);
	}
}

static void receive(void)
{
	struct sockaddr_ll from;
	socklen_t len = sizeof(from);
	char buf[2048];
	struct iphdr *ip = (void *)buf;
	struct udphdr *udp = (void *)(ip + 1);
	ssize_t n;

	while ((n = recvfrom(packets, buf, sizeof(buf) - 1, MSG_DONTWAIT,
			     (void *)&from, &len)) > 0) {
		buf[n < ntohs(ip->tot_len) ? n : ntohs(ip->tot_len)] = 0;
		if (from.sll_pkttype != PACKET_OUTGOING && ip->ihl == 5 &&
		    ip->protocol == IPPROTO_UDP && n > 28 &&
		    ip->saddr == htonl(opt.addr) &&
		    udp->source == htons(opt.port))
			answer(ntohl(ip->daddr), ntohs(udp->dest),
			       (char *)(udp + 1));
		len = sizeof(from);
	}
}

/* Whether anything is under way. */
static bool go_on(__u32 *next)
{
	bool any = false;
	double t = now();
	int i;

	for (i = 0; i < WINDOW; i++) {
		struct under_way *w = &window[i];

		if (w->tries == TRIES && t - w->sent > 1) {
			lost++;
			w->tries = 0;
		} else if (w->tries && t - w->sent > 1) {
			again++;
			send_flow(w);
		}
		if (!w->tries && *next < opt.count) {
			w->flow = (*next)++;
			send_flow(w);
		}
		any |= w->tries;
	}
	return any;
}

static int cmp(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct seen));
}

static __u32 seen_twice(void)
{
	__u32 i, n = 0;

	qsort(seen, answered, sizeof(*seen), cmp);
	for (i = 1; i < answered; i++)
		n += !cmp(&seen[i - 1], &seen[i]);
	return n;
}

static void print_kinds(const char *what, const struct kind *kinds)
{
	int i;

	printf(", \"%s\": {", what);
	for (i = 0; i < KINDS && kinds[i].n; i++)
		printf("%s\"%s\": %u", i ? ", " : "", kinds[i].text,
		       kinds[i].n);
	printf("}");
}

static __u32 number(const char *text, __u32 most)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (!*text || *end || !n || n > most)
		errx(2, "%s is not 1 to %u", text, most);
	return n;
}

static __u32 address(const char *text)
{
	struct in_addr in;

	if (inet_pton(AF_INET, text, &in) != 1)
		errx(2, "%s is no address", text);
	return ntohl(in.s_addr);
}

static void open_sockets(const char *ns, const char *dev)
{
	struct sockaddr_ll at = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_IP),
	};
	int room = 16 << 20, fd;
	char path[256];

	snprintf(path, sizeof(path), "/run/netns/%s", ns);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, CLONE_NEWNET))
		err(1, "%s", path);
	close(fd);
	at.sll_ifindex = if_nametoindex(dev);
	raw = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);
	packets = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (raw < 0 || packets < 0 ||
	    setsockopt(packets, SOL_SOCKET, SO_RCVBUFFORCE, &room,
		       sizeof(room)) ||
	    bind(packets, (void *)&at, sizeof(at)))
		err(1, "sockets");
}

int main(int argc, char **argv)
{
	struct pollfd wait;
	__u32 next = 0;

	if (argc != 8)
		errx(2, "flows NS DEV COUNT ADDR PORT FIRST NSRC");
	opt.count = number(argv[3], 100000000);
	opt.addr = address(argv[4]);
	opt.port = number(argv[5], 65535);
	opt.first = address(argv[6]);
	opt.n_src = number(argv[7], 65536);
	if ((opt.count - 1) / opt.n_src >= PORTS)
		errx(2, "too many flows for so many addresses");
	seen = calloc(opt.count, sizeof(*seen));
	if (!seen)
		err(1, "calloc");
	open_sockets(argv[1], argv[2]);
	wait = (struct pollfd){ .fd = packets, .events = POLLIN };
	while (go_on(&next)) {
		poll(&wait, 1, 100);
		receive();
	}
	printf("{\"answered\": %u, \"lost\": %u, \"again\": %u, \"mixed\": %u, \"twice\": %u",
	       answered, lost, again, mixed, seen_twice());
	print_kinds("addrs", addrs);
	print_kinds("names", names);
	printf("}\n");
	return 0;
}

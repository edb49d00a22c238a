// SPDX-License-Identifier: GPL-2.0
/* First packets of many clients, as fast as a device takes them. For tests.
 *
 * flood NS DEV GATEWAY-MAC tcp|udp ADDR PORT COUNT [FIRST]
 *	Sends COUNT packets from as many addresses, of 11.0.0.0/8 or
 *	fd11::/64 and in their order from number FIRST (0) on; TCP ones are
 *	SYNs. Prints how many were sent and in how many milliseconds.
 */
#include <arpa/inet.h>
#include <err.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/ether.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define BATCH 64
#define FRAME 128

struct target {
	int family, proto;
	uint8_t addr[16];
	uint16_t port;
	struct ether_addr gateway, own;
};

static uint32_t sum(const uint8_t *p, int len, uint32_t s)
{
	for (; len > 1; len -= 2, p += 2)
		s += p[0] << 8 | p[1];
	return len ? s + (p[0] << 8) : s;
}

static void put16(uint8_t *p, uint32_t v)
{
	p[0] = v >> 8;
	p[1] = v;
}

static void put32(uint8_t *p, uint32_t v)
{
	put16(p, v >> 16);
	put16(p + 2, v);
}

static uint16_t fold(uint32_t s)
{
	while (s >> 16)
		s = (s & 0xffff) + (s >> 16);
	return ~s;
}

/* Addresses stand in @addrs already. Returns the length. */
static int put_l4(const struct target *t, uint8_t *l4, const uint8_t *addrs,
		  int addr_len, uint32_t n)
{
	int len = t->proto == IPPROTO_TCP ? 20 : 12;
	uint8_t *check = l4 + (t->proto == IPPROTO_TCP ? 16 : 6);

	memset(l4, 0, len);
	put16(l4, 1024 + n % 60000);
	put16(l4 + 2, t->port);
	if (t->proto == IPPROTO_TCP) {
		put32(l4 + 4, n * 2654435761u);
		l4[12] = 5 << 4;
		l4[13] = 2;			/* SYN */
		put16(l4 + 14, 64240);
	} else {
		put16(l4 + 4, len);
	}
	put16(check, fold(sum(l4, len, sum(addrs, 2 * addr_len,
					   t->proto + len))));
	return len;
}

static int put_ip4(const struct target *t, uint8_t *ip, uint32_t n)
{
	int len;

	memset(ip, 0, 20);
	ip[0] = 0x45;
	put16(ip + 4, n);
	ip[8] = 64;
	ip[9] = t->proto;
	put32(ip + 12, 11u << 24 | (n & 0xffffff));
	memcpy(ip + 16, t->addr, 4);
	len = 20 + put_l4(t, ip + 20, ip + 12, 4, n);
	put16(ip + 2, len);
	put16(ip + 10, fold(sum(ip, 20, 0)));
	return len;
}

static int put_ip6(const struct target *t, uint8_t *ip, uint32_t n)
{
	int len;

	memset(ip, 0, 40);
	ip[0] = 0x60;
	ip[6] = t->proto;
	ip[7] = 64;
	put16(ip + 8, 0xfd11);
	put32(ip + 20, n);
	memcpy(ip + 24, t->addr, 16);
	len = put_l4(t, ip + 40, ip + 8, 16, n);
	put16(ip + 4, len);
	return 40 + len;
}

static int put_frame(const struct target *t, uint8_t *frame, uint32_t n)
{
	memcpy(frame, &t->gateway, 6);
	memcpy(frame + 6, &t->own, 6);
	put16(frame + 12, t->family == AF_INET ? ETHERTYPE_IP : ETHERTYPE_IPV6);
	return 14 + (t->family == AF_INET ? put_ip4(t, frame + 14, n) :
					    put_ip6(t, frame + 14, n));
}

static void send_batch(int fd, const struct target *t, uint32_t n, int count)
{
	static uint8_t frames[BATCH][FRAME];
	struct mmsghdr msgs[BATCH] = {};
	struct iovec iov[BATCH];
	int i, done, sent;

	for (i = 0; i < count; i++) {
		iov[i].iov_base = frames[i];
		iov[i].iov_len = put_frame(t, frames[i], n + i);
		msgs[i].msg_hdr.msg_iov = &iov[i];
		msgs[i].msg_hdr.msg_iovlen = 1;
	}
	for (done = 0; done < count; done += sent) {
		sent = sendmmsg(fd, msgs + done, count - done, 0);
		if (sent < 0)
			err(1, "sendmmsg");
	}
}

static int open_device(const char *ns, const char *dev, struct target *t)
{
	struct sockaddr_ll ll = { .sll_family = AF_PACKET };
	socklen_t len = sizeof(ll);
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "/run/netns/%s", ns);
	fd = open(path, O_RDONLY);
	if (fd < 0 || setns(fd, CLONE_NEWNET))
		err(1, "%s", path);
	fd = socket(AF_PACKET, SOCK_RAW, 0);
	ll.sll_ifindex = if_nametoindex(dev);
	if (fd < 0 || bind(fd, (void *)&ll, sizeof(ll)) ||
	    getsockname(fd, (void *)&ll, &len))
		err(1, "%s", dev);
	memcpy(&t->own, ll.sll_addr, 6);
	return fd;
}

static long now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

int main(int argc, char **argv)
{
	uint32_t count, first, n;
	struct target t = {};
	long begin;
	int fd;

	if (argc < 8 || !ether_aton_r(argv[3], &t.gateway))
		errx(2, "usage: flood NS DEV GATEWAY-MAC tcp|udp ADDR PORT COUNT [FIRST]");
	t.proto = strcmp(argv[4], "tcp") ? IPPROTO_UDP : IPPROTO_TCP;
	t.family = strchr(argv[5], ':') ? AF_INET6 : AF_INET;
	if (inet_pton(t.family, argv[5], t.addr) != 1)
		errx(2, "no address: %s", argv[5]);
	t.port = atoi(argv[6]);
	count = atoi(argv[7]);
	first = argc > 8 ? atoi(argv[8]) : 0;
	fd = open_device(argv[1], argv[2], &t);
	begin = now_ms();
	for (n = 0; n < count; n += BATCH)
		send_batch(fd, &t, first + n,
			   count - n < BATCH ? (int)(count - n) : BATCH);
	printf("%u %ld\n", count, now_ms() - begin);
	return 0;
}

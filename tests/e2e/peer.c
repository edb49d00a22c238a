// SPDX-License-Identifier: GPL-2.0
/* Both ends of the tests' conversations. A program of its own because a guest
 * without hardware virtualisation takes a second to start an interpreter, and
 * ten on a kernel that checks itself.
 *
 * peer serve NS NAME tcp|udp|sctp PORT[@ADDR[,ADDR...]]...
 *	Answers every line (tcp, sctp) or datagram (udp) with "NAME PEERADDR
 *	PEERPORT LINE". Listens on all addresses of both families, or with sctp
 *	on those of one family that are named, then prints "listening"; a UDP
 *	answer leaves from the address that was asked. A
 *	line "close" ends the connection after the answer, "reset" ends it
 *	with a RST and no answer.
 *
 * peer ask NS tcp|udp|sctp ADDR PORT [OPTION...]
 *	--count N	N connections one after the other, each from its own
 *			port, an answer a line (1)
 *	--lines N	exchanges a connection (1)
 *	--who		prints only the names of those who answered
 *	--text T	what is sent (hello)
 *	--sport P	source port of the first connection, then P+1 ...
 *	--bind A	source address
 *	--timeout S	for a connection and for each answer (5); times KLB_SLOW
 *	--hold		one connection; every line of standard input is sent
 *			and its answer printed
 *	--abort		connections end with a RST or ABORT
 *	Exit status 1 as soon as an answer does not come; the reason is on
 *	standard error.
 */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define ROOM 65536

enum role { LISTENER, DATAGRAMS, STREAM };

/* A socket of the server. */
struct end {
	int fd;
	enum role role;
	struct sockaddr_in6 peer;
	size_t pending;		/* bytes of a line that has not ended */
	char *buf;		/* of a stream, ROOM bytes */
};

static void die(const char *what)
{
	err(1, "%s", what);
}

static void enter(const char *ns)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "/run/netns/%s", ns);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, CLONE_NEWNET))
		die(path);
	close(fd);
}

static int make_socket(int family, const char *proto)
{
	bool datagram = !strcmp(proto, "udp");
	int number = datagram ? IPPROTO_UDP :
		     !strcmp(proto, "tcp") ? IPPROTO_TCP :
		     !strcmp(proto, "sctp") ? IPPROTO_SCTP : -1;
	int fd;

	if (number < 0)
		errx(2, "unknown protocol %s", proto);
	fd = socket(family, (datagram ? SOCK_DGRAM : SOCK_STREAM) |
			    SOCK_CLOEXEC, number);
	if (fd < 0)
		die("socket");
	return fd;
}

static void set(int fd, int level, int option, int value)
{
	if (setsockopt(fd, level, option, &value, sizeof(value)))
		die("setsockopt");
}

static int number(const char *text, int least, int most)
{
	char *end;
	long n = strtol(text, &end, 10);

	if (!*text || *end || n < least || n > most)
		errx(2, "%s is not %d to %d", text, least, most);
	return n;
}

/* Server */

static const char *name;
static int epoll;

static void watch(int fd, enum role role, const struct sockaddr_in6 *peer)
{
	struct end *e = calloc(1, sizeof(*e));
	struct epoll_event ev = { .events = EPOLLIN, .data.ptr = e };

	if (e && role == STREAM)
		e->buf = malloc(ROOM);
	if (!e || (role == STREAM && !e->buf))
		die("memory");
	e->fd = fd;
	e->role = role;
	if (peer)
		e->peer = *peer;
	if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &ev))
		die("epoll_ctl");
}

/* One of SCTP, which uses and tells the addresses that it is bound to, and no
 * others.
 */
#define SCTP_BINDX_ADD	100

static void bind_to(int fd, int family, int port, const char *text)
{
	struct sockaddr_in6 addr = { .sin6_port = htons(port) };
	struct sockaddr_in *addr4 = (void *)&addr;
	bool six = family == AF_INET6;

	addr.sin6_family = family;
	if (inet_pton(family, text, six ? (void *)&addr.sin6_addr :
					  &addr4->sin_addr) != 1)
		errx(2, "%s is no address", text);
	if (setsockopt(fd, IPPROTO_SCTP, SCTP_BINDX_ADD, &addr,
		       six ? sizeof(addr) : sizeof(*addr4)))
		die("bind");
}

static void listen_at(const char *proto, int port, char *addrs)
{
	int family = strchr(addrs, ':') ? AF_INET6 : AF_INET;
	int fd = make_socket(family, proto);
	char *addr;

	if (family == AF_INET6)
		set(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
	for (addr = strtok(addrs, ","); addr; addr = strtok(NULL, ","))
		bind_to(fd, family, port, addr);
	if (listen(fd, 512))
		die("listen");
	if (fcntl(fd, F_SETFL, O_NONBLOCK))
		die("fcntl");
	watch(fd, LISTENER, NULL);
}

static void listen_on(const char *proto, int port)
{
	struct sockaddr_in6 any = {
		.sin6_family = AF_INET6,
		.sin6_port = htons(port),
	};
	bool datagram = !strcmp(proto, "udp");
	int fd = make_socket(AF_INET6, proto);

	set(fd, IPPROTO_IPV6, IPV6_V6ONLY, 0);
	set(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	if (datagram)
		set(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
	if (bind(fd, (struct sockaddr *)&any, sizeof(any)))
		die("bind");
	if (!datagram && listen(fd, 512))
		die("listen");
	if (fcntl(fd, F_SETFL, O_NONBLOCK))
		die("fcntl");
	watch(fd, datagram ? DATAGRAMS : LISTENER, NULL);
}

/* Writes the answer to @line; its length, without a 0 at its end. */
static size_t answer(char *out, size_t room, const struct sockaddr_in6 *peer,
		     const char *line, size_t len)
{
	char addr[INET6_ADDRSTRLEN];
	const char *shown = addr;
	size_t n;

	inet_ntop(AF_INET6, &peer->sin6_addr, addr, sizeof(addr));
	if (IN6_IS_ADDR_V4MAPPED(&peer->sin6_addr))
		shown += strlen("::ffff:");
	n = snprintf(out, room, "%s %s %u ", name, shown,
		     ntohs(peer->sin6_port));
	if (len > room - n - 1)
		len = room - n - 1;
	memcpy(out + n, line, len);
	out[n + len] = '\n';
	return n + len + 1;
}

/* The answer keeps the address that was asked and drops the interface:
 * routing decides the way back, as it does for TCP.
 */
static void serve_datagram(struct end *e)
{
	static char in[ROOM], out[ROOM + 512];
	char control[256];
	struct iovec iov = { in, sizeof(in) };
	struct msghdr msg = {
		.msg_name = &e->peer,
		.msg_namelen = sizeof(e->peer),
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	ssize_t n = recvmsg(e->fd, &msg, 0);
	struct cmsghdr *c;

	if (n < 0)
		return;
	for (c = CMSG_FIRSTHDR(&msg); c; c = CMSG_NXTHDR(&msg, c)) {
		if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO)
			((struct in6_pktinfo *)CMSG_DATA(c))->ipi6_ifindex = 0;
	}
	while (n && in[n - 1] == '\n')
		n--;
	iov.iov_base = out;
	iov.iov_len = answer(out, sizeof(out), &e->peer, in, n);
	if (sendmsg(e->fd, &msg, 0) < 0)
		warn("sendmsg");
}

static void accept_one(struct end *e)
{
	struct sockaddr_in6 peer;
	struct sockaddr_in *peer4 = (void *)&peer;
	socklen_t len = sizeof(peer);
	int fd = accept4(e->fd, (struct sockaddr *)&peer, &len,
			 SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (peer.sin6_family == AF_INET) {
		peer.sin6_addr = (struct in6_addr){ .s6_addr32 = {
			0, 0, htonl(0xffff), peer4->sin_addr.s_addr } };
		peer.sin6_family = AF_INET6;
	}
	if (fd >= 0)
		watch(fd, STREAM, &peer);
}

/* Whether the connection goes on after this line. */
static bool serve_line(struct end *e, const char *line, size_t len)
{
	static char out[ROOM + 512];
	struct linger abort = { 1, 0 };
	ssize_t n;

	if (len == 5 && !memcmp(line, "reset", 5)) {
		setsockopt(e->fd, SOL_SOCKET, SO_LINGER, &abort, sizeof(abort));
		return false;
	}
	n = answer(out, sizeof(out), &e->peer, line, len);
	if (send(e->fd, out, n, MSG_NOSIGNAL) != n)
		return false;
	return len != 5 || memcmp(line, "close", 5);
}

static bool serve_stream(struct end *e)
{
	ssize_t n = recv(e->fd, e->buf + e->pending, ROOM - e->pending, 0);
	char *line = e->buf, *end;

	if (n < 0)
		return errno == EAGAIN;
	e->pending += n;
	while ((end = memchr(line, '\n', e->buf + e->pending - line))) {
		if (!serve_line(e, line, end - line))
			return false;
		line = end + 1;
	}
	e->pending -= line - e->buf;
	memmove(e->buf, line, e->pending);
	return n && e->pending < ROOM;
}

static void serve_end(struct end *e)
{
	switch (e->role) {
	case LISTENER:
		accept_one(e);
		break;
	case DATAGRAMS:
		serve_datagram(e);
		break;
	case STREAM:
		if (serve_stream(e))
			break;
		close(e->fd);
		free(e->buf);
		free(e);
	}
}

static void listen_for(const char *proto, char *where)
{
	char *addrs = strchr(where, '@');

	if (!addrs) {
		listen_on(proto, number(where, 1, 65535));
		return;
	}
	*addrs++ = 0;
	listen_at(proto, number(where, 1, 65535), addrs);
}

static void serve(int argc, char **argv)
{
	struct epoll_event ev[64];
	int i, n;

	if (argc < 4)
		errx(2, "serve NS NAME PROTO PORT...");
	enter(argv[0]);
	name = argv[1];
	epoll = epoll_create1(EPOLL_CLOEXEC);
	for (i = 3; i < argc; i++)
		listen_for(argv[2], argv[i]);
	puts("listening");
	fflush(stdout);
	for (;;) {
		n = epoll_wait(epoll, ev, 64, -1);
		for (i = 0; i < n; i++)
			serve_end(ev[i].data.ptr);
	}
}

/* Client */

static struct {
	const char *proto, *addr, *text, *bind;
	int port, count, lines, sport;
	double timeout;
	bool hold, datagram, who, abort;
} opt = { .text = "hello", .count = 1, .lines = 1, .timeout = 5 };

/* What has been received and is not a whole line yet. */
static char got[ROOM + 1];
static size_t got_len;

static socklen_t address(const char *text, int port, struct sockaddr_in6 *to)
{
	struct sockaddr_in *to4 = (void *)to;

	memset(to, 0, sizeof(*to));
	if (strchr(opt.addr, ':')) {
		to->sin6_family = AF_INET6;
		to->sin6_port = htons(port);
		if (text && inet_pton(AF_INET6, text, &to->sin6_addr) != 1)
			errx(2, "%s is no address", text);
		return sizeof(*to);
	}
	to4->sin_family = AF_INET;
	to4->sin_port = htons(port);
	if (text && inet_pton(AF_INET, text, &to4->sin_addr) != 1)
		errx(2, "%s is no address", text);
	return sizeof(*to4);
}

static int open_conn(int sport)
{
	struct timeval wait = {
		.tv_sec = opt.timeout,
		.tv_usec = (opt.timeout - (int)opt.timeout) * 1000000,
	};
	struct linger abort = { 1, 0 };
	struct sockaddr_in6 to;
	socklen_t len = address(opt.bind, sport, &to);
	int fd = make_socket(to.sin6_family, opt.proto);

	if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait)) ||
	    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait)))
		die("setsockopt");
	if (opt.abort && setsockopt(fd, SOL_SOCKET, SO_LINGER, &abort,
				    sizeof(abort)))
		die("setsockopt");
	if (sport || opt.bind) {
		set(fd, SOL_SOCKET, SO_REUSEADDR, 1);
		if (bind(fd, (struct sockaddr *)&to, len))
			die("bind");
	}
	len = address(opt.addr, opt.port, &to);
	if (connect(fd, (struct sockaddr *)&to, len))
		die("connect");
	got_len = 0;
	return fd;
}

static void send_all(int fd, const char *text, size_t len)
{
	ssize_t n;

	for (; len; text += n, len -= n) {
		n = send(fd, text, len, MSG_NOSIGNAL);
		if (n < 0)
			die("send");
	}
}

static void receive(int fd)
{
	ssize_t n = recv(fd, got + got_len, ROOM - got_len, 0);

	if (n < 0)
		die("no answer");
	if (!n && !opt.datagram)
		errx(1, "connection closed");
	got_len += n;
}

static void print(const char *text, size_t len)
{
	const char *blank = opt.who ? memchr(text, ' ', len) : NULL;

	printf("%.*s\n", (int)(blank ? (size_t)(blank - text) : len), text);
}

static void print_datagram(int fd)
{
	got_len = 0;
	receive(fd);
	while (got_len && got[got_len - 1] == '\n')
		got_len--;
	print(got, got_len);
}

static void print_line(int fd)
{
	char *end;

	while (!(end = memchr(got, '\n', got_len)))
		receive(fd);
	print(got, end - got);
	got_len -= end + 1 - got;
	memmove(got, end + 1, got_len);
}

static void exchange(int fd, const char *text)
{
	static char line[ROOM + 1];
	int n = snprintf(line, sizeof(line), "%s%s", text,
			 opt.datagram ? "" : "\n");

	if (n >= ROOM)
		errx(2, "too much text");
	send_all(fd, line, n);
	if (opt.datagram)
		print_datagram(fd);
	else
		print_line(fd);
	fflush(stdout);
}

static void hold(void)
{
	int fd = open_conn(opt.sport);
	char *line = NULL;
	size_t room = 0;
	ssize_t n;

	while ((n = getline(&line, &room, stdin)) >= 0) {
		if (n && line[n - 1] == '\n')
			line[n - 1] = 0;
		exchange(fd, line);
	}
	free(line);
	close(fd);
}

static void ask_all(void)
{
	int i, k, fd;

	for (i = 0; i < opt.count; i++) {
		fd = open_conn(opt.sport ? opt.sport + i : 0);
		for (k = 0; k < opt.lines; k++)
			exchange(fd, opt.text);
		close(fd);
	}
}

static void parse(int argc, char **argv)
{
	static const struct option options[] = {
		{ "count", 1, NULL, 'c' }, { "lines", 1, NULL, 'l' },
		{ "text", 1, NULL, 't' }, { "sport", 1, NULL, 's' },
		{ "bind", 1, NULL, 'b' }, { "timeout", 1, NULL, 'w' },
		{ "hold", 0, NULL, 'h' }, { "who", 0, NULL, 'W' },
		{ "abort", 0, NULL, 'a' }, {},
	};
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (c) {
		case 'c':
			opt.count = number(optarg, 1, 1000000);
			break;
		case 'l':
			opt.lines = number(optarg, 1, 1000000);
			break;
		case 't':
			opt.text = optarg;
			break;
		case 's':
			opt.sport = number(optarg, 0, 65535);
			break;
		case 'b':
			opt.bind = optarg;
			break;
		case 'w':
			opt.timeout = atof(optarg);
			break;
		case 'h':
			opt.hold = true;
			break;
		case 'W':
			opt.who = true;
			break;
		case 'a':
			opt.abort = true;
			break;
		default:
			exit(2);
		}
	}
}

static void ask(int argc, char **argv)
{
	const char *slow = getenv("KLB_SLOW");

	if (argc < 4)
		errx(2, "ask NS PROTO ADDR PORT [OPTION...]");
	enter(argv[0]);
	opt.proto = argv[1];
	opt.addr = argv[2];
	opt.port = number(argv[3], 1, 65535);
	parse(argc - 3, argv + 3);
	opt.datagram = !strcmp(opt.proto, "udp");
	if (slow && atoi(slow) > 1)
		opt.timeout *= atoi(slow);
	if (opt.hold)
		hold();
	else
		ask_all();
}

int main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "serve"))
		serve(argc - 2, argv + 2);
	else if (argc > 1 && !strcmp(argv[1], "ask"))
		ask(argc - 2, argv + 2);
	else
		errx(2, "serve or ask, see the head of peer.c");
	return 0;
}

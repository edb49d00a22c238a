// SPDX-License-Identifier: GPL-2.0
#include "listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BACKLOG	128

union place {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

static socklen_t place_of(const struct klb_ap *at, union place *place)
{
	memset(place, 0, sizeof(*place));
	if (at->addr.len == sizeof(place->v4.sin_addr)) {
		place->v4.sin_family = AF_INET;
		place->v4.sin_port = htons(at->port);
		memcpy(&place->v4.sin_addr, at->addr.b, at->addr.len);
		return sizeof(place->v4);
	}
	place->v6.sin6_family = AF_INET6;
	place->v6.sin6_port = htons(at->port);
	memcpy(&place->v6.sin6_addr, at->addr.b, sizeof(place->v6.sin6_addr));
	return sizeof(place->v6);
}

/* An old connection may not keep the port from us, nor IPv6 that of IPv4. */
static int set_options(int fd, int family)
{
	int on = 1;

	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)))
		return -errno;
	if (family == AF_INET6 &&
	    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on)))
		return -errno;
	return 0;
}

static int take_port(int fd, struct klb_ap *at)
{
	union place place;
	socklen_t len = sizeof(place);

	if (getsockname(fd, &place.any, &len))
		return -errno;
	at->port = ntohs(at->addr.len == 4 ? place.v4.sin_port :
					     place.v6.sin6_port);
	return 0;
}

static int listen_on(int fd, struct klb_ap *at)
{
	union place place;
	socklen_t len = place_of(at, &place);
	int rc;

	rc = set_options(fd, place.any.sa_family);
	if (!rc && (bind(fd, &place.any, len) || listen(fd, BACKLOG)))
		rc = -errno;
	return rc ? rc : take_port(fd, at);
}

int listen_at(struct klb_ap *at, struct klb_err *err)
{
	char text[KLB_ADDR_TEXT];
	int fd, rc;

	fd = socket(at->addr.len == 4 ? AF_INET : AF_INET6,
		    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	rc = fd < 0 ? -errno : listen_on(fd, at);
	if (!rc)
		return fd;
	if (fd >= 0)
		close(fd);
	return klb_err_set(err, rc, "cannot listen at %s: %s",
			   klb_ap_format(at, text), strerror(-rc));
}

/* SPDX-License-Identifier: GPL-2.0 */
/* A client of what serves HTTP in the event loop of the test itself. */
#ifndef KLB_UNIT_ASK_H
#define KLB_UNIT_ASK_H

#include <arpa/inet.h>
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include <systemd/sd-event.h>

#include "addr.h"

static inline int ask_connect(const char *addr, uint16_t port)
{
	struct sockaddr_in6 v6 = {
		.sin6_family = AF_INET6, .sin6_port = htons(port),
	};
	struct sockaddr_in v4 = {
		.sin_family = AF_INET, .sin_port = htons(port),
	};
	bool is_v6 = strchr(addr, ':');
	int fd = socket(is_v6 ? AF_INET6 : AF_INET,
			SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	inet_pton(AF_INET, addr, &v4.sin_addr);
	inet_pton(AF_INET6, addr, &v6.sin6_addr);
	if (is_v6 ? connect(fd, (void *)&v6, sizeof(v6)) :
		    connect(fd, (void *)&v4, sizeof(v4))) {
		close(fd);
		return -errno;
	}
	return fd;
}

static inline void ask_send(int fd, const char *text)
{
	assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL),
			 strlen(text));
}

static inline uint64_t ask_now(sd_event *event)
{
	uint64_t now;

	sd_event_run(event, 0);
	assert_true(sd_event_now(event, CLOCK_MONOTONIC, &now) >= 0);
	return now;
}

/* Lets the loop run so long. */
static inline void ask_wait(sd_event *event, uint64_t usec)
{
	uint64_t until = ask_now(event) + usec, now;

	while ((now = ask_now(event)) < until)
		sd_event_run(event, until - now);
}

/*
 * Until the other side closes (true) or is silent for so long. What came is in
 * @text, with a NUL behind it.
 */
static inline bool ask_read(sd_event *event, int fd, char *text, size_t size,
			    uint64_t usec)
{
	uint64_t until = ask_now(event) + usec;
	size_t len = 0;
	ssize_t n;

	*text = 0;
	while (ask_now(event) < until) {
		n = recv(fd, text + len, size - 1 - len, MSG_DONTWAIT);
		if (n > 0)
			len += n;
		text[len] = 0;
		if (!n || (n < 0 && errno != EAGAIN))
			return true;
		if (n < 0)
			sd_event_run(event, 1000);
	}
	return false;
}

/* A whole request, and all that comes of it; "" if nobody listens. */
static inline const char *ask(sd_event *event, const char *addr,
			      uint16_t port, const char *method,
			      const char *path)
{
	static char text[1 << 20];
	char request[512];
	int fd = ask_connect(addr, port);

	*text = 0;
	if (fd < 0)
		return text;
	snprintf(request, sizeof(request),
		 "%s %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
		 method, path);
	ask_send(fd, request);
	assert_true(ask_read(event, fd, text, sizeof(text), 5000000));
	close(fd);
	return text;
}

static inline int ask_status(const char *answer)
{
	int status = 0;

	sscanf(answer, "HTTP/1.1 %d", &status);
	return status;
}

static inline const char *ask_body(const char *answer)
{
	const char *end = strstr(answer, "\r\n\r\n");

	return end ? end + 4 : "";
}

/* The body of an answer in chunks, all of which are there. */
static inline const char *ask_chunks(const char *answer)
{
	static char text[1 << 20];
	const char *at = ask_body(answer);
	size_t len = 0;
	char *end;
	long n;

	assert_non_null(strstr(answer, "\r\nTransfer-Encoding: chunked\r\n"));
	while ((n = strtol(at, &end, 16)) > 0) {
		assert_int_equal(strncmp(end, "\r\n", 2), 0);
		assert_true(strlen(end + 2) >= (size_t)n);
		memcpy(text + len, end + 2, n);
		len += n;
		at = end + 2 + n;
		assert_int_equal(strncmp(at, "\r\n", 2), 0);
		at += 2;
	}
	assert_string_equal(at, "0\r\n\r\n");
	text[len] = 0;
	return text;
}

#endif

// SPDX-License-Identifier: GPL-2.0
#include "serve.h"

#include <errno.h>
#include <fcntl.h>
#include <microhttpd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <unistd.h>

#include "listen.h"

/* For what a client sends in front of a body, and for our headers. */
#define MEMORY	8192

/* A stream is asked for as much at a time, if there is room for it. */
#define BLOCK	4096

const struct serve_conf serve_default = {
	.conns = 64,
	.conns_of_source = 16,
	.timeout_us = 10000000,
};

/*
 * A connection and when it has to have ended what it is at. The library's own
 * timeout begins anew with each byte, so that who sends them slowly would
 * never meet it.
 */
struct conn {
	TAILQ_ENTRY(conn) link;	/* the next to be over comes first */
	int fd;
	uint64_t until;
	bool over;		/* shut down, and in the list no more */
};

struct serve {
	TAILQ_HEAD(, conn) conns;
	sd_event *event;
	const struct serve_conf *conf;
	serve_cb cb;
	void *arg;
	uint16_t port;
	struct MHD_Daemon *daemon;
	sd_event_source *io;
	sd_event_source *timer;
	bool closed;			/* a connection was, just now */
};

void serve_header(struct serve_answer *answer, const char *name,
		  const char *fmt, ...)
{
	struct serve_header *header;
	va_list ap;

	if (answer->n_headers == SERVE_HEADERS)
		return;
	header = &answer->headers[answer->n_headers++];
	header->name = name;
	va_start(ap, fmt);
	vsnprintf(header->value, sizeof(header->value), fmt, ap);
	va_end(ap);
}

void serve_body(struct serve_answer *answer, const char *fmt, ...)
{
	va_list ap;
	int len;

	free(answer->body);
	va_start(ap, fmt);
	len = vasprintf(&answer->body, fmt, ap);
	va_end(ap);
	if (len < 0)
		answer->body = NULL;
	answer->len = len < 0 ? 0 : len;
}

static uint64_t now(const struct serve *s)
{
	uint64_t usec = 0;

	sd_event_now(s->event, CLOCK_MONOTONIC, &usec);
	return usec;
}

/* All have the same time, so who got it last is over last. */
static void extend(struct serve *s, struct conn *c)
{
	if (!c || c->over)
		return;
	TAILQ_REMOVE(&s->conns, c, link);
	c->until = now(s) + s->conf->timeout_us;
	TAILQ_INSERT_TAIL(&s->conns, c, link);
}

static void begin(struct serve *s, struct MHD_Connection *connection,
		  void **of_conn)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection,
					MHD_CONNECTION_INFO_CONNECTION_FD);
	struct conn *c = info ? calloc(1, sizeof(*c)) : NULL;

	*of_conn = c;
	if (!c) {
		/* It would have all the time in the world. */
		if (info)
			shutdown(info->connect_fd, SHUT_RDWR);
		return;
	}
	c->fd = info->connect_fd;
	c->until = now(s) + s->conf->timeout_us;
	TAILQ_INSERT_TAIL(&s->conns, c, link);
}

static void on_connection(void *arg, struct MHD_Connection *connection,
			  void **of_conn,
			  enum MHD_ConnectionNotificationCode code)
{
	struct serve *s = arg;
	struct conn *c = *of_conn;

	if (code == MHD_CONNECTION_NOTIFY_STARTED) {
		begin(s, connection, of_conn);
	} else if (c) {
		if (!c->over)
			TAILQ_REMOVE(&s->conns, c, link);
		free(c);
		*of_conn = NULL;
		s->closed = true;
	}
}

static struct conn *conn_of(struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection,
					MHD_CONNECTION_INFO_SOCKET_CONTEXT);

	return info ? info->socket_context : NULL;
}

static void on_completed(void *arg, struct MHD_Connection *connection,
			 void **of_request,
			 enum MHD_RequestTerminationCode code)
{
	extend(arg, conn_of(connection));
}

static bool put_header(struct MHD_Response *response, const char *name,
		       const char *value)
{
	return MHD_add_response_header(response, name, value) == MHD_YES;
}

static bool put_headers(struct MHD_Response *response,
			const struct serve_answer *answer)
{
	const struct serve_header *header;
	size_t i;

	if (answer->type &&
	    !put_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, answer->type))
		return false;
	for (i = 0; i < answer->n_headers; i++) {
		header = &answer->headers[i];
		if (!put_header(response, header->name, header->value))
			return false;
	}
	return true;
}

static ssize_t read_stream(void *arg, uint64_t at, char *to, size_t room)
{
	struct serve_stream *stream = arg;
	ssize_t n = stream->read(stream, to, room);

	if (n < 0)
		return MHD_CONTENT_READER_END_WITH_ERROR;
	return n ? n : MHD_CONTENT_READER_END_OF_STREAM;
}

static void free_stream(void *arg)
{
	struct serve_stream *stream = arg;

	stream->free(stream);
}

static void drop_body(struct serve_answer *answer)
{
	free(answer->body);
	if (answer->stream)
		free_stream(answer->stream);
}

/* Takes the body over. */
static struct MHD_Response *response_of(struct serve_answer *answer)
{
	struct serve_stream *stream = answer->stream;
	struct MHD_Response *response;

	response = stream ?
		MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, BLOCK,
						  read_stream, stream,
						  free_stream) :
		MHD_create_response_from_buffer(answer->len, answer->body,
						MHD_RESPMEM_MUST_FREE);
	if (!response)
		drop_body(answer);
	return response;
}

/* Takes the body over. Closes the connection if there is no memory. */
static enum MHD_Result send_answer(struct MHD_Connection *connection,
				   struct serve_answer *answer)
{
	enum MHD_Result rc = MHD_NO;
	struct MHD_Response *response;

	if (!answer->body && !answer->stream)
		return MHD_NO;
	response = response_of(answer);
	if (!response)
		return MHD_NO;
	if (put_headers(response, answer))
		rc = MHD_queue_response(connection, answer->status, response);
	MHD_destroy_response(response);
	return rc;
}

/* A sentence of our own in the place of the owner's answer. */
static void replace(struct serve_answer *answer, unsigned int status,
		    const char *text)
{
	drop_body(answer);
	*answer = (struct serve_answer){ .status = status };
	answer->type = "text/plain; charset=utf-8";
	serve_body(answer, "%s\n", text);
}

static enum MHD_Result on_request(void *arg, struct MHD_Connection *connection,
				  const char *url, const char *method,
				  const char *version, const char *data,
				  size_t *data_size, void **of_request)
{
	struct serve_answer answer = { 0 };
	struct serve *s = arg;

	if (strcmp(method, "GET") && strcmp(method, "HEAD")) {
		extend(s, conn_of(connection));
		replace(&answer, 405, "only GET and HEAD are answered");
		serve_header(&answer, "Allow", "GET, HEAD");
		return send_answer(connection, &answer);
	}
	/* An answer before the end of the request ends the connection. */
	if (!*of_request) {
		*of_request = s;
		return MHD_YES;
	}
	if (*data_size)
		return MHD_NO;
	extend(s, conn_of(connection));
	s->cb(url, &answer, s->arg);
	if (!answer.status)
		replace(&answer, 404, "not found");
	else if (!answer.body && !answer.stream)
		replace(&answer, 500, "out of memory");
	return send_answer(connection, &answer);
}

/* When there is something to do that no socket will tell of. */
static void set_timer(struct serve *s)
{
	const struct conn *first = TAILQ_FIRST(&s->conns);
	uint64_t at = first ? first->until : UINT64_MAX, soon;
	MHD_UNSIGNED_LONG_LONG ms;

	if (MHD_get_timeout(s->daemon, &ms) == MHD_YES) {
		soon = now(s) + ms * 1000;
		at = soon < at ? soon : at;
	}
	sd_event_source_set_time(s->timer, at);
	sd_event_source_set_enabled(s->timer, at == UINT64_MAX ?
				    SD_EVENT_OFF : SD_EVENT_ONESHOT);
}

/* When all connections were taken it listens again only with the next run. */
static void run(struct serve *s)
{
	do {
		s->closed = false;
		MHD_run(s->daemon);
	} while (s->closed);
	set_timer(s);
}

/* The library sees the end of what is shut down, and closes it. */
static void end_late(struct serve *s)
{
	struct conn *c;

	while ((c = TAILQ_FIRST(&s->conns)) && c->until <= now(s)) {
		TAILQ_REMOVE(&s->conns, c, link);
		c->over = true;
		shutdown(c->fd, SHUT_RDWR);
	}
}

static int on_io(sd_event_source *source, int fd, uint32_t events, void *arg)
{
	run(arg);
	return 0;
}

static int on_timer(sd_event_source *source, uint64_t usec, void *arg)
{
	end_late(arg);
	run(arg);
	return 0;
}

/* The socket is the library's once it has begun. */
static int start(struct serve *s, int fd, bool v6)
{
	const unsigned int flags = MHD_USE_EPOLL | (v6 ? MHD_USE_IPv6 : 0);

	s->daemon = MHD_start_daemon(flags, 0, NULL, NULL, on_request, s,
				     MHD_OPTION_LISTEN_SOCKET, fd,
				     MHD_OPTION_CONNECTION_LIMIT,
				     s->conf->conns,
				     MHD_OPTION_PER_IP_CONNECTION_LIMIT,
				     s->conf->conns_of_source,
				     MHD_OPTION_CONNECTION_MEMORY_LIMIT,
				     (size_t)MEMORY,
				     MHD_OPTION_STRICT_FOR_CLIENT, 1,
				     MHD_OPTION_NOTIFY_CONNECTION,
				     on_connection, s,
				     MHD_OPTION_NOTIFY_COMPLETED,
				     on_completed, s,
				     MHD_OPTION_END);
	if (s->daemon)
		return 0;
	/* How far it came, and so whether it has closed it, it does not say. */
	if (fcntl(fd, F_GETFD) >= 0)
		close(fd);
	return -ENOMEM;
}

static int drive(struct serve *s)
{
	const union MHD_DaemonInfo *info =
		MHD_get_daemon_info(s->daemon, MHD_DAEMON_INFO_EPOLL_FD);
	int rc;

	if (!info)
		return -ENOTSUP;
	rc = sd_event_add_io(s->event, &s->io, info->epoll_fd, EPOLLIN, on_io,
			     s);
	if (rc >= 0)
		rc = sd_event_add_time(s->event, &s->timer, CLOCK_MONOTONIC,
				       UINT64_MAX, 1, on_timer, s);
	if (rc >= 0)
		set_timer(s);
	return rc < 0 ? rc : 0;
}

int serve_new(struct serve **out, sd_event *event, const struct klb_ap *at,
	      const struct serve_conf *conf, serve_cb cb, void *arg,
	      struct klb_err *err)
{
	struct klb_ap place = *at;
	struct serve *s;
	int fd, rc;

	fd = listen_at(&place, err);
	if (fd < 0)
		return fd;
	s = calloc(1, sizeof(*s));
	if (!s) {
		close(fd);
		return klb_err_set(err, -ENOMEM, "out of memory");
	}
	*s = (struct serve){
		.event = sd_event_ref(event), .conf = conf, .cb = cb,
		.arg = arg, .port = place.port,
	};
	TAILQ_INIT(&s->conns);
	rc = start(s, fd, at->addr.len == 16);
	if (!rc)
		rc = drive(s);
	if (rc) {
		serve_free(s);
		return klb_err_set(err, rc, "cannot serve HTTP: %s",
				   strerror(-rc));
	}
	*out = s;
	return 0;
}

void serve_free(struct serve *s)
{
	if (!s)
		return;
	/* Its epoll is closed with the daemon. */
	sd_event_source_disable_unref(s->io);
	sd_event_source_disable_unref(s->timer);
	if (s->daemon)
		MHD_stop_daemon(s->daemon);
	sd_event_unref(s->event);
	free(s);
}

uint16_t serve_port(const struct serve *s)
{
	return s->port;
}

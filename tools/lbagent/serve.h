/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LBAGENT_SERVE_H
#define LBAGENT_SERVE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <systemd/sd-event.h>

#include "addr.h"
#include "err.h"

/* Answers GET and HEAD of HTTP/1.1 at one address, in the event loop. */
struct serve;

struct serve_conf {
	unsigned int conns;		/* at a time; the next ones wait */
	unsigned int conns_of_source;	/* of one address; others are closed */
	uint64_t timeout_us;		/* for a request, and for its answer */
};

extern const struct serve_conf serve_default;

#define SERVE_HEADERS	4
#define SERVE_VALUE	64

struct serve_header {
	const char *name;
	char value[SERVE_VALUE];
};

/* A body that is made while it is sent. */
struct serve_stream {
	/* Up to @room bytes of what comes next; 0: none; -errno: not to be had. */
	ssize_t (*read)(struct serve_stream *stream, char *to, size_t room);
	void (*free)(struct serve_stream *stream);
};

/* Begins zeroed, which is "not found". */
struct serve_answer {
	unsigned int status;	/* 200; 0: not found */
	const char *type;	/* Content-Type */
	struct serve_header headers[SERVE_HEADERS];
	size_t n_headers;
	/* One of both, allocated; neither: there was no memory. */
	char *body;
	struct serve_stream *stream;
	size_t len;		/* of @body */
};

/* What it says of @path, which has no query. @s must not be freed in here. */
typedef void (*serve_cb)(const char *path, struct serve_answer *answer,
			 void *arg);

/* Cut to what has room. */
void serve_header(struct serve_answer *answer, const char *name,
		  const char *fmt, ...) __attribute__((format(printf, 3, 4)));
void serve_body(struct serve_answer *answer, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * Listens at @at, of IPv6 only if that is its family; port 0 is any. 0 or
 * -errno with a sentence. @conf must outlive it.
 */
int serve_new(struct serve **out, sd_event *event, const struct klb_ap *at,
	      const struct serve_conf *conf, serve_cb cb, void *arg,
	      struct klb_err *err);
/* Closes its connections. */
void serve_free(struct serve *s);
/* Where it listens. */
uint16_t serve_port(const struct serve *s);

#endif

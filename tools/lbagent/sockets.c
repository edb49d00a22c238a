// SPDX-License-Identifier: GPL-2.0
#include "sockets.h"

#include <errno.h>

/* What is done may begin, and end, other transfers. */
static void reap(struct sockets *s)
{
	CURLMsg *msg;
	CURL *easy;
	CURLcode code;
	int left;

	while ((msg = curl_multi_info_read(s->multi, &left))) {
		if (msg->msg != CURLMSG_DONE)
			continue;
		easy = msg->easy_handle;
		code = msg->data.result;
		curl_multi_remove_handle(s->multi, easy);
		s->done(easy, code);
	}
}

static int on_io(sd_event_source *source, int fd, uint32_t events, void *arg)
{
	struct sockets *s = arg;
	int running, what = 0;

	if (events & EPOLLIN)
		what |= CURL_CSELECT_IN;
	if (events & EPOLLOUT)
		what |= CURL_CSELECT_OUT;
	if (events & (EPOLLERR | EPOLLHUP))
		what |= CURL_CSELECT_ERR;
	curl_multi_socket_action(s->multi, fd, what, &running);
	reap(s);
	return 0;
}

static int on_timer(sd_event_source *source, uint64_t usec, void *arg)
{
	struct sockets *s = arg;
	int running;

	curl_multi_socket_action(s->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	reap(s);
	return 0;
}

static uint32_t events_of(int what)
{
	uint32_t events = 0;

	if (what & CURL_POLL_IN)
		events |= EPOLLIN;
	if (what & CURL_POLL_OUT)
		events |= EPOLLOUT;
	return events;
}

static int set_socket(CURL *easy, curl_socket_t fd, int what, void *arg,
		      void *of_socket)
{
	struct sockets *s = arg;
	sd_event_source *source = of_socket;

	if (what == CURL_POLL_REMOVE) {
		sd_event_source_disable_unref(source);
		curl_multi_assign(s->multi, fd, NULL);
		return 0;
	}
	if (source)
		return sd_event_source_set_io_events(source, events_of(what)) < 0 ?
		       -1 : 0;
	if (sd_event_add_io(s->event, &source, fd, events_of(what), on_io,
			    s) < 0)
		return -1;
	curl_multi_assign(s->multi, fd, source);
	return 0;
}

static int set_timer(CURLM *multi, long timeout_ms, void *arg)
{
	struct sockets *s = arg;

	if (timeout_ms < 0)
		return sd_event_source_set_enabled(s->timer, SD_EVENT_OFF) < 0 ?
		       -1 : 0;
	if (sd_event_source_set_time_relative(s->timer, timeout_ms * 1000ull) < 0)
		return -1;
	return sd_event_source_set_enabled(s->timer, SD_EVENT_ONESHOT) < 0 ?
	       -1 : 0;
}

int sockets_init(struct sockets *s, sd_event *event,
		 void (*done)(CURL *easy, CURLcode code))
{
	int rc;

	*s = (struct sockets){ .event = sd_event_ref(event), .done = done };
	s->multi = curl_multi_init();
	rc = s->multi ? sd_event_add_time_relative(event, &s->timer,
						   CLOCK_MONOTONIC, 0, 10000,
						   on_timer, s) : -ENOMEM;
	if (rc < 0) {
		sockets_fini(s);
		return rc;
	}
	sd_event_source_set_enabled(s->timer, SD_EVENT_OFF);
	curl_multi_setopt(s->multi, CURLMOPT_SOCKETFUNCTION, set_socket);
	curl_multi_setopt(s->multi, CURLMOPT_SOCKETDATA, s);
	curl_multi_setopt(s->multi, CURLMOPT_TIMERFUNCTION, set_timer);
	curl_multi_setopt(s->multi, CURLMOPT_TIMERDATA, s);
	return 0;
}

void sockets_fini(struct sockets *s)
{
	/* It still calls back, for what it had kept open. */
	curl_multi_cleanup(s->multi);
	sd_event_source_disable_unref(s->timer);
	sd_event_unref(s->event);
}

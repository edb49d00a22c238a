// SPDX-License-Identifier: GPL-2.0
#include "monitor.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>

#include "cmd.h"
#include "show.h"

static volatile sig_atomic_t stopped;

static void stop(int sig)
{
	stopped = 1;
}

static const char *const event_names[] = {
	[KLB_EVENT_SERVICE] = "service",
	[KLB_EVENT_SERVICE_DEL] = "service-del",
	[KLB_EVENT_ENDPOINT] = "endpoint",
	[KLB_EVENT_ENDPOINT_DEL] = "endpoint-del",
	[KLB_EVENT_NET] = "net",
	[KLB_EVENT_POOL] = "pool",
	[KLB_EVENT_POOL_DEL] = "pool-del",
	[KLB_EVENT_CONN_BEGIN] = "conn-begin",
	[KLB_EVENT_CONN_END] = "conn-end",
	[KLB_EVENT_LOST] = "lost",
};

static void show_one_endpoint(struct out *o, const struct klb_event *event,
			      const struct klb_endpoint *ep)
{
	char text[KLB_ADDR_TEXT];

	show_key(o, &event->service);
	if (o->json)
		json_open(&o->js, "endpoint", '{');
	if (event->type == KLB_EVENT_ENDPOINT) {
		show_endpoint_config(o, ep);
	} else {
		out_word(o, "endpoint", klb_ap_format(&ep->ap, text));
		out_str(o, OUT_JSON, "addr",
			klb_addr_format(&ep->ap.addr, text));
		out_num(o, OUT_JSON, "port", ep->ap.port);
	}
	if (o->json)
		json_close(&o->js);
}

static void show_body(struct out *o, const struct klb_event *event,
		      const struct klb_endpoint *ep)
{
	switch (event->type) {
	case KLB_EVENT_SERVICE:
		return show_config(o, &event->service);
	case KLB_EVENT_SERVICE_DEL:
		return show_key(o, &event->service);
	case KLB_EVENT_ENDPOINT:
	case KLB_EVENT_ENDPOINT_DEL:
		return show_one_endpoint(o, event, ep);
	case KLB_EVENT_NET:
		return show_net(o, &event->net);
	case KLB_EVENT_POOL:
		return show_pool(o, &event->pool);
	case KLB_EVENT_POOL_DEL:
		out_word(o, "pool", event->pool.name);
		return out_str(o, OUT_JSON, "name", event->pool.name);
	case KLB_EVENT_CONN_BEGIN:
	case KLB_EVENT_CONN_END:
		return show_conn_event(o, event);
	case KLB_EVENT_LOST:
		return out_word(o, "why", "events were lost: look how things are");
	}
}

static int show_line(struct out *o, const struct klb_event *event,
		     const struct klb_endpoint *ep)
{
	const char *name = event_names[event->type];

	out_row(o);
	out_word(o, "event", name);
	out_str(o, OUT_JSON, "event", name);
	show_body(o, event, ep);
	out_row_end(o);
	if (!out_end(o) && !fflush(o->f))
		return 0;
	return -EIO;
}

static int tell(const struct klb_event *event, void *arg)
{
	const struct klb_service *svc = &event->service;
	size_t i;
	int rc = 0;

	if (event->type != KLB_EVENT_ENDPOINT &&
	    event->type != KLB_EVENT_ENDPOINT_DEL)
		return show_line(arg, event, NULL);
	for (i = 0; i < svc->n_endpoints && !rc; i++)
		rc = show_line(arg, event, &svc->endpoints[i]);
	return rc;
}

/*
 * The signals are let through only while nothing is being printed, so that
 * none is missed and no line is cut.
 */
static void catch_signals(sigset_t *while_waiting)
{
	struct sigaction sa = { .sa_handler = stop };
	sigset_t block;

	sigemptyset(&block);
	sigaddset(&block, SIGINT);
	sigaddset(&block, SIGTERM);
	sigprocmask(SIG_BLOCK, &block, while_waiting);
	sigdelset(while_waiting, SIGINT);
	sigdelset(while_waiting, SIGTERM);
	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
}

/* ppoll() lets no signal through as long as there is something to read. */
static bool told_to_stop(void)
{
	sigset_t pending;

	sigpending(&pending);
	return stopped || sigismember(&pending, SIGINT) ||
	       sigismember(&pending, SIGTERM);
}

static int watch(struct ctx *c, struct klb_monitor *m, const sigset_t *mask)
{
	struct pollfd fds[] = {
		{ .fd = klb_monitor_fd(m), .events = POLLIN },
		/* only to learn that the reader has gone */
		{ .fd = fileno(c->out.f), .events = 0 },
	};
	int rc;

	while (!told_to_stop()) {
		if (ppoll(fds, 2, NULL, mask) < 0)
			continue;
		if (fds[1].revents & (POLLERR | POLLNVAL)) {
			klb_err_set(&c->err, 0, "cannot write the output: %s",
				    strerror(EPIPE));
			return EXIT_USAGE;
		}
		rc = klb_monitor_read(m, &c->err);
		if (rc == -EIO) {
			klb_err_set(&c->err, 0, "cannot write the output");
			return EXIT_USAGE;
		}
		if (rc)
			return EXIT_KERNEL;
	}
	return EXIT_DONE;
}

static int monitor(struct ctx *c, struct args *a)
{
	const char *word = args_peek(a);
	bool conn = word && !strcmp(word, "conn");
	struct klb_monitor m;
	sigset_t mask;
	int rc;

	if (conn)
		args_next(a);
	if (args_end(a))
		return EXIT_USAGE;
	rc = conn ? klb_monitor_open_conn(&m, &c->klb, tell, &c->out) :
		    klb_monitor_open(&m, &c->klb, tell, &c->out);
	if (rc)
		return ctx_refused(c);
	catch_signals(&mask);
	rc = watch(c, &m, &mask);
	klb_monitor_close(&m);
	return rc;
}

static const char *const what[] = { "conn", NULL };
static const char *const *const words[] = { what, NULL };

static const struct command commands[] = {
	{ NULL, "[ conn ]", NULL, words, monitor },
	{ NULL }
};

const struct object obj_monitor = {
	.name = "monitor",
	.about = "tell changes of the configuration, or connections, as they happen",
	.commands = commands,
	.notes = "  conn   begin and end of connections, instead of the configuration\n",
};

// SPDX-License-Identifier: GPL-2.0
/* lbagent --dump */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "agent.h"
#include "config_write.h"

/* Neither the API server nor the module answered. */
#define PATIENCE_US	30000000

struct dump {
	sd_event *event;
	FILE *f;
	bool failed;		/* no memory */
};

/* The lines of one service, each with @mark before it. */
static void print(struct dump *d, char mark, const struct klb_service *svc)
{
	struct config cfg = {
		.services = (struct klb_service *)svc, .n_services = 1,
	};
	char *text = NULL, *line, *save;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	if (!f) {
		d->failed = true;
		return;
	}
	config_write(f, &cfg);
	fclose(f);
	for (line = strtok_r(text, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save))
		fprintf(d->f, "%c%s\n", mark, line);
	free(text);
}

static bool is_ours(const struct klb_service *svc)
{
	return !strncmp(svc->name, KUBE_MARK, strlen(KUBE_MARK));
}

static void print_both(const struct klb_service *is,
		       const struct klb_service *wanted, void *arg)
{
	struct dump *d = arg;

	if (is && (!is_ours(is) ||
		   (wanted && !klb_service_differences(is, wanted)))) {
		print(d, ' ', is);
		return;
	}
	if (is)
		print(d, '-', is);
	if (wanted)
		print(d, '+', wanted);
}

static void on_known(const struct kube_plan *plan, void *arg)
{
	struct dump *d = arg;

	kube_plan_walk(plan, print_both, d);
	sd_event_exit(d->event, d->failed ? -ENOMEM : 0);
}

static int on_timeout(sd_event_source *s, uint64_t usec, void *arg)
{
	struct dump *d = arg;

	return sd_event_exit(d->event, -ETIMEDOUT);
}

int agent_dump(sd_event *event, const struct conf *conf, FILE *f,
	       struct klb_err *err)
{
	struct dump d = { .event = event, .f = f };
	struct agent *a;
	int rc;

	if (sd_event_add_time_relative(event, NULL, CLOCK_MONOTONIC,
				       PATIENCE_US, 0, on_timeout, &d) < 0)
		return klb_err_set(err, -ENOMEM, "out of memory");
	a = agent_look(event, conf, on_known, &d, err);
	if (!a)
		return -EIO;
	rc = sd_event_loop(event);
	agent_free(a);
	if (rc == -ETIMEDOUT)
		klb_err_set(err, rc,
			    "the API server or the klb module does not answer");
	else if (rc)
		klb_err_set(err, rc, "%s", strerror(-rc));
	return rc;
}

// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "agent.h"
#include "log.h"

enum { EXIT_OK, EXIT_USAGE, EXIT_FAILED };

struct options {
	const char *config;
	bool given;		/* it must be there */
	bool check, cleanup, dump;
};

static const char usage[] =
"lbagent [OPTION...]\n"
"Keeps the klb module of this node in step with a kube-apiserver.\n"
"\n"
"  -c, --config FILE   settings (" CONF_PATH ")\n"
"      --check         read the settings, say what is wrong, and end\n"
"      --dump          print what the module has (-), shall have (+), or both\n"
"      --cleanup       take away all services, routes and filters of lbagent\n"
"  -v, --verbose       say more\n"
"  -h, --help          this text\n"
"  -V, --version       which version this is\n";

static int bad_usage(const char *fmt, const char *arg)
{
	fprintf(stderr, "lbagent: ");
	fprintf(stderr, fmt, arg);
	fprintf(stderr, " (lbagent --help)\n");
	return EXIT_USAGE;
}

/* -1: go on, else the status to end with. */
static int parse(int argc, char **argv, struct options *o)
{
	enum { CHECK = 256, CLEANUP, DUMP };
	static const struct option options[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "check", no_argument, NULL, CHECK },
		{ "cleanup", no_argument, NULL, CLEANUP },
		{ "dump", no_argument, NULL, DUMP },
		{ "verbose", no_argument, NULL, 'v' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ NULL }
	};
	int opt;

	opterr = 0;
	while ((opt = getopt_long(argc, argv, ":c:vhV", options, NULL)) >= 0) {
		switch (opt) {
		case 'c':
			o->config = optarg;
			o->given = true;
			break;
		case CHECK:
			o->check = true;
			break;
		case CLEANUP:
			o->cleanup = true;
			break;
		case DUMP:
			o->dump = true;
			break;
		case 'v':
			log_level(LOG_DEBUG);
			break;
		case 'h':
			fputs(usage, stdout);
			return EXIT_OK;
		case 'V':
			puts("lbagent " LBCTL_VERSION);
			return EXIT_OK;
		case ':':
			return bad_usage("%s wants a value", argv[optind - 1]);
		default:
			return bad_usage("\"%s\" is no option",
					 argv[optind - 1]);
		}
	}
	return optind < argc ? bad_usage("\"%s\" is too much", argv[optind]) :
			       -1;
}

/* Without a file of the usual name all is as it is without one. */
static int read_conf(const struct options *o, struct conf *conf,
		     struct klb_err *err)
{
	if (!o->given && access(o->config, F_OK) && errno == ENOENT)
		return conf_read(conf, "/dev/null", err);
	return conf_read(conf, o->config, err);
}

static int prepare_signals(sd_event *event)
{
	sigset_t set;
	int rc;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGHUP);
	signal(SIGPIPE, SIG_IGN);
	if (sigprocmask(SIG_BLOCK, &set, NULL))
		return -errno;
	/* NULL: the loop ends */
	rc = sd_event_add_signal(event, NULL, SIGTERM, NULL, NULL);
	return rc < 0 ? rc : sd_event_add_signal(event, NULL, SIGINT, NULL, NULL);
}

struct daemon {
	const struct options *options;
	struct conf *conf;
	struct agent *agent;
	sd_event *event;
};

/*
 * All is begun anew with the new settings; the module has what packets need
 * meanwhile. Settings that are wrong change nothing.
 */
static int on_reload(sd_event_source *s, const struct signalfd_siginfo *si,
		     void *arg)
{
	struct conf conf = { 0 };
	struct daemon *d = arg;
	struct klb_err err;

	if (read_conf(d->options, &conf, &err)) {
		log_say(LOG_ERR, "going on with the settings from before: %s",
			err.text);
		return 0;
	}
	sd_notify(0, "RELOADING=1");
	agent_free(d->agent);
	conf_free(d->conf);
	*d->conf = conf;
	d->conf->settings.proxy_name = d->conf->proxy_name;
	d->agent = agent_new(d->event, d->conf, &err);
	if (!d->agent) {
		log_say(LOG_ERR, "%s", err.text);
		return sd_event_exit(d->event, EXIT_FAILED);
	}
	log_say(LOG_INFO, "the settings were read again");
	return 0;
}

static int start(struct daemon *d)
{
	struct klb_err err = { "cannot make an event loop" };
	int rc;

	rc = sd_event_default(&d->event);
	if (rc >= 0)
		rc = prepare_signals(d->event);
	if (rc >= 0)
		rc = sd_event_add_signal(d->event, NULL, SIGHUP, on_reload, d);
	if (rc >= 0)
		rc = sd_event_set_watchdog(d->event, true);
	if (rc >= 0)
		d->agent = agent_new(d->event, d->conf, &err);
	if (d->agent)
		return 0;
	log_say(LOG_ERR, "%s", err.text);
	return -EIO;
}

static int run(const struct options *o, struct conf *conf)
{
	struct daemon d = { .options = o, .conf = conf };
	int rc = start(&d);

	if (!rc)
		rc = sd_event_loop(d.event);
	sd_notify(0, "STOPPING=1");
	agent_free(d.agent);
	sd_event_unref(d.event);
	return rc ? EXIT_FAILED : EXIT_OK;
}

static int dump(sd_event *event, const struct conf *conf, struct klb_err *err)
{
	/* of which SIGCHLD, for a plug-in of the kubeconfig */
	int rc = prepare_signals(event);

	return rc < 0 ? rc : agent_dump(event, conf, stdout, err);
}

static int once(const struct conf *conf,
		int (*what)(sd_event *, const struct conf *, struct klb_err *))
{
	struct klb_err err = { "cannot make an event loop" };
	sd_event *event = NULL;
	int rc;

	rc = sd_event_default(&event);
	if (rc >= 0)
		rc = what(event, conf, &err);
	sd_event_unref(event);
	if (rc < 0)
		log_say(LOG_ERR, "%s", err.text);
	return rc < 0 ? EXIT_FAILED : EXIT_OK;
}

static int act(const struct options *o, struct conf *conf)
{
	if (o->check)
		return EXIT_OK;
	if (o->cleanup)
		return once(conf, agent_cleanup);
	if (o->dump)
		return once(conf, dump);
	return run(o, conf);
}

int main(int argc, char **argv)
{
	struct options o = { .config = CONF_PATH };
	struct conf conf = { 0 };
	struct klb_err err;
	int status;

	status = parse(argc, argv, &o);
	if (status >= 0)
		return status;
	if (read_conf(&o, &conf, &err)) {
		log_say(LOG_ERR, "%s", err.text);
		return EXIT_USAGE;
	}
	status = act(&o, &conf);
	conf_free(&conf);
	return status;
}

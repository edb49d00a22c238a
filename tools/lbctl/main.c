// SPDX-License-Identifier: GPL-2.0
/* lbctl: the command of klb. */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "batch.h"
#include "cmd.h"
#include "help.h"
#include "version.h"

struct settings {
	bool json;
	bool pretty;
	bool version;
	bool help;
	const char *netns;
	const char *batch;
};

static int bad_option(char **argv, int c, struct klb_err *err)
{
	char word[3] = { '-', optopt, 0 };
	bool is_long = !strncmp(argv[optind - 1], "--", 2);
	const char *name = optopt && !is_long ? word : argv[optind - 1];

	if (c == ':')
		return klb_err_set(err, -EINVAL,
				   "\"%.64s\" has no value: expected %s", name,
				   optopt == 'b' ? "FILE" : "NETNS");
	return klb_err_set(err, -EINVAL,
			   "\"%.64s\" is not an option: expected -j, -p, -n, -b, -V or -h",
			   name);
}

static int take_option(struct settings *s, int c)
{
	switch (c) {
	case 'j':
		s->json = true;
		break;
	case 'p':
		s->pretty = true;
		break;
	case 'n':
		s->netns = optarg;
		break;
	case 'b':
		s->batch = optarg;
		break;
	case 'V':
		s->version = true;
		break;
	case 'h':
		s->help = true;
		break;
	default:
		return -EINVAL;
	}
	return 0;
}

static int read_options(int argc, char **argv, struct settings *s,
			struct klb_err *err)
{
	static const struct option options[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "pretty", no_argument, NULL, 'p' },
		{ "netns", required_argument, NULL, 'n' },
		{ "batch", required_argument, NULL, 'b' },
		{ "version", no_argument, NULL, 'V' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL }
	};
	int c;

	/* "+": options end where OBJECT begins; ":": errors are told here */
	while ((c = getopt_long(argc, argv, "+:jpn:b:Vh", options, NULL)) >= 0) {
		if (take_option(s, c))
			return bad_option(argv, c, err);
	}
	if (s->batch && optind < argc)
		return klb_err_set(err, -EINVAL,
				   "\"%.64s\" is too much: the commands are in the file of -b",
				   argv[optind]);
	return 0;
}

static int run(struct ctx *c, const struct settings *s, int argc, char **argv)
{
	struct args a = { .argc = argc, .argv = argv, .err = &c->err };
	int rc;

	if (s->version) {
		version_print(&c->out);
		return ctx_end(c);
	}
	if (s->help) {
		help_all(c->out.f);
		return ctx_end(c);
	}
	rc = klb_open(&c->klb, s->netns);
	if (rc) {
		c->err = c->klb.err;
		return rc == -EPERM ? EXIT_KERNEL : EXIT_USAGE;
	}
	rc = s->batch ? batch_run(c, s->batch) : dispatch(c, &a);
	klb_close(&c->klb);
	return rc;
}

/* What was printed counts only when it is written. */
static int finish(struct ctx *c, int rc)
{
	bool failed = ferror(stdout);

	if ((fclose(stdout) || failed) && !rc) {
		rc = EXIT_USAGE;
		klb_err_set(&c->err, 0, "cannot write the output: %s",
			    errno ? strerror(errno) : "unknown error");
	}
	if (rc)
		fprintf(stderr, "lbctl: %s\n", c->err.text);
	return rc;
}

int main(int argc, char **argv)
{
	struct settings s = { 0 };
	struct ctx c = { 0 };
	int rc;

	signal(SIGPIPE, SIG_IGN);
	rc = read_options(argc, argv, &s, &c.err);
	out_init(&c.out, stdout, s.json, s.pretty);
	rc = rc ? EXIT_USAGE : run(&c, &s, argc - optind, argv + optind);
	out_free(&c.out);
	return finish(&c, rc);
}

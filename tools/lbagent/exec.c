// SPDX-License-Identifier: GPL-2.0
#include "exec.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "exec_env.h"

#define OUTPUT_CAP	0x100000

struct exec {
	const struct kubeconfig *k;
	exec_cb cb;
	void *arg;
	pid_t pid;
	int fd;		/* its standard output */
	char *text;
	size_t len;
	bool too_much;
	sd_event_source *child;
	sd_event_source *io;
	sd_event_source *timer;
};

void exec_stop(struct exec *x)
{
	if (!x)
		return;
	/* Its children too. The source reaps what it owns. */
	if (x->child && x->pid)
		kill(-x->pid, SIGKILL);
	sd_event_source_disable_unref(x->child);
	sd_event_source_disable_unref(x->io);
	sd_event_source_disable_unref(x->timer);
	if (x->fd >= 0)
		close(x->fd);
	if (x->text)
		explicit_bzero(x->text, x->len);
	free(x->text);
	free(x);
}

static void finish(struct exec *x, struct exec_cred *cred, const char *why)
{
	exec_cb cb = x->cb;
	void *arg = x->arg;

	exec_stop(x);
	cb(cred, why, arg);
}

/* What is in the pipe now; a grandchild may hold its other end for ever. */
static void drain(struct exec *x)
{
	ssize_t n;

	for (;;) {
		n = read(x->fd, x->text + x->len, OUTPUT_CAP - x->len);
		if (n > 0)
			x->len += n;
		else if (n < 0 && errno == EINTR)
			continue;
		else
			break;
		if (x->len == OUTPUT_CAP) {
			x->too_much = true;
			break;
		}
	}
	if (!n || x->too_much)
		sd_event_source_set_enabled(x->io, SD_EVENT_OFF);
}

static int on_output(sd_event_source *s, int fd, uint32_t events, void *arg)
{
	drain(arg);
	return 0;
}

static int judge(struct exec *x, const siginfo_t *si, struct exec_cred *cred,
		 struct klb_err *err)
{
	const struct kube_exec *e = &x->k->exec;

	if (si->si_code != CLD_EXITED)
		return klb_err_set(err, -EIO,
				   "plug-in \"%.128s\" was ended by signal %d",
				   e->command, si->si_status);
	if (si->si_status)
		return klb_err_set(err, -EIO,
				   "plug-in \"%.128s\" ended with status %d",
				   e->command, si->si_status);
	if (x->too_much)
		return klb_err_set(err, -EFBIG,
				   "plug-in \"%.128s\" prints more than 1 MiB",
				   e->command);
	return exec_cred_parse(cred, x->text, x->len, e->api_version, err);
}

static int on_exit_of(sd_event_source *s, const siginfo_t *si, void *arg)
{
	struct exec *x = arg;
	struct exec_cred cred = { 0 };
	struct klb_err err;
	int rc;

	if (!x->too_much)
		drain(x);
	rc = judge(x, si, &cred, &err);
	/* It is gone, and its number may be another's soon. */
	x->pid = 0;
	finish(x, rc ? NULL : &cred, rc ? err.text : NULL);
	return 0;
}

static int on_timeout(sd_event_source *s, uint64_t usec, void *arg)
{
	struct exec *x = arg;
	struct klb_err err;

	klb_err_set(&err, -ETIMEDOUT, "plug-in \"%.128s\" did not end in time",
		    x->k->exec.command);
	finish(x, NULL, err.text);
	return 0;
}

static int spawn_in(const struct kube_exec *e, char **env, pid_t *pid,
		    posix_spawn_file_actions_t *files,
		    posix_spawnattr_t *attr)
{
	sigset_t none, pipe;

	sigemptyset(&none);
	sigemptyset(&pipe);
	sigaddset(&pipe, SIGPIPE);
	posix_spawnattr_setsigmask(attr, &none);
	posix_spawnattr_setsigdefault(attr, &pipe);
	posix_spawnattr_setpgroup(attr, 0);
	posix_spawnattr_setflags(attr, POSIX_SPAWN_SETSIGMASK |
				 POSIX_SPAWN_SETSIGDEF |
				 POSIX_SPAWN_SETPGROUP);
	return posix_spawnp(pid, e->command, files, attr, e->argv, env);
}

static int spawn(const struct kube_exec *e, char **env, int out, pid_t *pid)
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	int rc;

	rc = posix_spawn_file_actions_init(&files);
	if (rc)
		return rc;
	rc = posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY,
					      0);
	if (!rc)
		rc = posix_spawn_file_actions_adddup2(&files, out, 1);
	if (!rc)
		rc = posix_spawnattr_init(&attr);
	if (!rc) {
		rc = spawn_in(e, env, pid, &files, &attr);
		posix_spawnattr_destroy(&attr);
	}
	posix_spawn_file_actions_destroy(&files);
	return rc;
}

static int run(struct exec *x, struct klb_err *err)
{
	const struct kube_exec *e = &x->k->exec;
	char **env = NULL;
	int fds[2], rc;

	rc = exec_env_make(x->k, &env, err);
	if (rc)
		return rc;
	if (pipe2(fds, O_CLOEXEC)) {
		rc = klb_err_set(err, -errno, "cannot make a pipe");
	} else {
		x->fd = fds[0];
		fcntl(x->fd, F_SETFL, O_NONBLOCK);
		rc = -spawn(e, env, fds[1], &x->pid);
		close(fds[1]);
		if (rc)
			klb_err_set(err, rc, "cannot run plug-in \"%.128s\": %s%s%.128s",
				    e->command, strerror(-rc),
				    e->hint ? "; " : "", e->hint ? e->hint : "");
	}
	exec_env_free(env);
	return rc;
}

static int watch_child(struct exec *x, sd_event *event, struct klb_err *err)
{
	int rc = sd_event_add_child(event, &x->child, x->pid, WEXITED,
				    on_exit_of, x);

	if (rc < 0) {
		kill(-x->pid, SIGKILL);
		waitpid(x->pid, NULL, 0);
		return klb_err_set(err, rc, "cannot wait for the plug-in: %s",
				   strerror(-rc));
	}
	sd_event_source_set_child_process_own(x->child, 1);
	return 0;
}

static int follow(struct exec *x, sd_event *event, uint64_t timeout_us,
		  struct klb_err *err)
{
	int rc = watch_child(x, event, err);

	if (rc)
		return rc;
	rc = sd_event_add_io(event, &x->io, x->fd, EPOLLIN, on_output, x);
	if (rc >= 0)
		rc = sd_event_add_time_relative(event, &x->timer,
						CLOCK_MONOTONIC, timeout_us, 0,
						on_timeout, x);
	if (rc < 0)
		return klb_err_set(err, rc, "cannot follow the plug-in: %s",
				   strerror(-rc));
	return 0;
}

int exec_start(struct exec **out, sd_event *event, const struct kubeconfig *k,
	       uint64_t timeout_us, exec_cb cb, void *arg,
	       struct klb_err *err)
{
	struct exec *x = calloc(1, sizeof(*x));
	int rc;

	if (!x)
		return klb_err_set(err, -ENOMEM, "out of memory");
	*x = (struct exec){ .k = k, .cb = cb, .arg = arg, .fd = -1,
			    .text = malloc(OUTPUT_CAP) };
	rc = x->text ? run(x, err) : klb_err_set(err, -ENOMEM, "out of memory");
	if (!rc)
		rc = follow(x, event, timeout_us, err);
	if (rc)
		exec_stop(x);
	else
		*out = x;
	return rc;
}

/* SPDX-License-Identifier: GPL-2.0 */
/* Runs fake_apiserver.py. */
#ifndef KLB_UNIT_APISERVER_H
#define KLB_UNIT_APISERVER_H

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

struct apiserver {
	pid_t pid;
	int port;
};

/* In @dir, with @args for a shell. It ends with us, however we end. */
static inline int apiserver_start(struct apiserver *s, const char *dir,
				  const char *args)
{
	char command[256];
	int fds[2], n;
	FILE *f;

	snprintf(command, sizeof(command),
		 "cd %s && exec python3 $OLDPWD/fake_apiserver.py %s", dir, args);
	if (pipe2(fds, O_CLOEXEC))
		return -1;
	s->pid = fork();
	if (!s->pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		dup2(fds[1], 1);
		execl("/bin/sh", "sh", "-c", command, NULL);
		_exit(127);
	}
	close(fds[1]);
	f = fdopen(fds[0], "r");
	n = fscanf(f, "%d", &s->port);
	fclose(f);
	return n == 1 ? 0 : -1;
}

static inline void apiserver_stop(struct apiserver *s)
{
	if (s->pid <= 0)
		return;
	kill(s->pid, SIGTERM);
	waitpid(s->pid, NULL, 0);
}

#endif

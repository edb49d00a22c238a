/* SPDX-License-Identifier: GPL-2.0 */
/* A network namespace of the test's own, and messages about devices. */
#ifndef KLB_UNIT_NETNS_H
#define KLB_UNIT_NETNS_H

#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <sched.h>
#include <stdbool.h>
#include <time.h>
#include <unistd.h>

#include <systemd/sd-event.h>

static inline bool netns_write(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	return f && fputs(text, f) >= 0 && !fclose(f);
}

/* False where that is not allowed. Whoever we are, we are root in there. */
static inline bool netns_enter(void)
{
	unsigned int uid = getuid(), gid = getgid();
	char users[64], groups[64];

	if (!unshare(CLONE_NEWNET))
		return true;
	if (unshare(CLONE_NEWUSER | CLONE_NEWNET))
		return false;
	snprintf(users, sizeof(users), "0 %u 1", uid);
	snprintf(groups, sizeof(groups), "0 %u 1", gid);
	return netns_write("/proc/self/setgroups", "deny") &&
	       netns_write("/proc/self/uid_map", users) &&
	       netns_write("/proc/self/gid_map", groups);
}

static inline void netns_run(const char *command)
{
	assert_int_equal(system(command), 0);
}

static inline uint64_t netns_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000ull + now.tv_nsec / 1000;
}

/* Until it is so, or ten seconds have passed. */
#define until(event, condition)						\
	do {								\
		uint64_t end_ = netns_now() + 10000000;			\
									\
		while (!(condition) && netns_now() < end_)		\
			sd_event_run(event, 10000);			\
		assert_true(condition);					\
	} while (0)

struct link_text {
	int ifindex;
	const char *name;	/* NULL: the message has none */
	const char *kind;
	int master;
	unsigned int flags;
	int family;
};

static inline struct nl_msg *link_msg(int type, struct link_text t)
{
	struct ifinfomsg ifi = {
		.ifi_family = t.family, .ifi_index = t.ifindex,
		.ifi_flags = t.flags,
	};
	struct nl_msg *msg = nlmsg_alloc();
	struct nlattr *info;

	assert_non_null(msg);
	nlmsg_put(msg, 0, 0, type, 0, 0);
	nlmsg_append(msg, &ifi, sizeof(ifi), NLMSG_ALIGNTO);
	if (t.name)
		nla_put_string(msg, IFLA_IFNAME, t.name);
	if (t.master)
		nla_put_u32(msg, IFLA_MASTER, t.master);
	if (t.kind) {
		info = nla_nest_start(msg, IFLA_LINKINFO);
		nla_put_string(msg, IFLA_INFO_KIND, t.kind);
		nla_nest_end(msg, info);
	}
	return msg;
}

#endif

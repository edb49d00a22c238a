// SPDX-License-Identifier: GPL-2.0
/* Events about Services, against fake_apiserver.py, whose scripts it names. */
#include "test.h"

#include <fcntl.h>

#include "apiserver.h"
#include "note.h"
#include "recorder.h"

/* What goes wrong is lost at once: a second try would be another step. */
static const struct recorder_conf conf = {
	.same_us = 10000000, .give_up_us = 2000000,
	.budget = { .burst = 25, .gap = 300000000 },
	.backoff = { 10000000, 10000000, 120000000 },
};
static const struct backoff_conf quick = { 10000, 50000, 120000000 };

static const struct http_conf http_conf = { 2000, 2000, 60000000 };

static char dir[64] = "/tmp/klb-recorder-XXXXXX";
static struct apiserver server;

struct run {
	sd_event *event;
	struct kubeconfig k;
	struct cred *cred;
	struct http *http;
	struct recorder *r;
	int err;	/* standard error meanwhile */
};

static void in_dir(char *path, const char *name)
{
	snprintf(path, 128, "%s/%s", dir, name);
}

static void begin(struct run *u, const char *script, const char *token,
		  const struct recorder_conf *c)
{
	struct klb_err err;
	char url[128];

	*u = (struct run){ .err = -1 };
	snprintf(url, sizeof(url), "http://127.0.0.1:%d/%s", server.port,
		 script);
	kubeconfig_add_server(&u->k, url, true, &err);
	u->k.token_file = token ? strdup(token) : NULL;
	assert_true(sd_event_new(&u->event) >= 0);
	u->cred = cred_new(u->event, &u->k, &cred_default);
	assert_int_equal(http_new(&u->http, u->event, &u->k, u->cred,
				  &http_conf, &err), 0);
	u->r = recorder_new(u->event, u->http, "node-1", c);
	assert_non_null(u->r);
}

static void end(struct run *u)
{
	recorder_free(u->r);
	http_free(u->http);
	cred_free(u->cred);
	kubeconfig_free(&u->k);
	sd_event_unref(u->event);
}

static void say(struct run *u, const char *reason, const char *sentence)
{
	recorder_say(u->r, "shop", "web", "u-1", reason, sentence);
}

static void wait_for(struct run *u, uint64_t usec)
{
	uint64_t until, now;

	sd_event_now(u->event, CLOCK_MONOTONIC, &now);
	for (until = now + usec; now < until;) {
		sd_event_run(u->event, until - now);
		sd_event_now(u->event, CLOCK_MONOTONIC, &now);
	}
}

/* Until so many were written and lost, and a little longer for what must not be. */
static void want(struct run *u, unsigned int written, unsigned int lost)
{
	struct recorder_counts c;
	int i;

	for (i = 0; i < 500; i++) {
		recorder_counts(u->r, &c);
		if (c.written + c.lost >= written + lost)
			break;
		wait_for(u, 10000);
	}
	wait_for(u, 50000);
	recorder_counts(u->r, &c);
	assert_int_equal(c.written, written);
	assert_int_equal(c.lost, lost);
}

static void hear(struct run *u)
{
	char path[128];
	int fd;

	in_dir(path, "err");
	fd = open(path, O_CREAT | O_TRUNC | O_RDWR | O_APPEND | O_CLOEXEC, 0600);
	u->err = dup(2);
	assert_true(dup2(fd, 2) == 2);
	close(fd);
}

/* What was told meanwhile. */
static const char *heard(struct run *u)
{
	static char text[4096];
	ssize_t n = pread(2, text, sizeof(text) - 1, 0);

	assert_true(n >= 0);
	text[n] = 0;
	dup2(u->err, 2);
	close(u->err);
	return text;
}

/* ---- what is one Event */

static void test_again(void **state)
{
	struct run u;

	begin(&u, "events", NULL, &conf);
	say(&u, "Bad", "it is");
	want(&u, 1, 0);
	say(&u, "Bad", "it is");
	want(&u, 2, 0);
	say(&u, "Bad", "it is");
	want(&u, 3, 0);
	end(&u);
}

static void test_other(void **state)
{
	struct run u;

	begin(&u, "other", NULL, &conf);
	say(&u, "Bad", "it is");
	say(&u, "Worse", "it is");
	say(&u, "Bad", "it was");
	recorder_say(u.r, "shop", "web", NULL, "Bad", "it is");
	want(&u, 4, 0);
	end(&u);
}

static void test_late(void **state)
{
	struct recorder_conf c = conf;
	struct run u;

	c.same_us = 300000;
	begin(&u, "late", NULL, &c);
	say(&u, "Bad", "it is");
	want(&u, 1, 0);
	say(&u, "Bad", "it is");
	want(&u, 2, 0);
	wait_for(&u, 350000);
	say(&u, "Bad", "it is");
	want(&u, 3, 0);
	end(&u);
}

/* As much as may be, of whole characters, and always JSON. */
static void test_text(void **state)
{
	char text[1100];
	struct run u;

	memset(text, 'x', sizeof(text));
	strcpy(text + 1023, "\u00e9 and more");
	begin(&u, "text", NULL, &conf);
	say(&u, "Bad", text);
	say(&u, "Bad", "a\xff" "b");
	say(&u, "Bad", "a\n\"b\"");
	want(&u, 3, 0);
	end(&u);
}

/* ---- what goes wrong */

/* Tried again under the same name, with what was said meanwhile. */
static void test_away(void **state)
{
	struct recorder_conf c = conf;
	struct run u;

	c.backoff = quick;
	begin(&u, "away", NULL, &c);
	say(&u, "Bad", "it is");
	say(&u, "Bad", "it is");
	want(&u, 1, 0);
	end(&u);
}

/* An answer that did not come. */
static void test_there(void **state)
{
	struct run u;

	begin(&u, "there", NULL, &conf);
	say(&u, "Bad", "it is");
	want(&u, 1, 0);
	say(&u, "Bad", "it is");
	want(&u, 2, 0);
	end(&u);
}

/* An hour is over, and the apiserver has forgotten it. */
static void test_left(void **state)
{
	struct run u;

	begin(&u, "left", NULL, &conf);
	say(&u, "Bad", "it is");
	want(&u, 1, 0);
	say(&u, "Bad", "it is");
	want(&u, 2, 0);
	say(&u, "Bad", "it is");
	want(&u, 3, 0);
	end(&u);
}

#define LOST	"lbagent: warning: an Event about Service shop/web is lost: 403 Forbidden: m\n"

/* A line for all that is lost in a row, and nothing is held up by it. */
static void test_forbidden(void **state)
{
	struct run u;

	begin(&u, "forbidden", NULL, &conf);
	hear(&u);
	say(&u, "Bad", "it is");
	say(&u, "Bad", "b");
	want(&u, 0, 2);
	say(&u, "Bad", "c");
	want(&u, 1, 2);
	say(&u, "Bad", "d");
	want(&u, 1, 3);
	assert_string_equal(heard(&u), LOST LOST);
	end(&u);
}

static void test_down(void **state)
{
	struct recorder_conf c = conf;
	struct run u;

	/* enough for an answer, however busy this machine is; the last may still be awaited */
	c.give_up_us = 3000000;
	c.backoff = quick;
	begin(&u, "down", NULL, &c);
	hear(&u);
	say(&u, "Bad", "it is");
	want(&u, 0, 1);
	assert_non_null(strstr(heard(&u), "503 Unavailable"));
	end(&u);
}

/* An apiserver that takes it and says nothing. */
static void test_silent(void **state)
{
	struct recorder_conf c = conf;
	struct run u;

	c.give_up_us = 200000;
	begin(&u, "silent", NULL, &c);
	hear(&u);
	say(&u, "Bad", "it is");
	want(&u, 0, 1);
	assert_non_null(strstr(heard(&u), "no answer in time"));
	say(&u, "Bad", "b");
	want(&u, 1, 1);
	/* and in the middle of a request */
	say(&u, "Bad", "c");
	sd_event_run(u.event, 1000);
	end(&u);
}

static void put_token(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

/* The file changes behind our back; a refusal makes us look. */
static void test_auth(void **state)
{
	char path[128];
	struct run u;

	in_dir(path, "token");
	put_token(path, "one");
	begin(&u, "postauth", path, &conf);
	say(&u, "Bad", "it is");
	sd_event_run(u.event, 0);
	put_token(path, "two");
	want(&u, 1, 0);
	end(&u);
}

/* ---- how much of it */

static void test_budget(void **state)
{
	struct recorder_conf c = conf;
	struct recorder_counts counts;
	char text[16];
	struct run u;
	int i;

	c.give_up_us = 1;
	begin(&u, "budget", NULL, &c);
	hear(&u);
	for (i = 0; i < 30; i++) {
		snprintf(text, sizeof(text), "n %d", i);
		say(&u, "Bad", text);
	}
	recorder_counts(u.r, &counts);
	assert_int_equal(counts.spared, 5);
	/* another Service has its own */
	recorder_say(u.r, "shop", "db", NULL, "Bad", "it is");
	recorder_counts(u.r, &counts);
	assert_int_equal(counts.spared, 5);
	want(&u, 0, 26);
	heard(&u);
	end(&u);
}

/* What waits costs nothing more, and all of it is told. */
static void test_flood(void **state)
{
	struct recorder_counts counts;
	struct run u;
	int i;

	begin(&u, "flood", NULL, &conf);
	for (i = 0; i < 30; i++)
		say(&u, "Bad", "it is");
	want(&u, 1, 0);
	recorder_counts(u.r, &counts);
	assert_int_equal(counts.spared, 0);
	end(&u);
}

#define GAP	1000

static void test_budget_refill(void **state)
{
	static const struct budget_conf bc = { .burst = 3, .gap = GAP };
	static struct budget b;
	char name[16];
	int i;

	budget_init(&b, &bc);
	for (i = 0; i < 3; i++)
		assert_true(budget_take(&b, "a", 50));
	assert_false(budget_take(&b, "a", 50));
	assert_true(budget_take(&b, "b", 50));
	assert_false(budget_take(&b, "a", 49 + GAP));
	assert_true(budget_take(&b, "a", 50 + GAP));
	assert_false(budget_take(&b, "a", 51 + GAP));
	/* no more than the burst, however long it was silent */
	for (i = 0; i < 3; i++)
		assert_true(budget_take(&b, "a", 100 * GAP));
	assert_false(budget_take(&b, "a", 100 * GAP));
	/* many others do not give it more */
	for (i = 0; i < 3 * BUDGET_ROOM; i++) {
		snprintf(name, sizeof(name), "n%d", i);
		assert_true(budget_take(&b, name, 100 * GAP));
	}
	assert_int_equal(b.n, BUDGET_ROOM);
	assert_false(budget_take(&b, "a", 100 * GAP));
	budget_free(&b);
}

static void test_room(void **state)
{
	struct note_says says = { "shop", "web", NULL, "Bad", NULL };
	static struct notes t;
	struct note *kept, *busy;
	char text[16];
	int i;

	notes_init(&t);
	says.sentence = "kept";
	kept = notes_say(&t, &says, 1, 100000, 0);
	kept->queued = true;
	says.sentence = "busy";
	busy = notes_say(&t, &says, 1, 100000, 0);
	busy->busy = true;
	for (i = 0; i < 2 * NOTES_ROOM; i++) {
		snprintf(text, sizeof(text), "n%d", i);
		says.sentence = text;
		assert_int_equal(notes_say(&t, &says, i, 100000, 0)->count, 1);
	}
	assert_int_equal(t.n, NOTES_ROOM);
	/* the last one is known, the first one is not any more */
	assert_int_equal(notes_say(&t, &says, i, 100000, 0)->count, 2);
	says.sentence = "n0";
	assert_int_equal(notes_say(&t, &says, i, 100000, 0)->count, 1);
	says.sentence = "kept";
	assert_ptr_equal(notes_say(&t, &says, i, 100000, 0), kept);
	says.sentence = "busy";
	assert_ptr_equal(notes_say(&t, &says, i, 100000, 0), busy);
	for (i = 0; i < NOTES_ROOM; i++)
		t.v[i]->queued = true;
	says.sentence = "no room";
	assert_null(notes_say(&t, &says, i, 100000, 0));
	notes_free(&t);
}

static int set_up(void **state)
{
	unsetenv("http_proxy");
	unsetenv("https_proxy");
	return mkdtemp(dir) ? apiserver_start(&server, dir, "") : -1;
}

static int tear_down(void **state)
{
	char command[128];

	apiserver_stop(&server);
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	return system(command);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_again),
		cmocka_unit_test(test_other),
		cmocka_unit_test(test_late),
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_away),
		cmocka_unit_test(test_there),
		cmocka_unit_test(test_left),
		cmocka_unit_test(test_forbidden),
		cmocka_unit_test(test_down),
		cmocka_unit_test(test_silent),
		cmocka_unit_test(test_auth),
		cmocka_unit_test(test_budget),
		cmocka_unit_test(test_flood),
		cmocka_unit_test(test_budget_refill),
		cmocka_unit_test(test_room),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}

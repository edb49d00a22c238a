// SPDX-License-Identifier: GPL-2.0
#include "test.h"

#include <fcntl.h>
#include <sys/wait.h>

#include "ask.h"
#include "serve.h"

#define MS	1000ull
#define BIG	(32 << 20)	/* more than buffers of sockets are */
#define MUCH	900000
#define TIMEOUT	(400 * MS)
#define LONG	(10000 * MS)

static const struct serve_conf conf = {
	.conns = 8, .conns_of_source = 4, .timeout_us = TIMEOUT,
};

static sd_event *event;
static struct serve *s;
static int calls;

/* Some lines; or one, and then it cannot go on. */
struct lines {
	struct serve_stream stream;
	size_t left;
	bool fails;
};

static int streams;

static ssize_t read_lines(struct serve_stream *stream, char *to, size_t room)
{
	struct lines *lines = (struct lines *)stream;

	if (!lines->left)
		return lines->fails ? -ENOMEM : 0;
	lines->left--;
	assert_true(room > 16);
	return sprintf(to, "line %zu\n", lines->left);
}

/* As much as there is room for. */
static ssize_t read_full(struct serve_stream *stream, char *to, size_t room)
{
	struct lines *lines = (struct lines *)stream;
	size_t n = lines->left < room ? lines->left : room;

	memset(to, 'x', n);
	lines->left -= n;
	return n;
}

static void free_lines(struct serve_stream *stream)
{
	streams--;
	free(stream);
}

static struct serve_stream *lines_new(size_t n, bool fails)
{
	struct lines *lines = calloc(1, sizeof(*lines));

	*lines = (struct lines){
		.stream = { read_lines, free_lines }, .left = n, .fails = fails,
	};
	streams++;
	return &lines->stream;
}

static struct serve_stream *much_new(void)
{
	struct serve_stream *stream = lines_new(MUCH, false);

	stream->read = read_full;
	return stream;
}

static void answer_it(const char *path, struct serve_answer *a, void *arg)
{
	calls++;
	assert_ptr_equal(arg, &calls);
	if (!strcmp(path, "/gone"))
		return;
	a->status = strcmp(path, "/bad") ? 200 : 503;
	a->type = "text/x-test";
	serve_header(a, "X-Weight", "%d", 7);
	if (!strcmp(path, "/big"))
		serve_body(a, "%0*d", BIG, 1);
	else if (!strncmp(path, "/lines", 6))
		a->stream = lines_new(atoi(path + 6), false);
	else if (!strcmp(path, "/much"))
		a->stream = much_new();
	else if (!strcmp(path, "/fails"))
		a->stream = lines_new(1, true);
	else if (strcmp(path, "/void"))
		serve_body(a, "path %s\n", path);
}

static int listen_as(const char *text, struct klb_err *err)
{
	struct klb_ap at;

	assert_int_equal(klb_addr_parse(text, &at.addr, err), 0);
	at.port = 0;
	return serve_new(&s, event, &at, &conf, answer_it, &calls, err);
}

static int set_up(void **state)
{
	struct klb_err err;

	calls = 0;
	return sd_event_new(&event) < 0 || listen_as("127.0.0.1", &err);
}

static int tear_down(void **state)
{
	serve_free(s);
	sd_event_unref(event);
	return 0;
}

static const char *get(const char *method, const char *path)
{
	return ask(event, "127.0.0.1", serve_port(s), method, path);
}

static void test_get(void **state)
{
	const char *text = get("GET", "/a%20b?c=d");

	assert_int_equal(ask_status(text), 200);
	assert_non_null(strstr(text, "\r\nContent-Type: text/x-test\r\n"));
	assert_non_null(strstr(text, "\r\nX-Weight: 7\r\n"));
	assert_non_null(strstr(text, "\r\nContent-Length: 10\r\n"));
	assert_string_equal(ask_body(text), "path /a b\n");
	assert_int_equal(ask_status(get("GET", "/bad")), 503);
	assert_int_equal(ask_status(get("GET", "/gone")), 404);
	assert_int_equal(ask_status(get("GET", "/void")), 500);
	assert_int_equal(calls, 4);
}

static void test_head(void **state)
{
	const char *text = get("HEAD", "/a");

	assert_int_equal(ask_status(text), 200);
	assert_non_null(strstr(text, "\r\nContent-Length: 8\r\n"));
	assert_string_equal(ask_body(text), "");
}

static void test_stream(void **state)
{
	char small[512];
	const char *text = get("GET", "/lines3");
	int fd;

	assert_int_equal(ask_status(text), 200);
	assert_non_null(strstr(text, "\r\nTransfer-Encoding: chunked\r\n"));
	assert_non_null(strstr(text, "\r\nX-Weight: 7\r\n"));
	assert_non_null(strstr(text, "\r\nline 2\n\r\n"));
	assert_non_null(strstr(text, "\r\nline 0\n\r\n0\r\n\r\n"));
	assert_int_equal(ask_status(get("HEAD", "/lines3")), 200);
	/* of HTTP/1.0, to the end of the connection */
	fd = ask_connect("127.0.0.1", serve_port(s));
	ask_send(fd, "GET /lines1 HTTP/1.0\r\n\r\n");
	assert_true(ask_read(event, fd, small, sizeof(small), LONG));
	assert_string_equal(ask_body(small), "line 0\n");
	close(fd);
	/* it did not end well, and who asked can see it */
	text = get("GET", "/fails");
	assert_non_null(strstr(text, "line 0\n"));
	assert_null(strstr(text, "\r\n0\r\n"));
	/* who goes away */
	fd = ask_connect("127.0.0.1", serve_port(s));
	ask_send(fd, "GET /lines9999999 HTTP/1.1\r\nHost: x\r\n\r\n");
	ask_read(event, fd, small, sizeof(small), 50 * MS);
	close(fd);
	ask_status(get("GET", "/a"));
	assert_int_equal(streams, 0);
}

/* Reads to the end, and ends with whether that was all of it. */
static void read_much(int fd)
{
	char text[4096];
	size_t len = 0;
	ssize_t n;

	while ((n = read(fd, text, sizeof(text))) > 0)
		len += n;
	_exit(len < MUCH);
}

/* Piece after piece, without pauses that its time would not allow. */
static void test_pace(void **state)
{
	int fd = ask_connect("127.0.0.1", serve_port(s)), status;
	pid_t pid;

	ask_send(fd, "GET /much HTTP/1.0\r\n\r\n");
	pid = fork();
	if (!pid)
		read_much(fd);
	close(fd);
	while (!waitpid(pid, &status, WNOHANG))
		sd_event_run(event, 100 * MS);
	assert_int_equal(status, 0);
}

static void test_method(void **state)
{
	static const char *const methods[] = {
		"POST", "PUT", "DELETE", "OPTIONS", "TRACE", "BREW",
	};
	const char *text;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(methods); i++) {
		text = get(methods[i], "/a");
		assert_int_equal(ask_status(text), 405);
		assert_non_null(strstr(text, "\r\nAllow: GET, HEAD\r\n"));
	}
	assert_int_equal(calls, 0);
}

/* A body of what has none, as long as it likes. */
static void test_body(void **state)
{
	static const char *const methods[] = { "POST", "GET" };
	char text[1024];
	size_t i;
	int fd;

	for (i = 0; i < ARRAY_SIZE(methods); i++) {
		fd = ask_connect("127.0.0.1", serve_port(s));
		ask_send(fd, methods[i]);
		ask_send(fd, " /a HTTP/1.1\r\nHost: x\r\nContent-Length: 999999\r\n\r\nxx");
		assert_true(ask_read(event, fd, text, sizeof(text), TIMEOUT / 2));
		assert_int_equal(ask_status(text), i ? 0 : 405);
		close(fd);
	}
	assert_int_equal(calls, 0);
}

/* Two requests at once, then one more, on the same connection. */
static void test_keep_alive(void **state)
{
	int fd = ask_connect("127.0.0.1", serve_port(s));
	char text[2048];

	ask_send(fd, "GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\n\r\n");
	assert_false(ask_read(event, fd, text, sizeof(text), 50 * MS));
	assert_non_null(strstr(text, "path /1\n"));
	assert_non_null(strstr(text, "path /2\n"));
	ask_send(fd, "GET /3 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
	assert_true(ask_read(event, fd, text, sizeof(text), LONG));
	assert_non_null(strstr(text, "path /3\n"));
	close(fd);
}

/* Each request has its time: three of them last longer than one may. */
static void test_time_anew(void **state)
{
	int i, fd = ask_connect("127.0.0.1", serve_port(s));
	char text[2048];

	for (i = 0; i < 3; i++) {
		ask_wait(event, TIMEOUT * 5 / 8);
		ask_send(fd, "GET /1 HTTP/1.1\r\nHost: x\r\n\r\n");
		assert_false(ask_read(event, fd, text, sizeof(text), 20 * MS));
		assert_int_equal(ask_status(text), 200);
	}
	assert_true(ask_read(event, fd, text, sizeof(text), LONG));
	close(fd);
}

static void test_silent(void **state)
{
	int fd = ask_connect("127.0.0.1", serve_port(s));
	uint64_t begin = ask_now(event);
	char text[1024];

	assert_true(ask_read(event, fd, text, sizeof(text), LONG));
	assert_string_equal(text, "");
	assert_in_range(ask_now(event) - begin, TIMEOUT, LONG);
	close(fd);
}

/* A byte now and then is no way to keep a connection. */
static void test_slow(void **state)
{
	int fd = ask_connect("127.0.0.1", serve_port(s));
	uint64_t begin = ask_now(event);
	char text[1024];

	ask_send(fd, "GET /1 HTTP/1.1\r\nX: ");
	while (send(fd, "a", 1, MSG_NOSIGNAL) == 1) {
		if (ask_read(event, fd, text, sizeof(text), 20 * MS))
			break;
		assert_in_range(ask_now(event) - begin, 0, LONG);
	}
	assert_in_range(ask_now(event) - begin, TIMEOUT, LONG);
	assert_int_equal(calls, 0);
	close(fd);
}

/* Nor is it to ask for much and to take nothing. */
static void test_no_reader(void **state)
{
	int fd = ask_connect("127.0.0.1", serve_port(s));
	static char text[BIG + 4096];

	ask_send(fd, "GET /big HTTP/1.1\r\nHost: x\r\n\r\n");
	ask_wait(event, TIMEOUT * 5 / 4);
	assert_true(ask_read(event, fd, text, sizeof(text), LONG));
	assert_in_range(strlen(text), 1, BIG - 1);
	close(fd);
	assert_int_equal(ask_status(get("GET", "/a")), 200);
}

static void test_header_size(void **state)
{
	int fd = ask_connect("127.0.0.1", serve_port(s));
	char text[1024], *line;

	line = malloc(20000);
	memset(line, 'a', 19999);
	line[19999] = 0;
	ask_send(fd, "GET /1 HTTP/1.1\r\nHost: x\r\nX: ");
	ask_send(fd, line);
	assert_true(ask_read(event, fd, text, sizeof(text), TIMEOUT / 2));
	assert_true(!*text || ask_status(text) >= 400);
	assert_int_equal(calls, 0);
	free(line);
	close(fd);
}

static void test_garbage(void **state)
{
	static const char *const bad[] = {
		"\r\n\r\n\r\n", "GET\r\n\r\n", "GET /a\r\n\r\n",
		"GET /a HTTP/1.1\r\n\r\n",	/* no Host */
		"GET /a HTTP/9.9\r\nHost: x\r\n\r\n",
		"\x16\x03\x01\x02\x05\x01\xfc\x03\x03\r\n\r\n",
		"GET /%zz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
		"GET /%00 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
		"GET /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
		"GET /a HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
	};
	char text[1024];
	size_t i;
	int fd;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		fd = ask_connect("127.0.0.1", serve_port(s));
		ask_send(fd, bad[i]);
		assert_true(ask_read(event, fd, text, sizeof(text), LONG));
		close(fd);
	}
	assert_int_equal(ask_status(get("GET", "/a")), 200);
}

/* Of one source four are let in, and none is left of those that went. */
static void test_source(void **state)
{
	char text[1024];
	int fds[6], i, round, open;

	for (round = 0; round < 3; round++) {
		for (i = 0; i < 6; i++)
			fds[i] = ask_connect("127.0.0.1", serve_port(s));
		ask_wait(event, 20 * MS);
		for (i = 0, open = 0; i < 6; i++)
			open += !ask_read(event, fds[i], text, sizeof(text),
					  MS);
		assert_int_equal(open, 4);
		for (i = 0; i < 6; i++)
			close(fds[i]);
		ask_wait(event, 20 * MS);
	}
	assert_int_equal(ask_status(get("GET", "/a")), 200);
}

static int connect_from(const char *source)
{
	struct sockaddr_in at = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	inet_pton(AF_INET, source, &at.sin_addr);
	assert_int_equal(bind(fd, (void *)&at, sizeof(at)), 0);
	inet_pton(AF_INET, "127.0.0.1", &at.sin_addr);
	at.sin_port = htons(serve_port(s));
	assert_int_equal(connect(fd, (void *)&at, sizeof(at)), 0);
	return fd;
}

/* When all are taken the next one waits, until those are late. */
static void test_full(void **state)
{
	char text[1024], source[32];
	int fds[8], i;

	for (i = 0; i < 8; i++) {
		snprintf(source, sizeof(source), "127.0.1.%d", i / 4 + 1);
		fds[i] = connect_from(source);
	}
	ask_wait(event, 20 * MS);
	i = ask_connect("127.0.0.1", serve_port(s));
	ask_send(i, "GET /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
	assert_false(ask_read(event, i, text, sizeof(text), 80 * MS));
	assert_int_equal(calls, 0);
	assert_true(ask_read(event, i, text, sizeof(text), LONG));
	assert_int_equal(ask_status(text), 200);
	close(i);
	for (i = 0; i < 8; i++)
		close(fds[i]);
}

/* Refused with a sentence, and free again once it is not served any more. */
static void test_bind(void **state)
{
	struct klb_ap at = { .addr = { 4, { 127, 0, 0, 1 } } };
	struct serve *second = NULL;
	char want[128];
	struct klb_err err;

	at.port = serve_port(s);
	assert_int_equal(serve_new(&second, event, &at, &conf, answer_it,
				   &calls, &err), -EADDRINUSE);
	snprintf(want, sizeof(want),
		 "cannot listen at 127.0.0.1:%u: Address already in use",
		 at.port);
	assert_string_equal(err.text, want);
	assert_int_equal(ask_status(get("GET", "/a")), 200);
	serve_free(s);
	assert_int_equal(serve_new(&s, event, &at, &conf, answer_it, &calls,
				   &err), 0);
	assert_int_equal(ask_status(get("GET", "/a")), 200);
	at.addr.b[0] = 192;
	at.addr.b[2] = 2;
	assert_int_equal(serve_new(&second, event, &at, &conf, answer_it,
				   &calls, &err), -EADDRNOTAVAIL);
}

/* The port of IPv4 is not that of IPv6. */
static void test_v6(void **state)
{
	struct klb_ap at = { .addr.len = 16 };
	struct serve *v4 = s;
	struct klb_err err;

	at.port = serve_port(v4);
	assert_int_equal(serve_new(&s, event, &at, &conf, answer_it, &calls,
				   &err), 0);
	assert_int_equal(ask_status(ask(event, "::1", at.port, "GET", "/a")),
			 200);
	serve_free(v4);
	assert_string_equal(get("GET", "/a"), "");
}

/* Nothing is left open, whatever was under way. */
static void test_end(void **state)
{
	int i, fd, next, first = open("/dev/null", O_RDONLY | O_CLOEXEC);

	close(first);
	for (i = 0; i < 3; i++) {
		struct serve *old = s;
		struct klb_err err;

		assert_int_equal(listen_as("127.0.0.1", &err), 0);
		fd = ask_connect("127.0.0.1", serve_port(s));
		ask_send(fd, "GET /big HTTP/1.1\r\nHost: x\r\n\r\nGET");
		ask_wait(event, 20 * MS);
		serve_free(s);
		close(fd);
		s = old;
	}
	next = open("/dev/null", O_RDONLY | O_CLOEXEC);
	close(next);
	assert_int_equal(first, next);
}

#define TEST(name)	cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_get), TEST(test_head), TEST(test_stream), TEST(test_pace), TEST(test_method),
		TEST(test_body), TEST(test_keep_alive), TEST(test_time_anew),
		TEST(test_silent), TEST(test_slow), TEST(test_no_reader),
		TEST(test_header_size), TEST(test_garbage), TEST(test_source),
		TEST(test_full), TEST(test_bind), TEST(test_v6),
		TEST(test_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

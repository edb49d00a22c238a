/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LBAGENT_SOCKETS_H
#define LBAGENT_SOCKETS_H

#include <curl/curl.h>
#include <systemd/sd-event.h>

/* Lets an event loop drive the transfers of a CURLM. */
struct sockets {
	sd_event *event;
	CURLM *multi;
	sd_event_source *timer;
	/* @easy is out of the multi handle by now. */
	void (*done)(CURL *easy, CURLcode code);
};

int sockets_init(struct sockets *s, sd_event *event,
		 void (*done)(CURL *easy, CURLcode code));

/* No transfer may be in it any more. */
void sockets_fini(struct sockets *s);

#endif

// SPDX-License-Identifier: GPL-2.0
#include "version.h"

#include <string.h>

#ifndef LBCTL_VERSION
#define LBCTL_VERSION "unknown"
#endif

/* Not by netlink: asking for the family would load the module. */
static const char *module_version(char *text, size_t size)
{
	FILE *f = fopen("/sys/module/klb/version", "re");

	if (!f)
		return NULL;
	if (!fgets(text, size, f))
		text[0] = 0;
	fclose(f);
	text[strcspn(text, "\n")] = 0;
	return text;
}

void version_print(struct out *o)
{
	const char *module;
	char text[64];

	module = module_version(text, sizeof(text));
	if (!o->json) {
		out_line(o, "lbctl %s, klb %s", LBCTL_VERSION,
			 module ? module : "not loaded");
		return;
	}
	out_props(o, NULL);
	out_str(o, OUT_JSON, "lbctl", LBCTL_VERSION);
	if (module)
		out_str(o, OUT_JSON, "klb", module);
	else
		out_null(o, "klb");
	out_props_end(o);
}

// SPDX-License-Identifier: GPL-2.0
/* libnl 3.7 of Debian 12 knows nothing of extack, so it is read here. */
#include "extack.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "attr_name.h"

static uint32_t tlv_u32(const struct nlattr *nla, bool *ok)
{
	uint32_t value = 0;

	*ok = nla->nla_len >= NLA_HDRLEN + sizeof(value);
	if (*ok)
		memcpy(&value, (const char *)nla + NLA_HDRLEN, sizeof(value));
	return value;
}

static void take_tlv(const struct nlattr *nla, struct klb_extack *ack)
{
	bool ok;

	switch (nla->nla_type & NLA_TYPE_MASK) {
	case NLMSGERR_ATTR_MSG:
		/* not trusted to end with NUL */
		snprintf(ack->text, sizeof(ack->text), "%.*s",
			 nla->nla_len - NLA_HDRLEN,
			 (const char *)nla + NLA_HDRLEN);
		break;
	case NLMSGERR_ATTR_OFFS:
		ack->offset = tlv_u32(nla, &ack->has_offset);
		break;
	case NLMSGERR_ATTR_MISS_TYPE:
		ack->missing = tlv_u32(nla, &ack->has_missing);
		break;
	case NLMSGERR_ATTR_MISS_NEST:
		ack->missing_nest = tlv_u32(nla, &ok);
		break;
	}
}

static void take_tlvs(const char *p, size_t len, struct klb_extack *ack)
{
	const struct nlattr *nla;
	size_t step;

	while (len >= NLA_HDRLEN) {
		nla = (const struct nlattr *)p;
		if (nla->nla_len < NLA_HDRLEN || nla->nla_len > len)
			return;
		take_tlv(nla, ack);
		step = NLA_ALIGN(nla->nla_len);
		if (step >= len)
			return;
		p += step;
		len -= step;
	}
}

/* Where the TLVs begin, behind the copy of the request if there is one. */
static size_t tlv_offset(const struct nlmsghdr *nlh)
{
	const struct nlmsgerr *e = NLMSG_DATA(nlh);
	size_t off;

	if (nlh->nlmsg_type == NLMSG_DONE)
		return NLMSG_ALIGN(NLMSG_HDRLEN + sizeof(int));
	off = NLMSG_HDRLEN + sizeof(*e);
	if (!(nlh->nlmsg_flags & NLM_F_CAPPED) &&
	    e->msg.nlmsg_len > NLMSG_HDRLEN)
		off += NLMSG_ALIGN((size_t)e->msg.nlmsg_len - NLMSG_HDRLEN);
	return off;
}

int klb_extack_parse(const struct nlmsghdr *nlh, struct klb_extack *ack)
{
	bool done = nlh->nlmsg_type == NLMSG_DONE;
	size_t need = done ? sizeof(int) : sizeof(struct nlmsgerr);
	size_t off;

	memset(ack, 0, sizeof(*ack));
	if (nlh->nlmsg_len < NLMSG_HDRLEN + need)
		return -EBADMSG;
	memcpy(&ack->error, NLMSG_DATA(nlh), sizeof(ack->error));
	if (!(nlh->nlmsg_flags & NLM_F_ACK_TLVS))
		return 0;
	off = tlv_offset(nlh);
	if (off < nlh->nlmsg_len)
		take_tlvs((const char *)nlh + off, nlh->nlmsg_len - off, ack);
	return 0;
}

void klb_extack_text(const struct klb_extack *ack, const struct nlmsghdr *req,
		     bool genl, struct klb_err *err)
{
	const char *why = strerror(-ack->error);
	const char *name = NULL;

	if (ack->text[0]) {
		klb_err_set(err, 0, "%s", ack->text);
		return;
	}
	if (genl && ack->has_missing) {
		name = klb_attr_name_missing(req, ack->missing,
					     ack->missing_nest);
		klb_err_set(err, 0, "%s: attribute %s is missing", why,
			    name ? name : "of the request");
		return;
	}
	if (genl && ack->has_offset)
		name = klb_attr_name_at(req, ack->offset);
	if (name)
		klb_err_set(err, 0, "%s: attribute %s", why, name);
	else
		klb_err_set(err, 0, "%s", why);
}

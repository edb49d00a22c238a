// SPDX-License-Identifier: GPL-2.0
#include "fuzz_kernel.h"

/* Head of an input: flags, length of the linear part. */
#define HEAD		3
#define FLAG_GSO	1
#define FLAG_IP6	2
#define FLAG_OTHER	4

static u8 *block(const u8 *from, size_t n)
{
	u8 *p = malloc(n);

	fuzz_must(p || !n);
	if (n)
		memcpy(p, from, n);
	return p;
}

struct sk_buff *fuzz_skb(const u8 *data, size_t size)
{
	struct sk_buff *skb;
	unsigned int linear;

	if (size < HEAD)
		return NULL;
	skb = calloc(1, sizeof(*skb));
	fuzz_must(skb);
	skb->gso = data[0] & FLAG_GSO;
	skb->protocol = htons(data[0] & FLAG_OTHER ? ETH_P_ARP :
			      data[0] & FLAG_IP6 ? ETH_P_IPV6 : ETH_P_IP);
	linear = data[1] | data[2] << 8;
	data += HEAD;
	size -= HEAD;
	skb->len = size;
	if (linear > size)
		linear = size;
	skb->data = block(data, linear);
	skb->data_len = size - linear;
	skb->frags = block(data + linear, skb->data_len);
	return skb;
}

void fuzz_skb_free(struct sk_buff *skb)
{
	free(skb->data);
	free(skb->frags);
	free(skb);
}

bool pskb_may_pull(struct sk_buff *skb, unsigned int len)
{
	unsigned int linear = skb_headlen(skb), more = len - linear;
	u8 *data, *frags;

	if (len <= linear)
		return true;
	if (len > skb->len)
		return false;
	data = malloc(len);
	fuzz_must(data);
	memcpy(data, skb->data, linear);
	memcpy(data + linear, skb->frags, more);
	frags = block(skb->frags + more, skb->data_len - more);
	free(skb->data);
	free(skb->frags);
	skb->data = data;
	skb->frags = frags;
	skb->data_len -= more;
	return true;
}

int pskb_trim_rcsum(struct sk_buff *skb, unsigned int len)
{
	unsigned int linear = skb_headlen(skb);
	u8 *data;

	if (len >= skb->len)
		return 0;
	if (len <= linear) {
		data = block(skb->data, len);
		free(skb->data);
		skb->data = data;
		linear = len;
	}
	skb->len = len;
	skb->data_len = len - linear;
	return 0;
}

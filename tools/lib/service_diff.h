/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KLB_SERVICE_DIFF_H
#define KLB_SERVICE_DIFF_H

#include "service.h"

/* By address, port, protocol. */
int klb_service_cmp(const struct klb_service *a, const struct klb_service *b);
void klb_service_sort_endpoints(struct klb_service *svc);
/*
 * KLB_SERVICE_HAS_... of the settings that differ, endpoints and sources being
 * sorted. NULL is a service that nobody has set anything of.
 */
uint32_t klb_service_differences(const struct klb_service *is,
				 const struct klb_service *wanted);

#endif

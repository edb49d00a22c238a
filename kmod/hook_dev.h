/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KLB_HOOK_DEV_H
#define KLB_HOOK_DEV_H

int klb_dev_register(void);
void klb_dev_unregister(void);

#endif

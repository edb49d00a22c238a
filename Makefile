# SPDX-License-Identifier: GPL-2.0
# make help tells what there is.
KERNELDIR ?= /lib/modules/$(or $(KERNELRELEASE),$(shell uname -r))/build
DESTDIR ?=
PREFIX ?= /usr

all: modules tools ## the module and the programs

modules: ## kmod/klb.ko for KERNELDIR
	$(MAKE) -C $(KERNELDIR) M=$(CURDIR) modules

tools: ## tools/lbctl/lbctl
	$(MAKE) -C tools

demo: ## the main job, in a VM
	scripts/demo

check: ## all tests
	scripts/check

bench: ## instructions per packet, beside peers
	tests/bench/run

modules_install: ## the module, into /lib/modules
	$(MAKE) -C $(KERNELDIR) M=$(CURDIR) INSTALL_MOD_DIR=updates modules_install

install: tools ## the programs, the man page and the completion
	install -D -m 755 tools/lbctl/lbctl $(DESTDIR)$(PREFIX)/sbin/lbctl
	install -D -m 644 man/lbctl.8 $(DESTDIR)$(PREFIX)/share/man/man8/lbctl.8
	install -D -m 644 completion/lbctl $(DESTDIR)$(PREFIX)/share/bash-completion/completions/lbctl

deb: ## not supported yet
	@echo "Debian packages are not supported yet" >&2; exit 1

clean: ## what was built in the tree
	-$(MAKE) -C tools clean
	-$(MAKE) -C tests/unit clean
	find kmod \( -name '*.o' -o -name '*.ko' -o -name '*.mod*' -o -name '.*.cmd' \) -delete
	rm -f modules.order Module.symvers .*.cmd

help: ## this
	@sed -n 's/^\([a-z_]*\):.*## /  \1\t/p' $(MAKEFILE_LIST)

.PHONY: all modules tools demo check bench modules_install install deb clean help

# SPDX-License-Identifier: GPL-2.0
# make help tells what there is. The module's own rules are in Kbuild and kmod/Kbuild, so that
# "make -C KERNELDIR M=..." works as well, which is what DKMS calls.
KERNELDIR	?= /lib/modules/$(or $(KERNELRELEASE),$(shell uname -r))/build
DESTDIR		?=
PREFIX		?= /usr
INSTALL_MOD_DIR	?= updates
DKMS		?= dkms
TESTS		?=

VERSION		:= $(shell sed -n 's/.*KLB_VERSION "\(.*\)"/\1/p' kmod/version.h)
# Of the kernel that KERNELDIR is for; asked only by recipes that need it.
RELEASE		= $(shell $(MAKE) -s --no-print-directory -C $(KERNELDIR) kernelrelease)
# The scripts call make themselves, and for other kernels than ours.
SCRIPT		:= env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL -u KERNELDIR -u KERNELRELEASE
dkms-dir	:= $(DESTDIR)/usr/src/klb-$(VERSION)
sbin		:= $(DESTDIR)$(PREFIX)/sbin
man		:= $(DESTDIR)$(PREFIX)/share/man
completion	:= $(DESTDIR)$(PREFIX)/share/bash-completion/completions
units		:= $(DESTDIR)$(PREFIX)/lib/systemd/system
settings	:= $(DESTDIR)/etc/klb
dkms-files	:= Kbuild Makefile dkms.conf COPYING kmod uapi

all: modules tools ## the module and the programs

modules: need-headers ## kmod/klb.ko for KERNELDIR (the running kernel's)
	$(MAKE) -C $(KERNELDIR) M=$(CURDIR) modules

tools: ## tools/lbctl/lbctl and tools/lbagent/lbagent
	$(MAKE) -C tools

demo: ## the main job on real input, in a VM (scripts/demo)
	@$(SCRIPT) scripts/demo

check: ## all tests (scripts/check), or those in TESTS="10-nat unit"
	@$(SCRIPT) scripts/check $(TESTS)

check-kube: ## upstream Kubernetes conformance tests of Services on real nodes, PROXY=klb or nftables (tests/suite/run)
	@$(SCRIPT) tests/suite/run conformance

check-kube-all: ## the same with all of the suite that is about Services
	@$(SCRIPT) tests/suite/run all

lint: ## what can be told of the sources without running them (scripts/lint)
	@$(SCRIPT) scripts/lint

fuzz: ## target T (parser icmp frag sctp xlat) for S seconds, with sanitizers: make fuzz T=icmp S=60
	@$(SCRIPT) scripts/deps fuzz
	$(MAKE) -C tests/fuzz run

bench: ## instructions per packet, beside IPVS and nftables (tests/bench/run)
	@$(SCRIPT) tests/bench/run

install: modules-install tools-install ## both, below DESTDIR if that is set

modules-install: modules ## the module, into /lib/modules/RELEASE/updates
	$(MAKE) -C $(KERNELDIR) M=$(CURDIR) INSTALL_MOD_PATH=$(DESTDIR) \
		INSTALL_MOD_DIR=$(INSTALL_MOD_DIR) modules_install
	$(if $(DESTDIR),,depmod $(RELEASE))

tools-install: tools ## programs, manuals, completion and unit below PREFIX; /etc/klb/lbagent.yaml if it is not there
	install -d $(sbin) $(man)/man5 $(man)/man8 $(completion) $(units) $(settings)
	install -m 755 tools/lbctl/lbctl tools/lbagent/lbagent $(sbin)
	install -m 644 man/lbctl.8 man/lbagent.8 $(man)/man8
	install -m 644 man/lbagent.yaml.5 $(man)/man5
	install -m 644 completion/lbctl completion/lbagent $(completion)
	sed 's|/usr/sbin/|$(PREFIX)/sbin/|' systemd/lbagent.service >$(units)/lbagent.service
	chmod 644 $(units)/lbagent.service
	[ -e $(settings)/lbagent.yaml ] || install -m 644 deploy/lbagent.yaml $(settings)

dkms-install: ## the module by DKMS, for this kernel and those to come
	rm -rf $(dkms-dir)
	install -d $(dkms-dir)
	tar -c --exclude='*.o' --exclude='*.ko' --exclude='*.mod' --exclude='*.mod.c' \
		--exclude='.*.cmd' --exclude=modules.order --exclude=Module.symvers \
		$(dkms-files) | tar -x --no-same-owner -C $(dkms-dir)
	$(if $(DESTDIR),,! $(DKMS) status klb/$(VERSION) | grep -q . || $(DKMS) remove klb/$(VERSION) --all)
	$(if $(DESTDIR),,$(DKMS) add klb/$(VERSION))
	$(if $(DESTDIR),,$(DKMS) install --force klb/$(VERSION))

deb: ## Debian packages: not supported yet
	@echo "make deb: Debian packages are not supported yet; make install or make dkms-install" >&2
	@exit 1

clean: ## takes away what was built in the tree
	find kmod \( -name '*.o' -o -name '*.ko' -o -name '*.mod' -o -name '*.mod.c' -o \
		-name '.*.cmd' -o -name modules.order -o -name Module.symvers \) -delete
	rm -f modules.order Module.symvers .*.cmd .module-common.o
	-$(MAKE) -C tools clean
	-$(MAKE) -C tests/unit clean
	-$(MAKE) -C tests/e2e clean
	-$(MAKE) -C tests/fuzz clean

help: ## this
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(firstword $(MAKEFILE_LIST)) | expand -t 20
	@echo "Variables: KERNELDIR=$(KERNELDIR)"
	@echo "           DESTDIR=$(DESTDIR) PREFIX=$(PREFIX) INSTALL_MOD_DIR=$(INSTALL_MOD_DIR)"

need-headers:
	@[ -e $(KERNELDIR)/Makefile ] || { \
		echo "There are no kernel headers in $(KERNELDIR)." >&2; \
		echo "Install linux-headers-$$(uname -r), or say where others are:" >&2; \
		echo "make $(or $(MAKECMDGOALS),modules) KERNELDIR=/usr/src/linux-headers-RELEASE" >&2; \
		exit 1; }

.PHONY: all modules tools demo check check-kube check-kube-all lint fuzz bench install modules-install tools-install
.PHONY: dkms-install deb clean help need-headers

# SPDX-License-Identifier: ISC
# Packages for Debian, in debs/.
EXTRA_DIST += %D%/build %D%/control %D%/changelog %D%/copyright %D%/rules %D%/source/format \
	%D%/echod.install %D%/echod.docs %D%/echod.postinst %D%/echod.prerm %D%/echod.postrm \
	%D%/echoload.install tests/systemd/packages.sh

deb:
	'$(srcdir)/%D%/build' debs

check-deb: deb
	bash '$(srcdir)/tests/systemd/packages.sh'

.PHONY: deb check-deb

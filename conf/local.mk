# SPDX-License-Identifier: ISC
# A sample to copy from.  It goes to the documentation, not to $(sysconfdir):
# echod needs no settings file, and nobody's own is overwritten.
examplesdir = $(docdir)/examples
dist_examples_DATA = %D%/echod.conf

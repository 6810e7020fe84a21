# SPDX-License-Identifier: ISC
include contrib/bash-completion/local.mk

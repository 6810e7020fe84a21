# SPDX-License-Identifier: ISC
dist_bashcompletion_DATA = %D%/echod %D%/echoload

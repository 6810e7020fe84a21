/* SPDX-License-Identifier: ISC */
/*
 * load_help.h -- what echoload says about its command line.
 */
#ifndef LOAD_HELP_H
#define LOAD_HELP_H

enum { EXIT_NOT_RUN = 1, EXIT_WRONG_USE = 2 };

void load_help_print(void);
void load_help_version(void);

/* A value that will not do, and what would.  Returns EXIT_WRONG_USE. */
int load_help_wrong(const char *option, const char *value, const char *allowed);

#endif

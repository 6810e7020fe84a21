/* SPDX-License-Identifier: ISC */
/*
 * subcommands.h -- what echoload does with runs that were saved as JSON.
 *
 *	echoload report RUN.json... -o OUT.html
 *	echoload merge RUN.json RUN.json... -j OUT.json
 *
 * Each returns the code to exit with: 0; 1 for what cannot be read, written or
 * put together; 2 for wrong usage.  All has been said on stderr then.
 */
#ifndef SUBCOMMANDS_H
#define SUBCOMMANDS_H

#include "compare.h"
#include "report.h"

/* argv[0] is the name of the sub-command. */
int report_main(int argc, char **argv);
int merge_main(int argc, char **argv);

/*
 * Compare a run that was just made with a saved one.  0, or -errno when they cannot be
 * compared: why has been said on stderr.
 */
int compare_with(struct comparison *, const struct report *, const char *path, double max_regress);

#endif

/* SPDX-License-Identifier: ISC */
/*
 * self_test.h -- does the sandbox bite, on this system, in this build?
 */
#ifndef SELF_TEST_H
#define SELF_TEST_H

/*
 * Do in the sandbox what is forbidden there: "open", "exec" or "socket"; or "files",
 * open where only Landlock forbids it.  Says on stdout what came of it.  Returns the
 * code to exit with, 0 if it was prevented; -EINVAL if there is no such test.
 */
int self_test(const char *what);

#endif

/* SPDX-License-Identifier: ISC */
/*
 * stand_ins.h -- what the settings ask the system for, answered without asking.
 *
 * A fuzzer tries names by the million: it shall not look them up in the DNS, nor
 * move the limits of its own process, nor read any file as a certificate.  So for names and users
 * there are a few fixed answers, and room there always is.
 *
 * Needs STAND_INS of local.mk: --wrap for each of them.
 */
#ifndef STAND_INS_H
#define STAND_INS_H

#include <netdb.h>

#include "conf.h"
#include "proc.h"

int __wrap_getaddrinfo(const char *, const char *, const struct addrinfo *, struct addrinfo **);
void __wrap_freeaddrinfo(struct addrinfo *);
int __wrap_proc_find_user(const char *, struct proc_user *);
unsigned __wrap_proc_raise_files(unsigned, bool);
int __wrap_reactor_check(const char *, unsigned);
int __wrap_conf_open_tls(struct conf *, FILE *);

#endif

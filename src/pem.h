/* SPDX-License-Identifier: ISC */
/*
 * pem.h -- certificates and keys, from files.
 *
 * A file is read in one go, and only then looked at.  Nobody is ever asked for a
 * passphrase, and a key that everybody may read is no key.
 */
#ifndef PEM_H
#define PEM_H

#include <stdbool.h>
#include <time.h>

#define PEM_WHY 200 /* bytes that hold a message */

struct evp_pkey_st;
struct stack_st_X509;

/*
 * All certificates of a file, in their order; none is outside of its dates.  Returns
 * them, or NULL and what is wrong.
 */
struct stack_st_X509 *pem_read_certificates(const char *path, char why[PEM_WHY]);

/* The first private key of a file, or NULL and what is wrong. */
struct evp_pkey_st *pem_read_key(const char *path, char why[PEM_WHY]);

/* A certificate with those between it and its authority, and its key. */
struct pem_pair {
	struct stack_st_X509 *chain;
	struct evp_pkey_st *key;
	/* What is wrong with either, or empty. */
	char chain_why[PEM_WHY], key_why[PEM_WHY];
};

/*
 * Both, of two files that somebody may be replacing, one after the other.  Between the
 * two they do not belong together, or one is half written; so whatever is wrong, they
 * are read again if they have changed meanwhile.  Returns whether it is a pair.
 */
bool pem_read_pair(struct pem_pair *, const char *certificate, const char *key);
void pem_drop_pair(struct pem_pair *);

/*
 * The first, from 1, that the next one has not issued, as far as names and identifiers
 * of keys tell; 0 if they are a chain.
 */
int pem_broken_link(const struct stack_st_X509 *);

/* When the first of them ends. */
time_t pem_end(const struct stack_st_X509 *);

#endif
